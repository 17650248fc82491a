// Answers a technician. Nothing here changes what is true: the uplink may hurry, and it may send
// once more.
import { STREAMS } from '../../kiosk/desired.ts'
import type {
  UplinkAnswer,
  UplinkQuestion,
  UplinkReport,
  WaitingFact,
  WholeFact,
} from '../../kiosk/uplink-report.ts'
import { CODE_BY_CAUSE } from './cause-codes.ts'
import { brokerOf, hurry } from './connection.ts'
import { ask } from './desired-inbox.ts'
import { resend } from './pump.ts'
import { clockReport } from './server-time.ts'
import type { LinkCause, Turn } from './state.ts'

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
  const oldestWallMs = oldest === undefined ? null : textOf(oldest.body).t
  return {
    link: link.kind,
    sinceMs: 'sinceMonoMs' in link ? ago(link.sinceMonoMs) : null,
    nextTryInMs: link.kind === 'waiting' ? Math.max(0, -ago(link.untilMonoMs)) : null,
    protocol: brokerOf(turn).protocol,
    broker: state.broker,
    failures: state.failures,
    lastLoss: lastLoss === null ? null : lossOf(lastLoss.cause, ago(lastLoss.atMonoMs)),
    heardAgoMs: heardAtMonoMs === null ? null : ago(heardAtMonoMs),
    epoch: ledger.epoch(),
    newestSeq: ledger.headSeq(),
    confirmedSeq,
    waiting: ledger.headSeq() - confirmedSeq,
    oldestWallMs,
    oldestAgeMs: oldestWallMs === null ? null : Math.max(0, now.wallMs - oldestWallMs),
    batchesUnderWay: pump.unconfirmed.length,
    timeouts: pump.timeouts,
    streams: STREAMS.map((stream) => ({
      stream,
      version: versions[stream],
      hash: hashes[stream],
    })),
    clock: clockReport(turn),
    counts: state.counts,
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

function lossOf(cause: LinkCause, agoMs: number): NonNullable<UplinkReport['lastLoss']> {
  return { cause, code: CODE_BY_CAUSE[cause], agoMs }
}
