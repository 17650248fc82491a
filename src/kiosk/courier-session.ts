// The session of somebody who works here, and how its screen moves on.
import { type Draft, goTo } from './draft.ts'
import type { CourierStep, Session } from './state.ts'
import type { IntentResult, Notice } from './view.ts'

export type CourierSession = Extract<Session, { kind: 'courier' }>

export const MENU: CourierStep = { kind: 'menu', page: 0 }

/** Of the courier's own carrier, or of none. */
export function carrierOf(draft: Draft, session: CourierSession): string | null {
  return draft.ledger.staff(session.courierId)?.carrierId ?? null
}

export function goToStep(
  draft: Draft,
  session: CourierSession,
  step: CourierStep,
  said: Notice | null,
): void {
  const isDoorInCharge =
    step.kind === 'deposit' && (step.phase === 'open' || step.phase === 'opening')
  const lastsMs = isDoorInCharge ? null : draft.config.policy.courierIdleMs
  // Whoever is back at the list chooses anew: a scan that waited is not carried on.
  const nextParcelId = step.kind === 'menu' ? null : session.nextParcelId
  goTo(draft, { ...session, nextParcelId, step }, lastsMs, said)
}

export function toMenu(draft: Draft, session: CourierSession, said: Notice | null): IntentResult {
  goToStep(draft, session, MENU, said)
  return 'ok'
}
