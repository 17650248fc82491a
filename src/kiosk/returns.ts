// The life of a return's code. Central announces what may be handed in; the kiosk makes the code,
// as it makes PINs, and seals it to central. It ends with its hand-in, by a date on a clock that is
// believed, or when central takes the return back.
import { type Draft, record, remember, update } from './draft.ts'
import type { ParcelId } from './facts.ts'
import type { PreparedPin } from './pin-facts.ts'
import { CLOCK_LOOK_MS } from './pins.ts'

/** Codes that are being made at once; the next is ordered as one of them is there. */
const CODES_ORDERED_MAX = 32
/** Returns whose end is looked at in one step; what is left waits for the next. */
const ENDS_MAX = 16
const NEXT_STEP_MS = 1_000

/** Has codes made for what central has announced; not for the one that is just there. */
export function orderCodes(draft: Draft, but: ParcelId | null = null): void {
  const ordered = draft.state.codesOrdered
  const ids = draft.ledger
    .returnsWithoutCode(CODES_ORDERED_MAX)
    .filter((id) => id !== but && !ordered.includes(id) && !isOtherParcel(draft, id))
    .slice(0, CODES_ORDERED_MAX - ordered.length)
  if (ids.length === 0) return
  for (const parcelId of ids) draft.actions.push({ kind: 'prepare-pin', parcelId })
  update(draft, { codesOrdered: [...ordered, ...ids] })
}

/** Central has given the same id to a parcel that a courier brings. */
function isOtherParcel(draft: Draft, id: ParcelId): boolean {
  return draft.ledger.parcel(id)?.isReturn === false
}

/**
 * The code is made and sealed.
 *
 * @returns false when it was not ordered for a return
 */
export function issueReturnCode(draft: Draft, parcelId: ParcelId, code: PreparedPin): boolean {
  const { now, ledger, config, state } = draft
  if (!state.codesOrdered.includes(parcelId)) return false
  update(draft, { codesOrdered: state.codesOrdered.filter((id) => id !== parcelId) })
  const wanted = ledger.returnOf(parcelId)
  if (wanted?.state === 'announced' && wanted.isWanted) {
    const { recipientId } = wanted
    const lastsUntil = now.isWallBelieved ? now.wallMs + config.policy.pinLifeMs : null
    const expiresAtWallMs = wanted.expiresAtWallMs ?? lastsUntil
    const { index, referenceIndex, sealedPin: sealedCode } = code
    const issued = { parcelId, recipientId, index, referenceIndex, expiresAtWallMs }
    remember(draft, { kind: 'return-code-issued', data: issued })
    const data = { parcelId, recipientId, sealedCode, expiresAtWallMs }
    record(draft, { kind: 'return-expected', data })
  }
  orderCodes(draft, parcelId)
  return true
}

/** What has become due, and what central has taken back. */
export function returnsOverdue(draft: Draft): void {
  const unwanted = draft.ledger.unwantedReturns(ENDS_MAX)
  for (const { id: parcelId, recipientId } of unwanted) {
    if (isAtScreen(draft, parcelId)) continue
    record(draft, { kind: 'return-withdrawn', data: { parcelId, recipientId } })
  }
  // What was just withdrawn is over.
  const next = unwanted.length > 0 ? draft.state.nextReturnEndAtWallMs : expireReturns(draft)
  if (next !== draft.state.nextReturnEndAtWallMs) update(draft, { nextReturnEndAtWallMs: next })
}

/** @returns when the wall clock has to be looked at next; null: nothing has an end */
function expireReturns(draft: Draft): number | null {
  const { now, ledger, config } = draft
  // Every step looks here, and hardly ever has anything ended: one row says so.
  const first = ledger.returnsByExpiry(1)
  const isAnyDue = first.some(({ expiresAtWallMs }) => (expiresAtWallMs ?? 0) <= now.wallMs)
  const ends = isAnyDue ? ledger.returnsByExpiry(ENDS_MAX) : first
  if (!now.isWallBelieved) return ends.length === 0 ? null : now.wallMs + CLOCK_LOOK_MS
  let next: number | null = ends.length === ENDS_MAX ? now.wallMs + NEXT_STEP_MS : null
  for (const { id: parcelId, recipientId, expiresAtWallMs } of ends) {
    if (expiresAtWallMs === null) {
      // Made while no clock was believed: its life begins now.
      const data = { parcelId, expiresAtWallMs: now.wallMs + config.policy.pinLifeMs }
      remember(draft, { kind: 'return-code-dated', data })
      next = Math.min(next ?? data.expiresAtWallMs, data.expiresAtWallMs)
    } else if (expiresAtWallMs > now.wallMs) {
      return Math.min(next ?? expiresAtWallMs, expiresAtWallMs)
    } else if (!isAtScreen(draft, parcelId)) {
      record(draft, { kind: 'return-expired', data: { parcelId, recipientId, expiresAtWallMs } })
    }
  }
  return next
}

/** Whoever stands there with it is not sent away. */
function isAtScreen({ state: { session } }: Draft, parcelId: ParcelId): boolean {
  const isHandIn = session.kind === 'hand-in' || session.kind === 'hand-in-size'
  return isHandIn && session.parcelId === parcelId
}
