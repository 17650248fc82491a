// The session of somebody who works here, and how its screen moves on.
import type { LockerId } from './config.ts'
import { type Draft, goTo, update } from './draft.ts'
import type { OpeningId, ParcelId } from './facts.ts'
import { type Authorised, authorise, tryAgain } from './openings.ts'
import { type CourierStep, notice, type Session } from './state.ts'
import type { IntentResult, Notice } from './view.ts'

export type CourierSession = Extract<Session, { kind: 'courier' }>

export const MENU: CourierStep = { kind: 'menu', page: 0 }

/** Of the courier's own carrier, or of none. */
export function carrierOf(draft: Draft, session: CourierSession): string | null {
  return draft.ledger.staff(session.courierId)?.carrierId ?? null
}

/** The locker just used, as long as its parcel waits there. */
export function lastLocker(draft: Draft, { last }: CourierSession): LockerId | null {
  const parcel = last === null ? null : draft.ledger.parcel(last.parcelId)
  const isThere = parcel?.state === 'deposited' && parcel.lockerId === last?.lockerId
  return isThere && last !== null ? last.lockerId : null
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

interface CourierWish {
  readonly lockerId: LockerId
  readonly parcelIds: readonly ParcelId[]
  readonly purpose: 'deposit' | 'inspection' | 'retrieval'
}

export function openAsCourier(
  draft: Draft,
  { role, courierId }: CourierSession,
  wish: CourierWish,
): Authorised {
  const by = { role, id: courierId }
  return authorise(draft, { ...wish, by, reason: null, requestId: null })
}

/** @returns the opening that now goes on, or null when its board is silent */
export function retryAsCourier(
  draft: Draft,
  session: CourierSession,
  wish: CourierWish,
): OpeningId | null {
  const opening = draft.state.openings[wish.lockerId]
  if (opening?.phase === 'stuck' && !opening.isUnsettled) {
    tryAgain(draft, wish.lockerId)
    return opening.id
  }
  const authorised: Authorised =
    opening === undefined ? openAsCourier(draft, session, wish) : { ok: false, code: 'LK-BUS-01' }
  if (authorised.ok) return authorised.openingId
  update(draft, { notice: notice('bus-down', authorised.code, { locker: wish.lockerId }) })
  return null
}
