// What host and board say to each other in the lines: version 1 of the door-board protocol.
// Pure; the clauses cited as P-n.n are those of PROTOCOL.md.
import { encodeLine, fromHex, type Line, toHex } from './line.ts'

export const PROTOCOL_VERSION = 1
export const CHANNELS_MAX = 16
/** Limits of one pulse; the board brings every order within them (P-5.8). */
export const PULSE_MS_MIN = 50
export const PULSE_MS_MAX = 1_500
/** How long an output stays off after a pulse before it may be pulsed again (P-5.9). */
export const CHANNEL_REST_MS = 500
/** Without a valid request for so long, all outputs go off (P-6.1). */
export const HOST_ALIVE_MS = 1_000
/** A door counts as moved when its contact has been steady for so long (P-6.2). */
export const DEBOUNCE_MS = 30
/** From power to the first answer (P-6.3). */
export const START_MS_MAX = 500

export const FIRMWARE_LENGTH_MAX = 16
export const SERIAL_LENGTH_MAX = 32

export const NAK_REASONS = ['VERB', 'ARGS', 'SEQ', 'RANGE', 'BOOT', 'BUSY', 'LOCKOUT'] as const
export type NakReason = (typeof NAK_REASONS)[number]

export type Request =
  | { readonly kind: 'hello' }
  | { readonly kind: 'state' }
  | {
      readonly kind: 'pulse'
      /** The boot counter of the board for which the order was made. */
      readonly boot: number
      /** Counted from 1. */
      readonly channel: number
      readonly ms: number
    }

interface HelloReply {
  readonly kind: 'hello'
  readonly version: number
  readonly boot: number
  readonly channels: number
  readonly firmware: string
  readonly serial: string
}

interface StateReply {
  readonly kind: 'state'
  readonly boot: number
  /** By channel, the first one at index 0; the three lists are equally long. */
  readonly doors: readonly ('open' | 'closed')[]
  readonly outputs: readonly ('on' | 'off')[]
  /** Openings of each door since the board started, modulo 256. */
  readonly opens: readonly number[]
}

export type Reply =
  | HelloReply
  | StateReply
  | { readonly kind: 'pulse'; readonly channel: number; readonly ms: number }
  | { readonly kind: 'nak'; readonly reason: NakReason }

/** To which board, and as which one of the exchanges with it. */
export interface Tag {
  readonly address: number
  readonly sequence: number
}

/** @returns the characters for the wire. @throws RangeError when a part is out of range */
export function encodeRequest(tag: Tag, request: Request): string {
  const args = request.kind === 'pulse' ? pulseArgs(request) : []
  return encodeLine({ direction: 'request', ...tag, verb: request.kind.toUpperCase(), args })
}

/** What the board makes of an undamaged request line: a request, or the reason to refuse it. */
export function decodeRequest(line: Line): Request | { kind: 'nak'; reason: NakReason } {
  switch (line.verb) {
    case 'HELLO':
      return line.args.length === 0 ? { kind: 'hello' } : { kind: 'nak', reason: 'ARGS' }
    case 'STATE':
      return line.args.length === 0 ? { kind: 'state' } : { kind: 'nak', reason: 'ARGS' }
    case 'PULSE':
      return pulseOf(line.args) ?? { kind: 'nak', reason: 'ARGS' }
    default:
      return { kind: 'nak', reason: 'VERB' }
  }
}

/** @returns the characters for the wire. @throws RangeError when a part is out of range */
export function encodeReply(tag: Tag, reply: Reply): string {
  const verb = reply.kind.toUpperCase()
  return encodeLine({ direction: 'reply', ...tag, verb, args: replyArgs(reply) })
}

/** Null when the line is not a reply that version 1 knows. */
export function decodeReply(line: Line): Reply | null {
  if (line.direction !== 'reply') return null
  switch (line.verb) {
    case 'HELLO':
      return helloOf(line.args)
    case 'STATE':
      return stateOf(line.args)
    case 'PULSE':
      return pulsedOf(line.args)
    case 'NAK': {
      const reason = NAK_REASONS.find((known) => known === line.args[0])
      return reason === undefined || line.args.length !== 1 ? null : { kind: 'nak', reason }
    }
    default:
      return null
  }
}

function pulseArgs(pulse: Request & { kind: 'pulse' }): readonly string[] {
  return [
    toHex(pulse.boot, { digits: 4 }),
    toHex(pulse.channel, { digits: 2 }),
    toHex(pulse.ms, { digits: 4 }),
  ]
}

function pulseOf(args: readonly string[]): Request | null {
  const boot = fromHex(args[0], { digits: 4 })
  const channel = fromHex(args[1], { digits: 2 })
  const ms = fromHex(args[2], { digits: 4 })
  if (args.length !== 3 || boot === null || channel === null || ms === null) return null
  return { kind: 'pulse', boot, channel, ms }
}

function replyArgs(reply: Reply): readonly string[] {
  switch (reply.kind) {
    case 'hello':
      return [
        String(reply.version),
        toHex(reply.boot, { digits: 4 }),
        toHex(reply.channels, { digits: 2 }),
        reply.firmware,
        reply.serial,
      ]
    case 'state':
      return [
        toHex(reply.boot, { digits: 4 }),
        toHex(bitmap(reply.doors.map((door) => door === 'open')), { digits: 4 }),
        toHex(bitmap(reply.outputs.map((output) => output === 'on')), { digits: 4 }),
        reply.opens.map((count) => toHex(count, { digits: 2 })).join(''),
      ]
    case 'pulse':
      return [toHex(reply.channel, { digits: 2 }), toHex(reply.ms, { digits: 4 })]
    case 'nak':
      return [reply.reason]
  }
}

function helloOf(args: readonly string[]): Reply | null {
  const [version, bootText, channelsText, firmware, serial] = args
  const boot = fromHex(bootText, { digits: 4 })
  const channels = fromHex(channelsText, { digits: 2 })
  if (args.length !== 5 || version === undefined || !/^[1-9][0-9]?$/.test(version)) return null
  if (boot === null || channels === null || channels < 1 || channels > CHANNELS_MAX) return null
  if (firmware === undefined || firmware.length > FIRMWARE_LENGTH_MAX) return null
  if (serial === undefined || serial.length > SERIAL_LENGTH_MAX) return null
  return { kind: 'hello', version: Number(version), boot, channels, firmware, serial }
}

function stateOf(args: readonly string[]): Reply | null {
  const boot = fromHex(args[0], { digits: 4 })
  const doors = fromHex(args[1], { digits: 4 })
  const outputs = fromHex(args[2], { digits: 4 })
  const counts = args[3] ?? ''
  if (args.length !== 4 || boot === null || doors === null || outputs === null) return null
  const channels = counts.length / 2
  if (!Number.isInteger(channels) || channels < 1 || channels > CHANNELS_MAX) return null
  if (doors >> channels !== 0 || outputs >> channels !== 0) return null
  const opens: number[] = []
  for (let index = 0; index < channels; index += 1) {
    const count = fromHex(counts.slice(index * 2, index * 2 + 2), { digits: 2 })
    if (count === null) return null
    opens.push(count)
  }
  return {
    kind: 'state',
    boot,
    doors: bits(doors, channels).map((isSet) => (isSet ? 'open' : 'closed')),
    outputs: bits(outputs, channels).map((isSet) => (isSet ? 'on' : 'off')),
    opens,
  }
}

function pulsedOf(args: readonly string[]): Reply | null {
  const channel = fromHex(args[0], { digits: 2 })
  const ms = fromHex(args[1], { digits: 4 })
  if (args.length !== 2 || channel === null || ms === null) return null
  return { kind: 'pulse', channel, ms }
}

/** Bit 0 is the first channel. */
function bitmap(flags: readonly boolean[]): number {
  return flags.reduce((sum, isSet, index) => (isSet ? sum | (1 << index) : sum), 0)
}

function bits(map: number, count: number): readonly boolean[] {
  return Array.from({ length: count }, (_, index) => (map & (1 << index)) !== 0)
}
