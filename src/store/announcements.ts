// Parcels that central announced and that are in no locker yet, as rows.
import type { Database } from 'better-sqlite3'
import type { DesiredParcel } from '../kiosk/desired.ts'
import { LASTS } from './queries.ts'

export function prepareAnnouncements(db: Database) {
  const nextPlace = db
    .prepare<[], number>(
      `SELECT coalesce(max(place), 0) + 1 FROM parcels WHERE state = 'announced' AND ${LASTS}`,
    )
    .pluck()
  const put = db.prepare(`INSERT INTO parcels
    VALUES (@id, 'announced', @tracking, @size, @recipientId, NULL, NULL, 1, @place,
            @weightGrams, @needsReach, NULL, @carrierId, 0)
    ON CONFLICT (id) DO UPDATE SET tracking = excluded.tracking, size = excluded.size,
      recipient_id = excluded.recipient_id, weight_grams = excluded.weight_grams,
      needs_reach = excluded.needs_reach, carrier_id = excluded.carrier_id
    WHERE state = 'announced'`)
  const drop = db.prepare(`DELETE FROM parcels WHERE id = ? AND state = 'announced'`)
  const ids = db
    .prepare<[], string>(
      `SELECT id FROM parcels WHERE state = 'announced' AND ${LASTS} AND is_announced = 1`,
    )
    .pluck()
  return {
    put(row: DesiredParcel): void {
      const { weightGrams = null, needsReach = false, carrierId = null } = row
      const place = nextPlace.get() ?? 1
      put.run({ ...row, weightGrams, carrierId, needsReach: needsReach ? 1 : 0, place })
    },
    drop: (id: string) => void drop.run(id),
    ids: () => ids.all(),
  }
}
