// A PIN's life. It belongs to a recipient and opens every parcel that waits for them, one after
// another; each parcel's right is spent by its own proven opening, and the last one ends the PIN.
// It ends by a date only on a clock that is believed, and dies at once when a new one is wanted.
import type { Code } from './codes.ts'
import { isProvenOld } from './counted.ts'
import { type Draft, record, remember, update } from './draft.ts'
import type { Actor, ParcelId } from './facts.ts'
import type { ParcelRow } from './ledger.ts'
import type { PreparedPin } from './pin-facts.ts'
import type { PinRow } from './pin-ledger.ts'
import type { ReturnRow } from './return-ledger.ts'
import { isStandingStill } from './standstill.ts'

const DAY_MS = 86_400_000
const HOUR_MS = 3_600_000
/** PINs whose end is looked at in one step; what is left waits for the next. */
const EXPIRIES_MAX = 16
const NEXT_STEP_MS = 1_000
/** A wall clock may be set at any time: so often it is looked at again. */
export const CLOCK_LOOK_MS = 3_600_000

export type PinFinding =
  | { readonly kind: 'hit'; readonly pin: PinRow; readonly parcels: readonly ParcelRow[] }
  /** It is no PIN, but the code of a parcel that is to be handed in. */
  | { readonly kind: 'return'; readonly pin: PinRow; readonly found: ReturnRow }
  /** It lives, and what it would open is being looked for. */
  | { readonly kind: 'missing'; readonly pin: PinRow }
  | { readonly kind: 'expired' | 'used'; readonly pin: PinRow }
  | { readonly kind: 'unknown' }

/** Three reads, whatever comes of it: a hit, a miss and a dead PIN cost the same. */
export function findPin(draft: Draft, index: string): PinFinding {
  return judgePin(draft, draft.ledger.pin(index))
}

/** What this PIN opens now, if anything. */
export function judgePin(draft: Draft, pin: PinRow | null): PinFinding {
  const parcels = draft.ledger.waitingParcels(pin?.recipientId ?? '')
  const found = draft.ledger.returnOf(pin?.returnId ?? '')
  if (pin === null) return { kind: 'unknown' }
  const concerned = pin.returnId === null ? parcels : []
  if (pin.state === 'expired' || hasEnded(draft, pin, concerned)) return { kind: 'expired', pin }
  if (pin.returnId !== null) {
    const isGood = found !== null && isReturnOpen(draft, pin, found)
    return isGood ? { kind: 'return', pin, found } : { kind: 'used', pin }
  }
  if (pin.state !== 'live') return { kind: 'used', pin }
  // Only parcels that are missing keep a PIN alive without opening anything.
  if (parcels.length === 0) return { kind: 'missing', pin }
  return { kind: 'hit', pin, parcels }
}

/** It may be handed in; or it was just now, and its locker may be opened once more. */
function isReturnOpen({ state, now }: Draft, pin: PinRow, found: ReturnRow): boolean {
  if (pin.state === 'live') return found.isWanted || found.parcelState === 'unconfirmed'
  const untilMonoMs = state.reopenable[found.id] ?? 0
  return found.parcelState === 'handed-in' && untilMonoMs > now.monoMs
}

/**
 * Never decided on a clock that is not believed, nor while nothing can be collected: then the
 * recipient gets the parcel.
 */
function hasEnded(draft: Draft, pin: PinRow, parcels: readonly ParcelRow[]): boolean {
  const { now } = draft
  const isDated = pin.state === 'live' && pin.expiresAtWallMs !== null
  if (!isDated || !now.isWallBelieved || pin.expiresAtWallMs > now.wallMs) return false
  return !isStandingStill(draft, parcels)
}

/** The recipient's PIN, if it lives: a further parcel is opened by it too. */
function livingPin(draft: Draft, recipientId: string): PinRow | null {
  const pin = draft.ledger.livePin(recipientId)
  if (pin === null) return null
  return hasEnded(draft, pin, draft.ledger.waitingParcels(recipientId)) ? null : pin
}

/** @returns when a PIN that is made or used for a deposit now shall end */
function pinEnd(draft: Draft, recipientId: string): number | null {
  const { now, ledger, config } = draft
  if (!now.isWallBelieved) return null
  const wanted = ledger.pickupWish(recipientId)?.expiresAtWallMs ?? 0
  const present = livingPin(draft, recipientId)?.expiresAtWallMs ?? 0
  return Math.max(now.wallMs + config.policy.pinLifeMs, wanted, present)
}

function issuePin(
  draft: Draft,
  recipientId: string,
  { index, referenceIndex, sealedPin }: PreparedPin,
): number | null {
  const expiresAtWallMs = pinEnd(draft, recipientId)
  const { wallMs, isWallBelieved } = draft.now
  const atWallMs = isWallBelieved ? wallMs : null
  const times = { expiresAtWallMs, atWallMs }
  const data = { recipientId, index, referenceIndex, sealedPin, ...times }
  remember(draft, { kind: 'pin-issued', data })
  return expiresAtWallMs
}

export interface DepositPin {
  /** Null: the PIN that the recipient has opens this parcel too. */
  readonly sealedPin: string | null
  readonly expiresAtWallMs: number | null
}

/** @returns null while the PIN that the deposit needs is not made */
export function pinForDeposit(
  draft: Draft,
  recipientId: string,
  prepared: PreparedPin | undefined,
): DepositPin | null {
  const living = livingPin(draft, recipientId)
  // That of an older copy may have been replaced since: no further parcel relies on it.
  if (living === null || living.isOfCopy) {
    if (prepared === undefined) return null
    return {
      sealedPin: prepared.sealedPin,
      expiresAtWallMs: issuePin(draft, recipientId, prepared),
    }
  }
  const expiresAtWallMs = pinEnd(draft, recipientId) ?? living.expiresAtWallMs
  if (expiresAtWallMs !== null && expiresAtWallMs !== living.expiresAtWallMs) {
    const atWallMs = draft.now.wallMs
    remember(draft, { kind: 'pin-dated', data: { recipientId, expiresAtWallMs, atWallMs } })
  }
  return { sealedPin: null, expiresAtWallMs }
}

/** What became due by the wall clock. */
export function pinsOverdue(draft: Draft, moved: { readonly isDeadlineMoved: boolean }): void {
  const { now, ledger, config } = draft
  if (moved.isDeadlineMoved) {
    // The ledger has the new ends when this step is stored.
    update(draft, { nextExpiryAtWallMs: now.wallMs + NEXT_STEP_MS })
    return
  }
  // Every step looks here, and hardly ever has anything ended: one row says so.
  const first = ledger.pinsByExpiry(1)
  const isAnyDue = first.some(({ expiresAtWallMs }) => (expiresAtWallMs ?? 0) <= now.wallMs)
  const pins = isAnyDue ? ledger.pinsByExpiry(EXPIRIES_MAX) : first
  if (!now.isWallBelieved) {
    update(draft, { nextExpiryAtWallMs: pins.length === 0 ? null : now.wallMs + CLOCK_LOOK_MS })
    return
  }
  let next: number | null = null
  let seen = 0
  for (const { recipientId, expiresAtWallMs } of pins) {
    seen += 1
    if (expiresAtWallMs === null) {
      // Made while no clock was believed: its life begins now.
      const atWallMs = now.wallMs
      const endsAtWallMs = atWallMs + config.policy.pinLifeMs
      const data = { recipientId, expiresAtWallMs: endsAtWallMs, atWallMs }
      remember(draft, { kind: 'pin-dated', data })
      next = Math.min(next ?? endsAtWallMs, endsAtWallMs)
    } else if (expiresAtWallMs <= now.wallMs) {
      const parcels = ledger.waitingParcels(recipientId)
      if (isStandingStill(draft, parcels)) {
        remember(draft, { kind: 'pin-held', data: { recipientId } })
        continue
      }
      const parcelIds = idsOf(parcels)
      record(draft, { kind: 'pin-expired', data: { recipientId, parcelIds, expiresAtWallMs } })
    } else {
      next = Math.min(next ?? expiresAtWallMs, expiresAtWallMs)
      seen = 0
      break
    }
  }
  if (seen === EXPIRIES_MAX) next = now.wallMs + NEXT_STEP_MS
  if (next !== draft.state.nextExpiryAtWallMs) update(draft, { nextExpiryAtWallMs: next })
}

/** When the wall clock has to be looked at next, on the monotonic one. */
export function expiryDeadlines(
  { nextExpiryAtWallMs }: Draft['state'],
  now: Draft['now'],
): readonly number[] {
  if (nextExpiryAtWallMs === null) return []
  const inMs = Math.min(CLOCK_LOOK_MS, Math.max(1, nextExpiryAtWallMs - now.wallMs))
  return [now.monoMs + inMs]
}

export interface PinOrder {
  readonly recipientId: string
  readonly by: Actor
  readonly reason: string | null
}

/**
 * A new PIN for everything that waits for the recipient, as often as a day allows.
 *
 * @param made the new one, where it is sealed already
 * @returns why not, or null
 */
export function reissuePin(
  draft: Draft,
  order: PinOrder,
  made: PreparedPin | null = null,
): Code | null {
  const { recipientId, by } = order
  if (draft.ledger.waitingParcels(recipientId).length === 0) return 'LK-PIN-08'
  if (reissuesOfToday(draft, recipientId) >= draft.config.policy.reissuesADayMax) {
    record(draft, { kind: 'pin-reissue-refused', data: { recipientId, code: 'LK-PIN-07', by } })
    return 'LK-PIN-07'
  }
  const { monoMs, wallMs, isWallBelieved } = draft.now
  const counted = { recipientId, monoMs, wallMs: isWallBelieved ? wallMs : null }
  remember(draft, { kind: 'reissue-counted', data: counted })
  replacePin(draft, order, made)
  return null
}

/**
 * The old PIN is dead with this step, whether central can be reached or not; the new one follows as
 * soon as it is sealed. For nobody, if nothing waits.
 *
 * @param made the new one, where it is sealed already
 */
export function replacePin(
  draft: Draft,
  { recipientId, by, reason }: PinOrder,
  made: PreparedPin | null = null,
): void {
  const parcels = draft.ledger.waitingParcels(recipientId)
  const [first] = parcels
  if (first === undefined) return
  const parcelIds = idsOf(parcels)
  record(draft, { kind: 'pin-revoked', data: { recipientId, parcelIds, by, reason } })
  if (made === null) draft.actions.push({ kind: 'prepare-pin', parcelId: first.id })
  else bringPin(draft, first, made)
  const { session } = draft.state
  const isAtPickup = session.kind === 'pickup' || session.kind === 'reach'
  if (isAtPickup && session.recipientId === recipientId) {
    update(draft, { session: { ...session, isRevoked: true } })
  }
}

/**
 * Somebody has seen these lie there, after a restore. What the copy has as their PIN may have been
 * replaced in what it lost, and then the recipient's newest letter names another one.
 */
export function replacePinsOfCopy(
  draft: Draft,
  parcels: readonly ParcelRow[],
  { by, reason }: Omit<PinOrder, 'recipientId'>,
): void {
  const waiting = parcels.filter(({ state }) => state === 'deposited')
  const recipientIds = new Set(waiting.map(({ recipientId }) => recipientId))
  for (const recipientId of recipientIds) {
    if (livingPin(draft, recipientId)?.isOfCopy === true) {
      replacePin(draft, { recipientId, by, reason })
    }
  }
}

function reissuesOfToday(draft: Draft, recipientId: string): number {
  const { ledger, config } = draft
  const newest = ledger.reissues(recipientId, config.policy.reissuesADayMax)
  return newest.filter((each) => !isProvenOld(draft, each, DAY_MS)).length
}

/** The new PIN is sealed. */
export function finishReissue(draft: Draft, parcel: ParcelRow, pin: PreparedPin): void {
  if (draft.ledger.owedPins().includes(parcel.recipientId)) bringPin(draft, parcel, pin)
}

function bringPin(draft: Draft, parcel: ParcelRow, pin: PreparedPin): void {
  const { id: parcelId, recipientId } = parcel
  const parcelIds = idsOf(draft.ledger.waitingParcels(recipientId))
  const expiresAtWallMs = issuePin(draft, recipientId, pin)
  const { sealedPin } = pin
  record(draft, {
    kind: 'pin-reissued',
    data: { recipientId, parcelId, parcelIds, sealedPin, expiresAtWallMs },
  })
}

/** A start came between the old PIN's end and the new one. */
export function prepareOwedPins(draft: Draft): void {
  for (const recipientId of draft.ledger.owedPins()) {
    const [parcel] = draft.ledger.waitingParcels(recipientId)
    if (parcel !== undefined) draft.actions.push({ kind: 'prepare-pin', parcelId: parcel.id })
  }
}

/**
 * Moves the end of the recipient's PIN. One that has ended does not live again, since it may have
 * been tried and told apart meanwhile: a new one takes its place.
 *
 * @returns why not, or null
 */
function extendPin(draft: Draft, order: PinOrder & { untilWallMs: number }): Code | null {
  const { recipientId, by, reason, untilWallMs } = order
  const parcels = draft.ledger.waitingParcels(recipientId)
  if (parcels.length === 0) return 'LK-PIN-08'
  if (livingPin(draft, recipientId) === null) return reissuePin(draft, order)
  record(draft, {
    kind: 'pin-extended',
    data: { recipientId, parcelIds: idsOf(parcels), expiresAtWallMs: untilWallMs, by, reason },
  })
  return null
}

/** From the present end on, or from now on where there is none any more. */
export function extendPinByHours(draft: Draft, order: PinOrder & { hours: number }): Code | null {
  const { now, config } = draft
  const pin = livingPin(draft, order.recipientId)
  const end = pin?.expiresAtWallMs ?? (now.isWallBelieved ? now.wallMs : null)
  // A PIN without a date has a whole life before it.
  if (end === null) return 'LK-PIN-09'
  const lifeMs = order.hours * HOUR_MS
  return extendPin(draft, {
    ...order,
    untilWallMs: end + Math.min(lifeMs, config.policy.pinLifeMs),
  })
}

/** What central wants of recipients whose parcels wait here; each wish once. */
export function obeyPickupWishes(draft: Draft): void {
  for (const wish of draft.ledger.openPickupWishes()) {
    const { recipientId, expiresAtWallMs } = wish
    const order = { recipientId, by: { role: 'central' }, reason: null } as const
    if (wish.reissue > wish.reissueDone) reissuePin(draft, order)
    else if (expiresAtWallMs !== null) extendPin(draft, { ...order, untilWallMs: expiresAtWallMs })
    remember(draft, { kind: 'pickup-wish-settled', data: { recipientId } })
  }
}

function idsOf(parcels: readonly ParcelRow[]): readonly ParcelId[] {
  return parcels.map(({ id }) => id)
}
