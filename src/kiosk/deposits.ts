// How a deposit begins: the choice of a locker, and the next choice when the first one will not do.
// A locker that was left is never handed out again before somebody has looked into it.
import { assignLocker, needsOf } from './assignment.ts'
import type { Code } from './codes.ts'
import type { LockerId, SizeName } from './config.ts'
import { type CourierSession, goToStep, toMenu } from './courier-session.ts'
import { type Draft, putOpening, record, update } from './draft.ts'
import type { CancelReason } from './facts.ts'
import type { ParcelRow } from './ledger.ts'
import { authorise, fail } from './openings.ts'
import { type CourierStep, type LiveOpening, notice } from './state.ts'
import type { IntentResult, Notice } from './view.ts'
import { planOf } from './wall-plan.ts'

/** With so many facts unconfirmed no new deposit begins; pickups always go on. */
export const OUTBOX_DEPOSIT_MAX = 180_000
/** Lockers tried by themselves for one parcel: more stuck doors in a row are no accident. */
export const LOCKERS_TRIED_MAX = 3

export type DepositStep = Extract<CourierStep, { kind: 'deposit' }>

export type DepositParcel = Pick<
  ParcelRow,
  'id' | 'size' | 'recipientId' | 'isAnnounced' | 'weightGrams' | 'needsReach' | 'depositSeq'
>

interface Start {
  /** Another size than the parcel's own: the person has seen that it does not fit. */
  readonly size?: SizeName
  /** Lockers that were tried by themselves before. */
  readonly triedCount?: number
  readonly said?: Notice | null
}

export function startDeposit(
  draft: Draft,
  session: CourierSession,
  parcel: DepositParcel,
  { size = parcel.size, triedCount = 1, said = null }: Start = {},
): IntentResult {
  if (draft.ledger.outboxCount() >= OUTBOX_DEPOSIT_MAX) {
    return toMenu(draft, session, notice('outbox-full', 'LK-ASSIGN-02'))
  }
  const needs = { ...needsOf(draft, parcel), size }
  const assignment = assignLocker(draft, needs)
  const { id: parcelId, recipientId, isAnnounced } = parcel
  const { courierId, role } = session
  if (assignment === null) {
    if (isAnnounced && session.fullForId !== parcelId) {
      const data = { parcelId, recipientId, courierId, reason: 'bank-full' } as const
      record(draft, { kind: 'parcel-not-deposited', data })
    }
    const code = needs.needsReach ? 'LK-ASSIGN-03' : 'LK-ASSIGN-01'
    return toMenu(draft, { ...session, fullForId: parcelId }, notice('no-locker', code, { size }))
  }
  const { lockerId, why } = assignment
  record(draft, {
    kind: 'deposit-started',
    data: { parcelId, lockerId, courierId, recipientId, size: parcel.size, isAnnounced, why },
  })
  const by = { role, id: courierId }
  const request = { lockerId, parcelId, purpose: 'deposit', by } as const
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
  }
  goToStep(draft, { ...session, nextParcelId: null }, step, said)
  return 'ok'
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
  const { parcelId, lockerId } = step
  const { courierId } = session
  record(draft, { kind: 'deposit-cancelled', data: { parcelId, lockerId, courierId, reason } })
  const cancelled = { ...step, isCancelled: true, wantedSize: wantedSize ?? null }
  goToStep(draft, session, cancelled, null)
  const opening = draft.state.openings[lockerId]
  if (opening === undefined || opening.isUnsettled) {
    toMenu(draft, session, notice('cancelled', null, { locker: lockerId }))
    return
  }
  if (opening.phase === 'stuck') fail(draft, opening, 'LK-DOOR-01')
  else putOpening(draft, { ...opening, isAbandoned: true })
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
  const { parcelId, wantedSize, lockerId } = step
  const parcel = draft.ledger.parcel(parcelId)
  if (wantedSize === null || parcel === null) return false
  const said = notice('cancelled', null, { locker: lockerId })
  startDeposit(draft, session, parcel, { size: wantedSize, said })
  return true
}

/** A scan that waited until the last door was shut. */
export function startNext(draft: Draft, session: CourierSession, said: Notice): boolean {
  const { nextParcelId } = session
  const parcel = nextParcelId === null ? null : draft.ledger.parcel(nextParcelId)
  if (parcel?.state !== 'announced') return false
  startDeposit(draft, session, parcel, { said })
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
  const { size, triedCount } = step
  if (assignLocker(draft, { ...needsOf(draft, parcel), size }) === null) return false
  fail(draft, opening, code)
  const data = { parcelId: parcel.id, lockerId, courierId, reason: 'door-stuck' } as const
  record(draft, { kind: 'deposit-cancelled', data })
  const said = notice('other-locker', code, { locker: lockerId })
  startDeposit(draft, session, parcel, { size, triedCount: triedCount + 1, said })
  return true
}
