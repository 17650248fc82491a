// What the rules may look up about returns; src/kiosk/ledger.ts has the rest.
import type { LockerId, SizeName } from './config.ts'
import type { ParcelId } from './facts.ts'
import type { ParcelState } from './ledger.ts'

/**
 * - `announced`: central wants it, and its code is not made yet
 * - `expected`: its code may be used
 * - `handed-in`: its code is spent
 * - `expired`: its code has ended
 */
export type ReturnState = 'announced' | 'expected' | 'handed-in' | 'expired'

export interface ReturnRow {
  readonly id: ParcelId
  readonly state: ReturnState
  readonly tracking: string | null
  /** Null: chosen at the screen. */
  readonly size: SizeName | null
  readonly recipientId: string
  readonly carrierId: string | null
  readonly weightGrams: number | null
  readonly needsReach: boolean
  /** As central wants it; null: as the kiosk's policy says. */
  readonly expiresAtWallMs: number | null
  /** False: central has deleted it. */
  readonly isWanted: boolean
  /** Of its parcel; null before its first hand-in, and when that is forgotten. */
  readonly parcelState: ParcelState | null
  readonly lockerId: LockerId | null
  readonly depositSeq: number | null
}

/** A living code of a return that is not being handed in. */
export interface ReturnEnd {
  readonly id: ParcelId
  readonly recipientId: string
  /** Null: it was made while no clock was believed. */
  readonly expiresAtWallMs: number | null
}

export interface ReturnLedger {
  /** One read, with its parcel. */
  returnOf(id: ParcelId): ReturnRow | null
  /** Without a code, in the order of their ids. */
  returnsWithoutCode(limit: number): readonly ParcelId[]
  /** Those without a date first, then by their end. */
  returnsByExpiry(limit: number): readonly ReturnEnd[]
  /** Deleted by central while their code lived, and not being handed in. */
  unwantedReturns(limit: number): readonly ReturnEnd[]
  expectedReturnCount(): number
}
