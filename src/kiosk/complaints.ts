// Something was wrong with a pickup: whoever has used the PIN says so, gets a number to name on the
// telephone, and central hears of it. What lies in the locker is then for somebody to find out.
import { type Draft, dropClearing, record } from './draft.ts'
import type { ComplaintKind, Fact, ParcelId } from './facts.ts'

/** Not `door-stuck`: that is what the kiosk sees, not what a person finds. */
export function isComplaint(value: string | null): value is Exclude<ComplaintKind, 'door-stuck'> {
  return value === 'missing' || value === 'wrong' || value === 'damaged'
}

type Told = Extract<Fact, { kind: 'parcel-complained' }>['data']
type Complaint = Omit<Told, 'parcelId'> & { readonly parcelIds: readonly ParcelId[] }

/** @returns the number to name: of several parcels that of the first one's fact */
export function recordComplaint(draft: Draft, complaint: Complaint): number {
  const { parcelIds, ...told } = complaint
  const reference = draft.nextSeq
  for (const parcelId of parcelIds) {
    record(draft, { kind: 'parcel-complained', data: { parcelId, ...told } })
  }
  const { lockerId, openingId, what } = told
  // Whatever is inside, or is not, is not what the ledger says; unless it is another's by now.
  const isSame = (draft.ledger.locker(lockerId)?.filledSeq ?? 0) < openingId
  if (isSame && (what === 'missing' || what === 'wrong')) dropClearing(draft, lockerId)
  return reference
}
