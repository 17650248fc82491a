// How a deposit begins: the choice of a locker, and the next choice when the first one will not do.
// A locker that was left is never handed out again before somebody has looked into it.
import { assignLocker, needsOf } from './assignment.ts'
import type { Code } from './codes.ts'
import type { LockerId, SizeName } from './config.ts'
import { type CourierSession, goToStep, toMenu } from './courier-session.ts'
import { type Draft, putOpening, record, update } from './draft.ts'
import type { AssignmentWhy, CancelReason, ParcelId } from './facts.ts'
import { authorise, fail } from './openings.ts'
import { type CourierStep, type DepositParcel, type LiveOpening, notice } from './state.ts'
import { depositIds, holdsOthers, lockerOfRecipient, mayAdd, mayJoin } from './together.ts'
import type { ActionName, IntentResult, Notice } from './view.ts'
import { planOf } from './wall-plan.ts'

/** With so many facts unconfirmed no new deposit begins; pickups always go on. */
export const OUTBOX_DEPOSIT_MAX = 180_000
/** Lockers tried by themselves for one parcel: more stuck doors in a row are no accident. */
export const LOCKERS_TRIED_MAX = 3

export type DepositStep = Extract<CourierStep, { kind: 'deposit' }>

/** Of a parcel that is put with others: nobody chose. */
const TOGETHER: AssignmentWhy = { needs: [], reasons: ['together'], passed: [] }

/** Asks first when the parcel could be put with others of its recipient. */
export function offerDeposit(
  draft: Draft,
  session: CourierSession,
  parcel: DepositParcel,
  said: Notice | null = null,
): IntentResult {
  const lockerId = lockerOfRecipient(draft, session, parcel)
  if (lockerId === null) return startDeposit(draft, session, parcel, { said })
  const offer = { kind: 'together-offer', parcel, lockerId } as const
  goToStep(draft, { ...session, nextParcelId: null }, offer, said)
  return 'ok'
}

export function pressAtOffer(
  draft: Draft,
  session: CourierSession,
  step: Extract<CourierStep, { kind: 'together-offer' }>,
  action: ActionName,
): IntentResult {
  const { lockerId } = step
  const parcel = asNow(draft, step.parcel)
  if (action === 'back' || parcel === null) return toMenu(draft, session, null)
  switch (action) {
    case 'apart':
      return startDeposit(draft, session, parcel)
    case 'together':
      // Somebody may have been there meanwhile.
      return mayJoin(draft, session, { parcel, lockerId })
        ? openLocker(draft, session, parcel, { lockerId, why: TOGETHER, isTogether: true })
        : offerDeposit(draft, session, parcel)
    default:
      return 'refused'
  }
}

/** Unique for ever: the epoch names the database, and the number is that of the deposit's fact. */
export function idOfUnannounced(draft: Draft): ParcelId {
  return `${draft.ledger.epoch().slice(0, 8)}-${draft.nextSeq}`
}

/** @returns null when it was withdrawn, or is in a locker by now */
function asNow(draft: Draft, parcel: DepositParcel): DepositParcel | null {
  if (!parcel.isAnnounced) return { ...parcel, id: idOfUnannounced(draft) }
  const row = draft.ledger.parcel(parcel.id)
  return row?.state === 'announced' ? row : null
}

interface Start {
  /** Another size than the parcel's own: the person has seen that it does not fit. */
  readonly size?: SizeName
  /** Lockers that were tried by themselves before. */
  readonly triedCount?: number
  readonly said?: Notice | null
}

function startDeposit(
  draft: Draft,
  session: CourierSession,
  parcel: DepositParcel,
  { size = parcel.size, triedCount = 1, said = null }: Start = {},
): IntentResult {
  if (isOutboxFull(draft)) return toMenu(draft, session, notice('outbox-full', 'LK-ASSIGN-02'))
  const needs = { ...needsOf(draft, parcel), size }
  const assignment = assignLocker(draft, needs)
  const { id: parcelId, recipientId, isAnnounced } = parcel
  if (assignment === null) {
    if (isAnnounced && session.fullForId !== parcelId) {
      const { courierId } = session
      const data = { parcelId, recipientId, courierId, reason: 'bank-full' } as const
      record(draft, { kind: 'parcel-not-deposited', data })
    }
    const code = needs.needsReach ? 'LK-ASSIGN-03' : 'LK-ASSIGN-01'
    return toMenu(draft, { ...session, fullForId: parcelId }, notice('no-locker', code, { size }))
  }
  return openLocker(draft, session, parcel, { ...assignment, size, triedCount, said })
}

function isOutboxFull(draft: Draft): boolean {
  return draft.ledger.outboxCount() >= OUTBOX_DEPOSIT_MAX
}

interface Opened extends Start {
  readonly lockerId: LockerId
  readonly why: AssignmentWhy
  readonly isTogether?: boolean
}

function openLocker(
  draft: Draft,
  session: CourierSession,
  parcel: DepositParcel,
  { lockerId, why, isTogether = false, size = parcel.size, triedCount = 1, said = null }: Opened,
): IntentResult {
  if (isOutboxFull(draft)) return toMenu(draft, session, notice('outbox-full', 'LK-ASSIGN-02'))
  const { id: parcelId } = parcel
  assign(draft, session, parcel, { lockerId, why, isTogether })
  const by = { role: session.role, id: session.courierId }
  const request = { lockerId, parcelIds: [parcelId], purpose: 'deposit', by } as const
  const authorised = authorise(draft, { ...request, reason: null, requestId: null })
  // Cannot be: the choice takes only lockers that can be opened.
  if (!authorised.ok) return 'refused'
  draft.actions.push({ kind: 'prepare-pin', parcelId })
  const { openingId } = authorised
  const step: DepositStep = {
    kind: 'deposit',
    parcelId,
    lockerId,
    openingId,
    size,
    phase: 'opening',
    isCancelled: false,
    wantedSize: null,
    isReasonTold: false,
    triedCount,
    isTogether,
    withIds: [],
  }
  goToStep(draft, { ...session, nextParcelId: null }, step, said)
  return 'ok'
}

function assign(
  draft: Draft,
  { courierId }: CourierSession,
  { id: parcelId, recipientId, size, isAnnounced }: DepositParcel,
  place: { readonly lockerId: LockerId; readonly why: AssignmentWhy; readonly isTogether: boolean },
): void {
  const data = { parcelId, courierId, recipientId, size, isAnnounced, ...place }
  record(draft, { kind: 'deposit-started', data })
}

/** The parcel that was scanned goes in where the door stands open. */
export function addNext(draft: Draft, session: CourierSession, step: DepositStep): IntentResult {
  const { nextParcelId } = session
  const parcel = nextParcelId === null ? null : draft.ledger.parcel(nextParcelId)
  const isWelcome = parcel?.state === 'announced' && mayAdd(draft, session, step, parcel)
  if (!isWelcome) return 'refused'
  const { lockerId } = step
  assign(draft, session, parcel, { lockerId, why: TOGETHER, isTogether: true })
  const added = { ...step, withIds: [...step.withIds, parcel.id] }
  update(draft, { session: { ...session, nextParcelId: null, step: added }, notice: null })
  return 'ok'
}

/** It does not go with the others: a door of its own opens when this one is shut. */
export function takeApart(draft: Draft, session: CourierSession, step: DepositStep): IntentResult {
  const { lockerId, withIds } = step
  const last = withIds.at(-1)
  if (!canPart(session, step)) return 'refused'
  if (last === undefined) return takeMainApart(draft, session, step)
  const data = { parcelId: last, lockerId, courierId: session.courierId, reason: 'apart' } as const
  record(draft, { kind: 'deposit-cancelled', data })
  const parted = { ...step, withIds: withIds.slice(0, -1) }
  const said = notice('scan-waits', null, { locker: lockerId })
  update(draft, { session: { ...session, nextParcelId: last, step: parted }, notice: said })
  return 'ok'
}

function takeMainApart(draft: Draft, session: CourierSession, step: DepositStep): IntentResult {
  const parcel = draft.ledger.parcel(step.parcelId)
  const needs = parcel && { ...needsOf(draft, parcel), isReplacement: true }
  if (needs === null || assignLocker(draft, needs) === null) {
    update(draft, { notice: notice('no-other-size', 'LK-ASSIGN-01') })
    return 'ok'
  }
  cancelDeposit(draft, session, step, { reason: 'apart', wantedSize: needs.size })
  return 'ok'
}

export function canPart({ nextParcelId }: CourierSession, step: DepositStep): boolean {
  if (step.phase !== 'open' || step.isCancelled) return false
  return step.withIds.length > 0 ? nextParcelId === null : step.isTogether
}

interface Cancel {
  readonly reason: CancelReason
  readonly wantedSize?: SizeName
}

/** Undoes the deposit. The parcel may lie behind an open door: the locker is proven by a look. */
export function cancelDeposit(
  draft: Draft,
  session: CourierSession,
  step: DepositStep,
  { reason, wantedSize }: Cancel,
): void {
  const { lockerId } = step
  const { courierId } = session
  for (const parcelId of depositIds(step)) {
    record(draft, { kind: 'deposit-cancelled', data: { parcelId, lockerId, courierId, reason } })
  }
  const cancelled = { ...step, isCancelled: true, wantedSize: wantedSize ?? null }
  goToStep(draft, session, cancelled, null)
  const opening = draft.state.openings[lockerId]
  if (opening === undefined || opening.isUnsettled) {
    toMenu(draft, session, saidOfCancelled(draft, step))
    return
  }
  if (opening.phase === 'stuck') fail(draft, opening, 'LK-DOOR-01')
  else putOpening(draft, { ...opening, isAbandoned: true })
}

/** Nobody has to look into a locker in which others wait for the same recipient. */
export function saidOfCancelled(draft: Draft, step: DepositStep): Notice {
  const { lockerId } = step
  const isShared = holdsOthers(draft, lockerId, depositIds(step))
  return notice(isShared ? 'others-stay' : 'cancelled', null, { locker: lockerId })
}

/**
 * The parcel does not fit, or rattles about. Nothing is given up before there is something better;
 * the other door opens when this one has been shut.
 */
export function changeSize(
  draft: Draft,
  session: CourierSession,
  step: DepositStep,
  wish: 'bigger' | 'smaller',
): IntentResult {
  // Where others lie, a locker of its own is the way out.
  if (step.isTogether || step.withIds.length > 0) return 'refused'
  const parcel = draft.ledger.parcel(step.parcelId)
  const size = parcel && otherSize(draft, { parcel, lockerId: step.lockerId, wish })
  if (size === null) update(draft, { notice: notice('no-other-size', 'LK-ASSIGN-01') })
  else cancelDeposit(draft, session, step, { reason: wish, wantedSize: size })
  return 'ok'
}

/** @returns the size to ask for, or null when no such locker is free */
export function otherSize(
  draft: Draft,
  asked: {
    readonly parcel: Parameters<typeof needsOf>[1]
    readonly lockerId: LockerId
    readonly wish: 'bigger' | 'smaller'
  },
): SizeName | null {
  const { parcel, lockerId, wish } = asked
  const rank = rankOf(draft, lockerId)
  const size = draft.config.sizes[rank + (wish === 'bigger' ? 1 : -1)]?.name
  if (size === undefined) return null
  const needs = { ...needsOf(draft, parcel), size, isReplacement: true }
  const found = assignLocker(draft, needs)
  const isBetter = found !== null && (wish === 'bigger' || rankOf(draft, found.lockerId) < rank)
  return isBetter ? size : null
}

function rankOf({ config }: Draft, lockerId: LockerId): number {
  return planOf(config).byId.get(lockerId)?.group.sizeRank ?? 0
}

/** The door that was not wanted is shut: the one that is comes next. */
export function startWanted(draft: Draft, session: CourierSession, step: DepositStep): boolean {
  const { parcelId, wantedSize } = step
  const parcel = draft.ledger.parcel(parcelId)
  // While that door stood open it may have been taken back, or got a place by another way.
  if (wantedSize === null || parcel === null || parcel.lockerId !== null) return false
  const said = saidOfCancelled(draft, step)
  startDeposit(draft, session, parcel, { size: wantedSize, said })
  return true
}

/** A scan that waited until the last door was shut. */
export function startNext(draft: Draft, session: CourierSession, said: Notice): boolean {
  const { nextParcelId, last } = session
  const parcel = nextParcelId === null ? null : draft.ledger.parcel(nextParcelId)
  if (parcel?.state !== 'announced') return false
  const lastParcel = last === null ? null : draft.ledger.parcel(last.parcelId)
  // Whether it goes with the last one was asked while that door stood open.
  if (lastParcel?.recipientId === parcel.recipientId) startDeposit(draft, session, parcel, { said })
  else offerDeposit(draft, session, parcel, said)
  return true
}

/**
 * The door was not seen to move, and it is seen shut: the parcel goes elsewhere without anybody
 * being asked, and the locker waits for a look.
 *
 * @returns false when the person has to decide
 */
export function replaceStuck(
  draft: Draft,
  session: CourierSession,
  stuck: { readonly opening: LiveOpening; readonly code: Code },
): boolean {
  const { step, courierId } = session
  const { opening, code } = stuck
  const { lockerId } = opening
  const isShut = draft.state.doors[lockerId]?.state === 'closed'
  if (code !== 'LK-DOOR-01' || !isShut || step.kind !== 'deposit' || step.isCancelled) return false
  const parcel = draft.ledger.parcel(step.parcelId)
  if (parcel === null || step.triedCount >= LOCKERS_TRIED_MAX) return false
  if (step.withIds.length > 0) return false
  const { size, triedCount } = step
  if (assignLocker(draft, { ...needsOf(draft, parcel), size }) === null) return false
  fail(draft, opening, code)
  const data = { parcelId: parcel.id, lockerId, courierId, reason: 'door-stuck' } as const
  record(draft, { kind: 'deposit-cancelled', data })
  const said = notice('other-locker', code, { locker: lockerId })
  startDeposit(draft, session, parcel, { size, triedCount: triedCount + 1, said })
  return true
}
