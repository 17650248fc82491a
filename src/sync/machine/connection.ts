// When to connect, with which protocol, and what the retained `state` says about it (P1, P2,
// C1-C4).

import type { Protocol } from './config.ts'
import { ask } from './desired-inbox.ts'
import { startPump, stopPump } from './pump.ts'
import { drawId, drawMs } from './random.ts'
import { type LinkCause, type LinkEvent, publish, type Turn } from './state.ts'

/** One early close may be chance; two in a row are how some brokers refuse a protocol. */
const EARLY_CLOSES_MAX = 2
/** Beyond this the doubling has long met its cap. */
const DOUBLINGS_MAX = 20

const SLOW_CAUSES: ReadonlySet<LinkCause> = new Set<LinkCause>([
  'refused',
  'tls-refused',
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
}

function connect(turn: Turn): void {
  const { config, now, state } = turn
  const drawn = drawId(state.random)
  const session = drawn.id
  const will = JSON.stringify({ v: 1, k: config.kioskId, t: now.wallMs, online: false, session })
  turn.actions.push({ kind: 'connect', session, protocol: state.protocol, will })
  turn.state = {
    ...state,
    random: drawn.random,
    link: { kind: 'connecting', session, protocol: state.protocol, sinceMonoMs: now.monoMs },
  }
}

export function takeLinkUp(turn: Turn, event: LinkEvent & { readonly kind: 'link-up' }): void {
  const { link } = turn.state
  if (link.kind !== 'connecting' || link.session !== event.session) return
  turn.state = {
    ...turn.state,
    link: { kind: 'up', session: event.session, sinceMonoMs: turn.now.monoMs },
    earlyCloses: 0,
    heardAtMonoMs: null,
  }
  publishBirth(turn, event.session)
  ask(turn)
  startPump(turn)
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
    have: ledger.streamVersions(),
  })
}

export function takeLinkDown(
  turn: Turn,
  event: { readonly session: string; readonly cause: LinkCause },
): void {
  const { link } = turn.state
  // A late end of an attempt that was given up says nothing about the present one.
  if (link.kind !== 'connecting' && link.kind !== 'up') return
  if (link.session !== event.session) return
  const failures = wasSteady(turn) ? 0 : turn.state.failures + 1
  const { sync } = turn.state
  turn.state = {
    ...turn.state,
    failures,
    sync: { ...sync, requests: [], fruitless: 0, allowedAtMonoMs: 0, askAtMonoMs: null },
  }
  stopPump(turn)
  if (shiftProtocol(turn, event.cause)) connect(turn)
  else wait(turn, retryDelayMs(turn, event.cause))
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

function retryDelayMs(turn: Turn, cause: LinkCause): number {
  const { config, state } = turn
  const isSlow = SLOW_CAUSES.has(cause)
  const spreadMs = isSlow
    ? config.slowRetryMaxMs - config.slowRetryMinMs
    : Math.min(
        config.retryCapMs,
        config.retrySpreadMs * 2 ** Math.min(state.failures, DOUBLINGS_MAX),
      )
  const drawn = drawMs(state.random, spreadMs)
  turn.state = { ...turn.state, random: drawn.random }
  return (isSlow ? config.slowRetryMinMs : 0) + drawn.ms
}

/** @returns true when the other protocol is worth an attempt at once */
function shiftProtocol(turn: Turn, cause: LinkCause): boolean {
  const { config, state } = turn
  const earlyCloses = cause === 'closed-early' ? state.earlyCloses + 1 : 0
  turn.state = { ...state, earlyCloses }
  if (config.protocol !== 'auto') return false
  const isRefused = cause === 'protocol-refused' && state.protocol === '5'
  const isSuspected = earlyCloses >= EARLY_CLOSES_MAX
  if (!isRefused && !isSuspected) return false
  const other: Protocol = state.protocol === '5' ? '3.1.1' : '5'
  turn.state = { ...turn.state, protocol: other, earlyCloses: 0 }
  // A suspicion may be wrong, and then both protocols fail for ever: that is no reason to hurry.
  return isRefused
}

/** Says goodbye, so that the broker does not publish the will. */
export function stop(turn: Turn, reason: string): void {
  const { link } = turn.state
  if (link.kind === 'up') publish(turn, 'state', { online: false, session: link.session, reason })
  if (link.kind !== 'stopped') turn.actions.push({ kind: 'disconnect' })
  turn.state = { ...turn.state, link: { kind: 'stopped' } }
  stopPump(turn)
}
