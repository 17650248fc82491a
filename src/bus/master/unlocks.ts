// The unlocks that wait for the line: which one may go now, and how each one ends.
import type { BoardId } from '../../kiosk/config.ts'
import type { UnlockOutcome } from '../../kiosk/events.ts'
import { isSpare, isWithin } from '../board-options.ts'
import type { BoardConfig } from '../config.ts'
import { PULSE_MAX_MS, PULSE_MIN_MS, UNLOCKS_MAX } from './limits.ts'
import { act, type BusState, type BusStep, type QueuedUnlock, stay, type Unlock } from './state.ts'

export function requestUnlock(state: BusState, unlock: Unlock, nowMonoMs: number): BusStep {
  const isKnown = (other: Unlock | null) => other?.openingId === unlock.openingId
  // Asked twice, an opening is still one pulse; its one end is on the way.
  if (state.unlocks.some(isKnown) || isKnown(state.flight?.unlock ?? null)) return stay(state)
  const board = state.boards.find(({ config }) => config.id === unlock.boardId)
  if (board === undefined || !isSound(unlock, board.config)) {
    return endUnlock(state, unlock, 'refused')
  }
  if (isExpired(unlock, nowMonoMs)) return endUnlock(state, unlock, 'expired')
  if (board.presence === 'lost') return endUnlock(state, unlock, 'board-offline')
  if (state.unlocks.length >= UNLOCKS_MAX) return endUnlock(state, unlock, 'refused')
  const pulseMs = Math.min(PULSE_MAX_MS, Math.max(PULSE_MIN_MS, Math.round(unlock.pulseMs)))
  const queued = { ...unlock, pulseMs, requestedAtMonoMs: nowMonoMs }
  return stay({ ...state, unlocks: [...state.unlocks, queued] })
}

export function isExpired(unlock: Unlock, nowMonoMs: number): boolean {
  return nowMonoMs >= unlock.expiresAtMonoMs
}

/** What ended: the kiosk hears it, and the line never sees it (again). */
export function endUnlock(state: BusState, unlock: Unlock, outcome: UnlockOutcome): BusStep {
  const { openingId } = unlock
  return act(state, { kind: 'report', event: { kind: 'unlock-ended', openingId, outcome } })
}

/** Whether the link is open or not: what is too late leaves the queue and is never sent. */
export function expireUnlocks(state: BusState, nowMonoMs: number): BusStep {
  return endWaiting(state, (unlock) => isExpired(unlock, nowMonoMs), 'expired')
}

export function endUnlocksOf(state: BusState, boardId: BoardId, outcome: UnlockOutcome): BusStep {
  return endWaiting(state, (unlock) => unlock.boardId === boardId, outcome)
}

/** The oldest unlock that may be sent now. */
export function readyUnlock(state: BusState, nowMonoMs: number): QueuedUnlock | null {
  const isReady = (unlock: QueuedUnlock) => {
    const readyAtMonoMs = readyAt(state, unlock)
    return readyAtMonoMs !== null && readyAtMonoMs <= nowMonoMs
  }
  return state.unlocks.find(isReady) ?? null
}

/** When the coils and the channel allow it; null: not before its board has spoken. */
export function readyAt(state: BusState, unlock: Unlock): number | null {
  const board = state.boards.find(({ config }) => config.id === unlock.boardId)
  if (board?.presence !== 'online' || board.boot === null || board.isUnread) return null
  const restedAtMonoMs = board.restedAtMonoMs[unlock.channel - 1] ?? 0
  return Math.max(state.coilsFreeAtMonoMs, restedAtMonoMs, board.mutedUntilMonoMs)
}

function endWaiting(
  state: BusState,
  isEnded: (unlock: Unlock) => boolean,
  outcome: UnlockOutcome,
): BusStep {
  const ended = state.unlocks.filter(isEnded)
  if (ended.length === 0) return stay(state)
  const unlocks = state.unlocks.filter((unlock) => !ended.includes(unlock))
  const actions = ended.flatMap((unlock) => endUnlock(state, unlock, outcome).actions)
  return act({ ...state, unlocks }, ...actions)
}

function isSound(unlock: Unlock, board: BoardConfig): boolean {
  const { channel, pulseMs, expiresAtMonoMs } = unlock
  if (!isWithin(channel, { min: 1, max: board.channels }) || isSpare(board, channel)) return false
  return Number.isFinite(pulseMs) && !Number.isNaN(expiresAtMonoMs)
}
