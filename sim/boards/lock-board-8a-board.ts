// The board whose orders start with 8A and whose questions start with 80, checked by exclusive or.
// It answers an unlock only when the pulse is over, and then with what the lock's contact says by
// then. Opening all, opening several and continuous current are obeyed without an answer.
import type { BoardModel } from './board.ts'
import { channelsIn, madeBits, packBits } from './bytes.ts'
import type { Cut } from './relay-board.ts'
import {
  type Acts,
  isSealed,
  type State,
  sealed,
  type XorBoardConfig,
  xorBoard,
} from './xor-board.ts'

const ORDER = 0x8a
const QUESTION = 0x80
const SEVERAL = 0x90
const KEEP_ON = 0x9a
const KEEP_OFF = 0x9b
const CHANGE = 0x82
const STARTS = [ORDER, QUESTION, SEVERAL, KEEP_ON, KEEP_OFF]

const ACTION = 0x11
const ASK = 0x33
/** The state of a closed contact; an open one is 00. */
const MADE = 0x11
const PULSE_MS = 300
const HOLD_S_MAX = 9
const STAGGER_MS = 100
const STATE_BYTES_MIN = 3

/** Addresses are 1 to 32. Some models tell every change. */
export interface LockBoard8aConfig extends XorBoardConfig {
  /** Where channels 1 to 8 are in the answer to a question about all: most have them last. */
  readonly firstChannels?: 'last-byte' | 'first-byte'
}

export function lockBoard8a(config: LockBoard8aConfig): BoardModel<unknown> {
  const { address } = config
  return xorBoard(config, {
    cut,
    answer: (state, frame) => (frame[1] === address ? answer(state, { frame, config }) : []),
    change: (state, channel) => [CHANGE, address, channel, stateOf(state, channel)],
  })
}

function cut(held: readonly number[]): Cut {
  const [start = 0] = held
  if (!STARTS.includes(start)) return 'no-frame'
  // An order may name a hold time, and one for several locks has a byte more as well.
  const lengths = start === SEVERAL ? [6] : start === ORDER ? [5, 6] : [5]
  const fits = lengths.find((length) => held.length >= length && isSealed(held, length))
  if (fits !== undefined) return { frameBytes: fits }
  return held.length < Math.max(...lengths) ? 'undecided' : 'no-frame'
}

interface Asked {
  readonly frame: readonly number[]
  readonly config: LockBoard8aConfig
}

function answer(state: State, { frame, config }: Asked): Acts {
  const [start, address = 0, channel = 0, what = 0] = frame
  switch (start) {
    case ORDER:
      return what === ACTION ? open(state, { frame, config }) : []
    case QUESTION:
      if (what !== ASK) return []
      if (channel === 0) return [sealed(allStates(state, config))]
      if (state.contacts[channel - 1] === undefined) return []
      return [sealed([QUESTION, address, channel, stateOf(state, channel)])]
    case SEVERAL: {
      const ms = config.pulseMs ?? PULSE_MS
      return channelsIn(frame.slice(2, 5)).map((each) => ({
        kind: 'switch-on',
        channel: each,
        ms,
      }))
    }
    case KEEP_ON:
      return what === ACTION ? [{ kind: 'switch-on', channel, ms: null }] : []
    case KEEP_OFF:
      return what === ACTION ? [{ kind: 'switch-off', channel }] : []
    default:
      return []
  }
}

function open(state: State, { frame, config }: Asked): Acts {
  const [, address = 0, channel = 0] = frame
  const holdS = frame.length === 6 ? frame[4] : undefined
  if (holdS !== undefined && (holdS < 1 || holdS > HOLD_S_MAX)) return []
  const ms = holdS === undefined ? (config.pulseMs ?? PULSE_MS) : holdS * 1_000
  if (channel === 0) {
    return state.coils.map((_, index) => ({
      kind: 'later',
      afterMs: index * (ms + STAGGER_MS),
      think: () => [{ kind: 'switch-on', channel: index + 1, ms }],
    }))
  }
  if (state.coils[channel - 1] === undefined) return []
  const report = (now: State): Acts => [sealed([ORDER, address, channel, stateOf(now, channel)])]
  return [
    { kind: 'switch-on', channel, ms },
    { kind: 'later', afterMs: ms, think: report },
  ]
}

function stateOf(state: State, channel: number): number {
  return state.contacts[channel - 1] === 'made' ? MADE : 0
}

function allStates(state: State, config: LockBoard8aConfig): readonly number[] {
  const count = Math.max(STATE_BYTES_MIN, Math.ceil(state.contacts.length / 8))
  const ascending = packBits(madeBits(state.contacts), count)
  const states = config.firstChannels === 'first-byte' ? ascending : ascending.toReversed()
  return [QUESTION, config.address, ...states, ASK]
}
