// After a database restore the ledger speaks of the past: its parcels may be gone, and others may
// lie in its empty lockers. No right of it opens a door until central, which has the lost facts,
// confirms that parcel in that locker, or until a technician has looked.
import { isInDoubt } from './doubt.ts'
import { type Draft, record, remember } from './draft.ts'
import type { KioskEvent } from './events.ts'
import type { ParcelState } from './ledger.ts'
import { replacePin } from './pins.ts'
import type { ParcelPlace } from './restore-facts.ts'
import type { Restored } from './restore-ledger.ts'

/**
 * By the copy it lies there, for its recipient or for a courier. What the copy has in any other way
 * is for somebody who looks.
 */
const LYING: ReadonlySet<ParcelState> = new Set<ParcelState>(['deposited', 'handed-in'])

/** In one fact; what is left goes into the next one. */
export const CONFIRMED_MAX = 500

/**
 * The first fact of a start, if the file is not what it was.
 *
 * @returns whether it is so
 */
export function tellRestore(draft: Draft): boolean {
  const restored = draft.ledger.restored()
  if (restored === null) return false
  const lockerIds = draft.ledger.lockers().map(({ id }) => id)
  tell(draft, restored, lockerIds)
  return true
}

/** Central knows more of this epoch than the ledger does. */
export function obeyOvertaken(
  draft: Draft,
  { cause, knownSeq }: Extract<KioskEvent, { kind: 'ledger-overtaken' }>,
): void {
  const { openings, clearing } = draft.state
  // What somebody does at this moment happens in front of the sensors, and is no old story.
  const isPresent = (id: string): boolean =>
    openings[id] !== undefined || clearing[id] !== undefined
  const lockerIds = draft.ledger
    .lockers()
    .filter(({ id, state }) => state !== 'reserved' && !isPresent(id))
    .map(({ id }) => id)
  tell(draft, { cause, knownSeq }, lockerIds)
}

function tell(draft: Draft, restored: Restored, lockerIds: readonly string[]): void {
  const epoch = draft.ledger.nextEpoch()
  // One for each start: whoever overtakes the ledger twice in one run is not believed.
  if (epoch === null) return
  const previousEpoch = draft.ledger.epoch()
  const data = { ...restored, epoch, previousEpoch, lockerIds }
  record(draft, { kind: 'ledger-restored', data })
  const untilWallMs = draft.now.isWallBelieved ? draft.now.wallMs : null
  remember(draft, { kind: 'courier-tokens-forgotten', data: { untilWallMs } })
}

/** Central has all facts up to the last known one, and says what lies where. */
export function obeyConfirmation(
  draft: Draft,
  { epoch, cum, parcels }: Extract<KioskEvent, { kind: 'parcels-vouched' }>,
): void {
  const { ledger } = draft
  const lost = ledger.restoredFrom()
  if (lost === null || lost.previousEpoch !== epoch || cum < (lost.knownSeq ?? 0)) return
  const due = parcels.filter(({ parcelId, lockerId }) => {
    const parcel = ledger.parcel(parcelId)
    const isThere = LYING.has(parcel?.state ?? 'withdrawn') && parcel?.lockerId === lockerId
    return isThere && isInDoubt(draft, lockerId)
  })
  const by = { role: 'central' } as const
  // The PIN that the ledger knows was replaced in what is lost: it must not live again. What was
  // handed in is opened by no PIN.
  const stale = due.filter(
    ({ parcelId, isPinStale }) => isPinStale === true && !ledger.parcel(parcelId)?.isReturn,
  )
  const recipientIds = stale.flatMap(({ parcelId }) => ledger.parcel(parcelId)?.recipientId ?? [])
  for (const recipientId of new Set(recipientIds)) {
    // Unless there is a newer one, since a look for instance.
    const isNew = ledger.livePin(recipientId)?.isOfCopy === false
    if (!isNew) replacePin(draft, { recipientId, by, reason: null })
  }
  const sound = due.map(({ parcelId, lockerId }): ParcelPlace => ({ parcelId, lockerId }))
  for (let first = 0; first < sound.length; first += CONFIRMED_MAX) {
    const confirmed = sound.slice(first, first + CONFIRMED_MAX)
    record(draft, { kind: 'parcels-confirmed', data: { parcels: confirmed, by } })
  }
}
