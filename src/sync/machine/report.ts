// What the uplink says of itself to a technician, and what a technician may ask of it. Nothing here
// changes what is true: it may hurry, and it may send once more.
import { STREAMS, type StreamName } from '../../kiosk/desired.ts'
import type { Protocol } from './config.ts'
import { brokerOf, hurry } from './connection.ts'
import { ask } from './desired-inbox.ts'
import { resend } from './pump.ts'
import type { LinkCause, Turn, UplinkState } from './state.ts'

export type UplinkQuestion =
  | { readonly kind: 'report' }
  /** Connects now, or asks central for everything newer. */
  | { readonly kind: 'hurry' }
  /** Sends what waits once more. */
  | { readonly kind: 'resend' }
  /** What waits for central, oldest first. */
  | { readonly kind: 'outbox'; readonly limit: number }
  | { readonly kind: 'fact'; readonly seq: number }

export type UplinkAnswer =
  | { readonly kind: 'uplink'; readonly report: UplinkReport }
  | { readonly kind: 'outbox'; readonly waiting: number; readonly facts: readonly WaitingFact[] }
  | { readonly kind: 'fact'; readonly fact: WholeFact | null }

export interface UplinkReport {
  readonly link: UplinkState['link']['kind']
  /** Milliseconds in this state; null while waiting. */
  readonly sinceMs: number | null
  /** Milliseconds until the next attempt; null unless waiting. */
  readonly nextTryInMs: number | null
  readonly protocol: Protocol
  /** Which one of the configured brokers, from 0. */
  readonly broker: number
  /** Attempts and short connections in a row. */
  readonly failures: number
  readonly lastLoss: { readonly cause: LinkCause; readonly agoMs: number } | null
  /** Since central itself was heard, in milliseconds; null: not on this connection. */
  readonly heardAgoMs: number | null
  readonly epoch: string
  /** Number of the newest fact, and of the newest one that central has confirmed. */
  readonly newestSeq: number
  readonly confirmedSeq: number
  readonly waiting: number
  /** When the oldest fact that waits was made, by the kiosk's clock; null: none waits. */
  readonly oldestWallMs: number | null
  readonly batchesUnderWay: number
  /** Times in a row that no ack came. */
  readonly timeouts: number
  readonly streams: readonly StreamReport[]
}

interface StreamReport {
  readonly stream: StreamName
  readonly version: number
  readonly hash: string
}

export interface WaitingFact {
  readonly seq: number
  readonly type: string
  readonly atWallMs: number
  readonly bytes: number
  /** It went out on this connection, and central has not confirmed it. */
  readonly isSent: boolean
}

export interface WholeFact {
  readonly seq: number
  readonly isConfirmed: boolean
  /** The exact text. */
  readonly body: string
}

/** A page of a terminal, or a few; each fact has some hundred bytes. */
const OUTBOX_BYTES_MAX = 512 * 1024

export function answerUplink(turn: Turn, requestId: string, question: UplinkQuestion): void {
  const answer = answerTo(turn, question)
  turn.actions.push({ kind: 'tell', requestId, answer })
}

function answerTo(turn: Turn, question: UplinkQuestion): UplinkAnswer {
  switch (question.kind) {
    case 'report':
      break
    case 'hurry':
      if (turn.state.link.kind === 'up') ask(turn)
      else hurry(turn)
      break
    case 'resend':
      resend(turn)
      break
    case 'outbox':
      return outboxOf(turn, question.limit)
    case 'fact':
      return { kind: 'fact', fact: factAt(turn, question.seq) }
  }
  return { kind: 'uplink', report: reportOf(turn) }
}

function reportOf(turn: Turn): UplinkReport {
  const { state, ledger, now } = turn
  const { link, heardAtMonoMs, lastLoss, pump } = state
  const ago = (monoMs: number): number => Math.round(now.monoMs - monoMs)
  const versions = ledger.streamVersions()
  const hashes = ledger.streamHashes()
  const confirmedSeq = ledger.confirmedSeq()
  const [oldest] = ledger.outboxAfter(confirmedSeq, { countMax: 1, bytesMax: 1 })
  return {
    link: link.kind,
    sinceMs: 'sinceMonoMs' in link ? ago(link.sinceMonoMs) : null,
    nextTryInMs: link.kind === 'waiting' ? Math.max(0, -ago(link.untilMonoMs)) : null,
    protocol: brokerOf(turn).protocol,
    broker: state.broker,
    failures: state.failures,
    lastLoss: lastLoss === null ? null : { cause: lastLoss.cause, agoMs: ago(lastLoss.atMonoMs) },
    heardAgoMs: heardAtMonoMs === null ? null : ago(heardAtMonoMs),
    epoch: ledger.epoch(),
    newestSeq: ledger.headSeq(),
    confirmedSeq,
    waiting: ledger.headSeq() - confirmedSeq,
    oldestWallMs: oldest === undefined ? null : textOf(oldest.body).t,
    batchesUnderWay: pump.unconfirmed.length,
    timeouts: pump.timeouts,
    streams: STREAMS.map((stream) => ({
      stream,
      version: versions[stream],
      hash: hashes[stream],
    })),
  }
}

function outboxOf({ state, ledger }: Turn, limit: number): UplinkAnswer {
  const confirmed = ledger.confirmedSeq()
  const rows = ledger.outboxAfter(confirmed, { countMax: limit, bytesMax: OUTBOX_BYTES_MAX })
  const sentSeq = state.link.kind === 'up' ? state.pump.sentSeq : confirmed
  const facts = rows.map(({ seq, body }): WaitingFact => {
    const { type, t } = textOf(body)
    return { seq, type, atWallMs: t, bytes: bytesOf(body), isSent: seq <= sentSeq }
  })
  return { kind: 'outbox', waiting: ledger.headSeq() - confirmed, facts }
}

function factAt({ ledger }: Turn, seq: number): WholeFact | null {
  if (seq < ledger.firstSeq()) return null
  const [row] = ledger.outboxAfter(seq - 1, { countMax: 1, bytesMax: OUTBOX_BYTES_MAX })
  if (row?.seq !== seq) return null
  return { seq, isConfirmed: seq <= ledger.confirmedSeq(), body: row.body }
}

function textOf(body: string): { readonly type: string; readonly t: number } {
  return JSON.parse(body) as { type: string; t: number }
}

/** As UTF-8 has it. */
function bytesOf(text: string): number {
  return [...text].reduce((sum, sign) => sum + widthOf(sign.codePointAt(0) ?? 0), 0)
}

function widthOf(codePoint: number): number {
  if (codePoint < 0x80) return 1
  if (codePoint < 0x800) return 2
  return codePoint < 0x1_00_00 ? 3 : 4
}
