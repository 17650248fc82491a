// The kiosk: a function of (state, event, now) that returns the next state, what to store and what
// to do, in that order. It looks things up in a synchronous ledger and touches nothing else.

import { auditOverdue } from './audit-course.ts'
import { tellAudit } from './audit-report.ts'
import { obeyCentral } from './commands.ts'
import type { KioskConfig } from './config.ts'
import { configurationOverdue, noticeConfiguration } from './configuration.ts'
import { pressAsCourier, scan } from './courier.ts'
import { askDesk, enterAnswer, takeChallenge } from './desk-help.ts'
import { loseBoard, readBoard } from './doors.ts'
import { answer, type Draft, goTo, lastFor, openDraft, update } from './draft.ts'
import type { KioskAction, KioskEvent } from './events.ts'
import { explain } from './explain.ts'
import type { StoreRecord } from './facts.ts'
import { guessDeadlines, guessesOverdue } from './guesses.ts'
import { leaveHandIn, pressAtHandIn, pressAtHandInSize, reopenableOverdue } from './hand-in.ts'
import { pressAtUsed } from './late-complaints.ts'
import type { Ledger } from './ledger.ts'
import { DOOR_REMINDER_MS, endUnlock, openingDeadlines, openingsOverdue } from './openings.ts'
import { pressAtComplaint } from './pickup-complaints.ts'
import { expiryDeadlines, finishReissue, pinsOverdue } from './pins.ts'
import { inLanguage, type Preferences, switched, usualPreferences } from './preferences.ts'
import {
  type Digits,
  enterPin,
  enterPinReference,
  leavePickup,
  pressAtPickup,
  pressAtReach,
} from './recipient.ts'
import { remindersOverdue } from './reminders.ts'
import { renderView } from './render.ts'
import { restart } from './restart.ts'
import { obeyConfirmation, obeyOvertaken } from './restore.ts'
import { tidyOverdue } from './retention.ts'
import { issueReturnCode, returnsOverdue } from './returns.ts'
import { senseDeadlines, sensesOverdue } from './senses.ts'
import { clearingsOverdue, finishDeposits, settle } from './settlement.ts'
import { signOut } from './sign-out.ts'
import { remind } from './signals.ts'
import {
  endRevoked,
  enterAccessCode,
  enterBadge,
  enterStaffReference,
  pressAtStaffMenu,
} from './staff.ts'
import {
  goOn,
  standStill,
  standstillDeadlines,
  standstillsOverdue,
  watchDoor,
} from './standstill.ts'
import type { KioskState, Session } from './state.ts'
import { statusOf } from './status.ts'
import { obeyTechnician } from './technician.ts'
import type { Now } from './time.ts'
import { enterToken } from './tokens.ts'
import { doorsOverdue, stuckDoors } from './trust.ts'
import type { Intent, IntentResult } from './view.ts'
import { judgeDoor } from './wear.ts'
import { obeyWishes } from './wishes.ts'

/** Pages on which somebody begins. */
const SCANS_TOKENS: ReadonlySet<Session['kind']> = new Set<Session['kind']>([
  'welcome',
  'courier-code',
  'reference',
])

/** Answers kept so that a repeated intent is answered again and not done again. */
const ANSWERED_MAX = 64

export interface KioskStep {
  readonly state: KioskState
  readonly records: readonly StoreRecord[]
  readonly actions: readonly KioskAction[]
}

export interface KioskStepInput {
  readonly state: KioskState
  readonly event: KioskEvent
  readonly now: Now
  readonly ledger: Ledger
  /** As the file says. */
  readonly config: KioskConfig
}

export function stepKiosk(input: KioskStepInput): KioskStep {
  const { event, ...parts } = input
  const draft = openDraft(parts)
  take(draft, event)
  catchUp(draft)
  attend(draft)
  return { state: draft.state, records: draft.records, actions: draft.actions }
}

function take(draft: Draft, event: KioskEvent): void {
  switch (event.kind) {
    case 'started':
      return restart(draft, event.version)
    case 'time-passed':
      return
    case 'desired-changed':
      noticeConfiguration(draft)
      return obeyWishes(draft)
    case 'board-read':
      return readBoard(draft, event.reading)
    case 'board-lost':
      return loseBoard(draft, event.boardId)
    case 'unlock-ended':
      return endUnlock(draft, event.openingId, event.outcome)
    case 'pin-prepared':
      return takePin(draft, event)
    case 'challenge-prepared':
      return takeChallenge(draft, event)
    case 'intent-sent':
      return takeIntent(draft, event)
    case 'technician-asked':
      return obeyTechnician(draft, event)
    case 'command-sent':
      return obeyCentral(draft, event)
    case 'audit-asked':
      return tellAudit(draft, event)
    case 'status-asked':
      return answer(draft, event.requestId, { kind: 'status', status: statusOf(draft) })
    case 'explain-asked':
      return explainTo(draft, event)
    case 'uplink-changed':
      return update(draft, { isUplinkOnline: event.isOnline })
    case 'ledger-overtaken':
      return obeyOvertaken(draft, event)
    case 'parcels-vouched':
      return obeyConfirmation(draft, event)
    case 'screen-changed':
      return event.isConnected ? goOn(draft, 'screen-gone') : standStill(draft, 'screen-gone')
  }
}

function explainTo(draft: Draft, asked: Extract<KioskEvent, { kind: 'explain-asked' }>): void {
  const explanation = explain(draft, asked.name)
  if (explanation === null) answer(draft, asked.requestId, { kind: 'refused', code: 'LK-CTL-09' })
  else answer(draft, asked.requestId, { kind: 'explained', explanation })
}

/** What became due, and what the openings' changes mean. Bounded: settling opens nothing anew. */
function catchUp(draft: Draft): void {
  settleAll(draft)
  doorsOverdue(draft)
  openingsOverdue(draft)
  remind(draft, DOOR_REMINDER_MS)
  settleAll(draft)
  clearingsOverdue(draft)
  guessesOverdue(draft)
  const isDeadlineMoved = standstillsOverdue(draft)
  pinsOverdue(draft, { isDeadlineMoved })
  returnsOverdue(draft)
  reopenableOverdue(draft)
  endRevoked(draft)
  sensesOverdue(draft)
  tidyOverdue(draft)
  remindersOverdue(draft)
  auditOverdue(draft)
  const { sessionEndsAtMonoMs } = draft.state
  if (sessionEndsAtMonoMs !== null && sessionEndsAtMonoMs <= draft.now.monoMs) endSession(draft)
  settleAll(draft)
  configurationOverdue(draft)
}

function settleAll(draft: Draft): void {
  for (let next = draft.happenings.shift(); next !== undefined; next = draft.happenings.shift()) {
    judgeDoor(draft, next)
    watchDoor(draft, next)
    settle(draft, next)
  }
}

function endSession(draft: Draft): void {
  const { session } = draft.state
  if (session.kind === 'courier') signOut(draft, session, { isIdle: true })
  else if (session.kind === 'pickup') leavePickup(draft, session)
  else if (session.kind === 'hand-in') leaveHandIn(draft, session)
  else {
    // Nobody has done anything for so long: the next person is another one.
    update(draft, { preferences: usualPreferences(draft.config) })
    goTo(draft, { kind: 'welcome' }, null)
  }
}

function takePin(draft: Draft, made: Extract<KioskEvent, { kind: 'pin-prepared' }>): void {
  const { parcelId, index, referenceIndex, sealedPin } = made
  if (draft.ledger.pin(index) !== null) {
    // Somebody has it, or had it lately.
    draft.actions.push({ kind: 'prepare-pin', parcelId })
    return
  }
  const pin = { index, referenceIndex, sealedPin }
  if (issueReturnCode(draft, parcelId, pin)) return
  const parcel = draft.ledger.parcel(parcelId)
  if (parcel?.state === 'deposited') return finishReissue(draft, parcel, pin)
  if (parcel?.state !== 'depositing' && parcel?.state !== 'unconfirmed') return
  update(draft, { preparedPins: { ...draft.state.preparedPins, [parcelId]: pin } })
  finishDeposits(draft, parcelId)
}

function takeIntent(draft: Draft, sent: Extract<KioskEvent, { kind: 'intent-sent' }>): void {
  const { intentId, rev, intent } = sent
  const before = draft.state.answered.find((known) => known.intentId === intentId)
  const result = before?.result ?? (isStale(draft, rev) ? 'stale' : obey(draft, intent))
  if (before === undefined) {
    const answered = [...draft.state.answered, { intentId, result }].slice(-ANSWERED_MAX)
    update(draft, { answered })
  }
  answer(draft, intentId, { kind: 'intent', result })
}

/**
 * An intent belongs to the screen it was made on; a door that moved meanwhile does not spoil it.
 */
function isStale(draft: Draft, rev: number): boolean {
  return rev < draft.state.screenRev || rev > draft.state.rev
}

function obey(draft: Draft, intent: Intent): IntentResult {
  const { session } = draft.state
  if (intent.kind === 'digits') return takeDigits(draft, intent)
  if (intent.kind === 'scan') {
    if (session.kind === 'courier') return scan(draft, session, intent.code)
    return session.kind === 'courier-code' ? enterBadge(draft, intent.badgeIndex) : 'refused'
  }
  if (intent.kind === 'token') {
    return SCANS_TOKENS.has(session.kind) ? enterToken(draft, intent.claims) : 'refused'
  }
  const { action, value } = intent
  if (action === 'stay') return stay(draft)
  const { preferences } = draft.state
  if (action === 'language') return prefer(draft, inLanguage(preferences, value, draft.config))
  if (action === 'ease') return prefer(draft, switched(preferences, value))
  switch (session.kind) {
    case 'welcome':
      if (action === 'courier') return enter(draft, 'courier-code')
      return action === 'help' ? enter(draft, 'help') : 'refused'
    case 'help':
    case 'desk':
    case 'courier-code':
    case 'reference':
      if (session.kind === 'help' && action === 'desk') return askDesk(draft, 'open', value)
      if (session.kind === 'desk' && action === 'desk-pin') {
        return askDesk(draft, 'pin', session.lockerId)
      }
      if (action !== 'back') return 'refused'
      goTo(draft, { kind: 'welcome' }, null)
      return 'ok'
    case 'pickup':
      return (
        pressAtComplaint(draft, session, action, value) ?? pressAtPickup(draft, session, action)
      )
    case 'reach':
      return pressAtReach(draft, session, action)
    case 'used':
      return pressAtUsed(draft, session, action, value)
    case 'hand-in-size':
      return pressAtHandInSize(draft, session, action, value)
    case 'hand-in':
      return pressAtHandIn(draft, session, action)
    case 'courier':
      return session.role !== 'courier' && session.step.kind === 'menu'
        ? pressAtStaffMenu(draft, session, action, value)
        : pressAsCourier(draft, session, action, value)
  }
}

function takeDigits(draft: Draft, typed: Digits): IntentResult {
  const { session } = draft.state
  switch (session.kind) {
    case 'welcome':
      return enterPin(draft, typed)
    case 'courier-code':
      return enterAccessCode(draft, typed)
    case 'reference':
      return session.what === 'pin'
        ? enterPinReference(draft, session.index, typed)
        : enterStaffReference(draft, session.index, typed)
    case 'desk':
      return enterAnswer(draft, session, typed.pinIndex)
    case 'help':
    case 'reach':
    case 'pickup':
    case 'used':
    case 'hand-in-size':
    case 'hand-in':
    case 'courier':
      return 'refused'
  }
}

function enter(draft: Draft, kind: 'help' | 'courier-code'): IntentResult {
  goTo(draft, { kind }, draft.config.policy.idleMs)
  return 'ok'
}

/** "Yes, more time": as often as the person likes. */
function stay(draft: Draft): IntentResult {
  const { session, sessionEndsAtMonoMs } = draft.state
  // Not for a challenge: its time is its own.
  if (sessionEndsAtMonoMs === null || session.kind === 'desk') return 'refused'
  lastFor(draft, idleMsOf(draft))
  return 'ok'
}

function idleMsOf({ state, config }: Draft): number {
  const { idleMs, courierIdleMs } = config.policy
  return state.session.kind === 'courier' ? courierIdleMs : idleMs
}

/** Whoever stands there likes the screen another way, whatever it shows. */
function prefer(draft: Draft, preferences: Preferences | null): IntentResult {
  if (preferences === null) return 'refused'
  update(draft, { preferences })
  const { session, sessionEndsAtMonoMs } = draft.state
  if (session.kind === 'welcome') lastFor(draft, null)
  // A sign of life, and more time begins at once.
  else if (sessionEndsAtMonoMs !== null && session.kind !== 'desk') {
    lastFor(draft, idleMsOf(draft))
  }
  return 'ok'
}

/** Doors are read fast while somebody stands there or a door is in motion. */
function attend(draft: Draft): void {
  const { session, openings, isAttended } = draft.state
  const isNeeded = session.kind !== 'welcome' || Object.keys(openings).length > 0
  if (isNeeded === isAttended) return
  update(draft, { isAttended: isNeeded })
  draft.actions.push({ kind: 'attend', isAttended: isNeeded })
}

/**
 * Shows what changed. Called after the step's records are in the ledger, so that the view can look
 * everything up; it records nothing.
 */
export function showKiosk(input: Omit<KioskStepInput, 'event'>): Omit<KioskStep, 'records'> {
  const draft = openDraft(input)
  const view = renderView(draft)
  const { sessionEndsAtMonoMs, blockedUntilMonoMs } = draft.state
  const { idle: _, ...lasting } = view
  const screen = 'waitMs' in view.screen ? { ...view.screen, waitMs: 0 } : view.screen
  const isBlocked = blockedUntilMonoMs > draft.now.monoMs ? blockedUntilMonoMs : 0
  const shownKey = JSON.stringify([{ ...lasting, screen }, sessionEndsAtMonoMs, isBlocked])
  if (shownKey === draft.state.shownKey) return { state: draft.state, actions: [] }
  const screenKey = `${view.screen.kind} ${'lockerId' in view.screen ? view.screen.lockerId : ''}`
  const rev = draft.state.rev + 1
  const screenRev = screenKey === draft.state.screenKey ? draft.state.screenRev : rev
  const state = { ...draft.state, rev, screenRev, screenKey, shownKey }
  return { state, actions: [{ kind: 'show', view: { rev, ...view } }] }
}

/**
 * When the kiosk must be woken at the latest; null when only events can move it. What was due by
 * `now` has been dealt with, or waits for an event.
 */
export function nextKioskWake(state: KioskState, now: Now): number | null {
  const { leftOpenMs } = state.config.policy
  const deadlines = [
    ...Object.values(state.openings).flatMap((opening) => openingDeadlines(opening, leftOpenMs)),
    ...Object.values(state.clearing).map(({ untilMonoMs }) => untilMonoMs),
    ...(state.sessionEndsAtMonoMs === null ? [] : [state.sessionEndsAtMonoMs]),
    ...guessDeadlines(state),
    ...expiryDeadlines(state, now),
    state.returnsLookAtMonoMs,
    ...(state.tidyAtMonoMs === null ? [] : [state.tidyAtMonoMs]),
    ...(state.remindAtMonoMs === null ? [] : [state.remindAtMonoMs]),
    ...(state.auditEndsAtMonoMs === null ? [] : [state.auditEndsAtMonoMs]),
    ...reminders(state),
    ...stuckDoors(state).map(([, atMonoMs]) => atMonoMs),
    ...senseDeadlines(state),
    ...standstillDeadlines(state),
  ].filter((monoMs) => monoMs > now.monoMs)
  return deadlines.length === 0 ? null : Math.min(...deadlines)
}

/** The screen changes by itself when a door stands open too long. */
function reminders(state: KioskState): readonly number[] {
  return Object.values(state.openings).flatMap(({ openSinceMonoMs }) =>
    openSinceMonoMs === null ? [] : [openSinceMonoMs + DOOR_REMINDER_MS],
  )
}
