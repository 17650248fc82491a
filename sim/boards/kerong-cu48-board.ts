// Kerong's CU48 and CU48B with the long frame: STX, board, lock, command, ETX, sum. It knows 48
// locks whether or not that many are wired; an unlock is never answered.
import type { BoardModel } from './board.ts'
import { madeBits, packBits, presentBits, sumOf } from './bytes.ts'
import type { Act, RelayBoardState } from './relay-acts.ts'
import { type Cut, type RelayBoardConfig, relayBoard } from './relay-board.ts'

const STX = 0x02
const ETX = 0x03
const CHANNELS = 48
const STATE_BYTES = CHANNELS / 8
const REQUEST_BYTES = 6
const SILENCE_MS = 50

const QUERY_STATE = 0x50
const QUERY_STATE_AND_SENSORS = 0x60
const STATE = 0x65
const STATE_AND_SENSORS = 0x75
const UNLOCKS = [0x51, 0x61]

export interface KerongCu48Config extends RelayBoardConfig {
  readonly address: number
  readonly unlockMs?: number
}

export function kerongCu48Board(config: KerongCu48Config): BoardModel<unknown> {
  const unlockMs = config.unlockMs ?? 500
  return relayBoard<null>(
    {
      silenceMs: SILENCE_MS,
      memory: null,
      cut,
      answer: (state, frame) => answer(state, { frame, address: config.address, unlockMs }),
    },
    { ...config, channels: Math.min(config.channels, CHANNELS) },
  )
}

function cut(held: readonly number[]): Cut {
  if (held[0] !== STX) return 'no-frame'
  if (held.length < REQUEST_BYTES) return 'undecided'
  const isWhole = held[4] === ETX && held[5] === sumOf(held.slice(0, REQUEST_BYTES - 1))
  return isWhole ? { frameBytes: REQUEST_BYTES } : 'no-frame'
}

function answer(
  state: RelayBoardState<null>,
  asked: { readonly frame: readonly number[]; readonly address: number; readonly unlockMs: number },
): readonly Act<null>[] {
  const [, address = 0, lock = 0, command = 0] = asked.frame
  if (address !== asked.address) return []
  if (UNLOCKS.includes(command)) {
    return [{ kind: 'switch-on', channel: lock + 1, ms: asked.unlockMs }]
  }
  const locks = packBits(madeBits(state.contacts), STATE_BYTES)
  if (command === QUERY_STATE) return [reply([STX, address, 0, STATE, ...locks])]
  if (command !== QUERY_STATE_AND_SENSORS) return []
  const sensors = packBits(presentBits(state.contents), STATE_BYTES)
  return [reply([STX, address, 0, STATE_AND_SENSORS, ...locks, ...sensors])]
}

function reply(bytes: readonly number[]): Act<null> {
  const body = [...bytes, ETX]
  return { kind: 'reply', bytes: [...body, sumOf(body)] }
}
