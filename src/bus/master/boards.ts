// The boards on a bus: which one is asked next, and how one is lost and comes back.
import { POLL_ATTENDED_MS, POLL_IDLE_MS, PROBE_MAX_MS, PROBE_MIN_MS } from './limits.ts'
import { act, type BoardState, type BusState, type BusStep, chain, stay } from './state.ts'
import { isUnsure } from './steady.ts'
import { endUnlocksOf } from './unlocks.ts'

export function boardAt(state: BusState, index: number): BoardState {
  const board = state.boards[index]
  if (board === undefined) throw new RangeError(`no board ${index} on bus ${state.config.id}`)
  return board
}

export function withBoard(
  state: BusState,
  index: number,
  change: Partial<Omit<BoardState, 'config' | 'dialect'>>,
): BusState {
  const board = { ...boardAt(state, index), ...change }
  return { ...state, boards: state.boards.with(index, board) }
}

export function pollMs(state: BusState): number {
  return state.isAttended ? POLL_ATTENDED_MS : POLL_IDLE_MS
}

/**
 * The board that has waited longest, so that each one has its turn; before it one whose contact has
 * just moved, so that on a long line a door is not seen open only a round later. Null: none is due.
 */
export function dueBoard(state: BusState, nowMonoMs: number): number | null {
  const due = state.boards
    .map((board, index) => ({ index, board, isUnsure: isUnsure(board.contacts) }))
    .filter(({ board }) => board.dueAtMonoMs <= nowMonoMs)
    .sort((one, other) => {
      const hurry = Number(other.isUnsure) - Number(one.isUnsure)
      return hurry === 0 ? one.board.dueAtMonoMs - other.board.dueAtMonoMs : hurry
    })
  return due[0]?.index ?? null
}

/** Gives a board up: says so once, ends what waits for it, and looks for it ever more slowly. */
export function loseBoard(state: BusState, index: number, nowMonoMs: number): BusStep {
  const board = boardAt(state, index)
  const boardId = board.config.id
  const lost = withBoard(state, index, {
    presence: 'lost',
    boot: null,
    turn: 0,
    isUnread: false,
    reading: null,
    contacts: null,
    misses: 0,
    polledAtMonoMs: null,
    dueAtMonoMs: nowMonoMs + board.probeMs,
    probeMs: Math.min(board.probeMs * 2, PROBE_MAX_MS),
  })
  // What it was to switch off is switched off first when it is back: its greeting does it.
  const dropped = state.release?.boardIndex === index ? { ...lost, release: null } : lost
  const told =
    board.presence === 'lost'
      ? stay(dropped)
      : act(dropped, { kind: 'report', event: { kind: 'board-lost', boardId } })
  return chain(told, (next) => endUnlocksOf(next, boardId, 'board-offline'))
}

/** All boards are looked for at once; what they are is not known any more. */
export function greetAll(state: BusState, nowMonoMs: number): BusState {
  const boards = state.boards.map((board) => ({
    ...board,
    boot: null,
    turn: 0,
    misses: 0,
    polledAtMonoMs: null,
    dueAtMonoMs: Math.max(nowMonoMs, board.mutedUntilMonoMs),
    probeMs: PROBE_MIN_MS,
  }))
  return { ...state, boards }
}

/** Nobody shall wait for the slow rhythm to end when somebody comes. */
export function attend(state: BusState, isAttended: boolean, nowMonoMs: number): BusState {
  const soonest = (board: BoardState) => Math.max(nowMonoMs, board.mutedUntilMonoMs)
  const hurried = (board: BoardState): BoardState =>
    board.presence === 'online'
      ? { ...board, dueAtMonoMs: Math.min(board.dueAtMonoMs, soonest(board)) }
      : board
  return { ...state, isAttended, boards: isAttended ? state.boards.map(hurried) : state.boards }
}
