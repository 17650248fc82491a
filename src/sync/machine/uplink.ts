// The uplink machine: connects, sends the outbox, applies what central wants. It runs beside the
// kiosk's rules, in the transaction that stores the step's notes; its actions leave after the
// commit.

import type { OutboxLedger } from '../../kiosk/ledger.ts'
import type { Now } from '../../kiosk/time.ts'
import { endCommand, takeCommand } from './commands.ts'
import type { UplinkConfig } from './config.ts'
import {
  checkConnection,
  checkRebirth,
  deafAt,
  reconnect,
  stop,
  takeLinkDown,
  takeLinkUp,
  wantRebirth,
} from './connection.ts'
import { checkAsk, takeDelta, takeHeads, takeSnapshot } from './desired-inbox.ts'
import type { ConfirmBody, DownMessage, Refusal } from './messages.ts'
import { FREE_PACE } from './pace.ts'
import { checkHold, checkResend, fillWindow, takeAck, takeRelapse } from './pump.ts'
import { drawMs } from './random.ts'
import { closeWindow, refuse } from './refusals.ts'
import { answerUplink } from './report.ts'
import { believedNow, NO_TIME, takeTime } from './server-time.ts'
import {
  count,
  IDLE_PUMP,
  IDLE_SYNC,
  publish,
  type Turn,
  type UplinkEvent,
  type UplinkState,
  type UplinkStep,
} from './state.ts'

const SEED = /^[0-9a-f]{32}$/

export interface UplinkStart {
  /** 32 hexadecimal digits, fresh and secret at every start. */
  readonly seed: string
  readonly now: Now
}

/** The first attempt is spread like every other: a power cut ends for a whole district at once. */
export function createUplink(config: UplinkConfig, { seed, now }: UplinkStart): UplinkState {
  if (!SEED.test(seed)) throw new Error('the uplink’s seed is not 32 hexadecimal digits')
  const drawn = drawMs({ seed, drawn: 0 }, config.retrySpreadMs)
  return {
    random: drawn.random,
    link: { kind: 'waiting', untilMonoMs: now.monoMs + drawn.ms },
    brokers: Array.from({ length: config.brokers }, () => ({
      protocol: config.protocol === '3.1.1' ? '3.1.1' : '5',
      earlyCloses: 0,
    })),
    broker: 0,
    failures: 0,
    heardAtMonoMs: null,
    lastLoss: null,
    isOnline: false,
    pump: IDLE_PUMP,
    pace: FREE_PACE,
    spreadMs: null,
    sync: IDLE_SYNC,
    time: NO_TIME,
    counts: { connects: 0, acks: 0, refusals: {} },
    commands: { nonces: [], windowEndsMonoMs: 0, count: 0 },
    refusals: { windowEndsMonoMs: null, reported: 0, suppressed: 0, last: null },
  }
}

/**
 * One step. The notes must be stored in the transaction that the ledger reads from; the actions are
 * performed in order, and only after that transaction is committed.
 * @param machine the machine's own clocks
 */
export function stepUplink(
  state: UplinkState,
  event: UplinkEvent,
  machine: Now,
  ledger: OutboxLedger,
  config: UplinkConfig,
): UplinkStep {
  const now = believedNow(state.time, machine)
  const turn: Turn = { state, notes: [], actions: [], now, machine, ledger, config }
  take(turn, event)
  if (turn.state.link.kind !== 'stopped') {
    checkConnection(turn)
    checkHold(turn)
    checkRebirth(turn)
    checkResend(turn)
    checkAsk(turn)
  }
  closeWindow(turn)
  reportPresence(turn)
  return { state: turn.state, notes: turn.notes, actions: turn.actions }
}

function take(turn: Turn, event: UplinkEvent): void {
  switch (event.kind) {
    case 'link-up':
      takeLinkUp(turn, event)
      return
    case 'link-down':
      takeLinkDown(turn, event)
      return
    case 'message':
      turn.actions.push({ kind: 'acknowledge', receipt: event.receipt })
      takeMessage(turn, event.message)
      return
    case 'message-refused':
      if (event.receipt !== null) {
        turn.actions.push({ kind: 'acknowledge', receipt: event.receipt })
      }
      refuse(turn, event.refusal)
      return
    case 'facts-stored':
      fillWindow(turn)
      return
    case 'time-passed':
      return
    case 'renewal-wanted':
      publish(turn, 'csr', { id: event.id, request: event.request })
      return
    case 'identity-renewed':
      reconnect(turn)
      return
    case 'renewal-failed':
      return
    case 'command-ended':
      endCommand(turn, event.commandId, event.end)
      return
    case 'asked':
      answerUplink(turn, event.requestId, event.question)
      return
    case 'stopping':
      stop(turn, event.reason)
      return
  }
}

function takeMessage(turn: Turn, message: DownMessage): void {
  const refusal = applyMessage(turn, message)
  if (refusal !== null) {
    refuse(turn, refusal)
    return
  }
  if (turn.state.link.kind !== 'up') return
  turn.state = { ...turn.state, heardAtMonoMs: turn.now.monoMs }
}

function applyMessage(turn: Turn, message: DownMessage): Refusal | null {
  switch (message.leaf) {
    case 'ack': {
      count(turn, { acks: turn.state.counts.acks + 1 })
      const overtaken = takeAck(turn, message.body)
      if (overtaken !== null) {
        const knownSeq = message.body.cum
        const event = { kind: 'ledger-overtaken', cause: overtaken, knownSeq } as const
        turn.actions.push({ kind: 'report', event })
        const detail = `cum ${message.body.cum}, newest fact ${turn.ledger.headSeq()}`
        return { leaf: 'ack', code: 'LK-SYNC-09', detail }
      }
      takeTime(turn, 'ack', message.body.time)
      takeHeads(turn, message.body.head)
      return null
    }
    case 'confirm':
      takeConfirmation(turn, message.body)
      return null
    case 'head':
      takeTime(turn, 'head', message.body.time)
      takeHeads(turn, message.body.head, message.body.hash)
      return null
    case 'delta':
      takeDelta(turn, message.body)
      return null
    case 'snap':
      return takeSnapshot(turn, message.body)
    case 'crt': {
      const { re, certificate, ca = null } = message.body
      turn.actions.push({ kind: 'renew', re, certificate, ca })
      return null
    }
    case 'cmd':
      return takeCommand(turn, message.body)
    case 'ctl':
      if (message.body.rebirth) wantRebirth(turn)
      takeRelapse(turn, message.body)
      return null
  }
}

/** An old one, or one for another restore, says nothing about this ledger. */
function takeConfirmation(turn: Turn, { epoch, after, parcels }: ConfirmBody): void {
  if (epoch !== turn.ledger.epoch()) return
  const vouched = parcels.map(({ id: parcelId, ...place }) => ({ parcelId, ...place }))
  const event = { kind: 'parcels-vouched', ...after, parcels: vouched } as const
  turn.actions.push({ kind: 'report', event })
}

/** Online means that central itself was heard lately; an open socket proves only a broker. */
function reportPresence(turn: Turn): void {
  const { config, now, state } = turn
  const { link, heardAtMonoMs } = state
  const isOnline =
    link.kind === 'up' && heardAtMonoMs !== null && now.monoMs - heardAtMonoMs < config.onlineMs
  if (isOnline === state.isOnline) return
  turn.state = { ...state, isOnline }
  turn.actions.push({ kind: 'report', event: { kind: 'uplink-changed', isOnline } })
}

/** When to send `time-passed`; null: not at all. Early and late calls do no harm. */
export function nextUplinkWake(state: UplinkState, config: UplinkConfig): number | null {
  const { link } = state
  const times: (number | null)[] = [state.refusals.windowEndsMonoMs, deafAt(state, config)]
  if (link.kind === 'waiting') times.push(link.untilMonoMs)
  if (link.kind === 'connecting') times.push(link.sinceMonoMs + config.connectMaxMs)
  if (link.kind === 'up') {
    const { heldUntilMonoMs } = state.pace
    times.push(heldUntilMonoMs ?? state.pump.resendAtMonoMs, state.sync.askAtMonoMs)
    times.push(link.rebirthAtMonoMs)
  }
  if (state.isOnline && state.heardAtMonoMs !== null) {
    times.push(state.heardAtMonoMs + config.onlineMs)
  }
  const due = times.filter((time) => time !== null)
  return due.length === 0 ? null : Math.min(...due)
}
