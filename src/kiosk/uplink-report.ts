// What the uplink says of itself to a technician, and what a technician may ask of it.
import type { Code } from './codes.ts'
import type { StreamName } from './desired.ts'

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
  readonly link: 'waiting' | 'connecting' | 'up' | 'stopped'
  /** Milliseconds in this state; null while waiting. */
  readonly sinceMs: number | null
  /** Milliseconds until the next attempt; null unless waiting. */
  readonly nextTryInMs: number | null
  /** Of MQTT: 5 or 3.1.1. */
  readonly protocol: string
  /** Which one of the configured brokers, from 0. */
  readonly broker: number
  /** Attempts and short connections in a row. */
  readonly failures: number
  readonly lastLoss: {
    readonly cause: string
    readonly code: Code
    readonly agoMs: number
  } | null
  /** Since central itself was heard, in milliseconds; null: not on this connection. */
  readonly heardAgoMs: number | null
  readonly epoch: string
  /** Number of the newest fact, and of the newest one that central has confirmed. */
  readonly newestSeq: number
  readonly confirmedSeq: number
  readonly waiting: number
  /** When the oldest fact that waits was made, by the kiosk's clock; null: none waits. */
  readonly oldestWallMs: number | null
  /** By the time that counts now; null: none waits. */
  readonly oldestAgeMs: number | null
  readonly batchesUnderWay: number
  /** Times in a row that no ack came. */
  readonly timeouts: number
  readonly streams: readonly StreamReport[]
  readonly clock: ClockReport
  readonly counts: UplinkCounts
}

/** Since the start. */
export interface UplinkCounts {
  readonly connects: number
  readonly acks: number
  /** Messages to the kiosk that it refused, by code. */
  readonly refusals: Readonly<Record<string, number>>
}

/** By what the kiosk knows the time, and how well. */
export interface ClockReport {
  /**
   * - `nobody`: no clock is believed, and no date is decided
   * - `machine`: the machine's own clock was set, and central has told no time since the start
   * - `both`: central's time and the machine's clock agree
   * - `central`: the machine's clock is wrong, and central's time is used
   */
  readonly by: 'nobody' | 'machine' | 'both' | 'central'
  /** The machine's clock before central's time; null: central has told none. */
  readonly aheadMs: number | null
  /** So far central's time may be wrong by now. */
  readonly errorMs: number | null
  /** On the wire, of the answer that told it. */
  readonly roundTripMs: number | null
  readonly toldAgoMs: number | null
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
