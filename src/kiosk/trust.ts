// Whether a door's sensor is believed. It is, until something speaks against it that no sound
// sensor and no sound door can do; then its door is `unknown` until somebody put it right or it
// moved in step with an opening. The reason is kept. Why so: docs/decisions/distrusted-sensors.md.
import type { LockerId } from './config.ts'
import {
  type Draft,
  dropClearing,
  isBoardOnline,
  lockerConfig,
  putDoor,
  putOpening,
  record,
  remember,
} from './draft.ts'
import type { DoorReading } from './events.ts'
import type { Actor, DoorFault } from './facts.ts'
import type { Door } from './state.ts'

/** So many openings in a row after which nothing moved: the lock is dead, or the sensor. */
const MISSES_MAX = 3
/** So many people who found open what the sensor calls closed. */
const DENIALS_MAX = 2
/** After one pulse: a shut door needs another one to open again. */
const FLUTTER_CHANGES = 10
const FLUTTER_WINDOW_MS = 10_000
/** So many changes within that time, and a further one proves nothing about wires. */
const RESTLESS_CHANGES = 3
/** The board's own count of openings, from one reading to the next. */
const FLUTTER_OPENS = 4
/** A door that reads open for so long is rather a contact that is stuck. */
const STUCK_OPEN_MS = 86_400_000
/** The board answers, and cannot tell what this contact says: it goes to and fro all the time. */
const UNREADABLE_MS = 60_000

/** Faults that a sensor disproves by moving with its door; the others are no matter of luck. */
const DISPROVED_BY_MOVEMENT: ReadonlySet<DoorFault> = new Set([
  'never-open',
  'no-movement',
  'never-shut',
])

export function isDisprovedByMovement(fault: DoorFault | null): boolean {
  return fault !== null && DISPROVED_BY_MOVEMENT.has(fault)
}

export function isDistrusted(draft: Draft, lockerId: LockerId): boolean {
  return (draft.state.doors[lockerId]?.distrustedFor ?? null) !== null
}

/** @returns the door after a reading; what it reads is believed only while it is trusted */
export function readOn(
  before: Door,
  seen: DoorReading & { readonly boot: number },
  nowMonoMs: number,
): Door {
  const { state: reads, opens, boot: boardBoot, contents = null } = seen
  const hasChanged = reads !== before.reads
  return {
    state: before.distrustedFor === null ? reads : 'unknown',
    reads,
    contents,
    distrustedFor: before.distrustedFor,
    changesAtMonoMs: hasChanged
      ? [...before.changesAtMonoMs, nowMonoMs].slice(-FLUTTER_CHANGES)
      : before.changesAtMonoMs,
    readsSinceMonoMs: hasChanged ? nowMonoMs : (before.readsSinceMonoMs ?? nowMonoMs),
    opens,
    boardBoot,
  }
}

/** @returns what two readings in a row tell against the sensor; null: nothing */
export function faultBetween(before: Door, after: Door): DoorFault | null {
  const { changesAtMonoMs: changes } = after
  const [first = 0] = changes
  const last = changes.at(-1) ?? 0
  const isMany = changes.length >= FLUTTER_CHANGES
  if (isMany && before.reads !== after.reads && last - first <= FLUTTER_WINDOW_MS) {
    return 'flutters'
  }
  // Only readings without a gap between them can be held against each other.
  const isGapless = before.state !== 'unknown' && before.boardBoot === after.boardBoot
  if (!isGapless || before.opens === null || after.opens === null) return null
  const opened = (after.opens - before.opens + 256) % 256
  if (opened >= FLUTTER_OPENS) return 'flutters'
  const isUncounted = before.reads === 'closed' && after.reads === 'open' && opened === 0
  return isUncounted ? 'against-counter' : null
}

/** A contact that went to and fro a moment ago may do so again, whatever was pulsed beside it. */
export function isRestless(door: Door, nowMonoMs: number): boolean {
  const recent = door.changesAtMonoMs.filter((atMonoMs) => atMonoMs > nowMonoMs - FLUTTER_WINDOW_MS)
  return recent.length >= RESTLESS_CHANGES
}

/** From here on nobody sees this door; an opening under way goes on by asking the person. */
export function distrust(draft: Draft, lockerId: LockerId, cause: DoorFault): void {
  const door = draft.state.doors[lockerId]
  if (door === undefined || door.distrustedFor !== null) return
  record(draft, { kind: 'door-distrusted', data: { lockerId, cause } })
  putDoor(draft, lockerId, { ...door, state: 'unknown', distrustedFor: cause })
  dropClearing(draft, lockerId)
  const opening = draft.state.openings[lockerId]
  if (opening === undefined) return
  const openSinceMonoMs =
    opening.phase === 'open' ? (opening.openSinceMonoMs ?? draft.now.monoMs) : null
  putOpening(draft, { ...opening, isBlind: true, openSinceMonoMs })
}

export function trust(
  draft: Draft,
  lockerId: LockerId,
  how: {
    readonly proof: 'technician' | 'movement'
    readonly by: Actor
    readonly reason: string | null
  },
): void {
  const door = draft.state.doors[lockerId]
  const boardId = lockerConfig(draft, lockerId)?.boardId ?? ''
  const cause = door?.distrustedFor ?? null
  if (door === undefined || cause === null) return
  record(draft, { kind: 'door-trusted', data: { lockerId, cause, ...how } })
  putDoor(draft, lockerId, {
    ...door,
    state: isBoardOnline(draft, boardId) ? door.reads : 'unknown',
    distrustedFor: null,
    changesAtMonoMs: [],
    readsSinceMonoMs: door.readsSinceMonoMs === null ? null : draft.now.monoMs,
  })
}

/** An opening ended, its pulses had left, and nothing moved. */
export function countMiss(draft: Draft, lockerId: LockerId): void {
  const { misses, denials } = evidenceOf(draft, lockerId)
  if (misses + 1 >= MISSES_MAX) return distrust(draft, lockerId, 'no-movement')
  remember(draft, { kind: 'evidence-counted', data: { lockerId, misses: misses + 1, denials } })
}

/** A person stands before an open door that the sensor calls closed. */
export function countDenial(draft: Draft, lockerId: LockerId): void {
  const { misses, denials } = evidenceOf(draft, lockerId)
  if (denials + 1 >= DENIALS_MAX) return distrust(draft, lockerId, 'never-open')
  remember(draft, { kind: 'evidence-counted', data: { lockerId, misses, denials: denials + 1 } })
}

/** The sensor saw its door move: what spoke against it does so no longer. */
export function forgetEvidence(draft: Draft, lockerId: LockerId): void {
  const { misses, denials } = evidenceOf(draft, lockerId)
  if (misses === 0 && denials === 0) return
  remember(draft, { kind: 'evidence-counted', data: { lockerId, misses: 0, denials: 0 } })
}

function evidenceOf(draft: Draft, lockerId: LockerId) {
  return draft.ledger.locker(lockerId) ?? { misses: 0, denials: 0 }
}

export function doorsOverdue(draft: Draft): void {
  for (const [lockerId, stuckAtMonoMs] of stuckDoors(draft.state)) {
    if (stuckAtMonoMs > draft.now.monoMs) continue
    const reads = draft.state.doors[lockerId]?.reads
    distrust(draft, lockerId, reads === 'open' ? 'never-shut' : 'flutters')
  }
}

/** @returns the doors that are judged if they stay as they are, and when */
export function stuckDoors({
  doors,
  notShut,
}: Draft['state']): readonly (readonly [LockerId, number])[] {
  return notShut.flatMap((lockerId) => {
    const door = doors[lockerId]
    const atMonoMs = door === undefined ? null : stuckAt(door)
    return atMonoMs === null ? [] : [[lockerId, atMonoMs] as const]
  })
}

/** When a door will have read open, or nothing at all, for too long; null: it does not. */
function stuckAt({ distrustedFor, readsSinceMonoMs, reads }: Door): number | null {
  if (distrustedFor !== null || readsSinceMonoMs === null || reads === 'closed') return null
  return readsSinceMonoMs + (reads === 'open' ? STUCK_OPEN_MS : UNREADABLE_MS)
}
