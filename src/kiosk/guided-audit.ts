// A guided audit at the screen: whoever is signed in as technician or operator is led from locker
// to locker, opens one door after another by the usual openings, and says what lies inside. It can
// be left at any time, for somebody who wants to collect, and gone on with later.
import { endAudit, lockersLeft, noteLook, noteNotOpened, startAudit } from './audit-course.ts'
import { AUDIT_CHOICES, type AuditChoice, type AuditCounts, type AuditId } from './audit-facts.ts'
import { believedOf, type SeenAnswer } from './audit-verdict.ts'
import { isBlindlyOpen, say } from './blind.ts'
import type { Code } from './codes.ts'
import type { LockerId } from './config.ts'
import { type CourierSession, goToStep, toMenu } from './courier-session.ts'
import { type Draft, update } from './draft.ts'
import type { Actor } from './facts.ts'
import type { LockerRow, ParcelRow } from './ledger.ts'
import { authorise, leaveStuck, proveIfOpen, tryAgain } from './openings.ts'
import { signOut } from './sign-out.ts'
import { type CourierStep, notice } from './state.ts'
import { isDistrusted } from './trust.ts'
import type { ActionName, IntentResult } from './view.ts'

export type AuditStep = Extract<CourierStep, { kind: 'audit' }>

/** A sealed code opens doors on the day when nothing else works; it is nobody who could audit. */
export function mayAudit({ role }: Pick<CourierSession, 'role'>): boolean {
  return role === 'technician' || role === 'operator'
}

function actorOf({ role, courierId }: CourierSession): Actor {
  return { role, id: courierId }
}

/** After the sign-in: somebody has begun an audit, and it can be gone on with. */
export function offerAudit(draft: Draft, session: CourierSession): boolean {
  if (!mayAudit(session) || draft.ledger.runningAudit() === null) return false
  goToStep(draft, session, { kind: 'audit-offer' }, null)
  return true
}

/** From the list of lockers. */
export function enterAudit(draft: Draft, session: CourierSession): IntentResult {
  if (!mayAudit(session)) return 'refused'
  if (!offerAudit(draft, session)) goToStep(draft, session, { kind: 'audit-choice' }, null)
  return 'ok'
}

export function pressAtAuditOffer(
  draft: Draft,
  session: CourierSession,
  action: ActionName,
): IntentResult {
  const running = draft.ledger.runningAudit()
  if (action === 'back' || running === null) return toMenu(draft, session, null)
  if (action === 'audit') return goOn(draft, session, running.id)
  if (action !== 'audit-end') return 'refused'
  const counts = endAudit(draft, running.id, {
    cause: 'stopped',
    by: actorOf(session),
    reason: null,
  })
  return sayOver(draft, session, { auditId: running.id, counts })
}

export function pressAtAuditChoice(
  draft: Draft,
  session: CourierSession,
  action: ActionName,
  value: string | null,
): IntentResult {
  if (action === 'back') return toMenu(draft, session, null)
  const [choice = '', column] = (value ?? '').split(' ')
  if (action !== 'audit' || !isChoice(choice)) return 'refused'
  const wish = { choice, column: choice === 'column' ? Number(column) : null }
  const started = startAudit(draft, { ...wish, by: actorOf(session), reason: null })
  if (!started.ok) {
    const key = started.code === 'LK-AUDIT-04' ? 'audit-nothing' : 'audit-runs'
    update(draft, { notice: notice(key, started.code) })
    return 'ok'
  }
  const { auditId, lockerIds } = started
  const [first] = lockerIds
  return first === undefined ? 'refused' : open(draft, session, { auditId, lockerId: first })
}

function isChoice(word: string): word is AuditChoice {
  return (AUDIT_CHOICES as readonly string[]).includes(word)
}

/** The next locker, or the end. */
function goOn(draft: Draft, session: CourierSession, auditId: AuditId): IntentResult {
  const [lockerId] = lockersLeft(draft, auditId)
  if (lockerId !== undefined) return open(draft, session, { auditId, lockerId })
  const counts = endAudit(draft, auditId, {
    cause: 'completed',
    by: actorOf(session),
    reason: null,
  })
  return sayOver(draft, session, { auditId, counts })
}

interface Place {
  readonly auditId: AuditId
  readonly lockerId: LockerId
}

function open(draft: Draft, session: CourierSession, place: Place): IntentResult {
  const { auditId, lockerId } = place
  const authorised = authorise(draft, {
    lockerId,
    purpose: 'inspection',
    parcelIds: draft.ledger.parcelsAt(lockerId).map(({ id }) => id),
    by: actorOf(session),
    reason: `audit ${auditId}`,
    requestId: null,
  })
  const fresh = { kind: 'audit', ...place, isLeaving: false } as const
  if (!authorised.ok) {
    const { code } = authorised
    const step: AuditStep = { ...fresh, openingId: null, phase: 'stuck', refusedFor: code }
    goToStep(draft, session, step, notice('bus-down', code, { locker: lockerId }))
    return 'ok'
  }
  const { openingId } = authorised
  goToStep(draft, session, { ...fresh, openingId, phase: 'opening', refusedFor: null }, null)
  proveIfOpen(draft, lockerId)
  return 'ok'
}

export function pressAtAudit(
  draft: Draft,
  session: CourierSession,
  step: AuditStep,
  action: ActionName,
  value: string | null,
): IntentResult {
  const { lockerId, phase } = step
  if (draft.ledger.runningAudit()?.id !== step.auditId) return leaveEnded(draft, session, step)
  if (action === 'pause') return pause(draft, session, step)
  if (phase === 'other') return nameOther(draft, session, step, action, value)
  if (phase === 'question' || isBlindlyOpen(draft, lockerId)) {
    return answerQuestion(draft, session, step, action)
  }
  const said = say(draft, lockerId, action)
  if (said === 'pulsed') goToStep(draft, session, { ...step, phase: 'opening' }, null)
  if (said !== null) return 'ok'
  if (phase !== 'stuck') return 'refused'
  if (action === 'retry') return retry(draft, session, step)
  return action === 'skip' ? skip(draft, session, step) : 'refused'
}

/** Central's desk, or the limit, has ended it meanwhile. */
function leaveEnded(draft: Draft, session: CourierSession, step: AuditStep): IntentResult {
  if (step.phase === 'open' || step.phase === 'opening') return 'refused'
  leaveStuck(draft, step.lockerId)
  return toMenu(draft, session, notice('audit-ended', null, { audit: step.auditId }))
}

/** For somebody who wants to collect; a door that stands open is shut and answered for first. */
function pause(draft: Draft, session: CourierSession, step: AuditStep): IntentResult {
  if (step.phase === 'open' || step.phase === 'opening') {
    update(draft, { session: { ...session, step: { ...step, isLeaving: true } } })
    return 'ok'
  }
  signOut(draft, session, { isIdle: false })
  return 'ok'
}

function retry(draft: Draft, session: CourierSession, step: AuditStep): IntentResult {
  const { lockerId } = step
  const opening = draft.state.openings[lockerId]
  if (opening?.phase !== 'stuck' || opening.isUnsettled) return open(draft, session, step)
  const again = { ...step, openingId: opening.id, phase: 'opening', refusedFor: null } as const
  goToStep(draft, session, again, null)
  tryAgain(draft, lockerId)
  proveIfOpen(draft, lockerId)
  return 'ok'
}

function skip(draft: Draft, session: CourierSession, step: AuditStep): IntentResult {
  const { auditId, lockerId, openingId } = step
  const locker = draft.ledger.locker(lockerId)
  if (locker === null) return 'refused'
  const code = causeOf(draft, step)
  leaveStuck(draft, lockerId)
  const by = actorOf(session)
  const last = noteNotOpened(draft, { auditId, locker, openingId, code, by })
  return afterLook(draft, session, { step, last })
}

function causeOf(draft: Draft, { lockerId, refusedFor }: AuditStep): Code {
  const opening = draft.state.openings[lockerId]
  if (refusedFor !== null) return refusedFor
  if (opening?.isUnsettled === true) return 'LK-BUS-01'
  return opening?.isBlind === true ? 'LK-DOOR-06' : 'LK-DOOR-01'
}

const ANSWERS: Partial<Record<ActionName, SeenAnswer>> = {
  matches: 'matches',
  'found-empty': 'empty',
  'found-unknown': 'unknown',
}

function answerQuestion(
  draft: Draft,
  session: CourierSession,
  step: AuditStep,
  action: ActionName,
): IntentResult {
  if (action === 'found-other') {
    const isUnseen = isBlindlyOpen(draft, step.lockerId)
    if (isUnseen) say(draft, step.lockerId, 'said-shut')
    goToStep(draft, session, { ...step, phase: 'other' }, null)
    return 'ok'
  }
  if (action === 'retry') return open(draft, session, step)
  const answer = ANSWERS[action]
  if (answer === undefined) return 'refused'
  return answerWith(draft, session, step, { answer, other: null })
}

/** What is it, if it can be told? */
function nameOther(
  draft: Draft,
  session: CourierSession,
  step: AuditStep,
  action: ActionName,
  value: string | null,
): IntentResult {
  if (action === 'back') {
    goToStep(draft, session, { ...step, phase: 'question' }, null)
    return 'ok'
  }
  const other = action === 'found-parcel' && value !== null ? draft.ledger.parcel(value) : null
  if (other === null && action !== 'skip') return 'refused'
  return answerWith(draft, session, step, { answer: 'other-parcel', other })
}

export function scanAtAudit(
  draft: Draft,
  session: CourierSession,
  step: AuditStep,
  code: string,
): IntentResult {
  if (step.phase !== 'other') return 'refused'
  const other = draft.ledger.parcelByTracking(code) ?? draft.ledger.parcel(code)
  if (other === null) {
    update(draft, { notice: notice('audit-unknown-parcel', 'LK-SCAN-02') })
    return 'ok'
  }
  return answerWith(draft, session, step, { answer: 'other-parcel', other })
}

function answerWith(
  draft: Draft,
  session: CourierSession,
  step: AuditStep,
  { answer, other }: { readonly answer: SeenAnswer; readonly other: ParcelRow | null },
): IntentResult {
  const { auditId, lockerId, openingId } = step
  const locker = draft.ledger.locker(lockerId)
  if (locker === null || openingId === null) return 'refused'
  if (isBlindlyOpen(draft, lockerId)) say(draft, lockerId, 'said-shut')
  const isSeenShut = draft.state.doors[lockerId]?.state === 'closed'
  if (!isSeenShut && !isDistrusted(draft, lockerId)) {
    update(draft, { notice: notice('make-sure', 'LK-DOOR-02', { locker: lockerId }) })
    return 'refused'
  }
  // Since then something else has happened to it: what was seen counts no more.
  const isUsed = draft.state.openings[lockerId] !== undefined
  if (isUsed || locker.changedSeq > openingId) return open(draft, session, step)
  if (!canAnswer(draft, locker, answer)) return 'refused'
  const by = actorOf(session)
  const last = noteLook(draft, { auditId, locker, openingId, answer, other, by })
  return afterLook(draft, session, { step, last })
}

/** Where nothing is believed nothing can match. */
function canAnswer(draft: Draft, { id, state }: LockerRow, answer: SeenAnswer): boolean {
  if (answer !== 'matches' || believedOf(state) !== 'unproven') return true
  return draft.ledger.parcelsAt(id).length > 0
}

interface Looked {
  readonly step: AuditStep
  readonly last: ReturnType<typeof noteLook>
}

/** The ledger has what was found only after this step. */
function afterLook(draft: Draft, session: CourierSession, { step, last }: Looked): IntentResult {
  const { auditId } = step
  const [next] = lockersLeft(draft, auditId).filter((id) => id !== step.lockerId)
  if (next === undefined) {
    const by = actorOf(session)
    const counts = endAudit(draft, auditId, { cause: 'completed', by, reason: null, last })
    return sayOver(draft, session, { auditId, counts })
  }
  if (!step.isLeaving) return open(draft, session, { auditId, lockerId: next })
  signOut(draft, session, { isIdle: false })
  return 'ok'
}

function sayOver(
  draft: Draft,
  session: CourierSession,
  { auditId, counts }: { readonly auditId: AuditId; readonly counts: AuditCounts },
): IntentResult {
  const looked = counts.lockers - counts.left - counts.notOpened
  const { differences } = counts
  return toMenu(draft, session, notice('audit-over', null, { audit: auditId, looked, differences }))
}
