// What keeps parcels from being collected, and how deadlines moved for it: the reads, and what
// records change.
import type { Database } from 'better-sqlite3'
import type {
  DeadlineMove,
  StandstillCause,
  StandstillFact,
  StandstillNote,
  StandstillPlace,
} from '../kiosk/standstill-facts.ts'
import type { Deadline, StandstillLedger, StandstillRow } from '../kiosk/standstill-ledger.ts'
import { LASTS } from './queries.ts'

export function prepareStandstills(db: Database) {
  const run = (sql: string) => db.prepare(sql)
  const to = {
    begin: run(`INSERT OR REPLACE INTO standstills
      VALUES (@id, @cause, @boardId, @lockerId, @sinceWallMs)`),
    end: run('DELETE FROM standstills WHERE id = ?'),
    move: run(`UPDATE pins SET expires_at = @expiresAtWallMs, counted_until = @countedUntilWallMs,
        moved_ms = moved_ms + @byMs, moved_for = @causes
      WHERE recipient_id = @recipientId AND state = 'live' AND return_id IS NULL`),
    movedFor: db
      .prepare<[string], string>(
        `SELECT moved_for FROM pins
         WHERE recipient_id = ? AND state = 'live' AND return_id IS NULL`,
      )
      .pluck(),
    wait: run('UPDATE waits SET since_wall_ms = since_wall_ms + ? WHERE parcel_id = ?'),
    meta: run(`INSERT INTO meta (name, value) VALUES (?, ?)
               ON CONFLICT (name) DO UPDATE SET value = excluded.value`),
    hold: run(`UPDATE pins SET is_held = 1
      WHERE recipient_id = ? AND state = 'live' AND return_id IS NULL`),
    release: run('UPDATE pins SET is_held = 0 WHERE is_held = 1'),
  }

  function move({ recipientId, parcelIds, byMs, causes, ...dates }: DeadlineMove): void {
    const all = new Set([...wordsOf(to.movedFor.get(recipientId)), ...causes])
    to.move.run({ ...dates, recipientId, byMs, causes: [...all].join(' ') })
    for (const id of parcelIds) to.wait.run(byMs, id)
  }

  return {
    fact(fact: StandstillFact): void {
      if (fact.kind === 'standstill-began') to.begin.run({ ...fact.data, id: idOf(fact.data) })
      else if (fact.kind === 'standstill-ended') to.end.run(idOf(fact.data))
      else for (const each of fact.data.moved) move(each)
    },
    note(note: StandstillNote, boot: number): void {
      if (note.kind === 'pin-held') to.hold.run(note.data.recipientId)
      if (note.kind === 'pins-released') to.release.run()
      if (note.kind !== 'alive-noted') return
      const { wallMs } = note.data
      if (wallMs !== null) to.meta.run('alive', String(wallMs))
      to.meta.run('alive-boot', wallMs === null ? '' : String(boot))
    },
  }
}

function idOf(named: StandstillPlace & { readonly cause: StandstillCause }): string {
  return `${named.cause}/${named.boardId ?? ''}/${named.lockerId ?? ''}`
}

interface DeadlineColumns extends Omit<Deadline, 'parcels'> {
  readonly parcelId: string
  readonly lockerId: string
}

export function standstillLookups(db: Database): StandstillLedger {
  const rows = db.prepare<[], StandstillRow>(
    `SELECT cause, board_id AS boardId, locker_id AS lockerId, since_wall_ms AS sinceWallMs
     FROM standstills ORDER BY id`,
  )
  const meta = db.prepare<[string], string>('SELECT value FROM meta WHERE name = ?').pluck()
  const dated = db.prepare<[], DeadlineColumns>(
    `SELECT parcels.recipient_id AS recipientId, expires_at AS expiresAtWallMs,
            counted_until AS countedUntilWallMs, parcels.id AS parcelId, locker_id AS lockerId
     FROM parcels JOIN pins
       ON pins.recipient_id = parcels.recipient_id AND pins.state = 'live' AND return_id IS NULL
     WHERE parcels.state = 'deposited' AND parcels.${LASTS}
       AND expires_at IS NOT NULL AND locker_id IS NOT NULL
     ORDER BY place`,
  )
  const moved = db.prepare<[string], { byMs: number; causes: string }>(
    `SELECT moved_ms AS byMs, moved_for AS causes FROM pins
     WHERE recipient_id = ? AND state = 'live' AND return_id IS NULL AND moved_ms > 0`,
  )
  const held = db.prepare('SELECT 1 FROM pins WHERE is_held = 1 LIMIT 1')
  return {
    standstills: () => rows.all(),
    lastAlive() {
      const [wallMs, boot] = [meta.get('alive'), meta.get('alive-boot') ?? '']
      if (wallMs === undefined) return null
      return { wallMs: Number(wallMs), boot: boot === '' ? null : Number(boot) }
    },
    deadlines() {
      const byRecipient = new Map<string, Deadline>()
      for (const { parcelId: id, lockerId, ...row } of dated.all()) {
        const parcels = [...(byRecipient.get(row.recipientId)?.parcels ?? []), { id, lockerId }]
        byRecipient.set(row.recipientId, { ...row, parcels })
      }
      return [...byRecipient.values()]
    },
    deadlineMoved(recipientId) {
      const row = moved.get(recipientId)
      return row === undefined ? null : { ...row, causes: wordsOf(row.causes) }
    },
    hasHeldPins: () => held.get() !== undefined,
  }
}

function wordsOf(text: string | undefined): readonly StandstillCause[] {
  return (text ?? '').split(' ').filter((word) => word !== '') as StandstillCause[]
}
