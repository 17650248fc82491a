// What a value of the policy, and what the screen says of the place, may be. One list for the
// files and for central: whatever comes from either is held against it.
import type { Policy } from './config.ts'
import { PIN_DIGITS_MAX, PIN_DIGITS_MIN } from './pin-policy.ts'
import { REMOTE_OPENINGS_A_DAY_MAX, REMOTE_OPENINGS_IN_10_MIN_MAX } from './remote-budget.ts'

export interface WholeLimit {
  readonly format: 'whole'
  readonly min: number
  readonly max: number
}

export interface TextLimit {
  readonly format: 'text'
  readonly pattern: string
}

export type SettingLimit = WholeLimit | TextLimit

/** WCAG 2.2.1 gives a person at least 20 seconds to answer "still there?". */
const IDLE_WARNING_MIN_MS = 20_000

const POLICY_RANGES: Readonly<Record<keyof Policy, readonly [min: number, max: number]>> = {
  // How many are needed is in docs/pins.md; fewer are a policy, and are told as a warning.
  pinDigits: [PIN_DIGITS_MIN, PIN_DIGITS_MAX],
  accessCodeDigits: [6, 12],
  // A solenoid burns when it is held, and does not move when it is hardly touched.
  pulseMs: [50, 1_500],
  unlockExpiryMs: [500, 30_000],
  openSeenMs: [200, 10_000],
  pulsesMax: [1, 5],
  openMinMs: [0, 30_000],
  reopenMs: [1_000, 600_000],
  leftOpenMs: [5_000, 3_600_000],
  idleMs: [IDLE_WARNING_MIN_MS, 600_000],
  courierIdleMs: [IDLE_WARNING_MIN_MS, 1_800_000],
  idleWarningMs: [IDLE_WARNING_MIN_MS, 300_000],
  thanksMs: [1_000, 60_000],
  guessDecayMs: [60_000, 86_400_000],
  liveParcelsExpected: [1, 10_000],
  guessesADayMax: [5, 1_000],
  pinLifeMs: [3_600_000, 90 * 86_400_000],
  standstillFromMs: [60_000, 86_400_000],
  reissuesADayMax: [0, 20],
  // What a stolen key of central can do is bounded here, and not by configuration.
  remoteOpeningsIn10MinMax: [0, REMOTE_OPENINGS_IN_10_MIN_MAX],
  remoteOpeningsADayMax: [0, REMOTE_OPENINGS_A_DAY_MAX],
  reminderAfterHours: [1, 2_160],
  endedParcelsKeptDays: [1, 3_650],
  confirmedFactsKeptDays: [1, 3_650],
  reachMinMm: [0, 2_500],
  reachMaxMm: [0, 2_500],
  reachKeptPercent: [0, 100],
  reachKeptPerSize: [0, 100],
  heavyFromGrams: [1, 100_000],
  heavyBottomMaxMm: [0, 2_500],
  sparesPerSize: [0, 20],
  parcelsPerLockerMax: [1, 6],
  spareFromLockers: [1, 5_000],
  slowOpenMs: [100, 10_000],
  shakyFromPoints: [1, 40],
}

export const POLICY_LIMITS = Object.fromEntries(
  Object.entries(POLICY_RANGES).map(([name, [min, max]]) => [name, { format: 'whole', min, max }]),
) as Readonly<Record<keyof Policy, WholeLimit>>

/** Of what the screen says of the place. */
export const PLACE_LIMITS = {
  siteName: { format: 'text', pattern: '^[^\\p{Cc}]{1,80}$' },
  helpPhone: { format: 'text', pattern: '^\\+?[0-9 ()/.-]{3,32}$' },
} as const

/** @returns what is wrong with the value, as the end of a sentence; null when nothing is */
export function complaintOf(limit: SettingLimit, value: unknown): string | null {
  if (limit.format === 'text') {
    if (typeof value !== 'string') return 'is not a text'
    return new RegExp(limit.pattern, 'u').test(value) ? null : 'is not of the right form'
  }
  if (typeof value !== 'number' || !Number.isInteger(value)) return 'is not a whole number'
  if (value < limit.min) return `is ${value}, less than ${limit.min}`
  return value > limit.max ? `is ${value}, more than ${limit.max}` : null
}

export interface PolicyProblem {
  /** What is wrong with the first key; it does not go together with the second. */
  readonly keys: readonly [keyof Policy, keyof Policy]
  readonly message: string
  readonly hint: string
}

/** What no single value can tell. */
export function policyProblems(policy: Policy): readonly PolicyProblem[] {
  const problems: PolicyProblem[] = []
  for (const name of ['idleMs', 'courierIdleMs'] as const) {
    if (policy[name] > policy.idleWarningMs) continue
    problems.push({
      keys: [name, 'idleWarningMs'],
      message: `is ${policy[name]}, not more than policy.idleWarningMs`,
      hint: 'the warning is the last part of the idle time',
    })
  }
  if (policy.leftOpenMs <= policy.openMinMs) {
    problems.push({
      keys: ['leftOpenMs', 'openMinMs'],
      message: `is ${policy.leftOpenMs}, not more than policy.openMinMs`,
      hint: 'a door is left open long after it has been opened',
    })
  }
  if (policy.reachMinMm > policy.reachMaxMm) {
    problems.push({
      keys: ['reachMinMm', 'reachMaxMm'],
      message: `is ${policy.reachMinMm}, more than policy.reachMaxMm`,
      hint: 'the band within reach goes from reachMinMm up to reachMaxMm',
    })
  }
  return problems
}

/**
 * What central may set besides the file. Left out is whatever measures the wall or its locks, keeps
 * guessers back, proves a locker empty, keeps evidence, or bounds central itself.
 */
export const SETTABLE_KEYS = [
  'siteName',
  'helpPhone',
  'idleMs',
  'courierIdleMs',
  'idleWarningMs',
  'thanksMs',
  'pinLifeMs',
  'reminderAfterHours',
  'reachKeptPercent',
  'reachKeptPerSize',
  'heavyFromGrams',
  'sparesPerSize',
  'spareFromLockers',
  'parcelsPerLockerMax',
] as const satisfies readonly (keyof Policy | keyof typeof PLACE_LIMITS)[]

export type SettableKey = (typeof SETTABLE_KEYS)[number]

/** @returns null: not for central */
export function settableKeyOf(name: string): SettableKey | null {
  return SETTABLE_KEYS.find((key) => key === name) ?? null
}

export function limitOf(key: SettableKey): SettingLimit {
  return key === 'siteName' || key === 'helpPhone' ? PLACE_LIMITS[key] : POLICY_LIMITS[key]
}
