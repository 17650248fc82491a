// What is on a line, for a technician: each frame as it was sent or came, and what the dialect
// reads in it. It is read with the master's own exchange and the dialect's own decoder; a frame
// that they make nothing of is told as that. With the few things beside frames that move a master
// it is all that is needed to take its steps again.
import type { BusConfig } from './config.ts'
import type { BoardReply } from './dialects/dialect.ts'
import type { BusAction, BusEvent, BusReport, BusState, Flight } from './master/state.ts'
import { type BusSnapshot, snapshotOf } from './snapshot.ts'

/**
 * - `no-reply`: nothing in it answers the open request, at least not yet
 * - `unasked`: no request is open
 */
type Reading =
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

interface Moment {
  readonly bus: string
  readonly monoMs: number
}

export interface FrameEntry extends Moment {
  readonly direction: 'sent' | 'received'
  /** Two digits for each byte; a line comes without its end. */
  readonly hex: string
  readonly reading: Reading
}

/** What else has moved the master: all its steps can be taken again from these and the frames. */
export interface EventEntry extends Moment {
  readonly event: Exclude<BusEvent, { readonly kind: 'frame-received' }>
}

export interface ReportEntry extends Moment {
  readonly report: BusReport
}

/** The first of a bus in each trace: where its master goes on from. */
export interface StartEntry extends Moment {
  readonly start: { readonly config: BusConfig; readonly state: BusSnapshot }
}

export type TraceEntry = FrameEntry | EventEntry | ReportEntry | StartEntry

type Heard = (entry: TraceEntry) => void

export function traceStart(state: BusState, nowMonoMs: number): StartEntry {
  const start = { config: state.config, state: snapshotOf(state) }
  return { bus: state.config.id, monoMs: nowMonoMs, start }
}

/** @param before the step; an alarm that rang for nothing is told after it, or not at all */
export function traceEvent(before: BusState, turn: Turn<BusEvent>, heard: Heard): void {
  const { what: event, nowMonoMs } = turn
  if (event.kind === 'frame-received') {
    const frame = { text: event.text, nowMonoMs }
    const reading = readReceived(before, event.text)
    heard(entryOf(before, frame, { direction: 'received', reading }))
  } else heard({ bus: before.config.id, monoMs: nowMonoMs, event })
}

/** @param after the step that has led to the action */
export function traceAction(after: BusState, turn: Turn<BusAction>, heard: Heard): void {
  const { what: action, nowMonoMs } = turn
  if (action.kind === 'send') {
    const frame = { text: action.text, nowMonoMs }
    heard(entryOf(after, frame, { direction: 'sent', reading: readSent(after.flight) }))
  }
  if (action.kind === 'report') {
    heard({ bus: after.config.id, monoMs: nowMonoMs, report: action.event })
  }
}

interface Turn<What> {
  readonly what: What
  readonly nowMonoMs: number
}

interface Frame {
  /** latin1 */
  readonly text: string
  readonly nowMonoMs: number
}

function entryOf(
  { config }: BusState,
  { text, nowMonoMs }: Frame,
  what: Pick<FrameEntry, 'direction' | 'reading'>,
): FrameEntry {
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
