// What the rules may look up about guided audits; src/kiosk/ledger.ts has the rest.
import type { AuditChoice, AuditEnd, AuditFactData, AuditId } from './audit-facts.ts'
import type { LockerId } from './config.ts'
import type { ParcelRow } from './ledger.ts'

export interface AuditRow {
  readonly id: AuditId
  readonly choice: AuditChoice
  readonly column: number | null
  /** How often the kiosk has started since somebody went on with it. */
  readonly starts: number
  /** The fact that ended it, and why; null while it runs. */
  readonly endedSeq: number | null
  readonly endedFor: AuditEnd | null
}

/** What was found; the fact `told` has the time. */
export type AuditLook = Omit<AuditFactData['locker-audited'], 'auditId' | 'lockerId'> & {
  readonly toldSeq: number
}

export interface AuditStepRow {
  readonly lockerId: LockerId
  /** Null: nobody has come to it. */
  readonly look: AuditLook | null
}

export interface AuditLedger {
  /** There is at most one. */
  runningAudit(): AuditRow | null
  /** Null: the newest one. */
  audit(id: AuditId | null): AuditRow | null
  /** In the order in which the lockers are opened. */
  auditSteps(id: AuditId): readonly AuditStepRow[]
  /** A parcel whose way is not over, or that a locker names. */
  parcelByTracking(tracking: string): ParcelRow | null
}
