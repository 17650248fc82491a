// What the rules may look up about deadlines that stand still; src/kiosk/ledger.ts has the rest.
import type { LockerId } from './config.ts'
import type { ParcelId } from './facts.ts'
import type { StandstillCause, StandstillPlace } from './standstill-facts.ts'

/** Long enough to count, and not over as far as the ledger knows. */
export interface StandstillRow extends StandstillPlace {
  readonly cause: StandstillCause
  readonly sinceWallMs: number
}

/** The end of a recipient's living PIN, and what waits for them. */
export interface Deadline {
  readonly recipientId: string
  readonly expiresAtWallMs: number
  /** What stood still before this moment is counted; null: nothing was. */
  readonly countedUntilWallMs: number | null
  readonly parcels: readonly { readonly id: ParcelId; readonly lockerId: LockerId }[]
}

/** How far the end of a living PIN was moved in all, and why. */
interface DeadlineMoved {
  readonly byMs: number
  readonly causes: readonly StandstillCause[]
}

export interface StandstillLedger {
  standstills(): readonly StandstillRow[]
  /** When the kiosk was last noted to run, and in which of its runs; null: that run went on. */
  lastAlive(): { readonly wallMs: number; readonly boot: number | null } | null
  /** Of all living PINs that have a date. */
  deadlines(): readonly Deadline[]
  deadlineMoved(recipientId: string): DeadlineMoved | null
  /** PINs whose end has come while nothing could be collected. */
  hasHeldPins(): boolean
}
