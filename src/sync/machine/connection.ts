// When to connect, with which protocol, and what the retained `state` says about it (P1, P2,
// C1-C4).

import type { Protocol, UplinkConfig } from './config.ts'
import { ask } from './desired-inbox.ts'
import { startPump, stopPump } from './pump.ts'
import { drawId, drawMs } from './random.ts'
import { clockReport } from './server-time.ts'
import {
  type BrokerState,
  count,
  IDLE_SYNC,
  type LinkCause,
  type LinkEvent,
  publish,
  type Turn,
  type UplinkState,
} from './state.ts'

/** One early close may be chance; two in a row are how some brokers refuse a protocol. */
const EARLY_CLOSES_MAX = 2
const REBIRTH_MIN_MS = 10_000
/** Beyond this the doubling has long met its cap. */
const DOUBLINGS_MAX = 20

const SLOW_CAUSES: ReadonlySet<LinkCause> = new Set<LinkCause>([
  'refused',
  'tls-refused',
  'broker-unknown',
  'broker-misnamed',
  'broker-expired',
  'identity-refused',
  'identity-expired',
  'identity-unusable',
  'subscription-refused',
  'publication-refused',
  'taken-over',
])

export function checkConnection(turn: Turn): void {
  const { config, now, state } = turn
  const { link } = state
  if (link.kind === 'waiting' && now.monoMs >= link.untilMonoMs) connect(turn)
  if (link.kind === 'connecting' && now.monoMs - link.sinceMonoMs >= config.connectMaxMs) {
    // The link owes an end to every attempt. One that never comes must not stop the uplink for
    // ever.
    turn.actions.push({ kind: 'disconnect' })
    takeLinkDown(turn, { session: link.session, cause: 'timeout' })
  }
  const deafAtMonoMs = deafAt(turn.state, config)
  if (link.kind === 'up' && deafAtMonoMs !== null && now.monoMs >= deafAtMonoMs) {
    // This broker is there, and central is not behind it. Behind another one it may be.
    turn.actions.push({ kind: 'disconnect' })
    lose(turn)
    tryNextBroker(turn)
    wait(turn, spreadDelayMs(turn))
  }
}

/** When a broker behind which central keeps silent is left for another; null: there is none. */
export function deafAt({ link, heardAtMonoMs }: UplinkState, config: UplinkConfig): number | null {
  if (link.kind !== 'up' || config.brokers < 2) return null
  return (heardAtMonoMs ?? link.sinceMonoMs) + config.onlineMs
}

export function brokerOf({ state }: Turn): BrokerState {
  return state.brokers[state.broker] ?? { protocol: '5', earlyCloses: 0 }
}

function setBroker(turn: Turn, changes: Partial<BrokerState>): void {
  const { state } = turn
  const changed = { ...brokerOf(turn), ...changes }
  turn.state = { ...state, brokers: state.brokers.with(state.broker, changed) }
}

function tryNextBroker(turn: Turn): void {
  turn.state = { ...turn.state, broker: (turn.state.broker + 1) % turn.config.brokers }
}

function connect(turn: Turn): void {
  const { config, now, state } = turn
  const drawn = drawId(state.random)
  const session = drawn.id
  const will = JSON.stringify({ v: 1, k: config.kioskId, t: now.wallMs, online: false, session })
  const { broker } = state
  const { protocol } = brokerOf(turn)
  const { wallMs, isWallBelieved } = now
  const clock = { wallMs, isWallBelieved }
  turn.actions.push({ kind: 'connect', session, broker, protocol, ...clock, will })
  turn.state = {
    ...state,
    random: drawn.random,
    link: { kind: 'connecting', session, protocol, sinceMonoMs: now.monoMs },
  }
}

export function takeLinkUp(turn: Turn, event: LinkEvent & { readonly kind: 'link-up' }): void {
  const { link } = turn.state
  if (link.kind !== 'connecting' || link.session !== event.session) return
  turn.state = {
    ...turn.state,
    link: {
      kind: 'up',
      session: event.session,
      sinceMonoMs: turn.now.monoMs,
      bornAtMonoMs: turn.now.monoMs,
      rebirthAtMonoMs: null,
    },
    heardAtMonoMs: null,
  }
  count(turn, { connects: turn.state.counts.connects + 1 })
  setBroker(turn, { earlyCloses: 0 })
  publishBirth(turn, event.session)
  ask(turn)
  startPump(turn)
}

/** Central may ask who is there; whoever plays that back often gets one answer now and then. */
export function wantRebirth(turn: Turn): void {
  const { link } = turn.state
  if (link.kind !== 'up') return
  const rebirthAtMonoMs = link.bornAtMonoMs + REBIRTH_MIN_MS
  turn.state = { ...turn.state, link: { ...link, rebirthAtMonoMs } }
}

export function checkRebirth(turn: Turn): void {
  const { link } = turn.state
  const { now } = turn
  if (link.kind !== 'up' || link.rebirthAtMonoMs === null) return
  if (now.monoMs < link.rebirthAtMonoMs) return
  turn.state = {
    ...turn.state,
    link: { ...link, bornAtMonoMs: now.monoMs, rebirthAtMonoMs: null },
  }
  publishBirth(turn, link.session)
}

/** Which clock a kiosk goes by shows at central where a battery is empty. */
function bornClock(turn: Turn): object {
  const { by, aheadMs, errorMs } = clockReport(turn)
  return aheadMs === null ? { by } : { by, aheadMs, errorMs }
}

function publishBirth(turn: Turn, session: string): void {
  const { ledger } = turn
  publish(turn, 'state', {
    online: true,
    session,
    epoch: ledger.epoch(),
    boot: ledger.boot(),
    seq: ledger.headSeq(),
    acked: ledger.confirmedSeq(),
    first: ledger.firstSeq(),
    have: ledger.streamVersions(),
    clk: bornClock(turn),
  })
}

/** Somebody stands before the kiosk and does not want to wait for the next attempt. */
export function hurry(turn: Turn): void {
  if (turn.state.link.kind === 'waiting') connect(turn)
}

export function takeLinkDown(
  turn: Turn,
  event: { readonly session: string; readonly cause: LinkCause },
): void {
  const { link } = turn.state
  // A late end of an attempt that was given up says nothing about the present one.
  if (link.kind !== 'connecting' && link.kind !== 'up') return
  if (link.session !== event.session) return
  const lastLoss = { cause: event.cause, atMonoMs: turn.now.monoMs }
  turn.state = { ...turn.state, lastLoss }
  lose(turn)
  if (shiftProtocol(turn, event.cause)) {
    connect(turn)
    return
  }
  // Whoever was connected comes back to the same broker first: it knew central.
  if (link.kind === 'connecting') tryNextBroker(turn)
  // A refusal holds for one broker: the others are tried before the long wait.
  const isAlone = link.kind === 'up' || turn.state.broker === 0
  const isSlow = SLOW_CAUSES.has(event.cause) && isAlone
  wait(turn, isSlow ? slowDelayMs(turn) : spreadDelayMs(turn))
}

function lose(turn: Turn): void {
  const failures = wasSteady(turn) ? 0 : turn.state.failures + 1
  turn.state = {
    ...turn.state,
    failures,
    sync: IDLE_SYNC,
  }
  stopPump(turn)
}

function wasSteady(turn: Turn): boolean {
  const { link, heardAtMonoMs } = turn.state
  const { now, config } = turn
  return (
    link.kind === 'up' && heardAtMonoMs !== null && now.monoMs - link.sinceMonoMs >= config.steadyMs
  )
}

function wait(turn: Turn, delayMs: number): void {
  turn.state = {
    ...turn.state,
    link: { kind: 'waiting', untilMonoMs: turn.now.monoMs + delayMs },
  }
}

function slowDelayMs(turn: Turn): number {
  const { slowRetryMinMs, slowRetryMaxMs } = turn.config
  return slowRetryMinMs + draw(turn, slowRetryMaxMs - slowRetryMinMs)
}

/** Full jitter: anything from at once to the whole spread, which doubles (C1, C2). */
function spreadDelayMs(turn: Turn): number {
  const { retryCapMs, retrySpreadMs } = turn.config
  const spreadMs = turn.state.spreadMs ?? retrySpreadMs
  const doublings = Math.min(roundsOf(turn), DOUBLINGS_MAX)
  return draw(turn, Math.min(Math.max(retryCapMs, spreadMs), spreadMs * 2 ** doublings))
}

function draw(turn: Turn, belowMs: number): number {
  const drawn = drawMs(turn.state.random, belowMs)
  turn.state = { ...turn.state, random: drawn.random }
  return drawn.ms
}

/** Failures, counted by rounds through all brokers. */
function roundsOf({ config, state }: Turn): number {
  return Math.ceil(state.failures / config.brokers)
}

/** @returns true when the other protocol is worth an attempt at once */
function shiftProtocol(turn: Turn, cause: LinkCause): boolean {
  const { config } = turn
  const { protocol, earlyCloses: before } = brokerOf(turn)
  const earlyCloses = cause === 'closed-early' ? before + 1 : 0
  setBroker(turn, { earlyCloses })
  if (config.protocol !== 'auto') return false
  const isRefused = cause === 'protocol-refused' && protocol === '5'
  const isSuspected = earlyCloses >= EARLY_CLOSES_MAX
  if (!isRefused && !isSuspected) return false
  const other: Protocol = protocol === '5' ? '3.1.1' : '5'
  setBroker(turn, { protocol: other, earlyCloses: 0 })
  // A suspicion may be wrong, and then both protocols fail for ever: that is no reason to hurry.
  return isRefused
}

/** At once and to the same broker: nothing is wrong, there is only more to show. */
export function reconnect(turn: Turn): void {
  if (turn.state.link.kind !== 'up') return
  const { failures } = turn.state
  turn.actions.push({ kind: 'disconnect' })
  lose(turn)
  turn.state = { ...turn.state, failures }
  connect(turn)
}

/** Says goodbye, so that the broker does not publish the will. */
export function stop(turn: Turn, reason: string): void {
  const { link } = turn.state
  if (link.kind === 'up') publish(turn, 'state', { online: false, session: link.session, reason })
  if (link.kind !== 'stopped') turn.actions.push({ kind: 'disconnect' })
  turn.state = { ...turn.state, link: { kind: 'stopped' } }
  stopPump(turn)
}
