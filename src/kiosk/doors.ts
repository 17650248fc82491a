// Readings of the boards: what moved, what that tells about the openings under way, and which doors
// moved although nobody was allowed to open them.

import { watchDistrusted, watchSaid } from './blind.ts'
import type { BoardId, LockerConfig, LockerId } from './config.ts'
import { lockersOf } from './config.ts'
import {
  answer,
  type Draft,
  dropClearing,
  putDoor,
  putOpening,
  record,
  remember,
  update,
} from './draft.ts'
import type { BoardReading, DoorReading } from './events.ts'
import type { Witness } from './facts.ts'
import { fail, seeClosed, seeCrossed, seeOpen } from './openings.ts'
import { loseSenses, readSenses } from './senses.ts'
import { goOn, standStill } from './standstill.ts'
import type { Door, LiveOpening } from './state.ts'
import { distrust, faultBetween, isRestless, readOn } from './trust.ts'

export function readBoard(draft: Draft, reading: BoardReading): void {
  const boards = { ...draft.state.boards, [reading.boardId]: { isOnline: true } }
  update(draft, { boards })
  goOn(draft, 'board-silent', { boardId: reading.boardId })
  readSenses(draft, reading)
  const lockers = lockersOn(draft, reading.boardId)
  const doorOf = ({ channel }: LockerConfig) => reading.doors[channel - 1]
  const open = new Set(
    lockers.filter((locker) => doorOf(locker)?.state === 'open').map(({ id }) => id),
  )
  for (const locker of lockers) {
    const door = doorOf(locker)
    if (door !== undefined) readDoor(draft, locker, { ...door, boot: reading.boot, open })
  }
}

const SILENT = {
  state: 'unknown',
  reads: 'unknown',
  readsSinceMonoMs: null,
  contents: null,
} as const

/** A board that does not answer says nothing about its doors: they are unknown, not closed. */
export function loseBoard(draft: Draft, boardId: BoardId): void {
  update(draft, { boards: { ...draft.state.boards, [boardId]: { isOnline: false } } })
  loseSenses(draft, boardId)
  const lockers = lockersOn(draft, boardId)
  if (lockers.length > 0) standStill(draft, 'board-silent', { boardId })
  for (const { id } of lockers) {
    const door = draft.state.doors[id]
    if (door !== undefined) putDoor(draft, id, { ...door, ...SILENT })
    const opening = draft.state.openings[id]
    if (opening !== undefined && opening.phase !== 'open' && !opening.isUnsettled) {
      unsettle(draft, opening)
    }
  }
}

/** Nobody knows whether the pulse happened: the next reading decides, no further pulse does. */
function unsettle(draft: Draft, opening: LiveOpening): void {
  const { requestId } = opening
  if (requestId !== null) answerLost(draft, requestId)
  const unsettled: LiveOpening = { ...opening, isUnsettled: true, requestId: null }
  putOpening(draft, unsettled)
  draft.happenings.push({ kind: 'stuck', opening: unsettled, code: 'LK-BUS-01' })
}

function answerLost(draft: Draft, requestId: string): void {
  answer(draft, requestId, { kind: 'refused', code: 'LK-BUS-01', outcome: 'bus-down' })
}

function lockersOn(draft: Draft, boardId: BoardId): readonly LockerConfig[] {
  return lockersOf(draft.config).filter((locker) => locker.boardId === boardId)
}

interface Seen extends DoorReading {
  readonly boot: number
  /** All doors of the board that this reading shows open. */
  readonly open: ReadonlySet<LockerId>
}

function readDoor(draft: Draft, locker: LockerConfig, seen: Seen): void {
  const before = draft.state.doors[locker.id]
  if (before === undefined) return
  const after = readOn(before, seen, draft.now.monoMs)
  putDoor(draft, locker.id, after)
  const { opens, boot: boardBoot } = seen
  if (opens !== null && (before.opens !== opens || before.boardBoot !== boardBoot)) {
    remember(draft, { kind: 'openings-counted', data: { lockerId: locker.id, boardBoot, opens } })
  }
  const fault = after.distrustedFor === null ? faultBetween(before, after) : null
  if (fault !== null) distrust(draft, locker.id, fault)
  const opening = draft.state.openings[locker.id]
  if (fault !== null || after.distrustedFor !== null) {
    if (opening !== undefined) watchDistrusted(draft, opening, { before, seen })
    return
  }
  // It tells nothing until it tells something.
  if (seen.state === 'unknown') return
  if (opening?.isBlind === true) return watchSaid(draft, opening, seen)
  if (opening === undefined) return watchIdleDoor(draft, locker, before, seen)
  if (opening.phase === 'open') return watchOpenDoor(draft, opening, before, seen)
  watchCommandedDoor(draft, opening, seen)
}

function watchCommandedDoor(draft: Draft, opening: LiveOpening, seen: Seen): void {
  if (seen.state === 'open') {
    seeOpen(draft, opening, opening.isUnsettled ? 'found-open' : 'sensor')
    return
  }
  if (hasCounted({ boot: opening.boardBoot, opens: opening.opensBefore }, seen)) {
    // It opened and closed while nobody looked; the board counted it.
    seeOpen(draft, opening, 'counter')
    const opened = draft.state.openings[opening.lockerId]
    if (opened !== undefined) seeClosed(draft, opened, { isWatched: false, witness: 'counter' })
    return
  }
  if (opening.isUnsettled) fail(draft, opening, 'LK-DOOR-03')
}

function watchOpenDoor(draft: Draft, opening: LiveOpening, before: Door, seen: Seen): void {
  if (seen.state === 'closed') {
    seeClosed(draft, opening, { isWatched: before.state === 'open', witness: 'sensor' })
    return
  }
  if (opening.openSinceMonoMs === null) {
    putOpening(draft, { ...opening, openSinceMonoMs: draft.now.monoMs, isUnsettled: false })
  }
}

function watchIdleDoor(draft: Draft, locker: LockerConfig, before: Door, seen: Seen): void {
  const witness = forcedWitness(before, seen)
  if (witness === null) return
  const isTelling = witness === 'sensor' && !isRestless(before, draft.now.monoMs)
  const pulsed = isTelling ? pulsedBeside(draft, locker, seen.open) : undefined
  dropClearing(draft, locker.id)
  if (pulsed !== undefined) return seeCrossed(draft, pulsed, locker.id)
  const outcome = 'forced'
  record(draft, { kind: 'door-forced', data: { lockerId: locker.id, witness, outcome } })
}

/** The one opening on the same board that has been pulsed, and whose own door did not move. */
function pulsedBeside(
  draft: Draft,
  locker: LockerConfig,
  open: ReadonlySet<LockerId>,
): LiveOpening | undefined {
  const beside = new Set(lockersOn(draft, locker.boardId).map(({ id }) => id))
  const pulsed = Object.values(draft.state.openings).filter(
    ({ lockerId, phase, pulses, isUnsettled }) =>
      beside.has(lockerId) &&
      phase === 'commanded' &&
      pulses > 0 &&
      !isUnsettled &&
      !open.has(lockerId),
  )
  return pulsed.length === 1 ? pulsed[0] : undefined
}

function forcedWitness(before: Door, seen: Seen): Witness | null {
  if (seen.state === 'open' && before.state === 'closed') return 'sensor'
  if (seen.state === 'open' && before.state === 'unknown') return 'found-open'
  const isCounted = hasCounted({ boot: before.boardBoot, opens: before.opens }, seen)
  return seen.state === 'closed' && isCounted ? 'counter' : null
}

/** Only a board that counts tells of openings that nobody saw; without a counter a gap is a gap. */
function hasCounted(
  before: { readonly boot: number | null; readonly opens: number | null },
  seen: Seen,
): boolean {
  if (before.opens === null || seen.opens === null) return false
  return before.boot === seen.boot && before.opens !== seen.opens
}
