// What a recipient can do: type a PIN, take one parcel after another, open again, say what the door
// did.
import { say } from './blind.ts'
import type { LockerId } from './config.ts'
import { isInDoubt } from './doubt.ts'
import { type Draft, goTo, record, update } from './draft.ts'
import type { ParcelId } from './facts.ts'
import { clearWait, countFailure, isBlocked, needsReference, refuseGuess } from './guesses.ts'
import { beginHandIn } from './hand-in.ts'
import { hearLate } from './late-complaints.ts'
import type { ParcelRow } from './ledger.ts'
import { type Authorised, authorise, fail, proveIfOpen, tryAgain } from './openings.ts'
import type { RefusalCause } from './pin-facts.ts'
import { REFERENCE_DIGITS } from './pin-policy.ts'
import { findPin, type PinFinding } from './pins.ts'
import { isOutOfReach } from './reach.ts'
import type { Session } from './state.ts'
import { notice } from './state.ts'
import type { ActionName, Intent, IntentResult } from './view.ts'

type PickupSession = Extract<Session, { kind: 'pickup' }>
type ReachSession = Extract<Session, { kind: 'reach' }>
type ReferenceSession = Extract<Session, { kind: 'reference' }>
export type Digits = Extract<Intent, { kind: 'digits' }>

export function enterPin(draft: Draft, typed: Digits): IntentResult {
  if (isBlocked(draft)) return refuseGuess(draft)
  if (typed.digitCount !== draft.config.policy.pinDigits) return refuseMalformed(draft)
  // Nothing could be opened: nothing is looked up, so that a hit is not told from a miss.
  if (!Object.values(draft.state.boards).some(({ isOnline }) => isOnline)) {
    update(draft, { notice: notice('pin-unchecked', 'LK-PIN-06') })
    return 'refused'
  }
  if (needsReference(draft)) {
    goToReference(draft, { what: 'pin', index: typed.pinIndex })
    return 'ok'
  }
  tryPin(draft, findPin(draft, typed.pinIndex))
  return 'ok'
}

/** It can be no PIN of this kiosk: nothing is looked up, and nothing is counted. */
export function refuseMalformed(draft: Draft): IntentResult {
  update(draft, { notice: notice('pin-malformed', 'LK-PIN-03') })
  return 'refused'
}

export function goToReference(draft: Draft, what: Omit<ReferenceSession, 'kind'>): void {
  goTo(draft, { kind: 'reference', ...what }, draft.config.policy.idleMs)
}

export function enterPinReference(draft: Draft, pinIndex: string, typed: Digits): IntentResult {
  if (isBlocked(draft)) return refuseGuess(draft)
  if (typed.digitCount !== REFERENCE_DIGITS) return refuseMalformed(draft)
  const found = findPin(draft, pinIndex)
  goTo(draft, { kind: 'welcome' }, null)
  // Whether the PIN alone is right, or was, must not show.
  const isBoth = 'pin' in found && found.pin.referenceIndex === typed.pinIndex
  if (isBoth) tryPin(draft, found)
  else refusePin(draft, 'reference')
  return 'ok'
}

function tryPin(draft: Draft, found: PinFinding): void {
  if (found.kind === 'unknown' || found.kind === 'expired') return refusePin(draft, found.kind)
  if (found.kind === 'used') {
    refusePin(draft, found.kind)
    return hearLate(draft, found.pin)
  }
  const lying = found.kind === 'hit' ? found.parcels : []
  const parcels = lying.filter(({ lockerId }) => !isInDoubt(draft, lockerId))
  const [first] = parcels
  // A code for a return may be spent by now, like a PIN.
  const isUnsure = found.kind === 'return' && draft.ledger.hasDoubts()
  if (isUnsure || (found.kind === 'hit' && first === undefined)) {
    return refusePin(draft, 'unconfirmed-after-restore')
  }
  clearWait(draft)
  if (found.kind === 'return') return beginHandIn(draft, found.found)
  if (first === undefined) {
    return goTo(draft, { kind: 'welcome' }, null, notice('parcel-missing', 'LK-PIN-10'))
  }
  collect(draft, parcels, [])
}

/**
 * @param tried parcels whose doors are not to follow by themselves
 * @returns whether a door is being opened, or asked about first
 */
export function collect(
  draft: Draft,
  parcels: readonly ParcelRow[],
  tried: readonly ParcelId[],
): boolean {
  const refused = openFirst(draft, parcels, tried)
  if (refused === null) return true
  // The right stays valid: nothing was opened, and the board's fault is not the person's.
  const said = notice('bus-down', refused.code, { locker: parcels[0]?.lockerId ?? '' })
  goTo(draft, { kind: 'welcome' }, null, said)
  return false
}

/**
 * A ledger that was restored may lack this very PIN, and may hold one that is spent: as long as
 * that is so, both get one answer.
 */
function refusePin(draft: Draft, cause: RefusalCause): void {
  countFailure(draft, { what: 'pin', cause })
  // Asked whatever the cause: all refusals take the same time.
  const hasDoubts = draft.ledger.hasDoubts()
  if (!hasDoubts || cause === 'expired' || cause === 'used') return
  const { failures } = draft.state
  update(draft, { notice: notice('pin-unconfirmed', 'LK-PIN-11', { failures }) })
}

type Refused = Extract<Authorised, { ok: false }>

/** Behind one door. */
interface Lot {
  readonly lockerId: LockerId
  readonly parcels: readonly ParcelRow[]
}

function lotsOf(parcels: readonly ParcelRow[]): readonly Lot[] {
  const lockerIds = new Set(parcels.flatMap(({ lockerId }) => lockerId ?? []))
  return [...lockerIds].map((lockerId) => ({
    lockerId,
    parcels: parcels.filter((parcel) => parcel.lockerId === lockerId),
  }))
}

/** @returns the first refusal when none of these doors may be opened now */
function openFirst(
  draft: Draft,
  parcels: readonly ParcelRow[],
  tried: readonly string[],
): Refused | null {
  let refused: Refused | null = null
  for (const { lockerId, parcels: lot } of lotsOf(parcels)) {
    const recipientId = lot[0]?.recipientId ?? ''
    const parcelIds = lot.map(({ id }) => id)
    const place = { recipientId, parcelIds, lockerId, tried, isRevoked: false }
    if (lot.some((parcel) => isOutOfReach(draft, parcel))) {
      goTo(draft, { kind: 'reach', ...place }, draft.config.policy.idleMs)
      return null
    }
    const wish = { ...place, purpose: 'pickup' } as const
    const authorised = openFor(draft, wish)
    if (authorised.ok) return null
    refused ??= authorised
  }
  return refused ?? { ok: false, code: 'LK-PIN-08' }
}

interface Wish {
  readonly recipientId: string
  readonly parcelIds: readonly ParcelId[]
  readonly lockerId: LockerId
  readonly purpose: 'pickup' | 'reopen'
  readonly tried: readonly ParcelId[]
  readonly isRevoked: boolean
}

function openFor(draft: Draft, wish: Wish): Authorised {
  const { recipientId, parcelIds, lockerId, purpose, isRevoked } = wish
  const authorised = authorise(draft, {
    lockerId,
    purpose,
    parcelIds,
    by: { role: 'recipient' },
    reason: null,
    requestId: null,
  })
  if (!authorised.ok) return authorised
  const { openingId } = authorised
  const tried = [...new Set([...wish.tried, ...parcelIds])]
  const place = { recipientId, parcelIds, lockerId, openingId, tried, isRevoked }
  goTo(draft, { kind: 'pickup', ...place, ...FRESH_PICKUP }, null)
  proveIfOpen(draft, lockerId)
  return authorised
}

export const FRESH_PICKUP = {
  phase: 'opening',
  isProblem: false,
  wrongIds: null,
  complaint: null,
} as const

function openAgain(draft: Draft, wish: Wish): void {
  const authorised = openFor(draft, wish)
  if (authorised.ok) return
  const said = notice('bus-down', authorised.code, { locker: wish.lockerId })
  goTo(draft, { kind: 'welcome' }, null, said)
}

type Visit = Pick<PickupSession, 'recipientId' | 'tried' | 'isRevoked'>

/** Parcels of this person whose doors this session has not tried yet. */
export function parcelsLeft(draft: Draft, session: Visit): readonly ParcelRow[] {
  const { recipientId, tried, isRevoked } = session
  if (isRevoked) return []
  return draft.ledger
    .waitingParcels(recipientId)
    .filter(({ id, lockerId }) => !tried.includes(id) && !isInDoubt(draft, lockerId))
}

/**
 * The next parcel of the same person opens by itself.
 *
 * @returns false when there is none, or none that can be opened now
 */
export function openNext(draft: Draft, session: Visit): boolean {
  const lockerIds = parcelsLeft(draft, session).map(({ lockerId }) => lockerId)
  // Whatever waits behind a door is taken out by its opening, tried before or not.
  const behind = draft.ledger
    .waitingParcels(session.recipientId)
    .filter(({ lockerId }) => lockerIds.includes(lockerId))
  return behind.length > 0 && openFirst(draft, behind, session.tried) === null
}

/** A high door is opened for whoever needs a low one only when they say so. */
export function pressAtReach(
  draft: Draft,
  session: ReachSession,
  action: ActionName,
): IntentResult {
  const { parcelIds, lockerId, recipientId, isRevoked } = session
  const isWaiting = parcelIds.every((id) => waitsAt(draft, lockerId, id))
  if (action === 'back' || isRevoked || !isWaiting) {
    const said = isRevoked ? notice('pin-used', 'LK-PIN-05') : null
    goTo(draft, { kind: 'welcome' }, null, said)
    return 'ok'
  }
  if (action === 'open-high') {
    openAgain(draft, { ...session, purpose: 'pickup' })
    return 'ok'
  }
  if (action !== 'leave-closed') return 'refused'
  for (const parcelId of parcelIds) {
    record(draft, { kind: 'reach-refused', data: { parcelId, lockerId, recipientId } })
  }
  const visit = { ...session, tried: [...session.tried, ...parcelIds] }
  if (openNext(draft, visit)) return 'ok'
  goTo(draft, { kind: 'welcome' }, null, notice('reach-told', null, { locker: lockerId }))
  return 'ok'
}

function waitsAt(draft: Draft, lockerId: LockerId, parcelId: ParcelId): boolean {
  const parcel = draft.ledger.parcel(parcelId)
  return parcel?.state === 'deposited' && parcel.lockerId === lockerId
}

export function pressAtPickup(
  draft: Draft,
  session: PickupSession,
  action: ActionName,
): IntentResult {
  const said = say(draft, session.lockerId, action)
  if (said === 'pulsed') goTo(draft, { ...session, phase: 'opening' }, null)
  if (said !== null) return 'ok'
  if (session.phase === 'stuck') return pressAtStuck(draft, session, action)
  if (session.phase === 'done' && action === 'skip') {
    return openNext(draft, session) ? 'ok' : 'refused'
  }
  if (session.phase === 'done' && action === 'back') {
    goTo(draft, { kind: 'welcome' }, null)
    return 'ok'
  }
  if (session.phase === 'done' && action === 'reopen' && canReopen(draft, session.lockerId)) {
    openAgain(draft, { ...session, purpose: 'reopen' })
    return 'ok'
  }
  return 'refused'
}

function pressAtStuck(draft: Draft, session: PickupSession, action: ActionName): IntentResult {
  if (action === 'retry' && session.isRevoked) {
    leavePickup(draft, session)
    update(draft, { notice: notice('pin-used', 'LK-PIN-05') })
    return 'ok'
  }
  if (action === 'retry') return retryPickup(draft, session)
  if (action === 'back') {
    leavePickup(draft, session)
    return 'ok'
  }
  if (action !== 'skip' || parcelsLeft(draft, session).length === 0) return 'refused'
  leavePickup(draft, session)
  openNext(draft, session)
  return 'ok'
}

export function canReopen(draft: Draft, lockerId: string): boolean {
  return draft.state.clearing[lockerId] !== undefined
}

function retryPickup(draft: Draft, session: PickupSession): IntentResult {
  const opening = draft.state.openings[session.lockerId]
  if (opening === undefined) {
    const isWaiting = session.parcelIds.some((id) => waitsAt(draft, session.lockerId, id))
    const purpose = isWaiting ? 'pickup' : 'reopen'
    openAgain(draft, { ...session, purpose })
    return 'ok'
  }
  if (opening.isUnsettled) {
    update(draft, { notice: notice('bus-down', 'LK-BUS-01', { locker: session.lockerId }) })
    return 'refused'
  }
  goTo(draft, { ...session, phase: 'opening' }, null)
  tryAgain(draft, session.lockerId)
  return 'ok'
}

/** The person goes: what did not open until now counts as failed, and the PIN stays valid. */
export function leavePickup(draft: Draft, session: PickupSession): void {
  goTo(draft, { kind: 'welcome' }, null)
  const opening = draft.state.openings[session.lockerId]
  if (opening?.phase === 'stuck' && !opening.isUnsettled) fail(draft, opening, 'LK-DOOR-01')
}
