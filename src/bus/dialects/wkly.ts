// The "WKLY" lock board: frames that begin with these four letters and tell their own length, and
// an exclusive or of everything before it, the letters included (document vectors; boards.md B.2).
// Any one wrong bit is noticed; of frames with several, those pass whose letters, length, address,
// command and count are right and whose sum happens to fit, one in 256.
import { doorsOf, findReply, frame, type Shape, wrongRequest, xorOf } from './bytes.ts'
import type { BoardReply, Dialect, Exchange } from './dialect.ts'
import { channelOnWire, LATE_REPLY_RULES } from './plain-rules.ts'

const LETTERS = 'WKLY'
const FLASH = 0x81
const OPEN = 0x82
const READ_ALL = 0x84
const OK = 0x00
const FAILED = 0xff
const CLOSED = 0x01
/** Letters, length, address, command, status, count and sum. */
const STATE_LENGTH_BASE = 10
/** Letters, length, address, command, status, channel, state and sum. */
const OPEN_LENGTH = 11
/** Letters, length, address, command, status, channel and sum. */
const FLASH_LENGTH = 10
const CHANNELS_MAX = 64
/** All doors at once take 180 to 220 ms (boards.md B.2). */
const READ_MS = 220

export const WKLY: Dialect = {
  name: 'wkly',
  // Some firmware answers when the pulse is over, some never (field capture).
  ...LATE_REPLY_RULES,
  readMs: READ_MS,

  encode(open) {
    const { request, board } = open
    const { address } = board
    switch (request.kind) {
      case 'state':
        return seal(address, READ_ALL)
      case 'pulse':
        return seal(address, OPEN, channelOnWire(open))
      case 'signal':
        return seal(address, FLASH, channelOnWire(open))
      default:
        throw wrongRequest('wkly', request.kind)
    }
  },

  replyLengthMax({ request, board: { channels } }) {
    // A board of 24 says all 24, also when fewer are used.
    return request.kind === 'state' ? STATE_LENGTH_BASE + Math.max(24, channels) : OPEN_LENGTH
  },

  decode(heard, open) {
    return findReply(heard, [shapeOf(open)])
  },
}

function shapeOf(open: Exchange): Shape {
  if (open.request.kind === 'state') return stateShape(open)
  return open.request.kind === 'signal' ? flashShape(open) : openShape(open)
}

function seal(address: number, ...codes: readonly number[]): string {
  const body = LETTERS + frame(LETTERS.length + 3 + codes.length, address, ...codes)
  return body + frame(xorOf(body))
}

function stateShape({ board }: Exchange): Shape {
  return {
    head: LETTERS,
    length(start) {
      if (start.length < STATE_LENGTH_BASE) return null
      const length = start.charCodeAt(4)
      const count = length - STATE_LENGTH_BASE
      const isOurs = start.startsWith(frame(board.address, READ_ALL), 5)
      const isSound = isOurs && count >= board.channels && count <= CHANNELS_MAX
      return isSound ? length : 0
    },
    read(whole): BoardReply | null {
      if (xorOf(whole) !== 0) return null
      const count = whole.length - STATE_LENGTH_BASE
      if (whole.charCodeAt(7) === FAILED) return { kind: 'refused', cause: 'other' }
      if (whole.charCodeAt(7) !== OK || whole.charCodeAt(8) !== count) return null
      const states = [...whole.slice(9, -1)].map((state) => state.charCodeAt(0))
      if (states.some((state) => state > CLOSED)) return null
      const bits = states.map((state) => (state === CLOSED ? 1 : 0))
      return { kind: 'state', boot: 0, doors: doorsOf(board, { bits }) }
    },
  }
}

function flashShape(open: Exchange): Shape {
  return {
    head: LETTERS + frame(FLASH_LENGTH, open.board.address, FLASH),
    length: FLASH_LENGTH,
    read(whole) {
      if (xorOf(whole) !== 0 || whole.charCodeAt(8) !== channelOnWire(open)) return null
      const status = whole.charCodeAt(7)
      if (status === FAILED) return { kind: 'refused', cause: 'other' }
      return status === OK ? { kind: 'done' } : null
    },
  }
}

function openShape(open: Exchange): Shape {
  const { address, options } = open.board
  return {
    head: LETTERS + frame(OPEN_LENGTH, address, OPEN),
    length: OPEN_LENGTH,
    read(whole) {
      if (xorOf(whole) !== 0 || whole.charCodeAt(8) !== channelOnWire(open)) return null
      const status = whole.charCodeAt(7)
      if (status === FAILED) return { kind: 'refused', cause: 'other' }
      return status === OK ? { kind: 'pulse', ms: options.boardPulseMs } : null
    },
  }
}
