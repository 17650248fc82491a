// What the choice of a locker goes by, beside a locker's state: its group and place in the wall,
// and how its door did lately.
import type { Database } from 'better-sqlite3'
import type { Fact, Note } from '../kiosk/facts.ts'

type DataOf<K extends Note['kind']> = Extract<Note, { kind: K }>['data']

/** Something is to be put in. */
const FILLS: ReadonlySet<Fact['kind']> = new Set<Fact['kind']>([
  'deposit-started',
  'hand-in-started',
  'hand-in-resumed',
])

/** After these, too, a locker may hold something else, or be known to hold something else. */
const TELLING: ReadonlySet<Fact['kind']> = new Set<Fact['kind']>([
  'deposit-cancelled',
  'deposit-interrupted',
  'parcel-deposited',
  'hand-in-cancelled',
  'hand-in-interrupted',
  'parcel-handed-in',
  'parcel-collected',
  'parcel-recalled',
  'parcel-retrieved',
  'parcel-complained',
  'locker-inspected',
  'locker-released',
  'locker-doubted',
  'locker-disputed',
  'door-forced',
  'door-distrusted',
])

/** Somebody has looked inside, or tried to. */
const LOOKS: ReadonlySet<Fact['kind']> = new Set<Fact['kind']>([
  'locker-inspected',
  'locker-disputed',
  'locker-audited',
])

export function prepareWallProjection(db: Database) {
  const arrange = db.prepare(`UPDATE lockers SET group_key = @group, place = @place
    WHERE id = @id AND (group_key IS NOT @group OR place IS NOT @place)`)
  const leave = db.prepare(`UPDATE lockers SET group_key = NULL, place = NULL
    WHERE group_key IS NOT NULL AND id NOT IN (SELECT value FROM json_each(?))`)
  const judge = db.prepare(`UPDATE lockers
    SET retried = retried + (@manner = 'retried'), slow = slow + (@manner = 'slow'),
        failed = failed + (@manner = 'failed'), points = @points, is_shaky = @isShaky
    WHERE id = @lockerId`)
  const change = db.prepare('UPDATE lockers SET changed_seq = ? WHERE id = ?')
  const fill = db.prepare(`UPDATE lockers SET changed_seq = @seq, filled_seq = @seq
    WHERE id = @lockerId`)
  const look = db.prepare('UPDATE lockers SET looked_seq = ? WHERE id = ?')
  const mend = db.prepare('UPDATE lockers SET points = 0, is_shaky = 0 WHERE id = ?')
  return {
    /** What is no longer in the wall is never handed out. */
    arranged(lockers: DataOf<'wall-arranged'>['lockers']): void {
      leave.run(JSON.stringify(lockers.map(({ id }) => id)))
      for (const locker of lockers) arrange.run(locker)
    },
    judged(data: DataOf<'door-judged'>): void {
      judge.run({ ...data, isShaky: data.isShaky ? 1 : 0 })
    },
    /** Who looked before this fact did not see what it tells. */
    told({ kind, data }: Fact, seq: number): void {
      if (!('lockerId' in data)) return
      if (FILLS.has(kind)) fill.run({ seq, lockerId: data.lockerId })
      else if (TELLING.has(kind)) change.run(seq, data.lockerId)
      const isSeen = !('answer' in data && data.answer === 'not-opened')
      const isPerson = !('by' in data && data.by.role === 'kiosk')
      if (LOOKS.has(kind) && isSeen && isPerson) look.run(seq, data.lockerId)
    },
    mended(lockerId: string): void {
      mend.run(lockerId)
    },
  }
}
