// What the sensor inside a locker is good for. It never stores or hands out a parcel by itself: a
// person's word outweighs it, each contradiction is kept, and after too many it is asked no more.
import type { LockerId } from './config.ts'
import { type Draft, isBoardOnline, lockerConfig, record, remember } from './draft.ts'
import type { Actor } from './facts.ts'

/** So many times a person found otherwise, with no agreement in between. */
const CONTRADICTIONS_MAX = 3

export type Contents = 'present' | 'absent'

/** @returns what lies inside as far as a sensor tells that is not distrusted; null: no idea */
export function contentsOf(draft: Draft, lockerId: LockerId): Contents | null {
  const says = draft.state.doors[lockerId]?.contents ?? null
  const boardId = lockerConfig(draft, lockerId)?.boardId ?? ''
  if (says === null || !isBoardOnline(draft, boardId)) return null
  return isContentsDistrusted(draft, lockerId) ? null : says
}

export function isContentsDistrusted(draft: Draft, lockerId: LockerId): boolean {
  return draft.ledger.locker(lockerId)?.isContentsDistrusted ?? false
}

/**
 * `absent` proves only where the sensor has seen a parcel that a courier had put in, and nobody has
 * found it wrong since: a dead one says `absent` all the time.
 */
export function looksProvenEmpty(draft: Draft, lockerId: LockerId): boolean {
  const hasAgreed = draft.ledger.locker(lockerId)?.hasContentsAgreed ?? false
  return hasAgreed && contentsOf(draft, lockerId) === 'absent'
}

/** A parcel was put in. */
export function agreeOnParcel(draft: Draft, lockerId: LockerId): void {
  if (contentsOf(draft, lockerId) !== 'present') return
  if (draft.ledger.locker(lockerId)?.hasContentsAgreed === true) return
  remember(draft, { kind: 'contents-agreed', data: { lockerId } })
}

/** A person looked inside; if the sensor said otherwise, that is kept. */
export function compareContents(
  draft: Draft,
  { lockerId, found, by }: { lockerId: LockerId; found: 'empty' | 'parcel'; by: Actor },
): void {
  const says = contentsOf(draft, lockerId)
  const isAgreed = says === null || (says === 'present') === (found === 'parcel')
  if (isAgreed) return
  record(draft, { kind: 'contents-contradicted', data: { lockerId, says, found, by } })
  const contradictions = (draft.ledger.locker(lockerId)?.contradictions ?? 0) + 1
  if (contradictions < CONTRADICTIONS_MAX) return
  record(draft, { kind: 'contents-distrusted', data: { lockerId, cause: 'contradicted' } })
}

/** A held or unverified locker whose door was just seen to close: is it free again? */
export function releaseIfEmpty(draft: Draft, lockerId: LockerId): boolean {
  const locker = draft.ledger.locker(lockerId)
  if (locker?.state !== 'unverified' || !looksProvenEmpty(draft, lockerId)) return false
  const parcels = draft.ledger.parcelsAt(lockerId)
  // It may be the very parcel of an interrupted deposit: that is for a person to say.
  if (parcels.some(({ state }) => state !== 'collected')) return false
  const said = {
    lockerId,
    found: 'empty',
    by: { role: 'kiosk' },
    reason: 'content sensor',
  } as const
  for (const parcelId of parcels.length === 0 ? [null] : parcels.map(({ id }) => id)) {
    record(draft, { kind: 'locker-inspected', data: { ...said, parcelId } })
  }
  return true
}
