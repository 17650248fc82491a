// Kerong KR-CU16 and its like, "short" frames (CU16 manual; boards.md A.1): board and lock share
// one byte. An unlock has no reply; the state has one, with two bytes of locks and two of content
// sensors.
import { bitsOf, doorsOf, findReply, wrongRequest } from './bytes.ts'
import { type Dialect, type Exchange, NOTHING } from './dialect.ts'
import { dataOf, head, KERONG_RULES, lengthOf, seal } from './kerong.ts'

const STATE = 0x30
const UNLOCK = 0x31
const STATE_REPLY = 0x35
const DATA_LENGTH = 4

export const KERONG_CU16: Dialect = {
  name: 'kerong-cu16',
  ...KERONG_RULES,

  encode({ request, board }) {
    const { address, options } = board
    switch (request.kind) {
      case 'state':
        return seal(address << 4, STATE)
      case 'pulse':
        return seal((address << 4) | (request.channel - 1 + options.channelBase), UNLOCK)
      default:
        throw wrongRequest('kerong-cu16', request.kind)
    }
  },

  replyLengthMax: (open) => lengthOf(replyHead(open), DATA_LENGTH),

  /** Some firmware sends the state after an unlock: it is no acknowledgement, the door decides. */
  decode(heard, open) {
    if (open.request.kind !== 'state') return NOTHING
    const codes = replyHead(open)
    return findReply(heard, [
      {
        head: head(...codes),
        length: lengthOf(codes, DATA_LENGTH),
        read(whole) {
          const data = dataOf(whole, 1 + codes.length)
          if (data === null) return null
          const { board } = open
          const bits = bitsOf(data.slice(0, 2), board.channels)
          const contents = bitsOf(data.slice(2), board.channels)
          return { kind: 'state', boot: 0, doors: doorsOf(board, { bits, contents }) }
        },
      },
    ])
  },
}

function replyHead({ board }: Exchange): readonly number[] {
  return [board.address << 4, STATE_REPLY]
}
