// What the rules may look up about PINs and staff; src/kiosk/ledger.ts has the rest.
import type { LockerId } from './config.ts'
import type { CountedRow } from './counted.ts'
import type { StaffRole } from './desired.ts'
import type { ComplaintKind, OpeningId, ParcelId } from './facts.ts'
import type { ParcelRow } from './ledger.ts'

/**
 * - `spent`: the last parcel of its recipient was taken out
 * - `replaced`: a newer one took its place
 */
type PinState = 'live' | 'spent' | 'expired' | 'replaced'

/** One opening with a PIN, by which parcels were taken out. */
export interface PinUse {
  readonly openingId: OpeningId
  readonly lockerId: LockerId
  readonly parcelIds: readonly ParcelId[]
  /** What was said of it first, and the number that the person got; null: nothing. */
  readonly complaint: { readonly what: ComplaintKind; readonly reference: number } | null
}

export interface PinRow {
  readonly recipientId: string
  /** The return that this code lets in; null: it is a PIN. */
  readonly returnId: ParcelId | null
  readonly state: PinState
  readonly referenceIndex: string
  readonly expiresAtWallMs: number | null
  /** The ledger was restored since, and the PIN may have been replaced in what it lost. */
  readonly isOfCopy: boolean
  /** Oldest first. */
  readonly uses: readonly PinUse[]
  /** Those that were shown instead of it, and what waited when each was used first. */
  readonly tokens: readonly {
    readonly tokenId: string
    readonly parcelIds: readonly ParcelId[]
  }[]
}

/** What central wants of one recipient's parcels, and what of it has been done. */
export interface PickupWish {
  readonly recipientId: string
  readonly reissue: number
  readonly expiresAtWallMs: number | null
  readonly reissueDone: number
  readonly expiresAtDoneWallMs: number | null
}

export interface StaffRow {
  readonly id: string
  readonly role: StaffRole
  readonly label: string
  readonly carrierId: string | null
  readonly referenceIndex: string | null
  readonly validFromWallMs: number | null
  readonly validUntilWallMs: number | null
}

export interface PinLedger {
  /** Living or lately dead; one indexed read, whatever comes of it. */
  pin(index: string): PinRow | null
  livePin(recipientId: string): PinRow | null
  /** Deposited and not taken out, oldest first. */
  waitingParcels(recipientId: string): readonly ParcelRow[]
  /** Living PINs that are not held, those without a date first, then by their end. */
  pinsByExpiry(limit: number): readonly PinRow[]
  /** Recipients whose old PIN is dead and whose new one is not made yet. */
  owedPins(): readonly string[]
  /** The newest ones, newest first. */
  reissues(recipientId: string, limit: number): readonly CountedRow[]
  /** Wishes that have not been dealt with. */
  openPickupWishes(): readonly PickupWish[]
  pickupWish(recipientId: string): PickupWish | null
  /** Wrong entries that count against the day's budget. */
  budgetSpent(): number
  staffByCode(index: string): StaffRow | null
  staffByBadge(index: string): StaffRow | null
  staff(id: string): StaffRow | null
}
