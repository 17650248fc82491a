// The board whose frames start with the letters WKLY: length of the whole frame, address, command,
// data, and an exclusive or over all of it. An unlock is answered when the pulse is over, or by
// some firmware never.
import type { BoardModel } from './board.ts'
import type { Act } from './relay-acts.ts'
import type { Cut } from './relay-board.ts'
import {
  type Acts,
  isSealed,
  type State,
  sealed,
  type XorBoardConfig,
  xorBoard,
} from './xor-board.ts'

const HEADER = [0x57, 0x4b, 0x4c, 0x59]
const LENGTH_AT = 4
const LENGTH_MIN = 8
const LENGTH_MAX = 64

const OK = 0x00
const FAIL = 0xff
const PULSE_MS = 350
/** From the end of the pulse to the answer. */
const AFTER_PULSE_MS = 50
const READ_ONE_MS = 100
const READ_ALL_MS = 200
const SHORT_MS = 10

/** Addresses are 0 to 31. */
export interface WklyConfig extends XorBoardConfig {
  readonly unlocks?: 'answered' | 'never-answered'
}

export function wklyBoard(config: WklyConfig): BoardModel<unknown> {
  return xorBoard(config, {
    cut,
    answer: (state, frame) => {
      const [address, command = 0, ...data] = frame.slice(LENGTH_AT + 1, -1)
      return address === config.address ? answer(state, { command, data, config }) : []
    },
    change: (state, channel) => framed(config, [0x85, channel, stateOf(state, channel)]),
  })
}

function cut(held: readonly number[]): Cut {
  if (HEADER.some((byte, at) => held[at] !== undefined && held[at] !== byte)) return 'no-frame'
  const length = held[LENGTH_AT]
  if (length === undefined) return 'undecided'
  if (length < LENGTH_MIN || length > LENGTH_MAX) return 'no-frame'
  if (held.length < length) return 'undecided'
  return isSealed(held, length) ? { frameBytes: length } : 'no-frame'
}

interface Asked {
  readonly command: number
  readonly data: readonly number[]
  readonly config: WklyConfig
}

function answer(state: State, { command, data, config }: Asked): Acts {
  const ms = config.pulseMs ?? PULSE_MS
  const [channel = 0] = data
  const isThere = state.coils[channel - 1] !== undefined
  const status = isThere ? OK : FAIL
  const say = (afterMs: number, body: (now: State) => readonly number[]): Act<null> => ({
    kind: 'later',
    afterMs,
    think: (now) => [sealed(framed(config, [command, ...body(now)]))],
  })
  const everything = state.coils.map((_, index) => index + 1)
  switch (command) {
    case 0x82: {
      const pulse: Acts = isThere ? [{ kind: 'switch-on', channel, ms }] : []
      if (config.unlocks === 'never-answered') return pulse
      const afterMs = isThere ? ms + AFTER_PULSE_MS : SHORT_MS
      return [...pulse, say(afterMs, (now) => [status, channel, stateOf(now, channel)])]
    }
    case 0x83:
      return [say(READ_ONE_MS, (now) => [status, channel, stateOf(now, channel)])]
    case 0x84:
      return [say(READ_ALL_MS, (now) => [OK, everything.length, ...statesOf(now)])]
    case 0x80: {
      const pulses = data.map((each): Act<null> => ({ kind: 'switch-on', channel: each, ms }))
      return [...pulses, say(ms + AFTER_PULSE_MS, () => [OK])]
    }
    case 0x86:
    case 0x87: {
      const channels = command === 0x86 ? everything : data
      return [...inTurn(channels, ms), say(channels.length * ms + AFTER_PULSE_MS, () => [OK])]
    }
    case 0x81: {
      // No lock moves.
      const lamp: Acts = isThere ? [{ kind: 'flash-lamp', channel }] : []
      return [...lamp, say(SHORT_MS, () => [status, channel])]
    }
    case 0x88:
    case 0x89: {
      const act: Act<null> =
        command === 0x88
          ? { kind: 'switch-on', channel, ms: null }
          : { kind: 'switch-off', channel }
      return [act, say(SHORT_MS, () => [status, channel])]
    }
    default:
      return []
  }
}

function inTurn(channels: readonly number[], ms: number): Acts {
  return channels.map((channel, index) => ({
    kind: 'later',
    afterMs: index * ms,
    think: () => [{ kind: 'switch-on', channel, ms }],
  }))
}

/** 01 while the contact is closed. */
function stateOf(state: State, channel: number): number {
  return state.contacts[channel - 1] === 'made' ? 1 : 0
}

function statesOf(state: State): readonly number[] {
  return state.contacts.map((_, index) => stateOf(state, index + 1))
}

function framed(config: WklyConfig, body: readonly number[]): readonly number[] {
  // Header, length, address and check byte around it.
  const length = body.length + HEADER.length + 3
  return [...HEADER, length, config.address, ...body]
}
