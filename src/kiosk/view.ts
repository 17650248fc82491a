// What a screen may show and what it may send back. The page gets whole views, never differences,
// and knows nothing that is not in them; texts are keys, so the rules stay free of languages.
import type { Code } from './codes.ts'
import type { LockerId, SizeName } from './config.ts'
import type { ComplaintKind, DeskWish, ParcelId } from './facts.ts'
import type { Preferences } from './preferences.ts'
import type { TokenClaims } from './token-facts.ts'

export interface ParcelLine {
  readonly parcelId: ParcelId
  readonly tracking: string | null
  readonly recipient: string
  readonly size: SizeName
}

/** Without the recipient's name: whoever looks does not need it. */
export type ParcelTag = Omit<ParcelLine, 'recipient'>

/** How far an audit is. */
interface AuditProgress {
  readonly done: number
  readonly total: number
}

/** What the ledger has it for; of `unsure` it names the parcel that may lie there. */
export type AuditExpected =
  | { readonly kind: 'empty' }
  | { readonly kind: 'parcel'; readonly parcel: ParcelTag; readonly more: number }
  | { readonly kind: 'unsure'; readonly parcel: ParcelTag | null; readonly more: number }

export interface FreeBySize {
  readonly size: SizeName
  readonly free: number
}

export interface SizeLine extends FreeBySize {
  readonly widthMm: number
  readonly heightMm: number
  readonly depthMm: number
}

export interface ListPage {
  readonly page: number
  readonly pages: number
}

interface SeenOpen {
  readonly lockerId: LockerId
  /** The person may say that it is shut: then the sensor lies. */
  readonly canSayShut: boolean
}

/** The door was not seen to open. */
interface Stuck {
  readonly lockerId: LockerId
  /** Its sensor is not believed: the person is asked. */
  readonly isBlind: boolean
  /** The person may say that it is open all the same. */
  readonly canSayOpen: boolean
}

export type ScreenView =
  /** The PIN pad is live unless `waitMs` > 0. */
  | {
      readonly kind: 'welcome'
      readonly digits: number
      readonly waitMs: number
      readonly leftOpen: readonly LockerId[]
    }
  | { readonly kind: 'help' }
  /** The second part, for a PIN or an access code that was typed before. */
  | {
      readonly kind: 'reference'
      readonly what: 'pin' | 'access-code'
      readonly digits: number
      readonly waitMs: number
    }
  /** The door is being opened; `isRetry` after the first pulse did not move it. */
  | { readonly kind: 'pickup-opening'; readonly lockerId: LockerId; readonly isRetry: boolean }
  | ({
      readonly kind: 'pickup-open'
      readonly isLong: boolean
      /** The person said that something is wrong: asked about when the door is shut. */
      readonly isProblem: boolean
      /** Parcels of the person behind this door. */
      readonly inside: number
      /** Further parcels of the same person elsewhere: the next door opens by itself. */
      readonly left: number
    } & SeenOpen)
  /** Can the person get at this door? It is opened only when they say so. */
  | { readonly kind: 'pickup-reach'; readonly lockerId: LockerId }
  | {
      readonly kind: 'pickup-problem'
      readonly lockerId: LockerId
      /** Of which is it said? Asked first, where several lay together; then empty. */
      readonly parcels: readonly ParcelLine[]
    }
  /** The PIN was used and opens nothing more; something may be said of what it had opened. */
  | { readonly kind: 'pickup-used' }
  /** Behind which of these doors was something wrong? */
  | { readonly kind: 'pickup-which-door'; readonly lockers: readonly LockerId[] }
  /** Told to central; the number is to be named on the telephone. */
  | {
      readonly kind: 'pickup-reported'
      readonly lockerId: LockerId
      /** Nobody gets the locker before somebody has looked into it. */
      readonly isPutAside: boolean
      readonly what: ComplaintKind
      readonly reference: number
      readonly left: number
    }
  | ({ readonly kind: 'pickup-stuck'; readonly left: number } & Stuck)
  /** The person says that it is open; nobody else can tell, and only the person when it is shut. */
  | { readonly kind: 'pickup-blind'; readonly lockerId: LockerId }
  | {
      readonly kind: 'pickup-done'
      readonly lockerId: LockerId
      readonly canReopen: boolean
      /** Parcels of the same person whose doors have not been opened yet. */
      readonly left: number
    }
  /** Call the help desk and read the challenge out; null for the moment in which it is drawn. */
  | {
      readonly kind: 'desk'
      readonly lockerId: LockerId
      readonly wants: DeskWish
      readonly challenge: string | null
      readonly digits: number
      readonly waitMs: number
    }
  /** A parcel is handed in, and nobody said how large it is. */
  | { readonly kind: 'hand-in-size'; readonly sizes: readonly SizeLine[] }
  | { readonly kind: 'hand-in-opening'; readonly lockerId: LockerId; readonly isRetry: boolean }
  | ({
      readonly kind: 'hand-in-open'
      readonly isLong: boolean
      /** It was handed in already. */
      readonly isReopened: boolean
    } & SeenOpen)
  /** Cancelled with the door open: take it out again and close. */
  | { readonly kind: 'hand-in-undone'; readonly lockerId: LockerId; readonly isReplaced: boolean }
  | ({ readonly kind: 'hand-in-stuck'; readonly isReopened: boolean } & Stuck)
  /** Is it inside, and the door shut? */
  | {
      readonly kind: 'hand-in-question'
      readonly lockerId: LockerId
      /** The door is seen shut, and can be opened again. */
      readonly isSeenShut: boolean
    }
  | { readonly kind: 'hand-in-done'; readonly lockerId: LockerId; readonly canReopen: boolean }
  | { readonly kind: 'courier-code'; readonly digits: number; readonly waitMs: number }
  | {
      readonly kind: 'courier-menu'
      readonly courier: string
      readonly parcels: readonly ParcelLine[]
      readonly list: ListPage
      readonly free: readonly FreeBySize[]
      /** Lockers of this courier that somebody must look into. */
      readonly checks: readonly LockerId[]
      readonly depositedCount: number
      /** Parcels to be taken back. */
      readonly retrievals: number
      /** The locker just used, which may be opened once more; null: none. */
      readonly last: LockerId | null
    }
  /** A technician or an operator: any locker may be opened. */
  | {
      readonly kind: 'staff-menu'
      readonly person: string
      readonly lockers: readonly {
        readonly lockerId: LockerId
        /** Not proven empty: after a look the person says what is inside. */
        readonly isUnverified: boolean
      }[]
      readonly list: ListPage
      /** Whether this person may begin an audit, or go on with the one that runs. */
      readonly audit: 'none' | 'may-begin' | 'may-go-on'
    }
  /** Somebody has begun it: on with it, later, or no more? */
  | ({ readonly kind: 'audit-offer'; readonly audit: number } & AuditProgress)
  | {
      readonly kind: 'audit-choice'
      readonly lockers: number
      readonly columns: number
      /** Lockers of which the ledger is not sure. */
      readonly doubtful: number
    }
  | ({
      readonly kind: 'audit-opening'
      readonly lockerId: LockerId
      readonly isRetry: boolean
    } & AuditProgress)
  | ({
      readonly kind: 'audit-open'
      readonly isLong: boolean
      readonly expected: AuditExpected
      /** Somebody wants to collect: after this locker the session ends. */
      readonly isLeaving: boolean
    } & SeenOpen &
      AuditProgress)
  | ({ readonly kind: 'audit-stuck' } & Stuck & AuditProgress)
  | ({
      readonly kind: 'audit-question'
      readonly lockerId: LockerId
      readonly expected: AuditExpected
    } & AuditProgress)
  /** Which parcel is it? To be scanned, or one of those that are missed. */
  | {
      readonly kind: 'audit-other'
      readonly lockerId: LockerId
      readonly parcels: readonly ParcelTag[]
    }
  | {
      readonly kind: 'walk-in-recipient'
      readonly recipients: readonly { readonly id: string; readonly label: string }[]
      readonly list: ListPage
    }
  | {
      readonly kind: 'walk-in-size'
      readonly recipient: string
      readonly sizes: readonly SizeLine[]
    }
  | {
      readonly kind: 'deposit-opening'
      readonly lockerId: LockerId
      readonly parcel: ParcelLine
      readonly isRetry: boolean
    }
  /** Parcels of the same recipient wait in this locker: together, or in a locker of its own? */
  | {
      readonly kind: 'deposit-offer'
      readonly lockerId: LockerId
      readonly parcel: ParcelLine
      readonly inside: number
    }
  | ({
      readonly kind: 'deposit-open'
      readonly parcel: ParcelLine
      /** Further ones that go in here, too. */
      readonly withParcels: readonly ParcelLine[]
      /** The next one may be put in here as well. */
      readonly canAdd: boolean
      /** The one that came last may have a locker of its own instead. */
      readonly canPart: boolean
      readonly canResize: boolean
      readonly isLong: boolean
      /** Scanned meanwhile: its door opens when this one is shut. */
      readonly next: ParcelLine | null
    } & SeenOpen)
  | ({ readonly kind: 'deposit-stuck'; readonly parcel: ParcelLine } & Stuck)
  /** Is it inside, and the door shut? No sensor says so. */
  | {
      readonly kind: 'deposit-question'
      readonly lockerId: LockerId
      readonly parcel: ParcelLine
      /** The door is seen shut, and the locker looks empty; it can be opened again. */
      readonly looksEmpty: boolean
    }
  /** Closed; the PIN is being made. Lasts milliseconds. */
  | { readonly kind: 'deposit-finishing'; readonly lockerId: LockerId }
  /** Cancelled with the door open: take the parcel out and close. */
  | {
      readonly kind: 'cancel-open'
      readonly lockerId: LockerId
      /** Another door opens when this one is shut; otherwise the courier may say why not. */
      readonly isReplaced: boolean
      readonly isReasonTold: boolean
    }
  | { readonly kind: 'retrieval-opening'; readonly lockerId: LockerId; readonly isRetry: boolean }
  | {
      readonly kind: 'retrieval-open'
      readonly lockerId: LockerId
      readonly parcel: ParcelLine
      /** To be taken out, too. */
      readonly others: readonly ParcelLine[]
    }
  | ({ readonly kind: 'retrieval-stuck' } & Stuck)
  | {
      readonly kind: 'retrieval-question'
      readonly lockerId: LockerId
      readonly parcel: ParcelLine
    }
  | { readonly kind: 'check-offer'; readonly lockerId: LockerId }
  | { readonly kind: 'check-opening'; readonly lockerId: LockerId; readonly isRetry: boolean }
  | { readonly kind: 'check-open'; readonly lockerId: LockerId }
  | ({ readonly kind: 'check-stuck' } & Stuck)
  | {
      readonly kind: 'check-question'
      readonly lockerId: LockerId
      /** The parcel that may lie inside; null when none can be asked for. */
      readonly parcel: ParcelLine | null
    }

/**
 * A sentence above the screen: a key of the language files, its parameters, and the code if any.
 */
export interface Notice {
  readonly key:
    | 'pin-refused'
    | 'pin-malformed'
    | 'pin-expired'
    | 'pin-used'
    | 'pin-unchecked'
    | 'pin-unconfirmed'
    | 'token-invalid'
    | 'token-elsewhere'
    | 'token-unknown'
    | 'token-used'
    | 'token-expired'
    | 'token-early'
    | 'token-unchecked'
    | 'token-unconfirmed'
    | 'parcel-missing'
    | 'rights-withdrawn'
    | 'please-wait'
    | 'access-code-refused'
    | 'desk-refused'
    | 'desk-nothing'
    | 'desk-pin'
    | 'desk-no-pin'
    | 'no-locker'
    | 'outbox-full'
    | 'scan-unknown'
    | 'scan-waits'
    | 'retrieval-over'
    | 'audit-over'
    | 'audit-ended'
    | 'audit-runs'
    | 'audit-nothing'
    | 'audit-unknown-parcel'
    | 'reach-told'
    | 'no-other-size'
    | 'handed-in'
    | 'hand-in-cancelled'
    | 'hand-in-full'
    | 'other-locker'
    | 'deposited'
    | 'cancelled'
    | 'others-stay'
    | 'not-confirmed'
    | 'locker-free'
    | 'door-stuck'
    | 'bus-down'
    | 'door-left-open'
    | 'door-unseen'
    | 'make-sure'
    | 'still-inside'
  readonly code: Code | null
  readonly params: Readonly<Record<string, string | number>>
}

export interface View {
  /** Grows by one with every change; an intent answers to one revision. */
  readonly rev: number
  readonly screen: ScreenView
  readonly notice: Notice | null
  /** Of the deposit or pickup that just ended, to be copied by whoever wants it; one for all. */
  readonly receipt: { readonly code: string; readonly parcels: number } | null
  /** Doors that are not closed. All others are. */
  readonly doors: Readonly<Record<LockerId, 'open' | 'unknown'>>
  /** When the session ends by itself, as durations from the sending of this view; null: never. */
  readonly idle: { readonly warnInMs: number; readonly endInMs: number } | null
  readonly isOnline: boolean
  readonly preferences: Preferences
}

/** What a person at the screen can press. `value` goes with those that name something. */
export type ActionName =
  | 'apart'
  | 'audit'
  | 'audit-end'
  | 'back'
  | 'bigger'
  | 'cancel'
  | 'check'
  | 'courier'
  | 'deposit'
  | 'desk'
  | 'desk-pin'
  | 'ease'
  | 'found-empty'
  | 'found-other'
  | 'found-parcel'
  | 'found-unknown'
  | 'help'
  | 'language'
  | 'leave-closed'
  | 'matches'
  | 'open-high'
  | 'page'
  | 'pause'
  | 'problem'
  | 'reason'
  | 'recipient'
  | 'reopen'
  | 'report'
  | 'retrieve'
  | 'retry'
  | 'said-open'
  | 'said-shut'
  | 'sign-out'
  | 'size'
  | 'skip'
  | 'smaller'
  | 'stay'
  | 'together'
  | 'took-out'
  | 'walk-in'
  | 'which'

/** A person's wish as the rules get it: typed digits have become keyed indexes at the edge. */
export type Intent =
  | {
      readonly kind: 'digits'
      /** Of the entry as typed; all that is told of the digits themselves. */
      readonly digitCount: number
      readonly pinIndex: string
      readonly accessIndex: string
    }
  | { readonly kind: 'press'; readonly action: ActionName; readonly value: string | null }
  | { readonly kind: 'scan'; readonly code: string; readonly badgeIndex: string }
  /** A scan that has the form of a token; null: central did not sign it. */
  | { readonly kind: 'token'; readonly claims: TokenClaims | null }

/** `stale`: meant for an older view, nothing was done. `refused`: not possible on this screen. */
export type IntentResult = 'ok' | 'stale' | 'refused'
