// What boards sense beside doors: cabinets that are open and mains that are lost, as told last.
import type { Database } from 'better-sqlite3'
import type { Fact } from '../kiosk/facts.ts'
import type { SenseRow } from '../kiosk/ledger.ts'
import { senseKey } from '../kiosk/senses.ts'

type SenseFact = Extract<Fact, { kind: `cabinet-${string}` | `mains-${string}` }>

export function prepareSenseProjection(db: Database) {
  const active = db.prepare(`INSERT INTO senses VALUES (@id, @boardId, @channel, @what)
    ON CONFLICT (id) DO NOTHING`)
  const idle = db.prepare('DELETE FROM senses WHERE id = ?')
  return ({ kind, data }: SenseFact): void => {
    const isCabinet = kind === 'cabinet-opened' || kind === 'cabinet-closed'
    const row: SenseRow = { ...data, what: isCabinet ? 'cabinet-door' : 'mains' }
    const id = senseKey(row)
    if (kind === 'cabinet-opened' || kind === 'mains-lost') active.run({ ...row, id })
    else idle.run(id)
  }
}
