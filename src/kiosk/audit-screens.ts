// What the screens of a guided audit show: where to look, how far it is, and of what the ledger
// believes no more than is needed to tell whether it is so.
import type { AuditId } from './audit-facts.ts'
import { isDoubtful } from './audit-plan.ts'
import { believedOf } from './audit-verdict.ts'
import { canSayOpen, canSayShut, isBlindlyOpen } from './blind.ts'
import { lockersOf } from './config.ts'
import type { Draft } from './draft.ts'
import { type AuditStep, mayAudit } from './guided-audit.ts'
import type { ParcelRow } from './ledger.ts'
import { DOOR_REMINDER_MS } from './openings.ts'
import type { Session } from './state.ts'
import { isDistrusted } from './trust.ts'
import type { AuditExpected, ParcelTag, ScreenView } from './view.ts'

/** Of the parcels that are missed; any other one is scanned. */
const MISSED_SHOWN_MAX = 4

type StaffMenu = Extract<ScreenView, { kind: 'staff-menu' }>

export function auditOnMenu(
  { ledger }: Draft,
  session: Extract<Session, { kind: 'courier' }>,
): StaffMenu['audit'] {
  if (!mayAudit(session)) return 'none'
  return ledger.runningAudit() === null ? 'may-begin' : 'may-go-on'
}

export function auditOfferScreen(draft: Draft): ScreenView {
  const audit = draft.ledger.runningAudit()?.id ?? 0
  return { kind: 'audit-offer', audit, ...progressOf(draft, audit) }
}

export function auditChoiceScreen({ config, ledger }: Draft): ScreenView {
  return {
    kind: 'audit-choice',
    lockers: lockersOf(config).length,
    columns: config.columns.length,
    doubtful: ledger.lockers().filter(isDoubtful).length,
  }
}

export function auditScreen(draft: Draft, step: AuditStep): ScreenView {
  const { lockerId, auditId } = step
  const isUnseen = step.phase === 'open' && isBlindlyOpen(draft, lockerId)
  const progress = progressOf(draft, auditId)
  const opening = draft.state.openings[lockerId]
  switch (isUnseen ? 'question' : step.phase) {
    case 'opening':
      return { kind: 'audit-opening', lockerId, isRetry: (opening?.pulses ?? 0) > 1, ...progress }
    case 'open': {
      const sinceMonoMs = opening?.openSinceMonoMs ?? draft.now.monoMs
      return {
        kind: 'audit-open',
        lockerId,
        isLong: draft.now.monoMs - sinceMonoMs >= DOOR_REMINDER_MS,
        canSayShut: canSayShut(draft, lockerId),
        expected: expectedIn(draft, lockerId),
        isLeaving: step.isLeaving,
        ...progress,
      }
    }
    case 'stuck': {
      const isBlind = isDistrusted(draft, lockerId)
      const stuck = { lockerId, isBlind, canSayOpen: canSayOpen(draft, lockerId) }
      return { kind: 'audit-stuck', ...stuck, ...progress }
    }
    case 'question':
      return {
        kind: 'audit-question',
        lockerId,
        expected: expectedIn(draft, lockerId),
        ...progress,
      }
    case 'other': {
      const missing = draft.ledger.parcelsIn('missing').slice(0, MISSED_SHOWN_MAX)
      return { kind: 'audit-other', lockerId, parcels: missing.map(tagOf) }
    }
  }
}

function progressOf({ ledger }: Draft, auditId: AuditId) {
  const steps = ledger.auditSteps(auditId)
  return { done: steps.filter(({ look }) => look !== null).length, total: steps.length }
}

function expectedIn({ ledger }: Draft, lockerId: string): AuditExpected {
  const locker = ledger.locker(lockerId)
  const believed = believedOf(locker?.state ?? 'unverified')
  const [parcel, ...others] = ledger.parcelsAt(lockerId)
  const tag = parcel === undefined ? null : tagOf(parcel)
  const more = others.length
  if (believed === 'empty') return { kind: 'empty' }
  return believed === 'parcel' && tag !== null
    ? { kind: 'parcel', parcel: tag, more }
    : { kind: 'unsure', parcel: tag, more }
}

function tagOf({ id: parcelId, tracking, size }: ParcelRow): ParcelTag {
  return { parcelId, tracking, size }
}
