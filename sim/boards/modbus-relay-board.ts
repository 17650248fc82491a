// Modbus RTU relay and input boards as Waveshare makes them. Relays may be pulsed by the board
// itself (flash), inputs may drive relays (linkage and its kin), and what is not for it or damaged
// meets silence. A board without inputs, or one with nothing else, is the same board with a zero in
// its configuration.
import type { BoardModel } from './board.ts'
import { madeBits, packBits } from './bytes.ts'
import {
  ILLEGAL_ADDRESS,
  ILLEGAL_FUNCTION,
  ILLEGAL_VALUE,
  type ModbusRequest,
  readRequest,
  withCrc,
  wordBytes,
} from './modbus-frame.ts'
import type { Act, RelayBoardState } from './relay-acts.ts'
import { type RelayBoardConfig, relayBoard } from './relay-board.ts'

const BROADCAST = 0
/** Silence ends a frame: three and a half characters, and above 19200 baud a fixed time. */
const SILENCE_CHARACTERS = 3.5
const SILENCE_FAST_MS = 1.75
const FAST_BAUD_RATE = 19_200
const BAUD_RATE = 9_600

const ALL_RELAYS = 0x00ff
const FLASH_ON = 0x0200
const FLASH_OFF = 0x0400
const FLASH_UNIT_MS = 100
const FLASH_MAX = 0x7fff
const ON = 0xff00
const OFF = 0x0000
const TOGGLE = 0x5500

const MODES = 0x1000
const UART = 0x2000
const ADDRESS = 0x4000
const VERSION = 0x8000
const VERSION_VALUE = 0x00c8
/** No parity, 9600 baud. */
const UART_VALUE = 0x0001
const ADDRESS_MAX = 0xff

/** What an input does to its relay; the index is the register's value. */
const CONTROL_MODES = ['normal', 'linkage', 'toggle', 'edge'] as const
type ControlMode = (typeof CONTROL_MODES)[number]

export interface ModbusRelayConfig extends Omit<RelayBoardConfig, 'channels'> {
  readonly address: number
  readonly relays: number
  /** Input n is the feedback of door n. */
  readonly inputs: number
  /** By channel, as somebody has left the board; the rest is normal. */
  readonly modes?: readonly ControlMode[]
  /** Of its line: 9600 and 10 bits for a character unless said otherwise. */
  readonly baudRate?: number
  readonly bitsPerCharacter?: number
}

/** Registers that a power cut does not empty. */
interface Memory {
  readonly address: number
  readonly modes: readonly number[]
  readonly uart: number
}

type Acts = readonly Act<Memory>[]
type State = RelayBoardState<Memory>

export function modbusRelayBoard(config: ModbusRelayConfig): BoardModel<unknown> {
  const { address, relays, inputs, modes = [] } = config
  const board = new Registers({ relays, inputs })
  const modeOf = (index: number) => CONTROL_MODES.indexOf(modes[index] ?? 'normal')
  return relayBoard<Memory>(
    {
      silenceMs: silenceMsOf(config),
      memory: {
        address,
        modes: Array.from({ length: relays }, (_, index) => modeOf(index)),
        uart: UART_VALUE,
      },
      cut: 'at-silence',
      answer: (state, frame) => answer(board, state, frame),
      moved: inputMoved,
      started: (state) =>
        state.memory.modes.flatMap((mode, index) =>
          CONTROL_MODES[mode] === 'linkage' ? inputMoved(state, index + 1) : [],
        ),
    },
    { ...config, channels: Math.max(relays, inputs) },
  )
}

function silenceMsOf({ baudRate = BAUD_RATE, bitsPerCharacter = 10 }: ModbusRelayConfig): number {
  if (baudRate > FAST_BAUD_RATE) return SILENCE_FAST_MS
  const ms = (SILENCE_CHARACTERS * bitsPerCharacter * 1_000) / baudRate
  return Math.ceil(ms * 100) / 100
}

function inputMoved(state: State, channel: number): Acts {
  const mode = CONTROL_MODES[state.memory.modes[channel - 1] ?? 0] ?? 'normal'
  const isMade = state.contacts[channel - 1] === 'made'
  const isOn = state.coils[channel - 1]?.isOn === true
  switch (mode) {
    case 'normal':
      return []
    case 'linkage':
      return isMade === isOn ? [] : [turned(channel, isMade ? 'on' : 'off')]
    case 'toggle':
      return isMade ? [turned(channel, isOn ? 'off' : 'on')] : []
    case 'edge':
      return [turned(channel, isOn ? 'off' : 'on')]
  }
}

function turned(channel: number, to: 'on' | 'off'): Act<Memory> {
  return to === 'on' ? { kind: 'switch-on', channel, ms: null } : { kind: 'switch-off', channel }
}

/** What a request comes to: what is done, and what is said, or why not. */
type Verdict =
  | { readonly acts?: Acts; readonly reply: readonly number[] }
  | { readonly exception: number }

function answer(board: Registers, state: State, frame: readonly number[]): Acts {
  const request = readRequest(frame)
  const own = state.memory.address
  if (request === null || (request.address !== own && request.address !== BROADCAST)) return []
  const verdict = board.judge(state, request)
  const isBroadcast = request.address === BROADCAST
  const reply = (bytes: readonly number[]): Act<Memory> => ({
    kind: 'reply',
    bytes: withCrc([own, ...bytes]),
  })
  if ('exception' in verdict) {
    return isBroadcast ? [] : [reply([request.code | 0x80, verdict.exception])]
  }
  // Only a register may be read of whoever is there; orders to all are obeyed in silence.
  const isSilent = isBroadcast && request.code !== 0x03
  return [...(verdict.acts ?? []), ...(isSilent ? [] : [reply([request.code, ...verdict.reply])])]
}

class Registers {
  readonly #relays: number
  readonly #inputs: number

  constructor({ relays, inputs }: { readonly relays: number; readonly inputs: number }) {
    this.#relays = relays
    this.#inputs = inputs
  }

  judge(state: State, request: ModbusRequest): Verdict {
    switch (request.code) {
      case 0x01: {
        const on = state.coils.slice(0, this.#relays).map(({ isOn }) => isOn)
        return readBits(on, request)
      }
      case 0x02:
        return readBits(madeBits(state.contacts.slice(0, this.#inputs)), request)
      case 0x03:
        return this.#readRegisters(state.memory, request)
      case 0x05:
        return this.#isMissingRelays() ?? this.#writeRelay(state, request)
      case 0x06:
        return this.#writeRegister(state.memory, request)
      case 0x0f:
        return this.#isMissingRelays() ?? this.#writeRelays(request)
      default:
        return { exception: ILLEGAL_FUNCTION }
    }
  }

  #isMissingRelays(): Verdict | null {
    return this.#relays === 0 ? { exception: ILLEGAL_FUNCTION } : null
  }

  #writeRelay(state: State, { first, second, data }: ModbusRequest): Verdict {
    const low = first & 0xff
    const group = first & 0xff00
    if (first === ALL_RELAYS) {
      const all = Array.from({ length: this.#relays }, (_, index) => index + 1)
      const acts = all.map((channel) => switched(state, { channel, value: second }))
      return acts.includes(null) ? { exception: ILLEGAL_VALUE } : said(acts, data)
    }
    if (low >= this.#relays || ![0, FLASH_ON, FLASH_OFF].includes(group)) {
      return { exception: ILLEGAL_ADDRESS }
    }
    const channel = low + 1
    if (group === 0) {
      const act = switched(state, { channel, value: second })
      return act === null ? { exception: ILLEGAL_VALUE } : said([act], data)
    }
    if (second === 0 || second > FLASH_MAX) return { exception: ILLEGAL_VALUE }
    const ms = second * FLASH_UNIT_MS
    if (group === FLASH_ON) return said([{ kind: 'switch-on', channel, ms }], data)
    // The opposite of a flash: off for so long, and then on.
    const back: Act<Memory> = { kind: 'later', afterMs: ms, think: () => [turned(channel, 'on')] }
    return said([turned(channel, 'off'), back], data)
  }

  #writeRelays({ first, second, data }: ModbusRequest): Verdict {
    const values = data.slice(5)
    if (second === 0 || data[4] !== Math.ceil(second / 8) || values.length !== data[4]) {
      return { exception: ILLEGAL_VALUE }
    }
    if (first + second > this.#relays) return { exception: ILLEGAL_ADDRESS }
    const acts = Array.from({ length: second }, (_, index) => {
      const isOn = ((values[index >> 3] ?? 0) >> (index & 7)) & 1
      return turned(first + index + 1, isOn ? 'on' : 'off')
    })
    return { acts, reply: data.slice(0, 4) }
  }

  #readRegisters(memory: Memory, { first, second }: ModbusRequest): Verdict {
    if (second === 0) return { exception: ILLEGAL_VALUE }
    const words = Array.from({ length: second }, (_, at) => this.#register(memory, first + at))
    if (words.includes(null)) return { exception: ILLEGAL_ADDRESS }
    return { reply: [words.length * 2, ...words.flatMap((word) => wordBytes(word ?? 0))] }
  }

  #register(memory: Memory, at: number): number | null {
    if (at === UART) return memory.uart
    if (at === ADDRESS) return memory.address
    if (at === VERSION) return VERSION_VALUE
    return this.#inputs === 0 ? null : (memory.modes[at - MODES] ?? null)
  }

  #writeRegister(memory: Memory, { first, second, data }: ModbusRequest): Verdict {
    if (first === VERSION || this.#register(memory, first) === null) {
      return { exception: ILLEGAL_ADDRESS }
    }
    const remember = (next: Memory): Verdict => ({
      acts: [{ kind: 'remember', memory: next }],
      reply: data,
    })
    // The line speed is noted, and the wire keeps the one that it was built with.
    if (first === UART) return remember({ ...memory, uart: second })
    if (first === ADDRESS) {
      const isAddress = second >= 1 && second <= ADDRESS_MAX
      return isAddress ? remember({ ...memory, address: second }) : { exception: ILLEGAL_VALUE }
    }
    if (CONTROL_MODES[second] === undefined) return { exception: ILLEGAL_VALUE }
    return remember({ ...memory, modes: memory.modes.with(first - MODES, second) })
  }
}

/** Null: a value that is no order. */
function switched(
  state: State,
  { channel, value }: { readonly channel: number; readonly value: number },
): Act<Memory> | null {
  const isOn = state.coils[channel - 1]?.isOn === true
  if (value === ON) return turned(channel, 'on')
  if (value === OFF) return turned(channel, 'off')
  return value === TOGGLE ? turned(channel, isOn ? 'off' : 'on') : null
}

function said(acts: readonly (Act<Memory> | null)[], echo: readonly number[]): Verdict {
  return { acts: acts.filter((act) => act !== null), reply: echo }
}

function readBits(bits: readonly boolean[], { first, second }: ModbusRequest): Verdict {
  if (bits.length === 0) return { exception: ILLEGAL_FUNCTION }
  if (second === 0) return { exception: ILLEGAL_VALUE }
  if (first + second > bits.length) return { exception: ILLEGAL_ADDRESS }
  const count = Math.ceil(second / 8)
  return { reply: [count, ...packBits(bits.slice(first, first + second), count)] }
}
