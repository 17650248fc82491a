// Somebody has looked into a locker and says what is inside: one way for the command line, and for
// every step of a guided audit.
import type { LockerId } from './config.ts'
import { compareContents } from './contents.ts'
import { type Draft, record, update } from './draft.ts'
import type { Actor, ParcelId } from './facts.ts'
import { keepFound } from './hand-in.ts'
import type { ParcelRow } from './ledger.ts'
import { replacePinsOfCopy } from './pins.ts'
import { awaitPins } from './settlement.ts'

export interface Look {
  readonly lockerId: LockerId
  /** `other`: neither nothing nor what the ledger names. */
  readonly found: 'empty' | 'parcel' | 'other'
  /** With `parcel`: what of several is there; absent: all that the ledger names. */
  readonly insideIds?: readonly ParcelId[] | undefined
  /** That the ledger does not have there: what was found, or what the dispute is about. */
  readonly strangerId?: ParcelId | null
  readonly by: Actor
  readonly reason: string | null
}

/** Each parcel that may lie there has its own fact. */
export function takeLook(draft: Draft, look: Look): void {
  const { lockerId, found, insideIds, strangerId = null, by, reason } = look
  const named = draft.ledger.parcelsAt(lockerId)
  const stranger = strangerId === null ? null : draft.ledger.parcel(strangerId)
  const parcels = stranger === null ? named : [...named, stranger]
  const ids = parcels.length === 0 ? [null] : parcels.map(({ id }) => id)
  if (found === 'other') {
    for (const parcelId of ids) {
      record(draft, { kind: 'locker-disputed', data: { lockerId, parcelId, by, reason } })
    }
    return
  }
  compareContents(draft, { lockerId, found, by })
  const isInside = (id: ParcelId | null) =>
    found === 'parcel' && (id === null || insideIds === undefined || insideIds.includes(id))
  for (const parcelId of ids) {
    const each = isInside(parcelId) ? 'parcel' : 'empty'
    const data = { lockerId, found: each, parcelId, by, reason } as const
    record(draft, { kind: 'locker-inspected', data })
  }
  const there = parcels.filter(({ id }) => isInside(id))
  replacePinsOfCopy(draft, there, { by, reason })
  const anew = there.filter((parcel) => !goesOnWaiting(parcel))
  const forRecipient = anew.filter(({ id: parcelId }) => !keepFound(draft, { parcelId, lockerId }))
  const isSettled = there.length === parcels.length && stranger === null
  makePins(draft, forRecipient, { isSettled })
}

/** For its recipient or for a courier, as before the look. */
export function goesOnWaiting({ state }: ParcelRow): boolean {
  return state === 'deposited' || state === 'recalled' || state === 'handed-in'
}

/**
 * @param isSettled false: what the ledger has of the others, and of their PIN, changes with this
 *   step; then the PIN comes after it is stored
 */
function makePins(
  draft: Draft,
  parcels: readonly ParcelRow[],
  { isSettled }: { readonly isSettled: boolean },
): void {
  for (const { id: parcelId } of parcels) draft.actions.push({ kind: 'prepare-pin', parcelId })
  const ids = parcels.map(({ id }) => id)
  if (isSettled) awaitPins(draft, ids)
  else update(draft, { awaitingPin: [...draft.state.awaitingPin, ...ids] })
}
