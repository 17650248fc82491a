// The reads about guided audits; src/store/queries.ts has the rest.
import type { Database } from 'better-sqlite3'
import type { AuditAnswer, AuditHealing, Believed } from '../kiosk/audit-facts.ts'
import type { AuditLedger, AuditRow, AuditStepRow } from '../kiosk/audit-ledger.ts'
import type { Code } from '../kiosk/codes.ts'
import type { Actor } from '../kiosk/facts.ts'
import type { LockerState } from '../kiosk/ledger.ts'
import { LASTS, PARCEL, type ParcelColumns, toParcel } from './queries.ts'

const AUDIT = `id, choice, column_number AS "column", starts, ended_seq AS endedSeq,
  ended_for AS endedFor`

interface StepColumns {
  readonly locker_id: string
  readonly told_seq: number | null
  readonly believed: Believed
  readonly state: LockerState
  readonly parcel_ids: string
  readonly answer: AuditAnswer
  readonly healing: AuditHealing
  readonly found_parcel_id: string | null
  readonly other_locker_id: string | null
  readonly opening_id: number | null
  readonly code: Code | null
  readonly by_role: Actor['role']
  readonly by_id: string | null
}

export function auditLookups(db: Database): AuditLedger {
  const running = db.prepare<[], AuditRow>(`SELECT ${AUDIT} FROM audits WHERE ended_seq IS NULL`)
  const newest = db.prepare<[], AuditRow>(`SELECT ${AUDIT} FROM audits ORDER BY id DESC LIMIT 1`)
  const audit = db.prepare<[number], AuditRow>(`SELECT ${AUDIT} FROM audits WHERE id = ?`)
  const steps = db.prepare<[number], StepColumns>(
    'SELECT * FROM audit_steps WHERE audit_id = (SELECT ?) ORDER BY place',
  )
  const lasting = db.prepare<[string], ParcelColumns>(
    `SELECT ${PARCEL} FROM parcels WHERE tracking = ? AND ${LASTS} LIMIT 1`,
  )
  const named = db.prepare<[string], ParcelColumns>(
    `SELECT ${PARCEL} FROM parcels
     WHERE locker_id IS NOT NULL AND tracking = ?
     LIMIT 1`,
  )
  return {
    runningAudit: () => running.get() ?? null,
    audit: (id) => (id === null ? newest.get() : audit.get(id)) ?? null,
    auditSteps: (id) => steps.all(id).map(toStep),
    parcelByTracking(tracking) {
      const row = lasting.get(tracking) ?? named.get(tracking)
      return row === undefined ? null : toParcel(row)
    },
  }
}

function toStep(row: StepColumns): AuditStepRow {
  if (row.told_seq === null) return { lockerId: row.locker_id, look: null }
  return {
    lockerId: row.locker_id,
    look: {
      toldSeq: row.told_seq,
      believed: row.believed,
      state: row.state,
      parcelIds: JSON.parse(row.parcel_ids) as string[],
      answer: row.answer,
      healing: row.healing,
      foundParcelId: row.found_parcel_id,
      otherLockerId: row.other_locker_id,
      openingId: row.opening_id,
      code: row.code,
      by: row.by_id === null ? { role: row.by_role } : { role: row.by_role, id: row.by_id },
    },
  }
}
