// A recipient hands a parcel in: types its code, puts it into the locker that opens, shuts the door
// and says that it is inside. The code is spent by that and by nothing before; whatever breaks off
// leaves the locker held, and the code good.
import { assignLocker, needsOf } from './assignment.ts'
import { isBlindlyOpen, say } from './blind.ts'
import type { LockerId, SizeName } from './config.ts'
import { compareContents, looksProvenEmpty } from './contents.ts'
import { OUTBOX_DEPOSIT_MAX, otherSize } from './deposits.ts'
import { type Draft, goTo, putOpening, record, update } from './draft.ts'
import type { CancelReason, OpeningId, ParcelId } from './facts.ts'
import { authorise, fail, leaveStuck, proveIfOpen, tryAgain } from './openings.ts'
import type { HandInProof } from './return-facts.ts'
import type { ReturnRow } from './return-ledger.ts'
import { lookAfterReturns } from './returns.ts'
import { type HandInSession, notice, type Session } from './state.ts'
import type { ActionName, IntentResult, Notice } from './view.ts'

type SizeSession = Extract<Session, { kind: 'hand-in-size' }>

const BY = { role: 'recipient' } as const

/** The right code was typed. */
export function beginHandIn(draft: Draft, found: ReturnRow): void {
  const { id: parcelId, parcelState, lockerId } = found
  // Central has given its id to a parcel that a courier brings: nobody could tell them apart.
  if (draft.ledger.parcel(parcelId)?.isReturn === false) {
    return toWelcome(draft, notice('pin-unchecked', 'LK-PIN-06'))
  }
  const isKept = parcelState === 'unconfirmed' || parcelState === 'handed-in'
  if (isKept && lockerId !== null) return openKept(draft, found, lockerId)
  const size = draft.config.sizes.find(({ name }) => name === found.size)?.name
  if (size !== undefined) return startHandIn(draft, found, { size })
  goTo(draft, { kind: 'hand-in-size', parcelId }, draft.config.policy.idleMs)
}

export function pressAtHandInSize(
  draft: Draft,
  { parcelId }: SizeSession,
  action: ActionName,
  value: string | null,
): IntentResult {
  if (action === 'back') {
    toWelcome(draft, null)
    return 'ok'
  }
  const size = draft.config.sizes.find(({ name }) => name === value)?.name
  const found = draft.ledger.returnOf(parcelId)
  if (action !== 'size' || size === undefined || found === null) return 'refused'
  startHandIn(draft, found, { size })
  return 'ok'
}

interface Start {
  readonly size: SizeName
  /** Lockers that were tried by themselves before. */
  readonly triedCount?: number
  readonly said?: Notice | null
}

export function startHandIn(
  draft: Draft,
  found: ReturnRow,
  { size, triedCount = 1, said = null }: Start,
): void {
  const { id: parcelId, recipientId, carrierId } = found
  if (draft.ledger.outboxCount() >= OUTBOX_DEPOSIT_MAX) {
    return toWelcome(draft, notice('outbox-full', 'LK-ASSIGN-02'))
  }
  const needs = needsFor(draft, found, size)
  const assignment = assignLocker(draft, needs)
  if (assignment === null) {
    record(draft, {
      kind: 'parcel-not-handed-in',
      data: { parcelId, recipientId, reason: 'bank-full' },
    })
    const code = needs.needsReach ? 'LK-ASSIGN-03' : 'LK-ASSIGN-01'
    return toWelcome(draft, notice('hand-in-full', code, { size }))
  }
  const { lockerId, why } = assignment
  record(draft, {
    kind: 'hand-in-started',
    data: { parcelId, lockerId, recipientId, carrierId, size, why },
  })
  const openingId = open(draft, { parcelId, lockerId })
  // Cannot be: the choice takes only lockers that can be opened.
  if (openingId === null) return
  const place = { parcelId, lockerId, recipientId, openingId, size, triedCount }
  goTo(draft, { ...OPENING, ...place }, null, said)
}

const OPENING = {
  kind: 'hand-in',
  phase: 'opening',
  isCancelled: false,
  wantedSize: null,
  isReopened: false,
} as const

export function needsFor(draft: Draft, found: ReturnRow, size: SizeName) {
  return needsOf(draft, { ...found, size })
}

function open(
  draft: Draft,
  place: { readonly parcelId: string; readonly lockerId: LockerId },
): OpeningId | null {
  const { parcelId, lockerId } = place
  const request = { parcelIds: [parcelId], lockerId, purpose: 'hand-in', by: BY } as const
  const authorised = authorise(draft, { ...request, reason: null, requestId: null })
  return authorised.ok ? authorised.openingId : null
}

/** It broke off before, or was done just now: the code opens this locker and no other. */
function openKept(draft: Draft, found: ReturnRow, lockerId: LockerId): void {
  const { id: parcelId, recipientId, parcelState } = found
  const isReopened = parcelState === 'handed-in'
  const state = draft.ledger.locker(lockerId)?.state
  const isHeld = state === (isReopened ? 'awaiting-courier' : 'unverified')
  // Somebody has looked meanwhile, and found something else.
  if (!isHeld) return toWelcome(draft, notice('bus-down', 'LK-LOCKER-02', { locker: lockerId }))
  const openingId = open(draft, { parcelId, lockerId })
  if (openingId === null) {
    return toWelcome(draft, notice('bus-down', 'LK-BUS-01', { locker: lockerId }))
  }
  if (!isReopened) {
    record(draft, { kind: 'hand-in-resumed', data: { parcelId, lockerId, recipientId } })
  }
  const size = draft.ledger.parcel(parcelId)?.size ?? ''
  const place = { parcelId, lockerId, recipientId, openingId, size, triedCount: 1 }
  goTo(draft, { ...OPENING, ...place, isReopened }, null)
  proveIfOpen(draft, lockerId)
}

export function toWelcome(draft: Draft, said: Notice | null): void {
  goTo(draft, { kind: 'welcome' }, null, said)
  lookAfterReturns(draft)
}

export function pressAtHandIn(
  draft: Draft,
  session: HandInSession,
  action: ActionName,
): IntentResult {
  const { phase, parcelId, lockerId, isCancelled, isReopened } = session
  if (phase === 'done') return pressAtDone(draft, session, action)
  if (isCancelled) return 'refused'
  // Somebody has looked meanwhile, and settled it.
  if (draft.ledger.parcel(parcelId)?.lockerId !== lockerId) {
    toWelcome(draft, notice('bus-down', 'LK-LOCKER-02', { locker: lockerId }))
    return 'ok'
  }
  if (phase === 'question' || isBlindlyOpen(draft, lockerId)) {
    return answer(draft, session, action)
  }
  if (action === 'cancel' && !isReopened) {
    cancel(draft, session, { reason: 'changed-mind' })
    return 'ok'
  }
  const isSizeWish = action === 'bigger' || action === 'smaller'
  if (isSizeWish && phase === 'open' && !isReopened) return changeSize(draft, session, action)
  const said = say(draft, lockerId, action)
  if (said === 'pulsed') goTo(draft, { ...session, phase: 'opening' }, null)
  if (said !== null) return 'ok'
  if (phase !== 'stuck') return 'refused'
  if (action === 'back' && isReopened) {
    leaveHandIn(draft, session)
    return 'ok'
  }
  return action === 'retry' ? openAgain(draft, session) : 'refused'
}

function pressAtDone(draft: Draft, session: HandInSession, action: ActionName): IntentResult {
  const { parcelId, lockerId } = session
  if (action === 'back') {
    toWelcome(draft, null)
    return 'ok'
  }
  const found = draft.ledger.returnOf(parcelId)
  if (action !== 'reopen' || found === null || !canReopenReturn(draft, parcelId)) return 'refused'
  openKept(draft, found, lockerId)
  return 'ok'
}

export function canReopenReturn({ state, now }: Draft, parcelId: string): boolean {
  return (state.reopenable[parcelId] ?? 0) > now.monoMs
}

function openAgain(draft: Draft, session: HandInSession): IntentResult {
  const { lockerId } = session
  const opening = draft.state.openings[lockerId]
  const isStuck = opening?.phase === 'stuck' && !opening.isUnsettled
  const fresh = opening === undefined ? open(draft, session) : null
  const openingId = isStuck ? opening.id : fresh
  if (openingId === null) {
    update(draft, { notice: notice('bus-down', 'LK-BUS-01', { locker: lockerId }) })
    return 'refused'
  }
  goTo(draft, { ...session, openingId, phase: 'opening' }, null)
  if (isStuck) tryAgain(draft, lockerId)
  proveIfOpen(draft, lockerId)
  return 'ok'
}

/** Is it inside? At a door that nobody sees the answer says as well that it is shut. */
function answer(draft: Draft, session: HandInSession, action: ActionName): IntentResult {
  const { lockerId } = session
  const isBlind = isBlindlyOpen(draft, lockerId)
  switch (action) {
    case 'retry':
      return isBlind ? 'refused' : openAgain(draft, session)
    case 'found-parcel':
      // What follows from the closing makes it handed in.
      if (isBlind) say(draft, lockerId, 'said-shut')
      else {
        compareContents(draft, { lockerId, found: 'parcel', by: BY })
        complete(draft, session, 'confirmed')
      }
      return 'ok'
    case 'found-empty':
      cancel(draft, session, { reason: 'not-inside' })
      if (isBlind) say(draft, lockerId, 'said-shut')
      return 'ok'
    default:
      return 'refused'
  }
}

interface Cancel {
  readonly reason: CancelReason
  readonly wantedSize?: SizeName
}

/** Undoes the hand-in. Nobody takes the locker for empty before it is proven so. */
function cancel(draft: Draft, session: HandInSession, { reason, wantedSize }: Cancel): void {
  const { parcelId, lockerId, recipientId } = session
  const data = { parcelId, lockerId, recipientId, reason }
  record(draft, { kind: 'hand-in-cancelled', data })
  const { [parcelId]: _, ...reopenable } = draft.state.reopenable
  update(draft, { reopenable })
  goTo(draft, { ...session, isCancelled: true, wantedSize: wantedSize ?? null }, null)
  const opening = draft.state.openings[lockerId]
  if (opening === undefined || opening.isUnsettled) {
    if (opening === undefined && looksProvenEmpty(draft, lockerId)) tellEmpty(draft, lockerId)
    return toWelcome(draft, notice('hand-in-cancelled', null))
  }
  if (opening.phase === 'stuck') fail(draft, opening, 'LK-DOOR-01')
  else putOpening(draft, { ...opening, isAbandoned: true })
}

/** The door is seen shut, and a sensor inside that has proven itself sees nothing. */
function tellEmpty(draft: Draft, lockerId: LockerId): void {
  const by = { role: 'kiosk' } as const
  const reason = 'content sensor'
  record(draft, {
    kind: 'locker-inspected',
    data: { lockerId, found: 'empty', parcelId: null, by, reason },
  })
}

function changeSize(
  draft: Draft,
  session: HandInSession,
  wish: 'bigger' | 'smaller',
): IntentResult {
  const { parcelId, lockerId } = session
  const found = draft.ledger.returnOf(parcelId)
  const parcel = found && { ...found, size: session.size }
  const size = parcel && otherSize(draft, { parcel, lockerId, wish })
  if (size === null) update(draft, { notice: notice('no-other-size', 'LK-ASSIGN-01') })
  else cancel(draft, session, { reason: wish, wantedSize: size })
  return 'ok'
}

export function complete(draft: Draft, session: HandInSession, proof: HandInProof): void {
  const { parcelId, lockerId, recipientId, isReopened } = session
  const { reopenMs, thanksMs } = draft.config.policy
  const carrierId = draft.ledger.parcel(parcelId)?.carrierId ?? null
  const data = { parcelId, lockerId, recipientId, carrierId, proof }
  record(draft, { kind: 'parcel-handed-in', data })
  // Once more, and no longer.
  if (!isReopened) {
    const untilMonoMs = draft.now.monoMs + reopenMs
    update(draft, { reopenable: { ...draft.state.reopenable, [parcelId]: untilMonoMs } })
  }
  goTo(draft, { ...session, phase: 'done', isReopened: false }, thanksMs)
}

/**
 * Somebody has looked, and what may lie there does.
 *
 * @returns false when that is no return
 */
export function keepFound(
  draft: Draft,
  { parcelId, lockerId }: { readonly parcelId: ParcelId; readonly lockerId: LockerId },
): boolean {
  const parcel = draft.ledger.parcel(parcelId)
  if (parcel?.isReturn !== true) return false
  const { recipientId, carrierId } = parcel
  const data = { parcelId, lockerId, recipientId, carrierId, proof: 'inspected' } as const
  record(draft, { kind: 'parcel-handed-in', data })
  return true
}

/** The person goes, or says nothing more. */
export function leaveHandIn(draft: Draft, session: HandInSession): void {
  const { phase, parcelId, lockerId } = session
  if (phase === 'question') {
    const isShut = draft.state.doors[lockerId]?.state === 'closed'
    // The door was seen to open and to close, and nobody said that it is not inside.
    if (isShut) complete(draft, session, 'unanswered')
    // Somebody has pulled it open since: it may be gone again.
    else interrupt(draft, session, 'session-ended')
  }
  toWelcome(draft, null)
  if (phase !== 'stuck') return
  // One that is opened once more stays handed in while its door has not moved.
  const isUnderWay = draft.ledger.parcel(parcelId)?.state === 'handing-in'
  if (isUnderWay) interrupt(draft, session, 'session-ended')
  leaveStuck(draft, lockerId)
}

/** Here, and not elsewhere by a later hand-in while this door still stood open. */
export function isHandedIn(
  draft: Draft,
  { parcelId, lockerId }: Pick<HandInSession, 'parcelId' | 'lockerId'>,
): boolean {
  const parcel = draft.ledger.parcel(parcelId)
  return parcel?.state === 'handed-in' && parcel.lockerId === lockerId
}

export function interrupt(
  draft: Draft,
  { parcelId, lockerId }: Pick<HandInSession, 'parcelId' | 'lockerId'>,
  cause: 'left-open' | 'session-ended' | 'unseen' | 'restart',
): void {
  record(draft, { kind: 'hand-in-interrupted', data: { parcelId, lockerId, cause } })
}

/** The times within which a code opens its locker once more that are over. */
export function reopenableOverdue(draft: Draft): void {
  const { reopenable } = draft.state
  const left = Object.entries(reopenable).filter(([, atMonoMs]) => atMonoMs > draft.now.monoMs)
  if (left.length === Object.keys(reopenable).length) return
  update(draft, { reopenable: Object.fromEntries(left) })
}
