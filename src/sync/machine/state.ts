// The uplink's state, what reaches it and what it wants done. All of it is plain data: it crosses a
// thread boundary and is compared in tests.

import type { CommandEnd } from '../../kiosk/command-facts.ts'
import type { StreamName } from '../../kiosk/desired.ts'
import type { KioskEvent } from '../../kiosk/events.ts'
import type { Note } from '../../kiosk/facts.ts'
import type { OutboxLedger } from '../../kiosk/ledger.ts'
import type { Now } from '../../kiosk/time.ts'
import type { UplinkAnswer, UplinkCounts, UplinkQuestion } from '../../kiosk/uplink-report.ts'
import type { Protocol, UplinkConfig } from './config.ts'
import type { DownMessage, Refusal, UpLeaf } from './messages.ts'
import type { Random } from './random.ts'

/**
 * Why a connection or an attempt ended.
 * - `protocol-refused`: the broker does not speak this protocol version
 * - `closed-early`: closed before any answer, which is how some brokers refuse MQTT 5
 * - `refused`, `subscription-refused`, `publication-refused`: not ours to cure
 * - `broker-…`: its certificate is of an unknown authority, for another name, or out of date
 * - `identity-…`: the broker does not take the kiosk's certificate, or its files are unusable
 * - `renewal-refused`: it does not take the next certificate; the present one is still there
 * - `tls-refused`: anything else on the way to an encrypted connection
 * - `taken-over`: somebody else connected with our name
 * - `core-stalled`: a message was not committed in time
 */
export type LinkCause =
  | 'unreachable'
  | 'protocol-refused'
  | 'closed-early'
  | 'refused'
  | 'tls-refused'
  | 'broker-unknown'
  | 'broker-misnamed'
  | 'broker-expired'
  | 'broker-too-new'
  | 'identity-refused'
  | 'identity-expired'
  | 'identity-unusable'
  | 'renewal-refused'
  | 'subscription-refused'
  | 'publication-refused'
  | 'taken-over'
  | 'timeout'
  | 'core-stalled'
  | 'closed'

/** Names one received message to the link that holds its PUBACK back. */
export type Receipt = string

export type LinkEvent =
  /** Connected, subscribed, and the subscription granted. */
  | { readonly kind: 'link-up'; readonly session: string; readonly protocol: Protocol }
  | {
      readonly kind: 'link-down'
      readonly session: string
      readonly cause: LinkCause
      readonly detail: string
    }
  | { readonly kind: 'message'; readonly message: DownMessage; readonly receipt: Receipt }
  | {
      readonly kind: 'message-refused'
      readonly refusal: Refusal
      /** Null when the sender asked for no acknowledgement. */
      readonly receipt: Receipt | null
    }
  /** The certificate is getting old; told again until the next one is there. */
  | { readonly kind: 'renewal-wanted'; readonly id: string; readonly request: string }
  /** The next certificate lies ready: a new connection will show it. */
  | { readonly kind: 'identity-renewed' }
  /** For the log. */
  | { readonly kind: 'renewal-failed'; readonly detail: string }

export type UplinkEvent =
  | LinkEvent
  /** The outbox grew; the ledger that comes with the step already shows it. */
  | { readonly kind: 'facts-stored' }
  | { readonly kind: 'time-passed' }
  /** The rules have dealt with a command of central. */
  | { readonly kind: 'command-ended'; readonly commandId: string; readonly end: CommandEnd }
  /** By a technician; the answer bears the same id. */
  | { readonly kind: 'asked'; readonly requestId: string; readonly question: UplinkQuestion }
  /** Says goodbye and connects no more. */
  | { readonly kind: 'stopping'; readonly reason: string }

export type UplinkAction =
  | {
      readonly kind: 'connect'
      readonly session: string
      /** Which one of the configured ones. */
      readonly broker: number
      readonly protocol: Protocol
      /** For the dates of certificates. */
      readonly wallMs: number
      /** Not believed: no certificate is refused for its dates. */
      readonly isWallBelieved: boolean
      /** Body of the retained `state` that the broker publishes when the connection is lost. */
      readonly will: string
    }
  | { readonly kind: 'disconnect' }
  | {
      readonly kind: 'publish'
      readonly leaf: UpLeaf
      readonly body: string
      readonly isRetained: boolean
    }
  | { readonly kind: 'acknowledge'; readonly receipt: Receipt }
  | {
      readonly kind: 'renew'
      readonly re: string
      readonly certificate: string
      /** Null: who certifies the brokers does not change. */
      readonly ca: string | null
    }
  | { readonly kind: 'report'; readonly event: KioskEvent }
  | { readonly kind: 'tell'; readonly requestId: string; readonly answer: UplinkAnswer }

type LinkState =
  | { readonly kind: 'waiting'; readonly untilMonoMs: number }
  | {
      readonly kind: 'connecting'
      readonly session: string
      readonly protocol: Protocol
      readonly sinceMonoMs: number
    }
  | {
      readonly kind: 'up'
      readonly session: string
      readonly sinceMonoMs: number
      readonly bornAtMonoMs: number
      /** Central asked for a birth so soon after another that it has to wait. */
      readonly rebirthAtMonoMs: number | null
    }
  | { readonly kind: 'stopped' }

/** What was learnt about one broker. */
export interface BrokerState {
  readonly protocol: Protocol
  /** Closed without an answer, in a row. */
  readonly earlyCloses: number
}

export interface PaceState {
  /** Null: as the configuration says. */
  readonly batchEventsMax: number | null
  readonly windowBatches: number | null
  /** Until then no facts are sent; null: no pause. */
  readonly heldUntilMonoMs: number | null
}

export interface PumpState {
  /** Sent on this connection up to here. */
  readonly sentSeq: number
  /** Last numbers of the batches sent and not confirmed, oldest first. */
  readonly unconfirmed: readonly number[]
  readonly lastSentMonoMs: number
  /** Null while nothing is unconfirmed. */
  readonly resendAtMonoMs: number | null
  /** Timeouts in a row without any progress. */
  readonly timeouts: number
  /** Central lost what it had confirmed, and has this much of it again; null: it lost nothing. */
  readonly relapse: { readonly epoch: string; readonly seq: number } | null
}

/** A request that a snapshot may still answer. */
export interface SyncRequest {
  readonly id: string
  readonly awaiting: readonly StreamName[]
}

/** A snapshot of which not all messages have come. */
interface PartialSnapshot {
  readonly re: string
  readonly stream: StreamName
  readonly ver: number
  readonly n: number
  /** By their place, from 1. */
  readonly parts: Readonly<Record<number, readonly { readonly id: string }[]>>
}

export interface SyncState {
  /** Oldest first. */
  readonly requests: readonly SyncRequest[]
  /** Requests in a row of which nothing came. */
  readonly fruitless: number
  readonly allowedAtMonoMs: number
  /** When to ask next; the cause may be a gap, a silence or the period. */
  readonly askAtMonoMs: number | null
  /** One at a time: central sends a stream after the other. */
  readonly partial: PartialSnapshot | null
}

/** Central's time at one moment of this run. */
export interface TimeSample {
  readonly atMonoMs: number
  readonly wallMs: number
  /** So far it may be wrong, at that moment. */
  readonly errorMs: number
  readonly roundTripMs: number
}

export interface TimeState {
  /** Oldest first. */
  readonly asked: readonly { readonly id: string; readonly atMonoMs: number }[]
  /** Null: central has told no time since the start. */
  readonly sample: TimeSample | null
}

interface RefusalState {
  readonly windowEndsMonoMs: number | null
  readonly reported: number
  readonly suppressed: number
  readonly last: Refusal | null
}

interface CommandState {
  /** Given out and not named by any command yet, oldest first. */
  readonly nonces: readonly { readonly nonce: string; readonly givenAtMonoMs: number }[]
  readonly windowEndsMonoMs: number
  /** Commands of the present window. */
  readonly count: number
}

export interface UplinkState {
  readonly random: Random
  readonly link: LinkState
  /** One for each broker, in the order of the configuration. */
  readonly brokers: readonly BrokerState[]
  /** Index of the one that is tried next, or in use. */
  readonly broker: number
  /** Attempts and short connections in a row. */
  readonly failures: number
  readonly heardAtMonoMs: number | null
  /** Of the newest connection or attempt that ended; null before the first. */
  readonly lastLoss: { readonly cause: LinkCause; readonly atMonoMs: number } | null
  readonly isOnline: boolean
  readonly pump: PumpState
  readonly pace: PaceState
  /** As central told last; null: as the configuration says. */
  readonly spreadMs: number | null
  readonly sync: SyncState
  readonly time: TimeState
  readonly refusals: RefusalState
  readonly counts: UplinkCounts
  readonly commands: CommandState
}

export interface UplinkStep {
  readonly state: UplinkState
  readonly notes: readonly Note[]
  readonly actions: readonly UplinkAction[]
}

/** One step under way. Its parts write here; nothing of it outlives the step. */
export interface Turn {
  state: UplinkState
  readonly notes: Note[]
  readonly actions: UplinkAction[]
  /** With the time that counts: central's, where the machine's clock is wrong. */
  readonly now: Now
  readonly machine: Now
  readonly ledger: OutboxLedger
  readonly config: UplinkConfig
}

export const IDLE_PUMP: PumpState = {
  sentSeq: 0,
  unconfirmed: [],
  lastSentMonoMs: 0,
  resendAtMonoMs: null,
  timeouts: 0,
  relapse: null,
}

export const IDLE_SYNC: SyncState = {
  requests: [],
  fruitless: 0,
  allowedAtMonoMs: 0,
  askAtMonoMs: null,
  partial: null,
}

export function count(turn: Turn, changes: Partial<UplinkCounts>): void {
  turn.state = { ...turn.state, counts: { ...turn.state.counts, ...changes } }
}

/** Nothing is published without a connection: there is no second queue beside the outbox. */
export function publish(turn: Turn, leaf: UpLeaf, fields: object): void {
  if (turn.state.link.kind !== 'up') return
  const { config, now } = turn
  const body = JSON.stringify({ v: 1, k: config.kioskId, t: now.wallMs, ...fields })
  turn.actions.push({ kind: 'publish', leaf, body, isRetained: leaf === 'state' })
}
