// What the rules may look up. SQLite answers in the same transaction in which the step is stored;
// every answer is a plain value.
import type { AuditLedger } from './audit-ledger.ts'
import type { CommandLedger, CommandRow } from './command-facts.ts'
import type { BoardId, LockerId, SenseKind, SizeName } from './config.ts'
import type { DesiredFirmware, DesiredSetting, Service, StreamName } from './desired.ts'
import type {
  Actor,
  AppliedConfiguration,
  ComparedFirmware,
  DoorFault,
  HistoryCut,
  OpeningId,
  ParcelId,
  Purpose,
  WithdrawalCause,
} from './facts.ts'
import type { Outcome } from './outcomes.ts'
import type { PinLedger } from './pin-ledger.ts'
import type { RestoreLedger } from './restore-ledger.ts'
import type { ReturnLedger } from './return-ledger.ts'
import type { StandstillLedger } from './standstill-ledger.ts'
import type { TokenLedger } from './token-facts.ts'

/**
 * Each has one meaning and one next step (src/kiosk/next-steps.ts).
 * - `reserved`: a deposit or a hand-in is under way
 * - `clearing`: a pickup's door has closed; held until the re-open time is over
 * - `unverified`: not proven empty; nobody gets it before an inspection
 * - `disputed`: somebody looked, and what lies inside is not what the ledger says
 * - `awaiting-courier`: its parcel was handed in, or is not for its recipient any more; a courier
 *   takes it out
 */
export type LockerState =
  | 'free'
  | 'reserved'
  | 'occupied'
  | 'clearing'
  | 'unverified'
  | 'disputed'
  | 'awaiting-courier'

export interface LockerRow {
  readonly id: LockerId
  readonly state: LockerState
  /** The courier whose deposit left the locker unverified, and who may look. */
  readonly courierId: string | null
  /** The return whose hand-in goes on here or was left undone: its carrier's couriers may look. */
  readonly returnId: ParcelId | null
  /** While clearing: its door stood open long enough to prove it empty. */
  readonly isProvenEmpty: boolean
  /** The board's count of openings as last read, and the board's run it belongs to. */
  readonly boardBoot: number | null
  readonly opens: number | null
  /** Null while it is in service. */
  readonly withdrawnFor: WithdrawalCause | null
  /** The newest fact that changed what is known of its contents. */
  readonly changedSeq: number
  readonly wear: LockerWear
  /** Null while the sensor of its door is believed. */
  readonly distrustedFor: DoorFault | null
  /** Openings in a row that moved nothing, and how often a person saw it otherwise. */
  readonly misses: number
  readonly denials: number
  /** Of the sensor inside: is it asked no more, did it see a parcel, how often was it wrong? */
  readonly isContentsDistrusted: boolean
  readonly hasContentsAgreed: boolean
  readonly contradictions: number
  /** Of its newest opening; null before the first one. */
  readonly lastOutcome: Outcome | null
  /** What the ledger says of it comes from an older copy, and nobody has confirmed it. */
  readonly isInDoubt: boolean
  /** The newest fact in which somebody says what is inside; 0: nobody ever did. */
  readonly lookedSeq: number
  /** The newest fact with which something was to be put in; 0: nothing ever was. */
  readonly filledSeq: number
}

/** How its openings went, over all time. */
export interface LockerWear {
  readonly retried: number
  readonly slow: number
  readonly failed: number
  /** Grow with every trouble and fade with every smooth opening. */
  readonly points: number
  /** Tried last. */
  readonly isShaky: boolean
}

/**
 * - `unconfirmed`: its deposit or hand-in was interrupted; it may lie in the locker or not
 * - `collecting`: its door was seen open for the recipient; its right is spent
 * - `missing`: it is not where the ledger had it; its right stays, and opens nothing
 * - `recalled`: it lies in its locker, and a courier takes it back
 * - `handing-in`: its recipient is putting it in
 * - `handed-in`: its recipient has left it in its locker, and a courier takes it out
 */
export type ParcelState =
  | 'announced'
  | 'depositing'
  | 'unconfirmed'
  | 'deposited'
  | 'collecting'
  | 'collected'
  | 'missing'
  | 'recalled'
  | 'handing-in'
  | 'handed-in'
  | 'withdrawn'

export interface ParcelRow {
  readonly id: ParcelId
  readonly state: ParcelState
  readonly tracking: string | null
  readonly size: SizeName
  readonly recipientId: string
  /** Where it lies, or may lie until somebody has looked. */
  readonly lockerId: LockerId | null
  readonly courierId: string | null
  readonly isAnnounced: boolean
  /** Whose couriers may see it; null: all of them. */
  readonly carrierId: string | null
  /** Null when nobody said. */
  readonly weightGrams: number | null
  /** Its recipient can use only a locker within reach from a wheelchair. */
  readonly needsReach: boolean
  /** The fact with which its newest deposit or hand-in began. */
  readonly depositSeq: number | null
  /** Its recipient hands it in. */
  readonly isReturn: boolean
}

/** A word of central on a locker that has not been done. */
export interface LockerWish {
  readonly lockerId: LockerId
  readonly service: Service
  readonly reason: string
}

export interface RecipientRow {
  readonly id: string
  readonly label: string
  readonly needsReach: boolean
}

/** An opening whose end is not stored yet. */
export interface OpeningRow {
  readonly id: OpeningId
  readonly lockerId: LockerId
  readonly purpose: Purpose
  readonly parcelIds: readonly ParcelId[]
  readonly by: Actor
  readonly isOpened: boolean
  readonly isLeftOpen: boolean
  readonly boardBoot: number | null
  readonly opensBefore: number | null
}

/** By what was told last. */
export interface SenseRow {
  readonly boardId: BoardId
  readonly channel: number
  readonly what: SenseKind
}

/** Some of the free lockers that are in service and alike, by their place. */
interface FreeLockersAsked {
  readonly group: string
  readonly isShaky: boolean
  readonly afterPlace: number
  readonly limit: number
}

export interface WaitsAsked {
  readonly wallMs: number
  readonly limit: number
  readonly exceptIn: readonly LockerId[]
}

export interface Page {
  readonly limit: number
  readonly offset: number
}

/** Parcels that a courier of this carrier may see; null: those that belong to no carrier. */
interface CarrierView {
  readonly carrierId: string | null
}

export interface Ledger
  extends PinLedger,
    ReturnLedger,
    AuditLedger,
    CommandLedger,
    StandstillLedger,
    TokenLedger,
    RestoreLedger {
  /** The number the next fact will get. */
  nextSeq(): number
  /** Names the database; numbers are unique within it. */
  epoch(): string
  boot(): number
  failures(): number
  /** Facts that central has not confirmed. */
  outboxCount(): number
  locker(id: LockerId): LockerRow | null
  /** In no particular order. */
  lockers(): readonly LockerRow[]
  /** Unverified by a deposit of this courier's, or by a return that goes with the carrier. */
  lockersLeftBy(courier: {
    readonly courierId: string
    readonly carrierId: string | null
  }): readonly LockerId[]
  /** Free and in service, as far as the ledger knows; the cost does not depend on the wall. */
  freeLockers(asked: FreeLockersAsked): readonly LockerId[]
  /** All of them, in no particular order. */
  freeLockerIds(): readonly LockerId[]
  /** Cabinets that are open, and mains that are lost, as told last. */
  activeSenses(): readonly SenseRow[]
  parcel(id: ParcelId): ParcelRow | null
  /** Of a fact's text, in hexadecimal digits; null when it is not there. */
  factHash(seq: number): string | null
  /** How much of central's wishes has been applied. */
  streamVersions(): Readonly<Record<StreamName, number>>
  /** Of the rows of each stream. */
  streamHashes(): Readonly<Record<StreamName, string>>
  /** Announced and not yet in a locker, by its tracking number. */
  announcedByTracking(tracking: string, view: CarrierView | 'all'): ParcelRow | null
  /** Announced and not yet in a locker, oldest first. */
  announced(page: Page & CarrierView): readonly ParcelRow[]
  announcedCount(view: CarrierView): number
  /** Of all carriers. */
  announcedTotal(): number
  /** That lie there, or may lie there until somebody has looked; in order of their deposits. */
  parcelsAt(lockerId: LockerId): readonly ParcelRow[]
  parcelsIn(state: ParcelState): readonly ParcelRow[]
  /** Not yet reminded, with a living PIN, since then at the latest; the longest first. */
  waitingSince(asked: WaitsAsked): readonly ParcelRow[]
  /** Deposited while the clock was not believed. */
  hasUndatedWaits(): boolean
  /** Recalled, handed in, or left behind by a PIN that has ended; oldest first. */
  retrievable(asked: {
    readonly carrierId: string | null
    readonly limit: number
  }): readonly ParcelRow[]
  openLockerWishes(): readonly LockerWish[]
  /** What central wants of the configuration, by key. */
  wantedSettings(): readonly DesiredSetting[]
  /** As told last; null: never. */
  appliedConfiguration(): AppliedConfiguration | null
  /** Which versions central wants, by component. */
  wantedFirmware(limit: number): readonly DesiredFirmware[]
  /** As told last, by component. */
  comparedFirmware(): readonly (ComparedFirmware & { readonly seq: number })[]
  recipient(id: string): RecipientRow | null
  recipients(page: Page): readonly RecipientRow[]
  recipientCount(): number
  /** The stored text of one fact. */
  factBody(seq: number): string | null
  /** Openings not yet ended, oldest first. */
  liveOpenings(): readonly OpeningRow[]
  /** Parcels that ended before then, oldest first, but for those that may still lie in a locker. */
  endedBefore(limits: { readonly wallMs: number; readonly limit: number }): readonly ParcelId[]
  /** Parcels whose end has no date, because the clock was not believed. */
  hasUndatedEnds(): boolean
  /** Null when no confirmed fact is as old as that. */
  cutBefore(limits: { readonly wallMs: number; readonly countMax: number }): HistoryCut | null
}

/** A stored fact as it is sent: the exact text over which the chain's hash runs. */
export interface OutboxRow {
  readonly seq: number
  readonly body: string
}

/** The facts of one epoch: up to where the next one began, or to the newest. */
export interface EpochRange {
  readonly epoch: string
  readonly firstSeq: number
  /** Null in the present one. */
  readonly lastSeq: number | null
}

/** What the uplink may look up. */
export interface OutboxLedger {
  epoch(): string
  /** Of this database; null when it never had such an epoch. */
  epochRange(epoch: string): EpochRange | null
  /** To which this fact belongs. */
  epochAt(seq: number): EpochRange
  /** Of a fact's text, in hexadecimal digits; null when it is not there. */
  factHash(seq: number): string | null
  boot(): number
  /** Number of the newest fact; 0 when there is none. */
  headSeq(): number
  /** Of the oldest fact that is kept. */
  firstSeq(): number
  /** Central has confirmed everything up to here. */
  confirmedSeq(): number
  /**
   * Facts after `seq`, oldest first, as many as fit both limits; at least one if there is one.
   */
  outboxAfter(
    seq: number,
    limits: { readonly countMax: number; readonly bytesMax: number },
  ): readonly OutboxRow[]
  streamVersions(): Readonly<Record<StreamName, number>>
  /** Of the rows of each stream as central sent them; docs/contract says how. */
  streamHashes(): Readonly<Record<StreamName, string>>
  /** A command that was taken; null: never heard of, or long ago. */
  command(commandId: string): CommandRow | null
  /** Of the newest command that was taken; 0 before the first. */
  commandCounter(): number
}
