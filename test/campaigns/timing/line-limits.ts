// What a line could carry at best: the bytes of the frames at their rate, the time that the board
// itself takes, and the silence that its protocol demands. No pause of ours is in it.
import { encodeReply, encodeRequest } from '../../../firmware-protocol/messages.ts'
import { SPRING_MS } from '../../../sim/boards/doors.ts'
import type { DialectName } from '../../../src/bus/config.ts'
import { POLL_ATTENDED_MS } from '../../../src/bus/master/limits.ts'

/** From the end of a request to its reply, of a board that does not have to think. */
export const BOARD_MS = 1
const BITS_PER_CHARACTER = 10

interface ExchangeBytes {
  readonly request: number
  readonly reply: number
}

export interface Family {
  readonly dialect: DialectName
  /** Those that the family has, 9600 first. */
  readonly baudRates: readonly number[]
  readonly channels: number
  readonly firstAddress: number
  /** What a board is asked in each round. */
  readonly round: readonly ExchangeBytes[]
  readonly orderBytes: number
  /** How long the board thinks about a question for its doors. */
  readonly thinkMs: number
  /** How long a contact has to be steady before the board says so. */
  readonly steadyMs: number
  /** Of boards that answer when the pulse is over: until then, and the reply's bytes. */
  readonly afterPulse: { readonly ms: number; readonly reply: number } | null
}

const WHO = { address: 1, sequence: 1 }
const LINE_CHANNELS = 8
const LINE_STATE = encodeReply(WHO, {
  kind: 'state',
  boot: 1,
  doors: Array.from({ length: LINE_CHANNELS }, () => 'closed'),
  outputs: Array.from({ length: LINE_CHANNELS }, () => 'off'),
  opens: Array.from({ length: LINE_CHANNELS }, () => 0),
})
const LINE_ORDER = encodeRequest(WHO, { kind: 'pulse', boot: 1, channel: 1, ms: 500 })

/** Lengths as boards.md, the manuals and the firmware protocol have them. */
export const FAMILIES: readonly Family[] = [
  {
    dialect: 'latchkey-line',
    baudRates: [9_600, 19_200, 38_400, 115_200],
    channels: LINE_CHANNELS,
    firstAddress: 1,
    round: [{ request: encodeRequest(WHO, { kind: 'state' }).length, reply: LINE_STATE.length }],
    orderBytes: LINE_ORDER.length,
    thinkMs: 0,
    // P-6.2.
    steadyMs: 30,
    afterPulse: null,
  },
  {
    dialect: 'kerong-cu16',
    baudRates: [9_600, 19_200, 115_200],
    channels: 16,
    firstAddress: 0,
    round: [{ request: 5, reply: 9 }],
    orderBytes: 5,
    thinkMs: 0,
    steadyMs: 0,
    afterPulse: null,
  },
  {
    dialect: 'kerong-cu48',
    baudRates: [9_600, 19_200, 115_200],
    channels: 48,
    firstAddress: 0,
    round: [{ request: 6, reply: 18 }],
    orderBytes: 6,
    thinkMs: 0,
    steadyMs: 0,
    afterPulse: null,
  },
  {
    dialect: 'lock-board-8a',
    baudRates: [9_600],
    channels: 24,
    firstAddress: 1,
    round: [{ request: 5, reply: 7 }],
    orderBytes: 5,
    thinkMs: 0,
    steadyMs: 0,
    afterPulse: { ms: 300, reply: 5 },
  },
  {
    dialect: 'wkly',
    baudRates: [9_600],
    channels: 24,
    firstAddress: 0,
    round: [{ request: 8, reply: 34 }],
    orderBytes: 9,
    thinkMs: 200,
    steadyMs: 0,
    afterPulse: { ms: 400, reply: 11 },
  },
  {
    dialect: 'modbus-rtu',
    baudRates: [9_600, 19_200, 38_400, 115_200],
    channels: 8,
    firstAddress: 1,
    round: [
      { request: 8, reply: 6 },
      { request: 8, reply: 6 },
    ],
    orderBytes: 8,
    thinkMs: 0,
    steadyMs: 0,
    afterPulse: null,
  },
]

export interface LineSetup {
  readonly family: Family
  readonly baudRate: number
  readonly boards: number
}

function bytesMs(baudRate: number, bytes: number): number {
  return (bytes * BITS_PER_CHARACTER * 1_000) / baudRate
}

/** Modbus over Serial Line V1.02, 2.5.1.1: after every frame, whoever has sent it. */
function modbusSilenceMs(baudRate: number): number {
  return baudRate > 19_200 ? 1.75 : bytesMs(baudRate, 3.5)
}

interface Silences {
  readonly afterRequestMs: number
  readonly afterReplyMs: number
}

function silencesOf({ family: { dialect }, baudRate }: LineSetup): Silences {
  switch (dialect) {
    case 'modbus-rtu': {
      const ms = modbusSilenceMs(baudRate)
      return { afterRequestMs: ms, afterReplyMs: ms }
    }
    case 'latchkey-line':
      // Firmware protocol, section 7.
      return { afterRequestMs: 0, afterReplyMs: 2 }
    default:
      return { afterRequestMs: 0, afterReplyMs: 0 }
  }
}

function exchangeMs(setup: LineSetup, { request, reply }: ExchangeBytes): number {
  const { afterRequestMs, afterReplyMs } = silencesOf(setup)
  const lineMs = bytesMs(setup.baudRate, request + reply)
  return lineMs + BOARD_MS + setup.family.thinkMs + afterRequestMs + afterReplyMs
}

/** All questions to all boards, once. */
export function roundMs(setup: LineSetup): number {
  const perBoardMs = setup.family.round.reduce((sum, each) => sum + exchangeMs(setup, each), 0)
  return perBoardMs * setup.boards
}

/** The line's, or the master's rhythm while somebody stands there, where that is slower. */
export function cycleLimitMs(setup: LineSetup): number {
  return Math.max(roundMs(setup), POLL_ATTENDED_MS)
}

/** At worst: a poll has just begun, and then comes the order. */
export function coilLimitMs(setup: LineSetup): number {
  const { family, baudRate } = setup
  const pollMs = Math.max(...family.round.map((each) => exchangeMs(setup, each)))
  return pollMs + bytesMs(baudRate, family.orderBytes) + silencesOf(setup).afterRequestMs
}

/**
 * At worst: its board has been asked just before the door springs open, or just after a board that
 * answers when the pulse is over has answered; then everybody is asked once, and the board itself.
 * Of boards that do not wait for a steady contact two readings have to agree: one rhythm later, and
 * behind the poll that is on the line.
 */
export function seenLimitMs(setup: LineSetup): number {
  const { family, baudRate } = setup
  const { afterPulse } = family
  const replyMs =
    afterPulse === null ? 0 : afterPulse.ms + BOARD_MS + bytesMs(baudRate, afterPulse.reply)
  const ownMs = family.round.reduce((sum, each) => sum + exchangeMs(setup, each), 0)
  const againMs = family.steadyMs > 0 ? 0 : Math.max(POLL_ATTENDED_MS, ownMs) + ownMs
  return (
    coilLimitMs(setup) +
    Math.max(SPRING_MS + family.steadyMs, replyMs) +
    cycleLimitMs(setup) +
    ownMs +
    againMs
  )
}
