// What reaches the rules, and what the rules want done. Outcomes of actions come back as events.
import type { AuditCounts } from './audit-facts.ts'
import type { AuditWish } from './audit-plan.ts'
import type { AuditReport } from './audit-report.ts'
import type { Code } from './codes.ts'
import type { CentralCommand, CommandEnd, CommandRow } from './command-facts.ts'
import type { BoardId, LockerId, SenseKind, SignalKind } from './config.ts'
import type { Explanation } from './explain.ts'
import type {
  AppliedConfiguration,
  ComparedFirmware,
  DeskWish,
  DoorFault,
  OpeningId,
  ParcelId,
  WithdrawalCause,
} from './facts.ts'
import type { LockerState } from './ledger.ts'
import type { Outcome } from './outcomes.ts'
import type { PreparedPin } from './pin-facts.ts'
import type { RestoreCause, VouchedParcel } from './restore-facts.ts'
import type { Intent, IntentResult, View } from './view.ts'

/** What the bus knows of one board. Sent when it changes, and always after the board came back. */
export interface BoardReading {
  readonly boardId: BoardId
  /** Counts the board's own restarts; always 0 when it does not count them. */
  readonly boot: number
  /** By channel, the first one at index 0. */
  readonly doors: readonly DoorReading[]
}

export interface DoorReading {
  /** `unknown`: the board answers, and nobody can tell what this contact says. */
  readonly state: 'open' | 'closed' | 'unknown'
  /**
   * How often the board has seen this door open since its start, modulo 256. Null when it does not
   * count: then nobody knows what the door did while the board was not read.
   */
  readonly opens: number | null
  /** What the sensor inside the locker sees; absent without one. */
  readonly contents?: 'present' | 'absent'
}

/** `unanswered`: sent, but nobody knows whether the pulse happened: the door will tell. */
export type UnlockOutcome = 'acknowledged' | 'unanswered' | 'expired' | 'refused' | 'board-offline'

export type TechnicianCommand =
  | { readonly kind: 'open'; readonly lockerId: LockerId; readonly reason: string }
  | {
      readonly kind: 'inspect'
      readonly lockerId: LockerId
      /** `other`: neither nothing nor what the ledger names. */
      readonly found: 'empty' | 'parcel' | 'other'
      /** With `parcel`: what of several was found; absent: all that the ledger names. */
      readonly insideIds?: readonly ParcelId[]
      readonly reason: string
    }
  /** The parcels inside, or one of them, are not for their recipient any more. */
  | {
      readonly kind: 'recall'
      readonly lockerId: LockerId
      readonly parcelId?: ParcelId
      readonly reason: string
    }
  /** Out of service, and back. */
  | {
      readonly kind: 'disable' | 'enable'
      readonly lockerId: LockerId
      readonly reason: string
    }
  /** A new PIN for the recipient whose parcel lies there; the old one dies at once. */
  | { readonly kind: 'reissue-pin'; readonly lockerId: LockerId; readonly reason: string }
  | {
      readonly kind: 'extend-pin'
      readonly lockerId: LockerId
      readonly hours: number
      readonly reason: string
    }
  /** The sensor of the door was put right. */
  | {
      readonly kind: 'trust'
      readonly lockerId: LockerId
      readonly reason: string
    }

/** What somebody at the command line wants of guided audits. */
export type AuditCommand =
  | ({ readonly kind: 'start'; readonly reason: string } & AuditWish)
  | { readonly kind: 'stop'; readonly reason: string }
  /** Null: the newest one. */
  | { readonly kind: 'report'; readonly auditId: number | null }

export type KioskEvent =
  /** First event of every start. */
  | { readonly kind: 'started'; readonly version: string }
  | { readonly kind: 'time-passed' }
  | { readonly kind: 'board-read'; readonly reading: BoardReading }
  | { readonly kind: 'board-lost'; readonly boardId: BoardId }
  | {
      readonly kind: 'unlock-ended'
      readonly openingId: OpeningId
      readonly outcome: UnlockOutcome
    }
  | ({ readonly kind: 'pin-prepared'; readonly parcelId: ParcelId } & PreparedPin)
  | {
      readonly kind: 'challenge-prepared'
      readonly lockerId: LockerId
      /** As it is shown. */
      readonly challenge: string
      readonly wants: DeskWish
      /** Under which the right answer is looked up, like a PIN's. */
      readonly answerIndex: string
      /** Comes with the right answer; null: none is wanted, or nothing lies there. */
      readonly pin: PreparedPin | null
    }
  | {
      readonly kind: 'intent-sent'
      readonly intentId: string
      readonly rev: number
      readonly intent: Intent
    }
  | {
      readonly kind: 'technician-asked'
      readonly requestId: string
      readonly technicianId: string
      readonly command: TechnicianCommand
    }
  | {
      readonly kind: 'audit-asked'
      readonly requestId: string
      readonly technicianId: string
      readonly command: AuditCommand
    }
  | { readonly kind: 'status-asked'; readonly requestId: string }
  /** Why a locker or a parcel is as it is. */
  | { readonly kind: 'explain-asked'; readonly requestId: string; readonly name: string }
  /** Of central: signed, fresh, and not seen before. */
  | {
      readonly kind: 'command-sent'
      readonly commandId: string
      readonly command: CentralCommand
    }
  /** Rows of the desired state changed: what is shown may be old. */
  | { readonly kind: 'desired-changed' }
  | { readonly kind: 'uplink-changed'; readonly isOnline: boolean }
  /** Central has confirmed more of this epoch than the ledger holds, or something else. */
  | {
      readonly kind: 'ledger-overtaken'
      readonly cause: Extract<RestoreCause, `central-${string}`>
      readonly knownSeq: number
    }
  /** Central has every fact of that epoch up to there, and by these the parcels lie so. */
  | {
      readonly kind: 'parcels-vouched'
      readonly epoch: string
      readonly cum: number
      readonly parcels: readonly VouchedParcel[]
    }
  /** Is there a page on which somebody could type? Told when it changes, and after every start. */
  | { readonly kind: 'screen-changed'; readonly isConnected: boolean }

export interface LockerStatus {
  readonly lockerId: LockerId
  readonly size: string
  readonly state: LockerState
  readonly door: 'open' | 'closed' | 'unknown'
  /** That lie there, or may lie there until somebody has looked. */
  readonly parcelIds: readonly ParcelId[]
  readonly withdrawnFor: WithdrawalCause | null
  /** Why its door’s sensor is not believed; null while it is. */
  readonly distrustedFor: DoorFault | null
  /** What the sensor inside says; null without one, or when nobody knows. */
  readonly contents: 'present' | 'absent' | null
  readonly isContentsDistrusted: boolean
  /** How its door’s newest opening ended; null before the first one. */
  readonly lastOutcome: Outcome | null
}

export interface SenseStatus {
  readonly boardId: BoardId
  readonly channel: number
  readonly what: SenseKind
  /** Of a cabinet's door, or of the mains. */
  readonly state: 'open' | 'closed' | 'lost' | 'present' | 'unknown'
}

export interface KioskStatus {
  readonly kioskId: string
  readonly boot: number
  readonly screen: View['screen']['kind']
  readonly lockers: readonly LockerStatus[]
  readonly boards: readonly { readonly boardId: BoardId; readonly isOnline: boolean }[]
  readonly senses: readonly SenseStatus[]
  readonly isUplinkOnline: boolean
  /** Of which only an older copy of the ledger tells. */
  readonly lockersInDoubt: readonly LockerId[]
  readonly outboxCount: number
  readonly announcedCount: number
  /** The last ones that central sent, newest first. */
  readonly commands: readonly CommandRow[]
  /** Returns whose codes live. */
  readonly expectedReturnCount: number
  /** What central has set over the file; all else is the file's. */
  readonly configuration: AppliedConfiguration & {
    /** More has come, and waits until nobody is at the screen. */
    readonly isDue: boolean
  }
  readonly firmware: readonly FirmwareStatus[]
}

export interface FirmwareStatus extends ComparedFirmware {
  readonly isAsWanted: boolean
  /** Null when that is not known any more, or never was. */
  readonly sinceWallMs: number | null
}

export type Answer =
  | { readonly kind: 'intent'; readonly result: IntentResult }
  | {
      readonly kind: 'opened'
      readonly openingId: OpeningId
      readonly outcome: Extract<Outcome, 'opened' | 'already-open'>
    }
  /** The lock was ordered to let go; its door’s sensor is not believed. */
  | { readonly kind: 'unproven'; readonly openingId: OpeningId; readonly outcome: Outcome }
  | { readonly kind: 'inspected' | 'disabled' | 'enabled' | 'recalled' | 'trusted' }
  | { readonly kind: 'reissued' | 'extended' }
  /** With the outcome of the opening, if there was one. */
  | { readonly kind: 'refused'; readonly code: Code; readonly outcome?: Outcome }
  | { readonly kind: 'status'; readonly status: KioskStatus }
  | { readonly kind: 'explained'; readonly explanation: Explanation }
  | { readonly kind: 'audit-started'; readonly auditId: number; readonly lockers: number }
  | { readonly kind: 'audit-stopped'; readonly auditId: number; readonly counts: AuditCounts }
  | { readonly kind: 'audited'; readonly report: AuditReport }

export type KioskAction =
  | {
      readonly kind: 'unlock'
      readonly openingId: OpeningId
      readonly boardId: BoardId
      readonly channel: number
      readonly pulseMs: number
      readonly expiresAtMonoMs: number
    }
  /** Show or sound something once; nothing comes back. */
  | {
      readonly kind: 'signal'
      readonly signal: SignalKind
      readonly boardId: BoardId
      readonly channel: number
      readonly ms: number
      readonly expiresAtMonoMs: number
    }
  /** Make a PIN for this parcel, seal it to central, and come back with `pin-prepared`. */
  | { readonly kind: 'prepare-pin'; readonly parcelId: ParcelId }
  /** Draw a challenge for the help desk, and come back with `challenge-prepared`. */
  | {
      readonly kind: 'prepare-challenge'
      readonly wants: DeskWish
      readonly lockerId: LockerId
      /** For whose recipient a PIN is to come with it; null: nothing lies there. */
      readonly parcelId: ParcelId | null
    }
  | { readonly kind: 'show'; readonly view: View }
  /** What the screen says of the place has changed. */
  | { readonly kind: 'name-place'; readonly siteName: string; readonly helpPhone: string }
  /** `to` is the intent's or the request's id. */
  | { readonly kind: 'answer'; readonly to: string; readonly answer: Answer }
  /** For the uplink, which stores it and tells central. */
  | { readonly kind: 'end-command'; readonly commandId: string; readonly end: CommandEnd }
  /** A person is at the kiosk: poll the doors fast. */
  | { readonly kind: 'attend'; readonly isAttended: boolean }
