// What is stored about PINs, the brake and the staff. None of it holds a PIN, a code or a digit.
import type { Code } from './codes.ts'
import type { StaffRole } from './desired.ts'
import type { Actor, EntryKind, ParcelId } from './facts.ts'

/**
 * Why an entry was refused.
 * - `used`: spent, or replaced by a newer PIN
 * - `unconfirmed-after-restore`: right by a ledger that is an older copy of itself
 */
export type RefusalCause =
  | 'unknown'
  | 'expired'
  | 'used'
  | 'reference'
  | 'unconfirmed-after-restore'

/** A PIN that was made and sealed for central; nobody here knows it any more. */
export interface PreparedPin {
  readonly index: string
  /** Keyed index of the four digits that go with it. */
  readonly referenceIndex: string
  readonly sealedPin: string
}

export interface PinFactData {
  'entry-refused': {
    readonly what: EntryKind
    readonly cause: RefusalCause
    readonly failures: number
  }
  /** So many wrong entries within an hour: an alarm. */
  'guessing-suspected': { readonly failures: number }
  /** The PIN of these parcels is dead, and a new one is being made. */
  'pin-revoked': {
    readonly recipientId: string
    readonly parcelIds: readonly ParcelId[]
    readonly by: Actor
    readonly reason: string | null
  }
  /** The new PIN opens all these parcels; it is sealed for the first one. */
  'pin-reissued': {
    readonly recipientId: string
    readonly parcelId: ParcelId
    readonly parcelIds: readonly ParcelId[]
    readonly sealedPin: string
    readonly expiresAtWallMs: number | null
  }
  'pin-reissue-refused': {
    readonly recipientId: string
    readonly code: Code
    readonly by: Actor
  }
  'pin-extended': {
    readonly recipientId: string
    readonly parcelIds: readonly ParcelId[]
    readonly expiresAtWallMs: number
    readonly by: Actor
    readonly reason: string | null
  }
  'pin-expired': {
    readonly recipientId: string
    readonly parcelIds: readonly ParcelId[]
    readonly expiresAtWallMs: number
  }
  /** Technicians, operators, and whoever holds a sealed code. */
  'staff-signed-in': { readonly staffId: string; readonly role: StaffRole }
  'staff-signed-out': {
    readonly staffId: string
    readonly role: StaffRole
    readonly isIdle: boolean
  }
  /** A sealed code was opened and is burned: an alarm. */
  'break-glass-used': { readonly codeId: string }
  /** Central took this person's rights while the session ran. */
  'session-revoked': { readonly staffId: string; readonly role: StaffRole }
}

export interface PinNoteData {
  /** The PIN of all parcels that wait for this recipient; an older one is dead with it. */
  'pin-issued': {
    readonly recipientId: string
    readonly index: string
    readonly referenceIndex: string
    /** By it central names this PIN in a token. */
    readonly sealedPin: string
    /** Null while no clock was believed: its life begins when one is. */
    readonly expiresAtWallMs: number | null
    /** From when on standstills move that end. */
    readonly atWallMs: number | null
  }
  'pin-dated': {
    readonly recipientId: string
    readonly expiresAtWallMs: number
    readonly atWallMs: number
  }
  'guesses-counted': { readonly failures: number; readonly budgetSpent: number }
  /** What central wants of this recipient's parcels has been dealt with. */
  'pickup-wish-settled': { readonly recipientId: string }
  /** The clocks at a re-issue, to count those of one day. */
  'reissue-counted': {
    readonly recipientId: string
    readonly monoMs: number
    /** Null when the clock was not believed. */
    readonly wallMs: number | null
  }
}
