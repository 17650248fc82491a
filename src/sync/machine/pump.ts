// Sends the outbox: in order, in batches, a few at a time. Only central's own ack confirms; an MQTT
// PUBACK proves no more than that a broker listened (U2, U3).
import type { RestoreCause } from '../../kiosk/restore-facts.ts'
import type { AckBody, CtlBody } from './messages.ts'
import { batchEventsMax, FREE_PACE, isHeld, takePace, windowBatches } from './pace.ts'
import { drawId } from './random.ts'
import { isTimeWanted, noteTimeAsked } from './server-time.ts'
import { IDLE_PUMP, type PumpState, publish, type Turn } from './state.ts'

type Overtaken = Extract<RestoreCause, `central-${string}`>

/** Central has not confirmed lately: one batch is enough to ask whether it is there. */
const PROBE_WINDOW_BATCHES = 1

export function startPump(turn: Turn): void {
  const sentSeq = turn.ledger.confirmedSeq()
  turn.state = { ...turn.state, pump: { ...IDLE_PUMP, sentSeq } }
  fillWindow(turn)
}

export function stopPump(turn: Turn): void {
  turn.state = { ...turn.state, pump: IDLE_PUMP, pace: FREE_PACE }
}

export function fillWindow(turn: Turn): void {
  const { config, ledger, now } = turn
  if (turn.state.link.kind !== 'up' || isHeld(turn)) return
  const window = turn.state.pump.timeouts > 0 ? PROBE_WINDOW_BATCHES : windowBatches(turn)
  const limits = { countMax: batchEventsMax(turn), bytesMax: config.batchBytesMax }
  while (turn.state.pump.unconfirmed.length < window) {
    const pump = turn.state.pump
    if (pump.sentSeq >= ledger.headSeq()) return
    // A batch is of one epoch: what a restored copy had not sent goes first, under its old name,
    // and is confirmed before the next epoch begins.
    const { epoch, firstSeq, lastSeq } = ledger.epochAt(pump.sentSeq + 1)
    if (firstSeq > pump.sentSeq && pump.unconfirmed.length > 0) return
    const rows = ledger
      .outboxAfter(pump.sentSeq, limits)
      .filter(({ seq }) => lastSeq === null || seq <= lastSeq)
    const first = rows[0]
    const last = rows.at(-1)
    if (first === undefined || last === undefined) return
    publish(turn, 'ev', {
      ...askedAlong(turn),
      epoch,
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

/** The ack of this batch then tells the time. */
function askedAlong(turn: Turn): { readonly id?: string } {
  if (!isTimeWanted(turn)) return {}
  const { id, random } = drawId(turn.state.random)
  turn.state = { ...turn.state, random }
  noteTimeAsked(turn, id)
  return { id }
}

function ackTimeoutMs(turn: Turn): number {
  const { ackTimeoutMs: base, ackTimeoutCapMs } = turn.config
  return Math.min(ackTimeoutCapMs, base * 2 ** Math.min(turn.state.pump.timeouts, 30))
}

function resendFrom(turn: Turn, place: Pick<PumpState, 'sentSeq' | 'timeouts' | 'relapse'>): void {
  turn.state = { ...turn.state, pump: { ...IDLE_PUMP, ...place } }
  fillWindow(turn)
}

/** The pause that central asked for is over. */
export function checkHold(turn: Turn): void {
  const { pace } = turn.state
  if (pace.heldUntilMonoMs === null || isHeld(turn)) return
  turn.state = { ...turn.state, pace: { ...pace, heldUntilMonoMs: null } }
  fillWindow(turn)
}

/** From the oldest fact that central has not confirmed. */
export function resend(turn: Turn): void {
  const { relapse, timeouts } = turn.state.pump
  const sentSeq = relapse?.seq ?? turn.ledger.confirmedSeq()
  resendFrom(turn, { sentSeq, timeouts, relapse })
}

export function checkResend(turn: Turn): void {
  // Central is there, and slow: to repeat would be the opposite of what it wants.
  if (isHeld(turn)) return
  const { resendAtMonoMs, timeouts } = turn.state.pump
  if (resendAtMonoMs === null || turn.now.monoMs < resendAtMonoMs) return
  const { relapse } = turn.state.pump
  const sentSeq = relapse?.seq ?? turn.ledger.confirmedSeq()
  resendFrom(turn, { sentSeq, timeouts: timeouts + 1, relapse })
}

/**
 * Central was put back to an older copy and asks for what it lost. What is confirmed stays so; only
 * the place from which is sent goes back. It names the connection: played back, it is for another.
 */
export function takeRelapse(turn: Turn, { session, resend }: CtlBody): void {
  const { ledger } = turn
  const { link } = turn.state
  if (resend === undefined || link.kind !== 'up' || link.session !== session) return
  const range = ledger.epochRange(resend.epoch)
  if (range === null) return
  const from = Math.max(resend.from, range.firstSeq, ledger.firstSeq())
  if (from > ledger.confirmedSeq()) return
  resendFrom(turn, { sentSeq: from - 1, timeouts: 0, relapse: relapseAt(turn, from - 1) })
}

/** What comes next may be of a later epoch. */
function relapseAt({ ledger }: Turn, seq: number): PumpState['relapse'] {
  return { epoch: ledger.epochAt(seq + 1).epoch, seq }
}

/** @returns how it shows that this ledger is not what central has heard; null: it is */
export function takeAck(turn: Turn, ack: AckBody): Overtaken | null {
  const { ledger } = turn
  // Another epoch is another database's life; its numbers say nothing about ours.
  const range = ledger.epochRange(ack.epoch)
  if (range === null) return null
  const { cum } = ack
  if (range.lastSeq === null && cum > ledger.headSeq()) return 'central-ahead'
  // What central has of an epoch beyond its end was lost, and that has been told. It proves nothing
  // of what this ledger has there.
  if (cum > (range.lastSeq ?? cum)) return null
  // Nor does an epoch tell of the one before.
  const isBegun = cum >= range.firstSeq && ledger.confirmedSeq() >= range.firstSeq - 1
  if (cum > 0 && !isBegun) return null
  // What was cut off was confirmed before.
  const hash = ledger.factHash(cum)
  if (hash !== null && ack.hash !== hash) return range.lastSeq === null ? 'central-differs' : null
  takePace(turn, ack)
  // Up messages are not signed: whatever central has under older numbers may be another's words.
  const owed = turn.state.pump.relapse?.seq ?? ledger.confirmedSeq()
  if (ack.since <= owed + 1) confirm(turn, ack)
  // An ack without a wish ends a pause, whatever else it says.
  fillWindow(turn)
  return null
}

function confirm(turn: Turn, ack: AckBody): void {
  const { config, ledger, now } = turn
  const { pump } = turn.state
  const stored = ledger.confirmedSeq()
  if (ack.cum > stored) turn.notes.push({ kind: 'facts-confirmed', data: { upToSeq: ack.cum } })
  let { relapse } = pump
  if (relapse !== null) {
    // What it says of another epoch is not about what it lacks.
    if (relapse.epoch !== ack.epoch) return
    if (ack.cum >= stored) {
      resendFrom(turn, { sentSeq: ack.cum, timeouts: 0, relapse: null })
      return
    }
  }
  const confirmed = relapse?.seq ?? stored
  if (ack.cum > confirmed) {
    if (relapse !== null) relapse = relapseAt(turn, ack.cum)
    const unconfirmed = pump.unconfirmed.filter((last) => last > ack.cum)
    turn.state = {
      ...turn.state,
      pump: {
        ...pump,
        sentSeq: Math.max(pump.sentSeq, ack.cum),
        unconfirmed,
        resendAtMonoMs: unconfirmed.length === 0 ? null : now.monoMs + config.ackTimeoutMs,
        timeouts: 0,
        relapse,
      },
    }
    fillWindow(turn)
    return
  }
  if (ack.cum !== confirmed || pump.unconfirmed.length === 0) return
  // Central says where it stands and has not moved: it restarted, or a batch before was lost. The
  // wait keeps answers to batches that merely crossed from causing a storm of repetitions.
  const quietAtMonoMs = pump.lastSentMonoMs + config.resendMinMs
  if (now.monoMs >= quietAtMonoMs) resendFrom(turn, { sentSeq: confirmed, timeouts: 0, relapse })
  else {
    const resendAtMonoMs = Math.min(pump.resendAtMonoMs ?? quietAtMonoMs, quietAtMonoMs)
    turn.state = { ...turn.state, pump: { ...pump, resendAtMonoMs } }
  }
}
