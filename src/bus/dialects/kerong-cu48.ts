// Kerong KR-CU48 and CU48B, "long" frames (CU48 manual; captured over a gateway, boards.md A.2).
// Commands 60, 61 and 75 carry content sensors, 50, 51 and 65 do not. An unlock has no reliable
// reply.
import { bitsOf, doorsOf, findReply, wrongRequest } from './bytes.ts'
import { type Dialect, type Exchange, NOTHING } from './dialect.ts'
import { dataOf, head, KERONG_RULES, lengthOf, seal } from './kerong.ts'

const LOCK_BYTES = 6

const COMMANDS = {
  '60-61-75': { state: 0x60, unlock: 0x61, reply: 0x75, dataLength: 2 * LOCK_BYTES },
  '50-51-65': { state: 0x50, unlock: 0x51, reply: 0x65, dataLength: LOCK_BYTES },
} as const

export const KERONG_CU48: Dialect = {
  name: 'kerong-cu48',
  ...KERONG_RULES,

  encode({ request, board: { address, options } }) {
    const { state, unlock } = COMMANDS[options.commands]
    switch (request.kind) {
      case 'state':
        return seal(address, 0, state)
      case 'pulse':
        return seal(address, request.channel - 1 + options.channelBase, unlock)
      default:
        throw wrongRequest('kerong-cu48', request.kind)
    }
  },

  replyLengthMax(open) {
    return lengthOf(replyHead(open), COMMANDS[open.board.options.commands].dataLength)
  },

  /** A captured frame with command 77 after unlocks is unexplained; it is skipped like noise. */
  decode(heard, open) {
    if (open.request.kind !== 'state') return NOTHING
    const { board } = open
    const codes = replyHead(open)
    const { dataLength } = COMMANDS[board.options.commands]
    return findReply(heard, [
      {
        head: head(...codes),
        length: lengthOf(codes, dataLength),
        read(whole) {
          const data = dataOf(whole, 1 + codes.length)
          if (data === null) return null
          const bits = bitsOf(data, board.channels)
          const contents = bitsOf(data.slice(LOCK_BYTES), board.channels)
          const sensors = dataLength > LOCK_BYTES ? { bits, contents } : { bits }
          return { kind: 'state', boot: 0, doors: doorsOf(board, sensors) }
        },
      },
    ])
  },
}

function replyHead({ board }: Exchange): readonly number[] {
  return [board.address, 0, COMMANDS[board.options.commands].reply]
}
