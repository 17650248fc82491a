// Our own door board: firmware-protocol version 1.
import { decodeLine, SEQUENCE_MAX } from '../../../firmware-protocol/line.ts'
import {
  decodeReply,
  encodeRequest,
  FIRMWARE_LENGTH_MAX,
  type NakReason,
  PROTOCOL_VERSION,
  type Reply,
  SERIAL_LENGTH_MAX,
} from '../../../firmware-protocol/messages.ts'
import {
  type BoardReply,
  type BoardRequest,
  type Dialect,
  type Exchange,
  NOTHING,
  type RefusalCause,
} from './dialect.ts'

const REPLY_LENGTH_MAX = {
  hello: '<AA SS HELLO 1 BBBB CC  *CCCC\n'.length + FIRMWARE_LENGTH_MAX + SERIAL_LENGTH_MAX,
  state: '<AA SS STATE BBBB DDDD OOOO *CCCC\n'.length,
  pulse: '<AA SS PULSE CC MMMM*CCCC\n'.length,
}

export const LATCHKEY_LINE: Dialect = {
  name: 'latchkey-line',
  // Firmware protocol, section 7.
  gap: { characters: 0, msMin: 2 },
  sequenceMax: SEQUENCE_MAX,
  // P-4.4: the board remembers its last reply and does not act again.
  repetition: 'answered',
  pulseReply: 'at-once',
  readMs: 0,
  greeting: () => [{ kind: 'hello' }],
  poll: () => [{ kind: 'state' }],
  expects: () => 'always',
  hold: (_, ms) => ({ ms, endedBy: 'board' }),

  encode({ board: { address }, sequence, request }) {
    return encodeRequest({ address, sequence }, spoken(request))
  },

  replyLengthMax({ request, board: { channels } }) {
    const { kind } = spoken(request)
    return REPLY_LENGTH_MAX[kind] + (kind === 'state' ? 2 * channels : 0)
  },

  decode(frame, open) {
    const line = decodeLine(frame)
    if (line === null || line.direction !== 'reply') return NOTHING
    // P-4.1: a late reply to an earlier request must not pass for the reply to this one.
    if (line.address !== open.board.address || line.sequence !== open.sequence) return NOTHING
    const said = decodeReply(line)
    const reply = said === null ? null : replyTo(open, said)
    return reply === null ? NOTHING : { reply }
  },
}

/** Greeting, poll and hold name no other requests. */
function spoken(request: BoardRequest) {
  switch (request.kind) {
    case 'hello':
    case 'state':
    case 'pulse':
      return request
    case 'outputs':
    case 'release':
    case 'signal':
    case 'all-off':
    case 'linkage-off':
      throw new RangeError(`latchkey-line has no ${request.kind}`)
  }
}

function replyTo({ request, board }: Exchange, reply: Reply): BoardReply | null {
  const { channels } = board
  if (reply.kind !== request.kind && reply.kind !== 'nak') return null
  switch (reply.kind) {
    case 'nak':
      return { kind: 'refused', cause: causeOf(reply.reason) }
    case 'hello':
      // A board that speaks another version or is too small is as good as absent (P-9.1).
      if (reply.version !== PROTOCOL_VERSION || reply.channels < channels) return null
      return { kind: 'hello', boot: reply.boot }
    case 'state': {
      if (reply.opens.length < channels) return null
      const doors = reply.opens.slice(0, channels).map((opens, index) => ({
        state: reply.doors[index] ?? ('closed' as const),
        opens,
      }))
      return { kind: 'state', boot: reply.boot, doors }
    }
    case 'pulse': {
      if (request.kind !== 'pulse' || reply.channel !== request.channel) return null
      return { kind: 'pulse', ms: reply.ms }
    }
  }
}

function causeOf(reason: NakReason): RefusalCause {
  switch (reason) {
    case 'BUSY':
      return 'busy'
    case 'LOCKOUT':
      return 'resting'
    case 'BOOT':
      return 'restarted'
    case 'VERB':
    case 'ARGS':
    case 'SEQ':
    case 'RANGE':
      return 'other'
  }
}
