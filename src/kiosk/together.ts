// Several parcels in one locker: all for one recipient and of one carrier, and no more than the
// policy allows. The locker has one assignment; whether another parcel fits, only a person sees, so
// the courier is asked, and can always have a locker for it alone.
import { needsOf } from './assignment.ts'
import { barOf, sizeRankOf } from './choice.ts'
import type { LockerId } from './config.ts'
import { type CourierSession, carrierOf } from './courier-session.ts'
import { type Draft, isBoardOnline, lockerConfig } from './draft.ts'
import type { ParcelId } from './facts.ts'
import type { ParcelRow } from './ledger.ts'
import type { CourierStep, DepositParcel } from './state.ts'
import { planOf } from './wall-plan.ts'

type DepositStep = Extract<CourierStep, { kind: 'deposit' }>

/** All that are being put in by this opening. */
export function depositIds({ parcelId, withIds }: DepositStep): readonly ParcelId[] {
  return [parcelId, ...withIds]
}

/** Of others there is something left to be collected, taken back or looked for. */
export function holdsOthers(
  draft: Draft,
  lockerId: LockerId,
  parcelIds: readonly ParcelId[],
): boolean {
  return draft.ledger
    .parcelsAt(lockerId)
    .some(({ id, state }) => !parcelIds.includes(id) && state !== 'collected')
}

/** @returns the locker in which the recipient's parcels wait and this one may be put, too */
export function lockerOfRecipient(
  draft: Draft,
  session: CourierSession,
  parcel: DepositParcel,
): LockerId | null {
  const { ledger } = draft
  // What no living PIN opens any more waits for a courier who takes it back.
  if (ledger.livePin(parcel.recipientId) === null) return null
  const waiting = ledger.waitingParcels(parcel.recipientId)
  const lockerIds = new Set(waiting.flatMap(({ lockerId }) => lockerId ?? []))
  return [...lockerIds].find((lockerId) => mayJoin(draft, session, { parcel, lockerId })) ?? null
}

interface Join {
  readonly parcel: DepositParcel
  readonly lockerId: LockerId
}

/** The locker is shut, works, and holds nothing but parcels that wait for this recipient. */
export function mayJoin(draft: Draft, session: CourierSession, join: Join): boolean {
  const { lockerId } = join
  const row = draft.ledger.locker(lockerId)
  const boardId = lockerConfig(draft, lockerId)?.boardId ?? ''
  const seen = {
    isBoardOnline: isBoardOnline(draft, boardId),
    door: draft.state.doors[lockerId]?.state ?? 'unknown',
    isOpening: draft.state.openings[lockerId] !== undefined,
    contents: null,
  } as const
  // As for any other parcel, but for what lies there.
  const isHeld = row?.state === 'occupied' && !row.isInDoubt
  const isUsable = isHeld && barOf({ ...row, state: 'free' }, seen) === null
  return isUsable && isWelcome(draft, session, { ...join, ownIds: [] })
}

/** Its door stands open for a parcel of the same recipient. */
export function mayAdd(
  draft: Draft,
  session: CourierSession,
  step: DepositStep,
  parcel: DepositParcel,
): boolean {
  const { lockerId, phase, isCancelled } = step
  if (phase !== 'open' || isCancelled || draft.state.openings[lockerId]?.isBlind !== false) {
    return false
  }
  const ownIds = depositIds(step)
  return isWelcome(draft, session, { parcel, lockerId, ownIds })
}

function isWelcome(
  draft: Draft,
  session: CourierSession,
  { parcel, lockerId, ownIds }: Join & { readonly ownIds: readonly ParcelId[] },
): boolean {
  const inside = draft.ledger.parcelsAt(lockerId)
  const { parcelsPerLockerMax } = draft.config.policy
  return (
    inside.length > 0 &&
    inside.length < parcelsPerLockerMax &&
    inside.every(
      (other) =>
        other.recipientId === parcel.recipientId &&
        (ownIds.includes(other.id) || isBeside(draft, session, other)),
    ) &&
    suits(draft, parcel, lockerId)
  )
}

/** It waits for its recipient, and the courier who left it works for the same carrier. */
function isBeside(draft: Draft, session: CourierSession, other: ParcelRow): boolean {
  const { carrierId, courierId, state } = other
  const broughtBy = carrierId ?? draft.ledger.staff(courierId ?? '')?.carrierId ?? null
  return state === 'deposited' && broughtBy === carrierOf(draft, session)
}

/** As a locker of its own would: large enough, within reach, and not too high for its weight. */
function suits(draft: Draft, parcel: DepositParcel, lockerId: LockerId): boolean {
  const plan = planOf(draft.config)
  const group = plan.byId.get(lockerId)?.group
  const { size, isHeavy, needsReach } = needsOf(draft, parcel)
  if (group === undefined || group.sizeRank < sizeRankOf(plan, size)) return false
  return (!needsReach || group.isWithinReach) && (!isHeavy || group.isForHeavy)
}
