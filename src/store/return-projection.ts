// What records about returns change in the tables; src/store/projection.ts has the rest.
import type { Database } from 'better-sqlite3'
import type { DesiredReturn } from '../kiosk/desired.ts'
import type { Note } from '../kiosk/facts.ts'
import type { ReturnFact, ReturnFactData, ReturnNoteData } from '../kiosk/return-facts.ts'
import type { LockerProjection } from './locker-projection.ts'
import { NEXT_END } from './pin-projection.ts'

type ReturnNote = Extract<Note, { kind: keyof ReturnNoteData }>

type DataOf<K extends keyof ReturnFactData> = ReturnFactData[K]
type Statements = ReturnType<typeof prepareStatements> & { readonly lockers: LockerProjection }

export function prepareReturnProjection(db: Database, lockers: LockerProjection) {
  const statements = { ...prepareStatements(db), lockers }
  return {
    fact: (fact: ReturnFact, seq: number) => projectReturnFact(statements, fact, seq),
    note: (note: ReturnNote) => projectReturnNote(statements, note),
    put: (row: DesiredReturn) => putReturn(statements, row),
    drop(id: string): void {
      statements.drop.run(id)
      statements.unwant.run(id)
    },
    ids: () => statements.ids.all(),
  }
}

export type ReturnProjection = ReturnType<typeof prepareReturnProjection>

function prepareStatements(db: Database) {
  const run = (sql: string) => db.prepare(sql)
  return {
    put: run(`INSERT INTO returns
      VALUES (@id, 'announced', @recipientId, @tracking, @size, @carrierId, @weightGrams,
              @needsReach, @expiresAtMs, 1)
      ON CONFLICT (id) DO UPDATE SET recipient_id = excluded.recipient_id,
        tracking = excluded.tracking, size = excluded.size, carrier_id = excluded.carrier_id,
        weight_grams = excluded.weight_grams, needs_reach = excluded.needs_reach,
        expires_at = excluded.expires_at, is_wanted = 1`),
    // A living code that is deleted is settled by a fact.
    drop: run(`DELETE FROM returns WHERE id = ? AND state <> 'expected'`),
    unwant: run('UPDATE returns SET is_wanted = 0 WHERE id = ?'),
    ids: db.prepare<[], string>('SELECT id FROM returns WHERE is_wanted = 1').pluck(),
    state: run('UPDATE returns SET state = ? WHERE id = ?'),
    remove: run('DELETE FROM returns WHERE id = ?'),
    ...prepareCodes(db),
    start: prepareStart(db),
  }
}

function prepareCodes(db: Database) {
  const run = (sql: string) => db.prepare(sql)
  return {
    codeAdd: run(`INSERT INTO pins
      (pin_index, recipient_id, return_id, state, reference_index, expires_at)
      VALUES (@index, @recipientId, @parcelId, 'live', @referenceIndex, @expiresAtWallMs)`),
    codeDate: run(`UPDATE pins SET expires_at = ? WHERE return_id = ? AND state = 'live'`),
    codeEnd: run(`UPDATE pins SET state = ?, ended_place = ${NEXT_END}
      WHERE return_id = ? AND state = 'live'`),
    // It was spent by a hand-in that is undone.
    codeRevive: run(`UPDATE pins SET state = 'live', ended_place = NULL
      WHERE return_id = ? AND state = 'spent' AND return_id IN (SELECT id FROM returns)`),
  }
}

/** The row of its parcel. */
function prepareStart(db: Database) {
  const wanted = (column: string) => `(SELECT ${column} FROM returns WHERE id = @parcelId)`
  return db.prepare(`INSERT INTO parcels
    (id, state, tracking, size, recipient_id, locker_id, is_announced, place, weight_grams,
     needs_reach, deposit_seq, carrier_id, is_return)
    VALUES (@parcelId, 'handing-in', ${wanted('tracking')}, @size, @recipientId, @lockerId, 0,
            @seq, ${wanted('weight_grams')}, coalesce(${wanted('needs_reach')}, 0), @seq,
            @carrierId, 1)
    ON CONFLICT (id) DO UPDATE SET state = excluded.state, tracking = excluded.tracking,
      size = excluded.size, recipient_id = excluded.recipient_id,
      locker_id = excluded.locker_id, place = excluded.place,
      weight_grams = excluded.weight_grams, needs_reach = excluded.needs_reach,
      deposit_seq = excluded.deposit_seq, carrier_id = excluded.carrier_id
    WHERE is_return = 1`)
}

function projectReturnFact(to: Statements, fact: ReturnFact, seq: number): void {
  switch (fact.kind) {
    case 'return-expected':
      to.state.run('expected', fact.data.parcelId)
      return
    case 'return-withdrawn':
      to.remove.run(fact.data.parcelId)
      to.codeEnd.run('expired', fact.data.parcelId)
      return
    case 'return-expired':
      to.state.run('expired', fact.data.parcelId)
      to.codeEnd.run('expired', fact.data.parcelId)
      return
    case 'hand-in-started':
      return start(to, fact.data, seq)
    case 'hand-in-resumed':
      return to.lockers.returnHeld({ ...fact.data, state: 'handing-in' })
    case 'hand-in-cancelled':
      to.lockers.returnCancelled(fact.data)
      return revive(to, fact.data.parcelId)
    case 'hand-in-interrupted':
      to.lockers.returnHeld({ ...fact.data, state: 'unconfirmed' })
      return revive(to, fact.data.parcelId)
    case 'parcel-handed-in':
      to.lockers.returnHeld({ ...fact.data, state: 'handed-in' })
      to.state.run('handed-in', fact.data.parcelId)
      to.codeEnd.run('spent', fact.data.parcelId)
      return
    case 'parcel-not-handed-in':
      return
  }
}

function start(to: Statements, data: DataOf<'hand-in-started'>, seq: number): void {
  const { parcelId, lockerId, recipientId, carrierId, size } = data
  to.lockers.assigned(lockerId, recipientId)
  to.start.run({ parcelId, lockerId, recipientId, carrierId, size, seq })
  to.lockers.returnHeld({ parcelId, lockerId, state: 'handing-in' })
}

/** Its code lives again where a hand-in had spent it already. */
function revive(to: Statements, parcelId: string): void {
  to.codeRevive.run(parcelId)
  to.state.run('expected', parcelId)
}

function projectReturnNote(to: Statements, note: ReturnNote): void {
  switch (note.kind) {
    case 'return-code-issued':
      to.codeAdd.run(note.data)
      return
    case 'return-code-dated':
      to.codeDate.run(note.data.expiresAtWallMs, note.data.parcelId)
      return
  }
}

function putReturn(to: Statements, row: DesiredReturn): void {
  const { carrierId = null, weightGrams = null, needsReach = false, expiresAtMs } = row
  to.put.run({ ...row, carrierId, weightGrams, needsReach: needsReach ? 1 : 0 })
  if (expiresAtMs !== null) to.codeDate.run(expiresAtMs, row.id)
}
