// What is on a line, for a technician: each frame as it was sent or came, and what the dialect
// reads in it. It is read with the master's own exchange and the dialect's own decoder; a frame
// that they make nothing of is told as that.
import type { BoardReply } from './dialects/dialect.ts'
import type { BusState, Flight } from './master/state.ts'

/**
 * - `no-reply`: nothing in it answers the open request, at least not yet
 * - `unasked`: no request is open
 */
export type Reading =
  | {
      readonly kind: 'request'
      readonly request: string
      readonly board: string
      readonly address: number
      readonly dialect: string
      /** Of a pulse and what ends it; null otherwise. */
      readonly channel: number | null
      /** 1 for the first frame of an exchange. */
      readonly attempt: number
    }
  | {
      readonly kind: 'reply'
      readonly request: string
      readonly board: string
      readonly address: number
      readonly dialect: string
      readonly reply: BoardReply['kind']
      /** In words; empty when the kind says it all. */
      readonly says: string
    }
  | { readonly kind: 'no-reply'; readonly request: string; readonly board: string }
  | { readonly kind: 'unasked' }

export interface TraceEntry {
  readonly bus: string
  readonly monoMs: number
  readonly direction: 'sent' | 'received'
  /** Two digits for each byte; a line comes without its end. */
  readonly hex: string
  readonly reading: Reading
}

type Heard = (entry: TraceEntry) => void

/** @param state after the step that sends the frame */
export function traceSent(state: BusState, frame: Frame, heard: Heard): void {
  heard(entryOf(state, frame, { direction: 'sent', reading: readSent(state.flight) }))
}

/** @param state before the step that takes the frame */
export function traceReceived(state: BusState, frame: Frame, heard: Heard): void {
  const reading = readReceived(state, frame.text)
  heard(entryOf(state, frame, { direction: 'received', reading }))
}

interface Frame {
  /** latin1 */
  readonly text: string
  readonly nowMonoMs: number
}

function entryOf(
  { config }: BusState,
  { text, nowMonoMs }: Frame,
  what: Pick<TraceEntry, 'direction' | 'reading'>,
): TraceEntry {
  return { bus: config.id, monoMs: nowMonoMs, hex: hexOf(text), ...what }
}

function hexOf(text: string): string {
  const digits = (_: unknown, index: number) =>
    text.charCodeAt(index).toString(16).toUpperCase().padStart(2, '0')
  return Array.from({ length: text.length }, digits).join(' ')
}

function partners({ exchange }: Flight) {
  const { id, address, dialect } = exchange.board
  return { request: exchange.request.kind, board: id, address, dialect }
}

function readSent(flight: Flight | null): Reading {
  if (flight === null) return { kind: 'unasked' }
  const { request } = flight.exchange
  const channel = 'channel' in request ? request.channel : null
  return { kind: 'request', ...partners(flight), channel, attempt: flight.attempt }
}

function readReceived({ flight, boards }: BusState, text: string): Reading {
  const dialect = flight === null ? undefined : boards[flight.boardIndex]?.dialect
  if (flight === null || dialect === undefined) return { kind: 'unasked' }
  const { reply } = dialect.decode(flight.heard + text, flight.exchange)
  if (reply !== null) {
    return { kind: 'reply', ...partners(flight), reply: reply.kind, says: wordsOf(reply) }
  }
  const { request, board } = partners(flight)
  return { kind: 'no-reply', request, board }
}

function wordsOf(reply: BoardReply): string {
  switch (reply.kind) {
    case 'hello':
      return `run ${reply.boot}`
    case 'state': {
      const open = reply.doors.flatMap(({ state }, index) => (state === 'open' ? [index + 1] : []))
      return open.length === 0 ? 'no door open' : `open: ${open.join(', ')}`
    }
    case 'outputs': {
      const on = reply.on.flatMap((isOn, index) => (isOn ? [index + 1] : []))
      return on.length === 0 ? 'no output on' : `on: ${on.join(', ')}`
    }
    case 'pulse':
      return `${reply.ms} ms`
    case 'refused':
      return reply.cause
    case 'done':
      return ''
  }
}
