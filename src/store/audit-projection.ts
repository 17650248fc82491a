// What facts about guided audits change in the tables; src/store/projection.ts has the rest.
import type { Database } from 'better-sqlite3'
import type { AuditFactData } from '../kiosk/audit-facts.ts'
import type { Fact } from '../kiosk/facts.ts'

/** Reports that are kept, the running audit's included; central has all of them. */
export const AUDITS_KEPT_MAX = 4

type AuditFact = Extract<Fact, { kind: keyof AuditFactData }>

const KINDS: Readonly<Record<keyof AuditFactData, true>> = {
  'audit-started': true,
  'locker-audited': true,
  'audit-ended': true,
  'parcel-missed': true,
}

export function isAuditFact(fact: Fact): fact is AuditFact {
  return Object.hasOwn(KINDS, fact.kind)
}

export function prepareAuditProjection(db: Database) {
  const run = (sql: string) => db.prepare(sql)
  const begin = run('INSERT INTO audits VALUES (@seq, @choice, @column, 0, NULL, NULL)')
  const addStep = run(`INSERT INTO audit_steps (id, audit_id, place, locker_id)
    VALUES (@id, @seq, @place, @lockerId)`)
  const tell = run(`UPDATE audit_steps
    SET told_seq = @seq, believed = @believed, state = @state, parcel_ids = @parcelIds,
        answer = @answer, healing = @healing, found_parcel_id = @foundParcelId,
        other_locker_id = @otherLockerId, opening_id = @openingId, code = @code,
        by_role = @role, by_id = @byId
    WHERE id = @id`)
  const goOn = run('UPDATE audits SET starts = 0 WHERE id = ?')
  const start = run('UPDATE audits SET starts = starts + 1 WHERE ended_seq IS NULL')
  const miss = run(`UPDATE parcels SET state = 'missing' WHERE id = ?`)
  const end = run('UPDATE audits SET ended_seq = ?, ended_for = ? WHERE id = ?')
  const kept = `(SELECT id FROM audits ORDER BY id DESC LIMIT ${AUDITS_KEPT_MAX})`
  const dropAudits = run(`DELETE FROM audits WHERE id NOT IN ${kept}`)
  const dropSteps = run('DELETE FROM audit_steps WHERE audit_id NOT IN (SELECT id FROM audits)')

  function startAudit({ choice, column, lockerIds }: AuditFactData['audit-started'], seq: number) {
    begin.run({ seq, choice, column })
    for (const [place, lockerId] of lockerIds.entries()) {
      addStep.run({ id: stepId(seq, lockerId), seq, place, lockerId })
    }
    dropAudits.run()
    dropSteps.run()
  }

  return {
    started: () => void start.run(),
    fact(fact: AuditFact, seq: number): void {
      switch (fact.kind) {
        case 'audit-started':
          return startAudit(fact.data, seq)
        case 'locker-audited': {
          const { by, auditId, ...data } = fact.data
          const { role, id: byId = null } = by
          const parcelIds = JSON.stringify(data.parcelIds)
          tell.run({ ...data, parcelIds, role, byId, seq, id: stepId(auditId, data.lockerId) })
          goOn.run(auditId)
          return
        }
        case 'parcel-missed':
          miss.run(fact.data.parcelId)
          return
        case 'audit-ended':
          end.run(seq, fact.data.cause, fact.data.auditId)
          return
      }
    },
  }
}

export type AuditProjection = ReturnType<typeof prepareAuditProjection>

function stepId(auditId: number, lockerId: string): string {
  return `${auditId} ${lockerId}`
}
