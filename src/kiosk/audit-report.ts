// The report of a guided audit, and what the command line may ask of one. What was found stands in
// the tables; when, in the facts, as long as they are kept.
import { countLooks, endAudit, startAudit } from './audit-course.ts'
import type { AuditChoice, AuditCounts, AuditEnd, AuditId } from './audit-facts.ts'
import type { AuditLook, AuditRow } from './audit-ledger.ts'
import { type AuditClass, classOf } from './audit-verdict.ts'
import type { Code } from './codes.ts'
import type { LockerId } from './config.ts'
import { answer, type Draft } from './draft.ts'
import type { KioskEvent } from './events.ts'
import type { Actor } from './facts.ts'

interface Stamp {
  readonly wallMs: number
  /** Whether the kiosk believed its clock then. */
  readonly isBelieved: boolean
  readonly by: Actor
}

export interface AuditReport {
  readonly auditId: AuditId
  readonly choice: AuditChoice
  readonly column: number | null
  /** Null while it runs. */
  readonly endedFor: AuditEnd | null
  /** Null when that fact is not kept any more, or is not written yet. */
  readonly started: Stamp | null
  readonly ended: Stamp | null
  /** By uptime within one start, else by a clock that was believed at both ends; else null. */
  readonly durationMs: number | null
  readonly counts: AuditCounts
  readonly lockers: readonly {
    readonly lockerId: LockerId
    readonly kind: AuditClass | 'left'
    readonly look: Omit<AuditLook, 'toldSeq'> | null
    readonly told: Stamp | null
  }[]
}

type Asked = Extract<KioskEvent, { kind: 'audit-asked' }>

/** What it changes is in the ledger only after this step: the answer tells what was before. */
export function tellAudit(draft: Draft, { requestId, technicianId, command }: Asked): void {
  const by = { role: 'technician', id: technicianId } as const
  const refuse = (code: Code) => answer(draft, requestId, { kind: 'refused', code })
  switch (command.kind) {
    case 'start': {
      const started = startAudit(draft, { ...command, by })
      if (!started.ok) return refuse(started.code)
      const { auditId, lockerIds } = started
      return answer(draft, requestId, { kind: 'audit-started', auditId, lockers: lockerIds.length })
    }
    case 'stop': {
      const running = draft.ledger.runningAudit()
      if (running === null) return refuse('LK-AUDIT-02')
      const { id: auditId } = running
      const counts = endAudit(draft, auditId, { cause: 'stopped', by, reason: command.reason })
      return answer(draft, requestId, { kind: 'audit-stopped', auditId, counts })
    }
    case 'report': {
      const audit = draft.ledger.audit(command.auditId)
      if (audit === null) return refuse('LK-AUDIT-03')
      return answer(draft, requestId, { kind: 'audited', report: reportOf(draft, audit) })
    }
  }
}

function reportOf(draft: Draft, audit: AuditRow): AuditReport {
  const { id: auditId, choice, column, endedFor } = audit
  const steps = draft.ledger.auditSteps(auditId)
  const began = momentOf(draft, auditId)
  const ended = audit.endedSeq === null ? null : momentOf(draft, audit.endedSeq)
  return {
    auditId,
    choice,
    column,
    endedFor,
    started: began?.stamp ?? null,
    ended: ended?.stamp ?? null,
    durationMs: began === null || ended === null ? null : between(began, ended),
    counts: countLooks(steps),
    lockers: steps.map(({ lockerId, look }) => {
      if (look === null) return { lockerId, kind: 'left', look: null, told: null }
      const { toldSeq, ...rest } = look
      return {
        lockerId,
        kind: classOf(look),
        look: rest,
        told: momentOf(draft, toldSeq)?.stamp ?? null,
      }
    }),
  }
}

interface Moment {
  readonly stamp: Stamp
  readonly boot: number
  readonly monoMs: number
}

interface Written {
  readonly t: number
  readonly mono: number
  readonly boot: number
  readonly clk: 'believed' | 'doubted'
  readonly by: Actor
}

function momentOf({ ledger }: Draft, seq: number): Moment | null {
  const body = ledger.factBody(seq)
  if (body === null) return null
  const { t, clk, by, boot, mono: monoMs } = JSON.parse(body) as Written
  return { stamp: { wallMs: t, isBelieved: clk === 'believed', by }, boot, monoMs }
}

function between(began: Moment, ended: Moment): number | null {
  if (began.boot === ended.boot) return ended.monoMs - began.monoMs
  const isBelieved = began.stamp.isBelieved && ended.stamp.isBelieved
  return isBelieved ? Math.max(0, ended.stamp.wallMs - began.stamp.wallMs) : null
}
