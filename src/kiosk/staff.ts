// Who works here: couriers, technicians, operators, and whoever opens a sealed envelope. Each has a
// code or a badge of their own, synced and good without a network; there is no common one. What a
// courier does next is in courier.ts; the others look into lockers.

import { startCheck } from './checks.ts'
import { lockersOf } from './config.ts'
import { pageNumber } from './courier.ts'
import { type CourierSession, goToStep, MENU } from './courier-session.ts'
import { type Draft, lastFor, record, update } from './draft.ts'
import { countFailure, type Failure, isBlocked, needsReference, refuseGuess } from './guesses.ts'
import { enterAudit, offerAudit } from './guided-audit.ts'
import type { StaffRow } from './pin-ledger.ts'
import { REFERENCE_DIGITS } from './pin-policy.ts'
import { type Digits, goToReference, refuseMalformed } from './recipient.ts'
import { signOut } from './sign-out.ts'
import { type CourierStep, notice } from './state.ts'
import type { ActionName, IntentResult } from './view.ts'

export function enterAccessCode(draft: Draft, typed: Digits): IntentResult {
  if (isBlocked(draft)) return refuseGuess(draft)
  if (typed.digitCount !== draft.config.policy.accessCodeDigits) return refuseMalformed(draft)
  if (needsReference(draft)) {
    goToReference(draft, { what: 'access-code', index: typed.accessIndex })
    return 'ok'
  }
  const staff = draft.ledger.staffByCode(typed.accessIndex)
  return signIn(draft, staff, { what: 'access-code', cause: 'unknown' })
}

/**
 * A courier without a second part gets by without: an empty locker is the worst that a guesser can
 * win. All others need theirs, or their badge.
 */
export function enterStaffReference(
  draft: Draft,
  accessIndex: string,
  typed: Digits,
): IntentResult {
  if (isBlocked(draft)) return refuseGuess(draft)
  if (typed.digitCount !== REFERENCE_DIGITS) return refuseMalformed(draft)
  const staff = draft.ledger.staffByCode(accessIndex)
  const wanted = staff?.referenceIndex ?? null
  const isBoth = wanted === null ? staff?.role === 'courier' : wanted === typed.accessIndex
  return signIn(draft, isBoth ? staff : null, { what: 'access-code', cause: 'reference' })
}

/** A badge holds more than anybody can guess: it needs no second part, but it waits as all do. */
export function enterBadge(draft: Draft, badgeIndex: string): IntentResult {
  if (isBlocked(draft)) return refuseGuess(draft)
  const staff = draft.ledger.staffByBadge(badgeIndex)
  return signIn(draft, staff, { what: 'badge', cause: 'unknown' })
}

function signIn(draft: Draft, staff: StaffRow | null, failure: Failure): IntentResult {
  if (staff === null || !isValidNow(draft, staff)) {
    if (draft.state.session.kind === 'reference') toWelcome(draft)
    countFailure(draft, failure)
    return 'ok'
  }
  beginWork(draft, staff)
  return 'ok'
}

/** Whose right to work here is proven. */
export function beginWork(draft: Draft, staff: StaffRow): void {
  const { id: staffId, role } = staff
  if (role === 'courier') record(draft, { kind: 'courier-signed-in', data: { courierId: staffId } })
  else record(draft, { kind: 'staff-signed-in', data: { staffId, role } })
  if (role === 'break-glass') record(draft, { kind: 'break-glass-used', data: { codeId: staffId } })
  const session: CourierSession = {
    kind: 'courier',
    role,
    courierId: staffId,
    depositedCount: 0,
    nextParcelId: null,
    fullForId: null,
    last: null,
    step: MENU,
  }
  if (!offerAudit(draft, session)) goToStep(draft, session, MENU, null)
}

function toWelcome(draft: Draft): void {
  update(draft, { session: { kind: 'welcome' } })
  lastFor(draft, null)
}

/** A date counts only on a clock that is believed. */
export function isValidNow(
  { now }: Draft,
  { validFromWallMs, validUntilWallMs }: StaffRow,
): boolean {
  if (!now.isWallBelieved) return true
  const hasBegun = validFromWallMs === null || validFromWallMs <= now.wallMs
  return hasBegun && (validUntilWallMs === null || validUntilWallMs > now.wallMs)
}

/**
 * Rights that were withdrawn end the session at once; only a door that is in motion is waited for,
 * so that its parcel is not left without a record.
 */
export function endRevoked(draft: Draft): void {
  const { session } = draft.state
  if (session.kind !== 'courier' || isDoorMoving(session.step)) return
  const { courierId: staffId, role } = session
  const staff = draft.ledger.staff(staffId)
  if (staff !== null && staff.role === role && isValidNow(draft, staff)) return
  record(draft, { kind: 'session-revoked', data: { staffId, role } })
  signOut(draft, session, { isIdle: false })
  update(draft, { notice: notice('rights-withdrawn', 'LK-STAFF-02') })
}

function isDoorMoving(step: CourierStep): boolean {
  if (step.kind === 'audit') return step.phase === 'opening' || step.phase === 'open'
  if (step.kind !== 'deposit' && step.kind !== 'check' && step.kind !== 'retrieval') return false
  return step.phase !== 'stuck' && step.phase !== 'question'
}

/** The menu of those who are no couriers: any locker may be opened, or all of them in turn. */
export function pressAtStaffMenu(
  draft: Draft,
  session: CourierSession,
  action: ActionName,
  value: string | null,
): IntentResult {
  switch (action) {
    case 'page':
      goToStep(draft, session, { kind: 'menu', page: pageNumber(value) }, null)
      return 'ok'
    case 'check':
      return lockersOf(draft.config).some(({ id }) => id === value)
        ? startCheck(draft, session, value ?? '')
        : 'refused'
    case 'audit':
      return enterAudit(draft, session)
    case 'sign-out':
      signOut(draft, session, { isIdle: false })
      return 'ok'
    default:
      return 'refused'
  }
}
