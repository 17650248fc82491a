// What central wants of lockers, and which of its words have been done.
import type { Database } from 'better-sqlite3'
import type { DesiredLocker } from '../kiosk/desired.ts'
import type { LockerWish } from '../kiosk/ledger.ts'

export function prepareLockerWishes(db: Database) {
  const put = db.prepare(`INSERT INTO locker_wishes (id, revision, service, reason)
    VALUES (@id, @revision, @service, @reason)
    ON CONFLICT (id) DO UPDATE SET revision = excluded.revision, service = excluded.service,
      reason = excluded.reason, is_open = excluded.revision > revision_done`)
  const settle = db.prepare(`UPDATE locker_wishes
    SET revision_done = max(revision, revision_done), is_open = 0 WHERE id = ?`)
  const drop = db.prepare('DELETE FROM locker_wishes WHERE id = ?')
  const ids = db.prepare<[], string>('SELECT id FROM locker_wishes').pluck()
  return {
    put: (row: DesiredLocker) => void put.run(row),
    settled: (lockerId: string) => void settle.run(lockerId),
    drop: (id: string) => void drop.run(id),
    ids: () => ids.all(),
  }
}

export function lockerWishLookups(db: Database) {
  const open = db.prepare<[], LockerWish>(
    'SELECT id AS lockerId, service, reason FROM locker_wishes WHERE is_open = 1 ORDER BY id',
  )
  return { openLockerWishes: () => open.all() }
}
