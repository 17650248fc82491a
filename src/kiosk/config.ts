// The part of the configuration that the rules need: the wall and the policy. Plain and frozen;
// src/runtime reads it from files and checks it.
import type { SettableKey } from './setting-limits.ts'

export type LockerId = string
export type BoardId = string
export type SizeName = string

export interface SizeConfig {
  readonly name: SizeName
  readonly widthMm: number
  readonly heightMm: number
  readonly depthMm: number
}

export interface LockerConfig {
  /** The label on the door. */
  readonly id: LockerId
  readonly size: SizeName
  readonly boardId: BoardId
  /** Lock output on the board, counted from 1. */
  readonly channel: number
  /** Lower edge of the door above the floor. */
  readonly bottomMm: number
}

export interface ColumnConfig {
  /** From top to bottom. */
  readonly lockers: readonly LockerConfig[]
}

export const SENSE_KINDS = ['cabinet-door', 'mains'] as const
export type SenseKind = (typeof SENSE_KINDS)[number]

/** A board's channel with no lock on it, whose contact tells something else. */
export interface SenseConfig {
  readonly boardId: BoardId
  /** Counted from 1, as the channels of lockers. */
  readonly channel: number
  readonly what: SenseKind
  /**
   * As what the channel reads while the cabinet is open, or the mains is lost; `open` unless said
   * otherwise, so that a broken wire is an alarm.
   */
  readonly activeWhen?: 'open' | 'closed'
}

export const SIGNAL_KINDS = ['locker-light', 'light', 'buzzer'] as const
export type SignalKind = (typeof SIGNAL_KINDS)[number]

/** What a board can show or sound. */
export interface SignalConfig {
  readonly boardId: BoardId
  readonly kind: SignalKind
  /** Its relay; absent for the lights of the lockers, which have the channels of their locks. */
  readonly channel?: number
  /** How long; absent: as is usual for its kind. */
  readonly ms?: number
}

export interface Policy {
  readonly pinDigits: number
  readonly accessCodeDigits: number
  /** How long a lock is energised; the board clamps it too. */
  readonly pulseMs: number
  /** An unlock not sent this long after its commit is never sent. */
  readonly unlockExpiryMs: number
  /** How long after a pulse the door may take to be seen open. */
  readonly openSeenMs: number
  /** Pulses per opening, the first one included. */
  readonly pulsesMax: number
  /** Below this a door that opened and closed proves nothing about the contents. */
  readonly openMinMs: number
  /** How long a locker is held after a pickup, and may be opened again in the same session. */
  readonly reopenMs: number
  /** When a door still open frees the screen, and the left-open rule runs. */
  readonly leftOpenMs: number
  readonly idleMs: number
  readonly courierIdleMs: number
  /** The last part of an idle time, in which the screen asks "still there?". */
  readonly idleWarningMs: number
  readonly thanksMs: number
  /** After this much uptime without one, one wrong entry is forgotten. */
  readonly guessDecayMs: number
  /** Parcels that wait at once, at most; what the length of the PINs is computed from. */
  readonly liveParcelsExpected: number
  /** Wrong entries a day before the second part of a PIN is asked for. */
  readonly guessesADayMax: number
  /** How long a PIN lives, from its parcel's deposit. */
  readonly pinLifeMs: number
  /** Deadlines stand still for an outage that lasts so long, not for a shorter one. */
  readonly standstillFromMs: number
  /** New PINs that one recipient gets within a day. */
  readonly reissuesADayMax: number
  /** Doors that central may open from afar within ten minutes, and within a day; 0: none. */
  readonly remoteOpeningsIn10MinMax: number
  readonly remoteOpeningsADayMax: number
  /** A recipient is reminded once, so long after the deposit. */
  readonly reminderAfterHours: number
  /** After its end a parcel's row is erased; its id stays in the facts. */
  readonly endedParcelsKeptDays: number
  /** Facts that central has confirmed are dropped when they are older. */
  readonly confirmedFactsKeptDays: number
  /** A locker whose opening meets this band above the floor can be used from a wheelchair. */
  readonly reachMinMm: number
  readonly reachMaxMm: number
  /** Of each size so many lockers within reach stay free of ordinary parcels. */
  readonly reachKeptPercent: number
  readonly reachKeptPerSize: number
  /** From this weight on a parcel goes into a locker that lies low. */
  readonly heavyFromGrams: number
  /** Nobody lifts a heavy parcel over a lower edge above this. */
  readonly heavyBottomMaxMm: number
  /** Of a size with at least `spareFromLockers` lockers so many stay free for faults. */
  readonly sparesPerSize: number
  readonly spareFromLockers: number
  /** Of one recipient and one carrier; 1: every parcel gets a locker of its own. */
  readonly parcelsPerLockerMax: number
  /** A door seen open later than this after its pulse was acknowledged counts as slow. */
  readonly slowOpenMs: number
  /** With so many points of trouble a door is tried last. */
  readonly shakyFromPoints: number
}

export interface KioskConfig {
  readonly kioskId: string
  readonly siteName: string
  readonly helpPhone: string
  /** Of the screen, the usual one first; absent: English alone. */
  readonly languages?: readonly string[]
  /** Smallest first. */
  readonly sizes: readonly SizeConfig[]
  /** From left to right, as a person stands in front of the wall. */
  readonly columns: readonly ColumnConfig[]
  /** Absent: none. */
  readonly senses?: readonly SenseConfig[]
  /** Absent: none. */
  readonly signals?: readonly SignalConfig[]
  readonly policy: Policy
  /** What central may not set here; absent: nothing is kept back. */
  readonly localKeys?: readonly SettableKey[]
}

export const DEFAULT_POLICY: Policy = {
  pinDigits: 8,
  accessCodeDigits: 8,
  pulseMs: 500,
  unlockExpiryMs: 5_000,
  openSeenMs: 1_500,
  pulsesMax: 2,
  openMinMs: 1_000,
  reopenMs: 60_000,
  leftOpenMs: 120_000,
  idleMs: 30_000,
  courierIdleMs: 90_000,
  idleWarningMs: 20_000,
  thanksMs: 6_000,
  guessDecayMs: 600_000,
  liveParcelsExpected: 100,
  guessesADayMax: 30,
  pinLifeMs: 7 * 86_400_000,
  standstillFromMs: 600_000,
  reissuesADayMax: 3,
  remoteOpeningsIn10MinMax: 3,
  remoteOpeningsADayMax: 10,
  reminderAfterHours: 24,
  endedParcelsKeptDays: 30,
  confirmedFactsKeptDays: 90,
  // 15 and 48 inches: the ADA's limits for an unobstructed reach.
  reachMinMm: 380,
  reachMaxMm: 1_220,
  reachKeptPercent: 5,
  reachKeptPerSize: 1,
  heavyFromGrams: 10_000,
  heavyBottomMaxMm: 1_000,
  sparesPerSize: 1,
  spareFromLockers: 8,
  parcelsPerLockerMax: 5,
  slowOpenMs: 1_000,
  shakyFromPoints: 4,
}

export function lockersOf(config: KioskConfig): readonly LockerConfig[] {
  return config.columns.flatMap((column) => column.lockers)
}
