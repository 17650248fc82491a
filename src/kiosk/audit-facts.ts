// What is stored about guided audits; src/kiosk/facts.ts has the rest.
import type { Code } from './codes.ts'
import type { LockerId } from './config.ts'
import type { Actor, OpeningId, ParcelId } from './facts.ts'
import type { LockerState } from './ledger.ts'

/** An audit's number is the sequence number of the fact that began it. */
export type AuditId = number

/**
 * Which lockers are looked into, and in which order.
 * - `all`: the whole wall, column by column
 * - `column`: one of them
 * - `doubtful`: those of which the ledger itself is not sure
 * - `oldest`: the whole wall, what nobody has looked into for longest first
 */
export const AUDIT_CHOICES = ['all', 'column', 'doubtful', 'oldest'] as const
export type AuditChoice = (typeof AUDIT_CHOICES)[number]

/** What the ledger had it for: `unproven` where nobody could say. */
export type Believed = 'empty' | 'parcel' | 'unproven'

/** `not-opened`: nobody could look. */
export type AuditAnswer = 'matches' | 'empty' | 'other-parcel' | 'unknown' | 'not-opened'

/**
 * What followed from an answer.
 * - `confirmed`: as the ledger had it
 * - `freed`: proven empty
 * - `parcel-back`: a parcel that was in doubt lies there, and can be collected again
 * - `parcel-missing`: it is not there; its right stays, and opens nothing until it is found
 * - `misplaced`: what lies there belongs into another locker; both are disputed
 * - `disputed`: what lies there is not what the ledger says
 * - `doubted`: nobody knows any more whether it is empty
 * - `left`: nothing follows
 */
export type AuditHealing =
  | 'confirmed'
  | 'freed'
  | 'parcel-back'
  | 'parcel-missing'
  | 'misplaced'
  | 'disputed'
  | 'doubted'
  | 'left'

/** How lockers are counted in a report. */
export interface AuditCounts {
  /** Of the choice. */
  readonly lockers: number
  readonly matches: number
  /** Of which the ledger had not been sure. */
  readonly settled: number
  readonly differences: number
  /** Somebody looked and could not tell. */
  readonly unknown: number
  readonly notOpened: number
  /** Not come to. */
  readonly left: number
}

/** `overdue`: nobody went on with it. */
export type AuditEnd = 'completed' | 'stopped' | 'overdue'

export interface AuditFactData {
  'audit-started': {
    readonly choice: AuditChoice
    /** Counted from 1, from the left; null unless it is one column. */
    readonly column: number | null
    /** In the order in which they are opened. */
    readonly lockerIds: readonly LockerId[]
    readonly by: Actor
    readonly reason: string | null
  }
  /** Somebody looked into a locker, or tried to. What followed is told by the facts beside it. */
  'locker-audited': {
    readonly auditId: AuditId
    readonly lockerId: LockerId
    readonly believed: Believed
    readonly state: LockerState
    /** That the ledger had there. */
    readonly parcelIds: readonly ParcelId[]
    readonly answer: AuditAnswer
    readonly healing: AuditHealing
    /** Another parcel that was found there and is known. */
    readonly foundParcelId: ParcelId | null
    /** Where the ledger had that one. */
    readonly otherLockerId: LockerId | null
    /** Null when no opening could be tried. */
    readonly openingId: OpeningId | null
    /** Why it was not opened; null when it was. */
    readonly code: Code | null
    readonly by: Actor
  }
  'audit-ended': {
    readonly auditId: AuditId
    readonly cause: AuditEnd
    readonly counts: AuditCounts
    readonly by: Actor
    readonly reason: string | null
  }
  /** It is not where the ledger had it. Its right stays, and opens nothing until it is found. */
  'parcel-missed': {
    readonly parcelId: ParcelId
    readonly lockerId: LockerId
    readonly recipientId: string
    readonly by: Actor
    readonly reason: string | null
  }
}
