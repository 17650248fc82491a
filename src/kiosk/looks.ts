// Somebody has looked into a locker and says what is inside: one way for the command line, and for
// every step of a guided audit.
import type { LockerId } from './config.ts'
import { compareContents } from './contents.ts'
import { type Draft, record, update } from './draft.ts'
import type { Actor, ParcelId } from './facts.ts'
import { keepFound } from './hand-in.ts'
import { awaitPin } from './settlement.ts'

export interface Look {
  readonly lockerId: LockerId
  /** `other`: neither nothing nor the parcel that is named. */
  readonly found: 'empty' | 'parcel' | 'other'
  /** That may lie there. */
  readonly parcelId: ParcelId | null
  readonly by: Actor
  readonly reason: string | null
}

export function takeLook(draft: Draft, look: Look): void {
  const { lockerId, found, parcelId, by, reason } = look
  if (found === 'other') {
    record(draft, { kind: 'locker-disputed', data: { lockerId, parcelId, by, reason } })
    return
  }
  compareContents(draft, { lockerId, found, by })
  const parcel = parcelId === null ? null : draft.ledger.parcel(parcelId)
  if (found === 'parcel' && parcel?.state === 'recalled') {
    // It is never handed to its recipient again: it goes on waiting for its courier.
    record(draft, { kind: 'parcel-recalled', data: { parcelId: parcel.id, lockerId, by, reason } })
    return
  }
  record(draft, { kind: 'locker-inspected', data: { lockerId, found, parcelId, by, reason } })
  if (found !== 'parcel' || parcelId === null || keepFound(draft, { parcelId, lockerId })) return
  draft.actions.push({ kind: 'prepare-pin', parcelId })
  if (parcel?.lockerId === lockerId) awaitPin(draft, parcelId)
  // The ledger has it elsewhere until this step is stored: its PIN comes after that.
  else update(draft, { awaitingPin: [...draft.state.awaitingPin, parcelId] })
}
