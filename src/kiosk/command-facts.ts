// What central may order for now, how an order ends, and what of it is stored. What must hold when
// the kiosk comes back in three days is no command but desired state.
import type { Code } from './codes.ts'
import type { LockerId } from './config.ts'
import type { CountedRow } from './counted.ts'
import type { Actor, OpeningId, ParcelId } from './facts.ts'
import type { Outcome } from './outcomes.ts'

/** Commands that do something, each at most once. */
export type ActingCommand =
  | {
      readonly kind: 'open'
      readonly lockerId: LockerId
      /** Whose recipient stands there: opened for them as if they had typed the PIN. */
      readonly parcelId: ParcelId | null
      readonly operator: string | null
      readonly reason: string
    }
  | {
      readonly kind: 'reissue'
      readonly recipientId: string
      readonly operator: string | null
      readonly reason: string
    }

/** `status` does nothing, and may be answered as often as it is asked. */
export type CentralCommand = ActingCommand | { readonly kind: 'status' }

/** Remote openings that are still to be had. */
export interface RemoteBudget {
  readonly in10Min: number
  readonly today: number
}

/** What central reads in the answer to `status`. No person's data, no secret. */
export interface StatusReport {
  readonly boot: number
  readonly screen: string
  readonly boardsOffline: readonly string[]
  /** How many lockers are in each state. */
  readonly lockers: Readonly<Record<string, number>>
  readonly doorsOpen: readonly LockerId[]
  readonly outbox: number
  readonly left: RemoteBudget
}

/**
 * - `done`: seen to be so
 * - `refused`: nothing was tried
 * - `failed`: it was tried, and was not seen to work
 */
export interface CommandEnd {
  readonly status: 'done' | 'refused' | 'failed'
  /** Why not; null when done. */
  readonly code: Code | null
  readonly opening?: { readonly openingId: OpeningId | null; readonly outcome: Outcome }
  readonly left?: RemoteBudget
  readonly report?: StatusReport
}

/** A command that was taken; one that never was leaves no row. */
export interface CommandRow {
  readonly commandId: string
  readonly type: ActingCommand['kind']
  /** The locker, or the recipient. */
  readonly target: string
  /** Null while it is under way. */
  readonly end: CommandEnd | null
}

export interface CommandFactData {
  /** Central ordered it, and it was begun; how an opening ends is told by its own facts. */
  'command-obeyed': {
    readonly commandId: string
    readonly what: ActingCommand['kind']
    readonly lockerId: LockerId | null
    readonly parcelId: ParcelId | null
    readonly recipientId: string | null
    readonly openingId: OpeningId | null
    readonly by: Actor
    readonly reason: string
  }
  /** A fresh and signed order that the kiosk does not follow. */
  'command-refused': {
    readonly commandId: string
    readonly what: ActingCommand['kind']
    readonly code: Code
    readonly by: Actor
    readonly reason: string
  }
}

export interface CommandNoteData {
  /** From here on the command is known, and its counter is used up. */
  'command-taken': {
    readonly commandId: string
    readonly type: ActingCommand['kind']
    readonly target: string
    readonly counter: number
  }
  'command-settled': { readonly commandId: string; readonly end: CommandEnd }
  /** The clocks at a remote opening, stored before its pulse. */
  'remote-opening-counted': {
    readonly monoMs: number
    /** Null when the clock was not believed. */
    readonly wallMs: number | null
  }
}

export interface CommandLedger {
  /** Remote openings, the newest first. */
  remoteOpenings(limit: number): readonly CountedRow[]
  /** The command that this opening obeys; null: none, or it was answered long ago. */
  commandOfOpening(openingId: OpeningId): string | null
  /** The newest ones, newest first. */
  newestCommands(limit: number): readonly CommandRow[]
}
