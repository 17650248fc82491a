// The "8A/80" lock board of many resellers («485 lock board protocol» 2021 and 2024A1; boards.md
// B.1, with captures). Checksum: exclusive or of all bytes before it, so any one wrong bit is
// noticed, and one in 256 frames with several wrong bits is not.
import {
  bitsOf,
  doorsOf,
  findReply,
  frame,
  pastEcho,
  type Shape,
  wrongRequest,
  xorOf,
} from './bytes.ts'
import { type BoardReply, type Dialect, type Exchange, NOTHING } from './dialect.ts'
import { channelOnWire, LATE_REPLY_RULES } from './plain-rules.ts'

const OPEN = 0x8a
const READ = 0x80
const OPEN_END = 0x11
const READ_END = 0x33
/** What a lock's contact reads as in the reply to an order. */
const CONTACT_CODES: readonly number[] = [0x00, 0x11]
const STATUS_BYTES_MIN = 3

export const LOCK_BOARD_8A: Dialect = {
  name: 'lock-board-8a',
  // The reply tells the contact as it is when the pulse is over. The order of a time counts whole
  // seconds, which no solenoid needs.
  ...LATE_REPLY_RULES,

  encode(open) {
    const { request, board } = open
    const { address } = board
    switch (request.kind) {
      case 'state':
        return seal(READ, address, 0, READ_END)
      case 'pulse':
        return seal(OPEN, address, channelOnWire(open), OPEN_END)
      default:
        throw wrongRequest('lock-board-8a', request.kind)
    }
  },

  replyLengthMax(open) {
    return open.request.kind === 'state' ? stateLength(open) : 5
  },

  decode(heard, open) {
    if (open.request.kind === 'state') return findReply(heard, [stateShape(open)])
    // The reply of a closed contact and the order itself are the same five bytes.
    const said = open.isEchoing ? pastEcho(heard, LOCK_BOARD_8A.encode(open)) : heard
    const decoded = said === null ? NOTHING : findReply(said, [pulseShape(open)])
    return decoded.reply === null && open.isEchoing ? { reply: null, keep: heard.length } : decoded
  },
}

function seal(...codes: readonly number[]): string {
  return frame(...codes, xorOf(frame(...codes)))
}

function isWhole(text: string): boolean {
  return xorOf(text) === 0
}

/** At least three bytes of doors, even from a board of eight channels (captured). */
function statusBytes({ board: { channels, options } }: Exchange): number {
  return options.statusBytes || Math.max(STATUS_BYTES_MIN, Math.ceil(channels / 8))
}

function stateLength(open: Exchange): number {
  return 2 + statusBytes(open) + 2
}

function stateShape(open: Exchange): Shape {
  const { board } = open
  const length = stateLength(open)
  return {
    head: frame(READ, board.address),
    length,
    read(whole): BoardReply | null {
      if (whole.charCodeAt(length - 2) !== READ_END || !isWhole(whole)) return null
      const data = whole.slice(2, -2)
      const isLast = board.options.byteOrder === 'channel-1-last'
      const bits = bitsOf(isLast ? [...data].reverse().join('') : data, board.channels)
      return { kind: 'state', boot: 0, doors: doorsOf(board, { bits }) }
    },
  }
}

/** The contact in it is not used: right after a pulse a door may still be on its way. */
function pulseShape(open: Exchange): Shape {
  const { address, options } = open.board
  return {
    head: frame(OPEN, address, channelOnWire(open)),
    length: 5,
    read(whole) {
      if (!isWhole(whole) || !CONTACT_CODES.includes(whole.charCodeAt(3))) return null
      return { kind: 'pulse', ms: options.boardPulseMs }
    },
  }
}
