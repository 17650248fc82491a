// What the kiosk stores. A fact is custody: it happened, can never be undone, is numbered, chained
// and sent to central. A note is the kiosk's own durable memory and never leaves it.
import type { AuditFactData } from './audit-facts.ts'
import type { Misfit, Reason } from './choice.ts'
import type { Code } from './codes.ts'
import type { CommandFactData, CommandNoteData } from './command-facts.ts'
import type { BoardId, LockerId, SizeName } from './config.ts'
import type { StreamChange, StreamName } from './desired.ts'
import type { Failure, Outcome } from './outcomes.ts'
import type { PinFactData, PinNoteData } from './pin-facts.ts'
import type { RestoreFactData } from './restore-facts.ts'
import type { ReturnFactData, ReturnNoteData } from './return-facts.ts'
import type { StandstillFactData, StandstillNoteData } from './standstill-facts.ts'
import type { TokenFactData, TokenNoteData } from './token-facts.ts'

/** An opening's number is the sequence number of the fact that authorised it. */
export type OpeningId = number
export type ParcelId = string

/** `remote`: ordered by central, and for no parcel's recipient. */
export type Purpose =
  | 'deposit'
  | 'pickup'
  | 'reopen'
  | 'hand-in'
  | 'inspection'
  | 'retrieval'
  | 'technician'
  | 'remote'

export interface Actor {
  readonly role:
    | 'courier'
    | 'recipient'
    | 'technician'
    | 'operator'
    | 'break-glass'
    | 'central'
    | 'kiosk'
  readonly id?: string
}

/** Why a parcel got its locker, in a few stable words: docs/assignment.md has the sentences. */
export interface AssignmentWhy {
  readonly needs: readonly ('heavy' | 'reach' | 'replacement')[]
  readonly reasons: readonly Reason[]
  /** What would have come first and could not be had, in its order. */
  readonly passed: readonly {
    readonly size: SizeName
    /** Within reach from a wheelchair, or not. */
    readonly reach: 'near' | 'far'
    readonly why: Misfit | 'none-free'
  }[]
}

/**
 * How an opening was seen: live, by the board's own counter after a gap, open after a restart, or
 * by the person in front of it, where the sensor saw nothing.
 */
export type Witness = 'sensor' | 'counter' | 'found-open' | 'already-open' | 'person'

/**
 * Why the word of a door's sensor no longer counts.
 * - `never-open`: people found the door open, again and again, and the sensor said closed
 * - `no-movement`: openings in a row moved nothing: the sensor is dead, or the lock is
 * - `never-shut`: a person found the door shut, or it has read open for a whole day
 * - `flutters`: it changes more often than a door can move
 * - `against-counter`: the board counts openings, and the sensor contradicts the count
 */
export type DoorFault = 'never-open' | 'no-movement' | 'never-shut' | 'flutters' | 'against-counter'

/** What somebody at the screen typed in vain. */
/** What the help desk is asked for. */
export type DeskWish = 'open' | 'pin'

export type EntryKind = 'pin' | 'access-code' | 'badge' | 'desk-answer'

/**
 * Why a locker is out of service.
 * - `crossed-wiring`: its lock opens another door, so that nothing may be unlocked there at all
 * - `technician`, `central`: no new parcel goes in; one that lies inside can be collected
 * - `unsafe`: by a word of central nobody but a technician opens it
 */
export type WithdrawalCause = 'crossed-wiring' | 'technician' | 'central' | 'unsafe'

/** Nothing is unlocked there but by a technician's command. */
export const BLOCKING: ReadonlySet<WithdrawalCause | null> = new Set<WithdrawalCause | null>([
  'crossed-wiring',
  'unsafe',
])

/** Where the facts up to a number can be cut off. */
export interface HistoryCut {
  readonly upToSeq: number
  /** Of that fact: the next one carries it. */
  readonly hash: string
  /** Of what the facts up to there have made of the tables, which is kept instead of them. */
  readonly rowsHash: string
}

/**
 * Why a deposit did not end in its locker: the person or the door decided so, or the locker was
 * said to be empty afterwards. `apart`: it does not go with others, but into a locker of its own.
 */
export type CancelReason =
  | 'changed-mind'
  | 'bigger'
  | 'smaller'
  | 'apart'
  | 'door-stuck'
  | 'not-inside'

/** What a recipient found, or that the door did not open for them. */
export type ComplaintKind = 'missing' | 'wrong' | 'damaged' | 'door-stuck'

/** Why a parcel was not left here at all. */
export type NotDepositedReason = 'too-big' | 'damaged' | 'bank-full' | 'wrong-address' | 'refused'

/** What a board senses beside doors. */
interface SenseData {
  readonly boardId: BoardId
  readonly channel: number
}

interface FactData
  extends PinFactData,
    ReturnFactData,
    AuditFactData,
    CommandFactData,
    StandstillFactData,
    TokenFactData,
    RestoreFactData {
  'kiosk-started': { readonly boot: number; readonly version: string }
  'courier-signed-in': { readonly courierId: string }
  'courier-signed-out': { readonly courierId: string; readonly isIdle: boolean }
  'opening-authorised': {
    readonly lockerId: LockerId
    readonly purpose: Purpose
    /** For which it is opened, or which lie there as far as the ledger knows. */
    readonly parcelIds: readonly ParcelId[]
    readonly by: Actor
    /** Written by a technician or at central; null for everybody else. */
    readonly reason: string | null
    /**
     * The board's boot counter and its count of door openings, so that a gap can be closed later.
     */
    readonly boardBoot: number | null
    readonly opensBefore: number | null
    /** What the kiosk had of central's wishes: by these versions the right was a right. */
    readonly basis: Readonly<Record<StreamName, number>>
  }
  'opening-failed': {
    readonly openingId: OpeningId
    readonly lockerId: LockerId
    readonly code: Code
    readonly outcome: Failure
    readonly pulses: number
  }
  'door-opened': {
    readonly openingId: OpeningId
    readonly lockerId: LockerId
    readonly witness: Witness
    readonly outcome: Extract<Outcome, 'opened' | 'already-open'>
  }
  'door-closed': {
    readonly openingId: OpeningId
    readonly lockerId: LockerId
    /** Null when the kiosk did not watch the whole time. */
    readonly openMs: number | null
    readonly witness: 'sensor' | 'counter' | 'person'
  }
  /** Ended at a door that nobody could see: whether it opened or closed is not known. */
  'opening-unproven': {
    readonly openingId: OpeningId
    readonly lockerId: LockerId
    readonly outcome: Failure | 'opened'
    readonly pulses: number
  }
  /** From here on the door is `unknown`: its sensor proves nothing and raises no alarm. */
  'door-distrusted': { readonly lockerId: LockerId; readonly cause: DoorFault }
  /** Its sensor counts again: somebody put it right, or it moved in step with an opening. */
  'door-trusted': {
    readonly lockerId: LockerId
    readonly cause: DoorFault
    readonly proof: 'technician' | 'movement'
    readonly by: Actor
    readonly reason: string | null
  }
  /** Somebody looked inside, and the sensor there says otherwise. */
  'contents-contradicted': {
    readonly lockerId: LockerId
    readonly says: 'present' | 'absent'
    readonly found: 'empty' | 'parcel'
    readonly by: Actor
  }
  /** The sensor inside is asked no more. */
  'contents-distrusted': { readonly lockerId: LockerId; readonly cause: 'contradicted' }
  'contents-trusted': {
    readonly lockerId: LockerId
    readonly by: Actor
    readonly reason: string
  }
  'door-left-open': {
    readonly openingId: OpeningId
    readonly lockerId: LockerId
    readonly outcome: 'left-open'
  }
  /** A door that opened without any authorised opening: an alarm. */
  'door-forced': {
    readonly lockerId: LockerId
    readonly witness: Witness
    readonly outcome: 'forced'
  }
  /** The door behind which the boards are: an alarm. */
  'cabinet-opened': SenseData
  'cabinet-closed': SenseData
  /** The kiosk runs on its battery: an alarm. */
  'mains-lost': SenseData
  'mains-returned': SenseData
  /** The order was for one door, and another one opened: the wiring is crossed. */
  'door-crossed': {
    readonly openingId: OpeningId
    readonly lockerId: LockerId
    readonly openedLockerId: LockerId
    readonly outcome: 'wrong-door'
  }
  'locker-withdrawn': {
    readonly lockerId: LockerId
    readonly cause: WithdrawalCause
    readonly by: Actor
    readonly reason: string | null
  }
  'locker-returned': {
    readonly lockerId: LockerId
    readonly by: Actor
    readonly reason: string
  }
  'deposit-started': {
    readonly parcelId: ParcelId
    readonly lockerId: LockerId
    readonly courierId: string
    readonly recipientId: string
    readonly size: SizeName
    readonly isAnnounced: boolean
    /** Into a locker that holds parcels of its recipient. */
    readonly isTogether: boolean
    readonly why: AssignmentWhy
  }
  'deposit-cancelled': {
    readonly parcelId: ParcelId
    readonly lockerId: LockerId
    readonly courierId: string
    readonly reason: CancelReason
  }
  /** It goes on with the courier, who says why. */
  'parcel-not-deposited': {
    readonly parcelId: ParcelId
    readonly recipientId: string
    readonly courierId: string
    readonly reason: NotDepositedReason
  }
  'deposit-interrupted': {
    readonly parcelId: ParcelId
    readonly lockerId: LockerId
    readonly cause: 'restart' | 'left-open' | 'session-ended' | 'unseen'
  }
  'parcel-deposited': {
    readonly parcelId: ParcelId
    readonly lockerId: LockerId
    readonly courierId: string
    readonly recipientId: string
    /**
     * The PIN, readable by central alone: a compact JWE (see docs/contract). Null: the PIN that the
     * recipient has already opens this parcel too.
     */
    readonly sealedPin: string | null
    /** When that PIN ends; null while no clock is believed. */
    readonly pinExpiresAtWallMs: number | null
  }
  'parcel-collected': {
    readonly parcelId: ParcelId
    readonly lockerId: LockerId
    readonly openingId: OpeningId
    /** `said-closed`: by the person, at a door that could not be seen; `unseen`: by nobody. */
    readonly rule: 'closed' | 'left-open' | 'said-closed' | 'unseen'
  }
  /** By whoever has used the PIN. The fact's number is the reference that the person got. */
  'parcel-complained': {
    readonly parcelId: ParcelId
    readonly lockerId: LockerId
    readonly openingId: OpeningId
    readonly recipientId: string
    readonly what: ComplaintKind
    /** Said at a later visit, with the PIN that had been used. */
    readonly isLate: boolean
  }
  /** The recipient cannot get at this door, and it stays shut; the PIN stays valid. */
  'reach-refused': {
    readonly parcelId: ParcelId
    readonly lockerId: LockerId
    readonly recipientId: string
  }
  /** Somebody looked into a locker that was not proven empty: is this parcel there? */
  'locker-inspected': {
    readonly lockerId: LockerId
    readonly found: 'empty' | 'parcel'
    readonly parcelId: ParcelId | null
    readonly by: Actor
    readonly reason: string | null
  }
  /** Somebody looked, and what lies inside is not what the ledger says. */
  'locker-disputed': {
    readonly lockerId: LockerId
    readonly parcelId: ParcelId | null
    readonly by: Actor
    readonly reason: string | null
  }
  /** It is not for its recipient any more: its PIN is dead, and a courier takes it out. */
  'parcel-recalled': {
    readonly parcelId: ParcelId
    readonly lockerId: LockerId
    readonly by: Actor
    readonly reason: string | null
  }
  /** A courier took it out: recalled, handed in, or left behind by a PIN that had ended. */
  'parcel-retrieved': {
    readonly parcelId: ParcelId
    readonly lockerId: LockerId
    readonly by: Actor
    /** False: the sensor inside says otherwise, so somebody has to look. */
    readonly isProvenEmpty: boolean
  }
  /** It has waited so long that its recipient should be reminded, once. */
  'reminder-due': {
    readonly parcelId: ParcelId
    readonly recipientId: string
    readonly lockerId: LockerId
    readonly pinExpiresAtWallMs: number | null
  }
  /** Held after a pickup, and now proven empty. */
  'locker-released': { readonly lockerId: LockerId }
  /** Not proven empty: after a pickup or a remote opening, or because somebody could not tell. */
  'locker-doubted': {
    readonly lockerId: LockerId
    readonly cause: 'not-proven' | 'left-open' | 'unseen' | 'contents' | 'audit' | 'remote'
  }
  /**
   * The operator's desk answered this challenge: its locker may be opened once, or what waits there
   * has a new PIN.
   */
  'desk-answered': {
    readonly lockerId: LockerId
    readonly parcelId: ParcelId
    readonly challenge: string
    readonly wants: DeskWish
  }
  /** What these ended parcels were called and who they were for is gone; their ids stay. */
  'personal-data-erased': { readonly parcelIds: readonly ParcelId[] }
  /** What central sets of the configuration, and what it cannot: all of it, each time. */
  'configuration-applied': AppliedConfiguration
  /** A version that central wants of a program, and what runs; told when either changes. */
  'firmware-compared': ComparedFirmware
  /** Confirmed facts were dropped; the chain goes on from the hash of the last one. */
  'history-cut': HistoryCut
}

export interface AppliedConfiguration {
  /** Of the stream. */
  readonly version: number
  readonly values: readonly { readonly key: string; readonly value: string | number }[]
  readonly refused: readonly { readonly key: string; readonly code: Code }[]
  /** More than are named. */
  readonly furtherRefused: number
}

export interface ComparedFirmware {
  readonly component: string
  /** Null: nothing any more. */
  readonly wanted: string | null
  /** Each version once; none: nothing here has this name, or it does not tell. */
  readonly running: readonly string[]
}

export type FactKind = keyof FactData
export type Fact = {
  [K in FactKind]: { readonly kind: K; readonly data: FactData[K] }
}[FactKind]

/**
 * - `smooth`: open soon after its first pulse
 * - `retried`: it took another pulse
 * - `slow`: open long after the pulse
 * - `failed`: not seen to open at all
 */
export type DoorManner = 'smooth' | 'retried' | 'slow' | 'failed'

interface NoteData
  extends PinNoteData,
    ReturnNoteData,
    StandstillNoteData,
    CommandNoteData,
    TokenNoteData {
  /** The door of a clearing locker stood open long enough. */
  'emptiness-proven': { readonly lockerId: LockerId }
  /** How a door did at its last opening, and what follows for the next choice. */
  'door-judged': {
    readonly lockerId: LockerId
    readonly manner: DoorManner
    readonly points: number
    readonly isShaky: boolean
  }
  /** The configured wall: which lockers are alike, and in which order they are tried. */
  'wall-arranged': {
    readonly lockers: readonly {
      readonly id: LockerId
      readonly group: string
      readonly place: number
    }[]
  }
  /** What the board's counter said last: after a gap the next reading is held against it. */
  'openings-counted': {
    readonly lockerId: LockerId
    readonly boardBoot: number
    readonly opens: number
  }
  /** What speaks against a sensor that is still trusted; see src/kiosk/trust.ts. */
  'evidence-counted': {
    readonly lockerId: LockerId
    readonly misses: number
    readonly denials: number
  }
  /** The sensor inside saw a parcel that was put in. */
  'contents-agreed': { readonly lockerId: LockerId }
  /** Central has stored everything up to this number. */
  'facts-confirmed': { readonly upToSeq: number }
  'stream-applied': StreamChange
  /** Parcels deposited while the clock was not believed count as deposited now. */
  'waits-dated': { readonly wallMs: number }
  /** Parcels that ended while the clock was not believed count as ended now. */
  'ends-dated': { readonly wallMs: number }
  /** What central wants of this locker has been done, or left. */
  'locker-wish-settled': { readonly lockerId: LockerId }
}

export type Note = {
  [K in keyof NoteData]: { readonly kind: K; readonly data: NoteData[K] }
}[keyof NoteData]

export type StoreRecord = Fact | Note
