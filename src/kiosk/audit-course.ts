// The course of a guided audit: it begins, each look is written down with what follows from it, and
// it ends by itself, by somebody's word, or because nobody goes on with it. One at a time. How far
// it is stands in the ledger alone, so that a power cut takes nothing of it.
import type { AuditCounts, AuditEnd, AuditFactData, AuditHealing, AuditId } from './audit-facts.ts'
import type { AuditStepRow } from './audit-ledger.ts'
import { type AuditWish, planAudit } from './audit-plan.ts'
import { believedOf, classOf, healingOf, plainAnswer, type SeenAnswer } from './audit-verdict.ts'
import type { Code } from './codes.ts'
import type { LockerId } from './config.ts'
import { compareContents } from './contents.ts'
import { type Draft, dropClearing, lockerConfig, record, update } from './draft.ts'
import type { Actor, OpeningId, ParcelId } from './facts.ts'
import type { LockerRow, ParcelRow } from './ledger.ts'
import { takeLook } from './looks.ts'
import { replacePinsOfCopy } from './pins.ts'

/** An audit with which nobody goes on for so long is over, by the uptime's clock. */
export const AUDIT_IDLE_MAX_MS = 12 * 3_600_000
/** The clock begins anew with every start: after so many of them it is over as well. */
export const AUDIT_STARTS_MAX = 8

const KIOSK: Actor = { role: 'kiosk' }

interface AuditOrder extends AuditWish {
  readonly by: Actor
  readonly reason: string | null
}

export type AuditStarted =
  | { readonly ok: true; readonly auditId: AuditId; readonly lockerIds: readonly LockerId[] }
  | { readonly ok: false; readonly code: Code }

export function startAudit(draft: Draft, order: AuditOrder): AuditStarted {
  if (draft.ledger.runningAudit() !== null) return { ok: false, code: 'LK-AUDIT-01' }
  const lockerIds = planAudit(draft, order)
  if (lockerIds.length === 0) return { ok: false, code: 'LK-AUDIT-04' }
  const { choice, column, by, reason } = order
  const data = { choice, column, lockerIds, by, reason }
  const auditId = record(draft, { kind: 'audit-started', data })
  postpone(draft)
  return { ok: true, auditId, lockerIds }
}

function postpone(draft: Draft): void {
  update(draft, { auditEndsAtMonoMs: draft.now.monoMs + AUDIT_IDLE_MAX_MS })
}

/** The audit outlives a start; how long nobody went on with it before is not known. */
export function resumeAudit(draft: Draft): void {
  const running = draft.ledger.runningAudit()
  if (running === null) return
  if (running.starts < AUDIT_STARTS_MAX) return postpone(draft)
  endAudit(draft, running.id, { cause: 'overdue', by: KIOSK, reason: null })
}

export function auditOverdue(draft: Draft): void {
  const { auditEndsAtMonoMs } = draft.state
  if (auditEndsAtMonoMs === null || auditEndsAtMonoMs > draft.now.monoMs) return
  const running = draft.ledger.runningAudit()
  if (running === null) update(draft, { auditEndsAtMonoMs: null })
  else endAudit(draft, running.id, { cause: 'overdue', by: KIOSK, reason: null })
}

interface End {
  readonly cause: AuditEnd
  readonly by: Actor
  readonly reason: string | null
  /** Written in this very step, so that the ledger does not have it yet. */
  readonly last?: AuditFactData['locker-audited']
}

/** @returns what it found */
export function endAudit(
  draft: Draft,
  auditId: AuditId,
  { cause, by, reason, last }: End,
): AuditCounts {
  const counts = countLooks(
    draft.ledger
      .auditSteps(auditId)
      .map((step) =>
        step.lockerId === last?.lockerId ? { ...step, look: { ...last, toldSeq: 0 } } : step,
      ),
  )
  record(draft, { kind: 'audit-ended', data: { auditId, cause, counts, by, reason } })
  update(draft, { auditEndsAtMonoMs: null })
  return counts
}

export function countLooks(steps: readonly AuditStepRow[]): AuditCounts {
  const classes = steps.map(({ look }) => (look === null ? 'left' : classOf(look)))
  const count = (wanted: (typeof classes)[number]): number =>
    classes.filter((each) => each === wanted).length
  return {
    lockers: steps.length,
    matches: count('matches'),
    settled: count('settled'),
    differences: count('differences'),
    unknown: count('unknown'),
    notOpened: count('notOpened'),
    left: count('left'),
  }
}

/** Nobody has come to these yet; what is no longer in the wall is left out. */
export function lockersLeft(draft: Draft, auditId: AuditId): readonly LockerId[] {
  return draft.ledger
    .auditSteps(auditId)
    .filter(({ lockerId, look }) => look === null && lockerConfig(draft, lockerId) !== undefined)
    .map(({ lockerId }) => lockerId)
}

export interface LookedInto {
  readonly auditId: AuditId
  readonly locker: LockerRow
  readonly openingId: OpeningId
  readonly answer: SeenAnswer
  /** What was found there, when it is known. */
  readonly other: ParcelRow | null
  readonly by: Actor
}

type Audited = AuditFactData['locker-audited']

/** Writes down what was found, and lets the ledger heal. */
export function noteLook(draft: Draft, look: LookedInto): Audited {
  const { auditId, locker, openingId, other, by } = look
  const parcels = draft.ledger.parcelsAt(locker.id)
  const otherLockerId = other?.lockerId ?? null
  const answer = plainAnswer({ ...look, parcels, otherLockerId })
  const healing = healingOf({ locker, parcels, answer, other, otherLockerId })
  const audited = note(draft, {
    auditId,
    lockerId: locker.id,
    believed: believedOf(locker.state),
    state: locker.state,
    parcelIds: parcels.map(({ id }) => id),
    answer,
    healing,
    foundParcelId: answer === 'other-parcel' ? (other?.id ?? null) : null,
    otherLockerId: answer === 'other-parcel' ? otherLockerId : null,
    openingId,
    code: null,
    by,
  })
  const reason = `audit ${auditId}`
  heal(draft, healing, { locker, parcels, answer, other, otherLockerId, by, reason })
  return audited
}

export interface NotOpened {
  readonly auditId: AuditId
  readonly locker: LockerRow
  readonly openingId: OpeningId | null
  readonly code: Code
  readonly by: Actor
}

/** A door that does not open is a finding. */
export function noteNotOpened(draft: Draft, { locker, ...rest }: NotOpened): Audited {
  return note(draft, {
    ...rest,
    lockerId: locker.id,
    believed: believedOf(locker.state),
    state: locker.state,
    parcelIds: draft.ledger.parcelsAt(locker.id).map(({ id }) => id),
    answer: 'not-opened',
    healing: 'left',
    foundParcelId: null,
    otherLockerId: null,
  })
}

function note(draft: Draft, data: Audited): Audited {
  record(draft, { kind: 'locker-audited', data })
  postpone(draft)
  return data
}

interface Wound {
  readonly locker: LockerRow
  readonly parcels: readonly ParcelRow[]
  readonly answer: SeenAnswer
  readonly other: ParcelRow | null
  readonly otherLockerId: LockerId | null
  readonly by: Actor
  readonly reason: string
}

function heal(draft: Draft, healing: AuditHealing, wound: Wound): void {
  const { locker, parcels, other, otherLockerId, by, reason } = wound
  const { id: lockerId } = locker
  // Whoever has looked knows more than the time that was to pass.
  dropClearing(draft, lockerId)
  askSensor(draft, healing, wound)
  switch (healing) {
    case 'confirmed':
      if (locker.state !== 'clearing') return replacePinsOfCopy(draft, parcels, { by, reason })
      return takeLook(draft, { lockerId, found: 'empty', by, reason })
    case 'freed':
      return takeLook(draft, { lockerId, found: 'empty', by, reason })
    case 'parcel-back': {
      const strangerId = wound.answer === 'matches' ? null : (other?.id ?? null)
      return takeLook(draft, { lockerId, found: 'parcel', strangerId, by, reason })
    }
    case 'doubted':
      record(draft, { kind: 'locker-doubted', data: { lockerId, cause: 'audit' } })
      return
    case 'left':
      if (wound.answer === 'matches') replacePinsOfCopy(draft, parcels, { by, reason })
      return
    case 'misplaced':
      if (otherLockerId !== null && other !== null) {
        dropClearing(draft, otherLockerId)
        takeLook(draft, { lockerId: otherLockerId, found: 'other', by, reason })
        missParcel(draft, other, { lockerId: otherLockerId, by, reason })
      }
      takeLook(draft, { lockerId, found: 'other', by, reason })
      return missParcels(draft, parcels, { lockerId, by, reason })
    case 'parcel-missing':
    case 'disputed': {
      // Its name stays with it, so that whoever settles the dispute can give it back.
      const strangerId = parcels.length > 0 ? null : nameOf(other, otherLockerId)
      takeLook(draft, { lockerId, found: 'other', strangerId, by, reason })
      return missParcels(draft, parcels, { lockerId, by, reason })
    }
  }
}

/** What is told as an inspection is held against the sensor inside there; the rest is here. */
function askSensor(draft: Draft, healing: AuditHealing, { locker, answer, by }: Wound): void {
  const isInspection = healing === 'freed' || healing === 'parcel-back'
  const isReleased = healing === 'confirmed' && locker.state === 'clearing'
  if (answer === 'unknown' || isInspection || isReleased) return
  const isEmpty = answer === 'empty' || (answer === 'matches' && locker.state === 'free')
  const found = isEmpty ? 'empty' : 'parcel'
  compareContents(draft, { lockerId: locker.id, found, by })
}

/** It was thought collected, and nobody else's locker names it. */
function nameOf(other: ParcelRow | null, otherLockerId: LockerId | null): ParcelId | null {
  return other?.state === 'collected' && otherLockerId === null ? other.id : null
}

const HAS_RIGHT: ReadonlySet<ParcelRow['state']> = new Set([
  'unconfirmed',
  'deposited',
  'collecting',
])

interface Where {
  readonly lockerId: LockerId
  readonly by: Actor
  readonly reason: string
}

function missParcels(draft: Draft, parcels: readonly ParcelRow[], where: Where): void {
  for (const parcel of parcels) missParcel(draft, parcel, where)
}

function missParcel(draft: Draft, parcel: ParcelRow, where: Where): void {
  // A return has a code, which goes on opening what its hand-in has left.
  if (parcel.isReturn || !HAS_RIGHT.has(parcel.state)) return
  const { id: parcelId, recipientId } = parcel
  record(draft, { kind: 'parcel-missed', data: { parcelId, recipientId, ...where } })
}
