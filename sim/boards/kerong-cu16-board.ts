// Kerong's CU16 and its kin with the short frame: STX, address, command, data, ETX, sum. The
// address holds the board in its high and the lock in its low nibble. An unlock is never answered:
// whoever wants to know looks at the contacts.
import type { BoardModel } from './board.ts'
import { madeBits, packBits, presentBits, sumOf } from './bytes.ts'
import type { Act, RelayBoardState } from './relay-acts.ts'
import { type Cut, type RelayBoardConfig, relayBoard } from './relay-board.ts'

const STX = 0x02
const ETX = 0x03
const ALL_BOARDS = 0xf
const CHANNELS = 16
const TIME_UNIT_MS = 10
const DELAY_S_MAX = 250
/** Between two locks when all of them open: never two coils at once. */
const STAGGER_MS = 100
/** Boards that are all asked at once answer one after another, each in its own time. */
const TURN_MS = 12
/** A frame with longer holes in it is given up. */
const SILENCE_MS = 50

/** Shortest request with each command; a longer form is told apart by its sum. */
const LENGTHS = new Map<number, readonly number[]>([
  [0x30, [5]],
  [0x31, [5]],
  [0x32, [5]],
  [0x33, [5]],
  [0x37, [5, 7]],
  [0x39, [6]],
])

export interface KerongCu16Config extends RelayBoardConfig {
  /** As set by the switch: 0 to 9. */
  readonly address: number
  /** How long a coil is on until command 37 changes it. */
  readonly unlockMs?: number
}

/** The time that command 37 sets is kept without power. */
interface Memory {
  readonly unlockMs: number
}

type Acts = readonly Act<Memory>[]
type State = RelayBoardState<Memory>

export function kerongCu16Board(config: KerongCu16Config): BoardModel<unknown> {
  return relayBoard<Memory>(
    {
      silenceMs: SILENCE_MS,
      memory: { unlockMs: config.unlockMs ?? 500 },
      cut,
      answer: (state, frame) => answer(state, { frame, board: config.address }),
    },
    { ...config, channels: Math.min(config.channels, CHANNELS) },
  )
}

function cut(held: readonly number[]): Cut {
  if (held[0] !== STX) return 'no-frame'
  if (held.length < 3) return 'undecided'
  const lengths = LENGTHS.get(held[2] ?? 0)
  if (lengths === undefined) return 'no-frame'
  const fits = lengths.find(
    (length) =>
      held.length >= length &&
      held[length - 2] === ETX &&
      held[length - 1] === sumOf(held.slice(0, length - 1)),
  )
  if (fits !== undefined) return { frameBytes: fits }
  return held.length < Math.max(...lengths) ? 'undecided' : 'no-frame'
}

function answer(
  state: State,
  { frame, board }: { readonly frame: readonly number[]; readonly board: number },
): Acts {
  const [, address = 0, command = 0, ...rest] = frame
  const data = rest.slice(0, -2)
  const isForAll = address >> 4 === ALL_BOARDS
  if (!isForAll && address >> 4 !== board) return []
  const { unlockMs } = state.memory
  const channel = (address & 0xf) + 1
  // Only the state of all boards may be asked of all at once.
  if (isForAll && command !== 0x32) return []
  switch (command) {
    case 0x30:
      return [{ kind: 'reply', bytes: stateReply(state, { board, command: 0x35 }) }]
    case 0x32: {
      const tell = (now: State): Acts => [
        { kind: 'reply', bytes: stateReply(now, { board, command: 0x36 }) },
      ]
      return isForAll ? [{ kind: 'later', afterMs: board * TURN_MS, think: tell }] : tell(state)
    }
    case 0x31:
      return [{ kind: 'switch-on', channel, ms: unlockMs }]
    case 0x33:
      return state.coils.map((_, index) => ({
        kind: 'later',
        afterMs: index * (unlockMs + STAGGER_MS),
        think: (now) => [{ kind: 'switch-on', channel: index + 1, ms: now.memory.unlockMs }],
      }))
    case 0x37:
      return data.length === 0 ? [timeReply(state, board)] : setTime(data)
    case 0x39: {
      const [seconds = 0] = data
      const open = (now: State): Acts => [{ kind: 'switch-on', channel, ms: now.memory.unlockMs }]
      if (seconds > DELAY_S_MAX) return []
      return [{ kind: 'later', afterMs: seconds * 1_000, think: open }]
    }
    default:
      return []
  }
}

function setTime([high = 0, low = 0]: readonly number[]): Acts {
  return [{ kind: 'remember', memory: { unlockMs: (high * 256 + low) * TIME_UNIT_MS } }]
}

function timeReply(state: State, board: number): Act<Memory> {
  const units = Math.round(state.memory.unlockMs / TIME_UNIT_MS)
  return { kind: 'reply', bytes: sealed([STX, board << 4, 0x38, units >> 8, units & 0xff]) }
}

function stateReply(
  state: State,
  { board, command }: { readonly board: number; readonly command: number },
): readonly number[] {
  const locks = packBits(madeBits(state.contacts), 2)
  const sensors = packBits(presentBits(state.contents), 2)
  return sealed([STX, board << 4, command, ...locks, ...sensors])
}

function sealed(bytes: readonly number[]): readonly number[] {
  const body = [...bytes, ETX]
  return [...body, sumOf(body)]
}
