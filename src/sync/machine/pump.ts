// Sends the outbox: in order, in batches, a few at a time. Only central's own ack confirms; an MQTT
// PUBACK proves no more than that a broker listened (U2, U3).
import type { AckBody } from './messages.ts'
import { IDLE_PUMP, publish, type Turn } from './state.ts'

/** Central has not confirmed lately: one batch is enough to ask whether it is there. */
const PROBE_WINDOW_BATCHES = 1

export function startPump(turn: Turn): void {
  const sentSeq = turn.ledger.confirmedSeq()
  turn.state = { ...turn.state, pump: { ...IDLE_PUMP, sentSeq } }
  fillWindow(turn)
}

export function stopPump(turn: Turn): void {
  turn.state = { ...turn.state, pump: IDLE_PUMP }
}

export function fillWindow(turn: Turn): void {
  const { config, ledger, now } = turn
  if (turn.state.link.kind !== 'up') return
  const window = turn.state.pump.timeouts > 0 ? PROBE_WINDOW_BATCHES : config.windowBatches
  const limits = { countMax: config.batchEventsMax, bytesMax: config.batchBytesMax }
  while (turn.state.pump.unconfirmed.length < window) {
    const pump = turn.state.pump
    if (pump.sentSeq >= ledger.headSeq()) return
    const rows = ledger.outboxAfter(pump.sentSeq, limits)
    const first = rows[0]
    const last = rows.at(-1)
    if (first === undefined || last === undefined) return
    publish(turn, 'ev', {
      epoch: ledger.epoch(),
      first: first.seq,
      ev: rows.map((row) => row.body),
    })
    turn.state = {
      ...turn.state,
      pump: {
        ...pump,
        sentSeq: last.seq,
        unconfirmed: [...pump.unconfirmed, last.seq],
        lastSentMonoMs: now.monoMs,
        resendAtMonoMs: pump.resendAtMonoMs ?? now.monoMs + ackTimeoutMs(turn),
      },
    }
  }
}

function ackTimeoutMs(turn: Turn): number {
  const { ackTimeoutMs: base, ackTimeoutCapMs } = turn.config
  return Math.min(ackTimeoutCapMs, base * 2 ** Math.min(turn.state.pump.timeouts, 30))
}

function resendFrom(turn: Turn, confirmed: number, timeouts: number): void {
  turn.state = { ...turn.state, pump: { ...IDLE_PUMP, sentSeq: confirmed, timeouts } }
  fillWindow(turn)
}

export function checkResend(turn: Turn): void {
  const { resendAtMonoMs, timeouts } = turn.state.pump
  if (resendAtMonoMs === null || turn.now.monoMs < resendAtMonoMs) return
  resendFrom(turn, turn.ledger.confirmedSeq(), timeouts + 1)
}

/** @returns false when the ack confirms facts that this ledger does not hold */
export function takeAck(turn: Turn, ack: AckBody): boolean {
  const { config, ledger, now } = turn
  // Another epoch is another database's life; its numbers say nothing about ours.
  if (ack.epoch !== ledger.epoch()) return true
  if (ack.cum > ledger.headSeq()) return false
  const confirmed = ledger.confirmedSeq()
  const { pump } = turn.state
  if (ack.cum > confirmed) {
    turn.notes.push({ kind: 'facts-confirmed', data: { upToSeq: ack.cum } })
    const unconfirmed = pump.unconfirmed.filter((last) => last > ack.cum)
    turn.state = {
      ...turn.state,
      pump: {
        ...pump,
        sentSeq: Math.max(pump.sentSeq, ack.cum),
        unconfirmed,
        resendAtMonoMs: unconfirmed.length === 0 ? null : now.monoMs + config.ackTimeoutMs,
        timeouts: 0,
      },
    }
    fillWindow(turn)
    return true
  }
  // Central says where it stands and has not moved: it restarted, or a batch before was lost. The
  // wait keeps answers to batches that merely crossed from causing a storm of repetitions.
  const isQuiet = now.monoMs - pump.lastSentMonoMs >= config.resendMinMs
  if (ack.cum === confirmed && pump.unconfirmed.length > 0 && isQuiet) {
    resendFrom(turn, confirmed, 0)
  }
  return true
}
