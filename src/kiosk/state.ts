// What the kiosk keeps in memory. Everything here may be lost at any moment: what must survive is
// in the ledger, what is true of the doors is read again, and a person's session never outlives a
// start.
import type { AuditId } from './audit-facts.ts'
import type { Code } from './codes.ts'
import type { BoardId, KioskConfig, LockerId, SizeName } from './config.ts'
import { lockersOf } from './config.ts'
import type { StaffRole } from './desired.ts'
import type {
  Actor,
  ComplaintKind,
  DeskWish,
  DoorFault,
  OpeningId,
  ParcelId,
  Purpose,
} from './facts.ts'
import type { ParcelRow } from './ledger.ts'
import type { PreparedPin } from './pin-facts.ts'
import type { PinUse } from './pin-ledger.ts'
import { type Preferences, usualPreferences } from './preferences.ts'
import type { StandstillCause, StandstillPlace } from './standstill-facts.ts'
import type { IntentResult, Notice } from './view.ts'

type DoorState = 'open' | 'closed' | 'unknown'

export interface Door {
  /** As it is believed: `unknown` as well while its sensor is distrusted. */
  readonly state: DoorState
  /** What its sensor says, believed or not. */
  readonly reads: DoorState
  readonly distrustedFor: DoorFault | null
  /** What the sensor inside says; null without one, and while the board is silent. */
  readonly contents: 'present' | 'absent' | null
  /** When what it reads changed, oldest first; no more than a judgement needs. */
  readonly changesAtMonoMs: readonly number[]
  /** Since when it reads so; null while its board is silent. */
  readonly readsSinceMonoMs: number | null
  /** The board's counter at the last reading, and the board's boot it belongs to. */
  readonly opens: number | null
  readonly boardBoot: number | null
}

/**
 * - `commanded`: authorised, not seen open yet
 * - `stuck`: all pulses spent; it still counts if the door moves while the person stands there
 * - `open`: seen open
 */
type OpeningPhase = 'commanded' | 'stuck' | 'open'

export interface LiveOpening {
  readonly id: OpeningId
  readonly lockerId: LockerId
  readonly purpose: Purpose
  /** A pickup spends the right of each of them. */
  readonly parcelIds: readonly ParcelId[]
  readonly by: Actor
  readonly phase: OpeningPhase
  readonly pulses: number
  /** From before a restart or a lost board: settled by reading the door, never by a pulse. */
  readonly isUnsettled: boolean
  /** From before a restart: nobody guided the person, so it proves nothing about the contents. */
  readonly isInterrupted: boolean
  /** Its sensor's word does not count: the person in front of it is asked. */
  readonly isBlind: boolean
  /** Its `door-opened` is recorded. */
  readonly isOpened: boolean
  /** Whether the board listened to the newest pulse; null while nobody knows. */
  readonly heard: 'acknowledged' | 'unanswered' | null
  /** At a distrusted door: when its sensor went from closed to open after this pulse. */
  readonly cycleOpenSinceMonoMs: number | null
  /** Cancelled meanwhile: no further pulse. */
  readonly isAbandoned: boolean
  readonly isLeftOpen: boolean
  /** While commanded: when to pulse again or give up. */
  readonly seenByMonoMs: number
  /** Since when the door is known to stand open; null while it is not. */
  readonly openSinceMonoMs: number | null
  readonly boardBoot: number | null
  readonly opensBefore: number | null
  /** The technician's request that waits for the outcome. */
  readonly requestId: string | null
  /** The command of central that it obeys, until that is answered. */
  readonly commandId: string | null
}

/** What a board senses beside doors. */
export interface Sense {
  readonly reads: 'active' | 'idle' | 'unknown'
  /** What the newest fact says. */
  readonly isToldActive: boolean
  /** No further change is told before. */
  readonly restsUntilMonoMs: number
}

/** On the wall clock what was before this start, else on the monotonic one. */
export type Moment = { readonly monoMs: number } | { readonly wallMs: number }

/** Something keeps parcels from being collected; see src/kiosk/standstill.ts. */
export interface Standstill extends StandstillPlace {
  readonly cause: StandstillCause
  readonly since: Moment
  /** Null while it lasts. */
  readonly ended: Moment | null
  /** Its `standstill-began` is recorded. */
  readonly isTold: boolean
}

/** A locker held after a pickup. */
export interface Clearing {
  readonly untilMonoMs: number
  readonly isProvenEmpty: boolean
}

/** `question`: closed, and it looks empty. `finishing`: closed, waiting for the PIN. */
type DepositPhase = 'opening' | 'open' | 'stuck' | 'question' | 'finishing'

/** A parcel on its way into a locker; the ledger need not know it yet. */
export type DepositParcel = Pick<
  ParcelRow,
  'id' | 'size' | 'recipientId' | 'isAnnounced' | 'weightGrams' | 'needsReach' | 'depositSeq'
>

export type CourierStep =
  | { readonly kind: 'menu'; readonly page: number }
  | { readonly kind: 'recipients'; readonly page: number }
  | { readonly kind: 'sizes'; readonly recipientId: string }
  | {
      readonly kind: 'deposit'
      readonly parcelId: ParcelId
      readonly lockerId: LockerId
      readonly openingId: OpeningId
      /** At least so large a locker is wanted. */
      readonly size: SizeName
      readonly phase: DepositPhase
      readonly isCancelled: boolean
      /** Cancelled for another size: its door opens when this one is shut. */
      readonly wantedSize: SizeName | null
      /** Cancelled for good, and the courier has said why. */
      readonly isReasonTold: boolean
      /** Lockers tried for this parcel one after another, because their doors did not open. */
      readonly triedCount: number
      /** Others of the recipient lay in the locker before. */
      readonly isTogether: boolean
      /** Further ones for the same recipient, put in while the door stood open. */
      readonly withIds: readonly ParcelId[]
    }
  /** The recipient has parcels in this locker: does the next one go there, too? */
  | {
      readonly kind: 'together-offer'
      readonly parcel: DepositParcel
      readonly lockerId: LockerId
    }
  | {
      readonly kind: 'retrieval'
      readonly parcelId: ParcelId
      /** Of this run and behind the same door, and not asked about yet. */
      readonly others: readonly ParcelId[]
      readonly lockerId: LockerId
      readonly openingId: OpeningId
      readonly phase: 'opening' | 'open' | 'stuck' | 'question'
      /** Parcels of this run whose doors have been opened, or tried. */
      readonly tried: readonly ParcelId[]
    }
  /** Somebody has begun an audit; it can be gone on with. */
  | { readonly kind: 'audit-offer' }
  | { readonly kind: 'audit-choice' }
  | {
      readonly kind: 'audit'
      readonly auditId: AuditId
      readonly lockerId: LockerId
      /** Null when it was refused, and why. */
      readonly openingId: OpeningId | null
      readonly refusedFor: Code | null
      /** `question`: shut, what did you see? `other`: another parcel, which one? */
      readonly phase: 'opening' | 'open' | 'stuck' | 'question' | 'other'
      /** Somebody wants to collect: after this locker the session ends. */
      readonly isLeaving: boolean
    }
  | { readonly kind: 'check-offer'; readonly lockerId: LockerId }
  | {
      readonly kind: 'check'
      readonly lockerId: LockerId
      readonly openingId: OpeningId
      /** What has been said of parcels that may lie there, one after another. */
      readonly answers: readonly {
        readonly parcelId: ParcelId
        readonly found: 'empty' | 'parcel'
      }[]
      readonly phase: 'opening' | 'open' | 'stuck' | 'question'
    }

/** `question`: closed, and the person is asked whether it is inside. */
export interface HandInSession {
  readonly kind: 'hand-in'
  readonly recipientId: string
  readonly parcelId: ParcelId
  readonly lockerId: LockerId
  readonly openingId: OpeningId
  /** At least so large a locker is wanted. */
  readonly size: SizeName
  readonly phase: 'opening' | 'open' | 'stuck' | 'question' | 'done'
  readonly isCancelled: boolean
  /** Cancelled for another size: its door opens when this one is shut. */
  readonly wantedSize: SizeName | null
  /** Lockers tried one after another, because their doors did not open. */
  readonly triedCount: number
  /** It was handed in already, and the door opens once more. */
  readonly isReopened: boolean
}

export type Session =
  | { readonly kind: 'welcome' }
  | { readonly kind: 'help' }
  | { readonly kind: 'courier-code' }
  /** The day's budget is spent: what was typed waits for its second part, right or wrong. */
  | { readonly kind: 'reference'; readonly what: 'pin' | 'access-code'; readonly index: string }
  | {
      readonly kind: 'desk'
      readonly lockerId: LockerId
      /** What lies there, or came first, as the desk is asked; the answer is for nobody else. */
      readonly parcelId: ParcelId | null
      readonly wants: DeskWish
      /** Null for the moment in which it is drawn. */
      readonly asked: {
        readonly challenge: string
        readonly answerIndex: string
        /** That the right answer brings; null: it opens the locker. */
        readonly pin: PreparedPin | null
      } | null
      readonly triesLeft: number
    }
  | {
      /** Before a door that the recipient may not get at. */
      readonly kind: 'reach'
      readonly recipientId: string
      readonly parcelIds: readonly ParcelId[]
      readonly lockerId: LockerId
      readonly tried: readonly ParcelId[]
      readonly isRevoked: boolean
    }
  | {
      readonly kind: 'pickup'
      readonly recipientId: string
      /** Parcels whose doors this session has opened, or tried to: the next is another one. */
      readonly tried: readonly ParcelId[]
      /** The PIN was replaced meanwhile: whoever stands there opens nothing more with it. */
      readonly isRevoked: boolean
      /** Everything of this person that the door was opened for. */
      readonly parcelIds: readonly ParcelId[]
      readonly lockerId: LockerId
      readonly openingId: OpeningId
      readonly phase: 'opening' | 'open' | 'stuck' | 'done' | 'problem' | 'reported'
      /** Something is wrong: asked about as soon as the door is shut. */
      readonly isProblem: boolean
      /** Of several parcels: with which of them something is wrong; null until that is said. */
      readonly wrongIds: readonly ParcelId[] | null
      readonly complaint: { readonly what: ComplaintKind; readonly reference: number } | null
    }
  | {
      /** A PIN was typed that opens nothing any more: the person may say what was wrong. */
      readonly kind: 'used'
      readonly recipientId: string
      readonly uses: readonly PinUse[]
      /** Of which something is said; null until that is known. */
      readonly use: PinUse | null
      readonly phase: 'told' | 'problem' | 'reported'
    }
  /** A return whose size nobody said: the person chooses. */
  | { readonly kind: 'hand-in-size'; readonly parcelId: ParcelId }
  | HandInSession
  | {
      /** Of any member of the staff; what the others may do is in src/kiosk/staff.ts. */
      readonly kind: 'courier'
      readonly role: StaffRole
      readonly courierId: string
      readonly depositedCount: number
      /** Scanned while a door stood open: its own door opens when that one is shut. */
      readonly nextParcelId: ParcelId | null
      /** For which no locker was free: told to central once, however often it is tried. */
      readonly fullForId: ParcelId | null
      /** What was left last: its door may be opened once more. */
      readonly last: { readonly parcelId: ParcelId; readonly lockerId: LockerId } | null
      readonly step: CourierStep
    }

export interface KioskState {
  /** What holds: the file's, and what central set over it. */
  readonly config: KioskConfig
  /** Of the rows that it was made of; null before the first step. */
  readonly configurationHash: string | null
  /** Central has set something, and somebody is at the screen. */
  readonly isConfigurationDue: boolean
  /** Of the daemon. */
  readonly version: string
  readonly doors: Readonly<Record<LockerId, Door>>
  /** The doors that are not plainly shut: few of two thousand, and looked through at every step. */
  readonly notShut: readonly LockerId[]
  readonly boards: Readonly<Record<BoardId, { readonly isOnline: boolean }>>
  /** By key, src/kiosk/senses.ts. */
  readonly senses: Readonly<Record<string, Sense>>
  /** What lasts, and what is over and not yet counted. */
  readonly standstills: readonly Standstill[]
  /** When it is noted next that the kiosk runs; null before the first step. */
  readonly aliveAtMonoMs: number | null
  readonly openings: Readonly<Record<LockerId, LiveOpening>>
  /** Openings whose open door was reminded of. */
  readonly remindedIds: readonly OpeningId[]
  readonly clearing: Readonly<Record<LockerId, Clearing>>
  readonly session: Session
  /** When the session ends by itself; null while a door or nobody decides. */
  readonly sessionEndsAtMonoMs: number | null
  readonly notice: Notice | null
  /** Of whoever stands there. */
  readonly preferences: Preferences
  /** The newest fact for which somebody gets a receipt: for how many parcels, and which locker. */
  readonly receiptFact: {
    readonly seq: number
    readonly lockerId: LockerId
    readonly count: number
  } | null
  readonly preparedPins: Readonly<Record<ParcelId, PreparedPin>>
  /** Parcels known to lie in a locker and waiting only for their PIN. */
  readonly awaitingPin: readonly ParcelId[]
  readonly failures: number
  readonly blockedUntilMonoMs: number
  readonly forgetGuessAtMonoMs: number
  /** Wrong entries against the day's budget, and when one of them is forgotten. */
  readonly budgetSpent: number
  readonly refundAtMonoMs: number
  /** Wrong entries of the last hour, and the last alarm about them. */
  readonly recentFailuresAtMonoMs: readonly number[]
  readonly alarmedAtMonoMs: number | null
  /** The newest refusals of tokens, each told once. */
  readonly refusedTokens: readonly string[]
  readonly startedAtMonoMs: number
  /** Of the PIN that ends next; null: none lives, or none has a date. */
  readonly nextExpiryAtWallMs: number | null
  /** When is looked next for returns that have ended. */
  readonly returnsLookAtMonoMs: number
  /** Handed in just now: until when the code opens the locker once more. */
  readonly reopenable: Readonly<Record<ParcelId, number>>
  /** Returns whose codes are being made. */
  readonly codesOrdered: readonly ParcelId[]
  /** When old things are forgotten next; null before the first step. */
  readonly tidyAtMonoMs: number | null
  /** When is looked next for recipients to be reminded; null before the first step. */
  readonly remindAtMonoMs: number | null
  /** When the running audit is given up; null while none runs. */
  readonly auditEndsAtMonoMs: number | null
  readonly isUplinkOnline: boolean
  readonly isAttended: boolean
  readonly rev: number
  /** The revision with which the present screen began: older intents are stale. */
  readonly screenRev: number
  /** What was shown last, without its running durations. */
  readonly shownKey: string
  readonly screenKey: string
  /** The newest answers, so that a repeated intent is answered and not repeated. */
  readonly answered: readonly { readonly intentId: string; readonly result: IntentResult }[]
}

export const UNKNOWN_DOOR: Door = {
  state: 'unknown',
  reads: 'unknown',
  distrustedFor: null,
  contents: null,
  changesAtMonoMs: [],
  readsSinceMonoMs: null,
  opens: null,
  boardBoot: null,
}

export const UNKNOWN_SENSE: Sense = { reads: 'unknown', isToldActive: false, restsUntilMonoMs: 0 }

export function createKiosk(config: KioskConfig): KioskState {
  const lockers = lockersOf(config)
  return {
    config,
    configurationHash: null,
    isConfigurationDue: false,
    version: '',
    doors: Object.fromEntries(lockers.map(({ id }) => [id, UNKNOWN_DOOR])),
    notShut: lockers.map(({ id }) => id),
    boards: Object.fromEntries(lockers.map(({ boardId }) => [boardId, { isOnline: false }])),
    senses: {},
    standstills: [],
    aliveAtMonoMs: null,
    openings: {},
    remindedIds: [],
    clearing: {},
    session: { kind: 'welcome' },
    sessionEndsAtMonoMs: null,
    notice: null,
    preferences: usualPreferences(config),
    receiptFact: null,
    preparedPins: {},
    awaitingPin: [],
    failures: 0,
    blockedUntilMonoMs: 0,
    forgetGuessAtMonoMs: 0,
    budgetSpent: 0,
    refundAtMonoMs: 0,
    recentFailuresAtMonoMs: [],
    alarmedAtMonoMs: null,
    refusedTokens: [],
    startedAtMonoMs: 0,
    nextExpiryAtWallMs: null,
    returnsLookAtMonoMs: 0,
    reopenable: {},
    codesOrdered: [],
    tidyAtMonoMs: null,
    remindAtMonoMs: null,
    auditEndsAtMonoMs: null,
    isUplinkOnline: false,
    isAttended: false,
    rev: 0,
    screenRev: 0,
    shownKey: '',
    screenKey: '',
    answered: [],
  }
}

export function notice(
  key: Notice['key'],
  code: Code | null,
  params: Notice['params'] = {},
): Notice {
  return { key, code, params }
}

/** Somebody is in the middle of something at the screen. */
export function isServing({ kind }: Session): boolean {
  return kind !== 'welcome' && kind !== 'help'
}

/** Whatever was done there is done: the next screen is for somebody else. */
export function endsVisit({ kind }: Session): boolean {
  switch (kind) {
    case 'pickup':
    case 'reach':
    case 'used':
    case 'hand-in-size':
    case 'hand-in':
    case 'courier':
      return true
    case 'welcome':
    case 'help':
    case 'courier-code':
    case 'reference':
    case 'desk':
      return false
  }
}

/** The opening that the person at the screen waits for. */
export function openingOfSession(session: Session): OpeningId | null {
  if (session.kind === 'pickup' || session.kind === 'hand-in') return session.openingId
  if (session.kind !== 'courier') return null
  const { step } = session
  return 'openingId' in step ? step.openingId : null
}
