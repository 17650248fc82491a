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

/** What central has announced, and what it has deleted. */
export function obeyReturns(draft: Draft): void {
  update(draft, { returnsLookAtMonoMs: draft.now.monoMs })
  orderCodes(draft, null)
}

/** @param but its code is just there */
function orderCodes(draft: Draft, but: ParcelId | null): void {
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
    lookAfterReturns(draft)
    const data = { parcelId, recipientId, sealedCode, expiresAtWallMs }
    record(draft, { kind: 'return-expected', data })
  }
  orderCodes(draft, parcelId)
  return true
}

/** At the next step, when what this one tells is in the ledger, is looked for what has ended. */
export function lookAfterReturns(draft: Draft): void {
  update(draft, { returnsLookAtMonoMs: draft.now.monoMs + 1 })
}

/** What has become due, and what central has taken back. */
export function returnsOverdue(draft: Draft): void {
  const { monoMs } = draft.now
  if (draft.state.returnsLookAtMonoMs > monoMs) return
  for (const { id: parcelId, recipientId } of draft.ledger.unwantedReturns(ENDS_MAX)) {
    if (isAtScreen(draft, parcelId)) continue
    record(draft, { kind: 'return-withdrawn', data: { parcelId, recipientId } })
  }
  update(draft, { returnsLookAtMonoMs: monoMs + expireReturns(draft) })
}

/** @returns in how many milliseconds is to be looked again */
function expireReturns(draft: Draft): number {
  const { now, ledger, config } = draft
  if (!now.isWallBelieved) return CLOCK_LOOK_MS
  const ends = ledger.returnsByExpiry(ENDS_MAX)
  let nextInMs = ends.length === ENDS_MAX ? NEXT_STEP_MS : CLOCK_LOOK_MS
  for (const { id: parcelId, recipientId, expiresAtWallMs } of ends) {
    if (expiresAtWallMs === null) {
      // Made while no clock was believed: its life begins now.
      const data = { parcelId, expiresAtWallMs: now.wallMs + config.policy.pinLifeMs }
      remember(draft, { kind: 'return-code-dated', data })
    } else if (expiresAtWallMs > now.wallMs) {
      nextInMs = Math.min(nextInMs, expiresAtWallMs - now.wallMs)
    } else if (!isAtScreen(draft, parcelId) && ledger.returnOf(parcelId)?.isWanted === true) {
      record(draft, { kind: 'return-expired', data: { parcelId, recipientId, expiresAtWallMs } })
    }
  }
  return nextInMs
}

/** Whoever stands there with it is not sent away. */
function isAtScreen({ state: { session } }: Draft, parcelId: ParcelId): boolean {
  const isHandIn = session.kind === 'hand-in' || session.kind === 'hand-in-size'
  return isHandIn && session.parcelId === parcelId
}
