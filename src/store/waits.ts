// Since when parcels wait for recipients who have not been reminded yet.
import type { Database } from 'better-sqlite3'
import type { Fact } from '../kiosk/facts.ts'
import type { ParcelRow, WaitsAsked } from '../kiosk/ledger.ts'
import type { Now } from '../kiosk/time.ts'
import { PARCEL, type ParcelColumns, toParcel } from './queries.ts'

export function prepareWaits(db: Database) {
  const begin = db.prepare('INSERT OR REPLACE INTO waits (parcel_id, since_wall_ms) VALUES (?, ?)')
  const end = db.prepare('DELETE FROM waits WHERE parcel_id = ?')
  const undated = db.prepare('SELECT 1 FROM waits WHERE since_wall_ms IS NULL LIMIT 1')
  // Only while a PIN lives: without one nobody could collect.
  const due = db.prepare<[number, string, number], ParcelColumns>(
    `SELECT ${PARCEL} FROM parcels JOIN waits ON parcel_id = id
     WHERE since_wall_ms <= ? AND state = 'deposited'
       AND locker_id NOT IN (SELECT value FROM json_each(?))
       AND EXISTS (SELECT 1 FROM pins
                   WHERE pins.recipient_id = parcels.recipient_id AND pins.state = 'live'
                     AND return_id IS NULL)
     ORDER BY since_wall_ms LIMIT ? + 0`,
  )
  return {
    told(fact: Fact, now: Now): void {
      if (fact.kind === 'parcel-deposited') {
        begin.run(fact.data.parcelId, now.isWallBelieved ? now.wallMs : null)
      }
      const isOver =
        fact.kind === 'reminder-due' ||
        fact.kind === 'parcel-collected' ||
        fact.kind === 'parcel-recalled' ||
        (fact.kind === 'locker-inspected' && fact.data.found === 'empty')
      if (isOver) end.run(fact.data.parcelId)
      if (fact.kind === 'locker-inspected' && fact.data.found === 'empty') {
        end.run(fact.data.parcelId)
      }
    },
    hasUndatedWaits: (): boolean => undated.get() !== undefined,
    waitingSince: ({ wallMs, limit, exceptIn }: WaitsAsked): ParcelRow[] =>
      due.all(wallMs, JSON.stringify(exceptIn), limit).map(toParcel),
  }
}
