// Modbus RTU relay boards with the doors on inputs of the same or of another board (Modbus
// Application Protocol V1.1b3; Modbus over Serial Line V1.02; Waveshare Modbus RTU Relay wiki;
// boards.md C). CRC-16 finds every single, double and odd number of wrong bits and every burst up
// to 16 bits; of other damage, one in 65,536 passes.
import type { Board } from '../board-options.ts'
import { bitsOf, doorsOf, findReply, frame, pastEcho, type Shape } from './bytes.ts'
import {
  type BoardReply,
  type BoardRequest,
  type Dialect,
  type Exchange,
  NOTHING,
} from './dialect.ts'

const READ_COILS = 0x01
const READ_INPUTS = 0x02
const WRITE_COIL = 0x05
const WRITE_REGISTER = 0x06
const WRITE_COILS = 0x0f
const EXCEPTION = 0x80
const EXCEPTION_LENGTH = 5
/** Reply to every write: address, function, two words, checksum. */
const WRITE_LENGTH = 8

const COIL_ON = 0xff00
const COIL_OFF = 0x0000
/** Waveshare wiki: all relays at once, timed pulses, and what inputs do to relays. */
const ALL_RELAYS = 0x00ff
const FLASH_ON_BASE = 0x0200
const CONTROL_MODE_BASE = 0x1000
const FLASH_STEP_MS = 100

export const MODBUS_RTU: Dialect = {
  name: 'modbus-rtu',
  // V1.02, 2.5.1.1: frames are 3.5 characters apart, and 1.75 ms above 19,200 baud. Slaves tell
  // frames apart by nothing else, so this is a little more.
  gap: { characters: 4, msMin: 2 },
  sequenceMax: 1,
  repetition: 'obeyed',
  pulseReply: 'at-once',
  readMs: 0,
  greeting,
  poll: () => [{ kind: 'state' }, { kind: 'outputs' }],
  expects: () => 'always',

  hold({ options }, ms) {
    if (options.pulse === 'host-timed') return { ms, endedBy: 'host' }
    return { ms: flashSteps(ms) * FLASH_STEP_MS, endedBy: 'board' }
  },

  encode: (open) => seal(bodyOf(open)),

  replyLengthMax({ request, board: { channels } }) {
    const isRead = request.kind === 'state' || request.kind === 'outputs'
    return isRead ? 5 + Math.ceil(channels / 8) : WRITE_LENGTH
  },

  decode(heard, open) {
    const { kind } = open.request
    if (kind === 'state' || kind === 'outputs') return findReply(heard, readShapes(open))
    // The reply to a write is the request (V1.1b3, 6.5, 6.6).
    const said = open.isEchoing ? pastEcho(heard, MODBUS_RTU.encode(open)) : heard
    const decoded = said === null ? NOTHING : findReply(said, writeShapes(open))
    return decoded.reply === null && open.isEchoing ? { reply: null, keep: heard.length } : decoded
  },
}

/**
 * What the board may have been left in by whoever ruled it before: nothing stays on. A question
 * comes first: only its reply tells whether the line echoes, and replies to orders look like them.
 */
function greeting({ channels, options }: Board): readonly BoardRequest[] {
  // Without a timer of its own a board keeps a coil on for ever when we die: then this is a must.
  const isOffFirst = options.allOffAtStart || options.pulse === 'host-timed'
  // Only inputs of the same board can drive its relays.
  const isUnlinked = options.linkageOff && options.inputAddress === 0
  const unlinking = Array.from(
    { length: isUnlinked ? channels : 0 },
    (_, index) => ({ kind: 'linkage-off', channel: index + 1 }) as const,
  )
  const orders = [...(isOffFirst ? [{ kind: 'all-off' } as const] : []), ...unlinking]
  return orders.length === 0 ? [] : [{ kind: 'outputs' }, ...orders]
}

function flashSteps(ms: number): number {
  return Math.max(1, Math.ceil(ms / FLASH_STEP_MS))
}

function word(value: number): string {
  return frame(value >> 8, value & 0xff)
}

function bodyOf({ board, request }: Exchange): string {
  const { address, channels, options } = board
  const { relayOffset, inputOffset } = options
  const order = (code: number, at: number, value: number) =>
    frame(address, code) + word(at) + word(value)
  switch (request.kind) {
    case 'state':
      return frame(inputAddressOf(board), READ_INPUTS) + word(inputOffset) + word(channels)
    case 'outputs':
      return order(READ_COILS, relayOffset, channels)
    case 'pulse': {
      const coil = relayOffset + request.channel - 1
      if (options.pulse === 'host-timed') return order(WRITE_COIL, coil, COIL_ON)
      return order(WRITE_COIL, FLASH_ON_BASE + coil, flashSteps(request.ms))
    }
    // Also the board ends it, and nothing else is asked for on a relay that a lock hangs on.
    case 'signal':
      return order(
        WRITE_COIL,
        FLASH_ON_BASE + relayOffset + request.channel - 1,
        flashSteps(request.ms),
      )
    case 'release':
      return order(WRITE_COIL, relayOffset + request.channel - 1, COIL_OFF)
    case 'all-off': {
      if (options.pulse === 'waveshare-flash') return order(WRITE_COIL, ALL_RELAYS, COIL_OFF)
      const bytes = Math.ceil(channels / 8)
      const nothing = frame(bytes, ...Array.from({ length: bytes }, () => 0))
      return order(WRITE_COILS, relayOffset, channels) + nothing
    }
    case 'linkage-off':
      return order(WRITE_REGISTER, CONTROL_MODE_BASE + request.channel - 1, 0)
    case 'hello':
      throw new RangeError('modbus-rtu has no hello')
  }
}

function inputAddressOf({ address, options }: Board): number {
  return options.inputAddress || address
}

function readShapes(open: Exchange): readonly Shape[] {
  const { board, request } = open
  const isDoors = request.kind === 'state'
  const address = isDoors ? inputAddressOf(board) : board.address
  const code = isDoors ? READ_INPUTS : READ_COILS
  const count = Math.ceil(board.channels / 8)
  return [
    {
      head: frame(address, code, count),
      length: 3 + count + 2,
      read(whole): BoardReply | null {
        if (!isWhole(whole)) return null
        const bits = bitsOf(whole.slice(3, -2), board.channels)
        if (isDoors) return { kind: 'state', boot: 0, doors: doorsOf(board, { bits }) }
        return { kind: 'outputs', on: bits.map((bit) => bit === 1) }
      },
    },
    exceptionShape(open, { address, code }),
  ]
}

function writeShapes(open: Exchange): readonly Shape[] {
  const { board, request } = open
  const head = bodyOf(open).slice(0, WRITE_LENGTH - 2)
  const { address } = board
  return [
    {
      head,
      length: WRITE_LENGTH,
      read(whole) {
        if (!isWhole(whole)) return null
        if (request.kind !== 'pulse') return { kind: 'done' }
        return { kind: 'pulse', ms: MODBUS_RTU.hold(board, request.ms).ms }
      },
    },
    exceptionShape(open, { address, code: head.charCodeAt(1) }),
  ]
}

function exceptionShape(
  { request }: Exchange,
  { address, code }: { readonly address: number; readonly code: number },
): Shape {
  return {
    head: frame(address, code | EXCEPTION),
    length: EXCEPTION_LENGTH,
    read(whole) {
      if (!isWhole(whole)) return null
      // A board that does not know these registers links nothing.
      return request.kind === 'linkage-off' ? { kind: 'done' } : { kind: 'refused', cause: 'other' }
    },
  }
}

function seal(body: string): string {
  return body + checksumOf(body)
}

function isWhole(text: string): boolean {
  return text.slice(-2) === checksumOf(text.slice(0, -2))
}

/** CRC-16: start FFFF, polynomial A001 reflected, low byte first (V1.02, 6.2.2). */
function checksumOf(text: string): string {
  let crc = 0xffff
  for (let index = 0; index < text.length; index += 1) {
    crc ^= text.charCodeAt(index)
    for (let bit = 0; bit < 8; bit += 1) crc = crc & 1 ? (crc >> 1) ^ 0xa001 : crc >> 1
  }
  return frame(crc & 0xff, crc >> 8)
}
