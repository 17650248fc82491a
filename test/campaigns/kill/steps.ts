// The steps of both flows at which the daemon is killed, and the plan that gives each an equal
// share.
import type { Random } from '../../../sim/world/random.ts'

const DEPOSIT = [
  'code entered',
  'parcel chosen',
  'PIN being sealed',
  'unlock on the wire',
  'door springs',
  'door seen open',
  'parcel put in',
  'door closed',
  'closed door read',
  'deposited shown',
  'fact on its way',
  'fact confirmed',
] as const
const PICKUP = [
  'PIN entered',
  'opening authorised',
  'unlock on the wire',
  'door springs',
  'door seen open',
  'parcel taken',
  'door closed',
  'closed door read',
  'collected shown',
  'fact on its way',
  'fact confirmed',
  'locker clearing',
  'locker released',
] as const

export type Flow = 'deposit' | 'pickup'
export type StepName = (typeof DEPOSIT)[number] | (typeof PICKUP)[number]
export type Step = `${Flow}: ${StepName}`

export const STEPS: readonly Step[] = [
  ...DEPOSIT.map((name): Step => `deposit: ${name}`),
  ...PICKUP.map((name): Step => `pickup: ${name}`),
]

/**
 * From the moment that shows a step to the kill: it lands before, within and after the step.
 * Commits take a millisecond or two, so most delays are short.
 */
const DELAY_MAX_MS = 40
const DELAY_EXPONENT = 3
/** Sealing takes a millisecond or two. */
const SEALING_DELAY_MAX_MS = 8

export interface PlannedKill {
  readonly step: Step
  readonly delayMs: number
}

export function flowOf(step: Step): Flow {
  return step.startsWith('deposit') ? 'deposit' : 'pickup'
}

/** Rounds over all steps, each in an order of its own. */
export function planKills(count: number, random: Random): PlannedKill[] {
  const plan: PlannedKill[] = []
  while (plan.length < count) {
    const round = [...STEPS]
    while (round.length > 0 && plan.length < count) {
      const [step] = round.splice(random.between(0, round.length - 1), 1)
      if (step === undefined) break
      const maxMs = step.endsWith('sealed') ? SEALING_DELAY_MAX_MS : DELAY_MAX_MS
      plan.push({ step, delayMs: random.next() ** DELAY_EXPONENT * maxMs })
    }
  }
  return plan
}
