// The ledger's file as the dead daemon left it, opened as the next start will find it: is it whole,
// is everything in it that had an effect outside, and do the tables say what the facts say?
import Sqlite from 'better-sqlite3'
import type { KillStage } from './stage.ts'

interface Row {
  readonly [column: string]: string | number | null
}

const LIVE_PINS = `SELECT parcels.id AS parcel_id FROM pins
  LEFT JOIN parcels ON parcels.recipient_id = pins.recipient_id AND parcels.state = 'deposited'
  WHERE pins.state = 'live' ORDER BY parcels.id`

const LOCKERS = `SELECT lockers.id, lockers.state, parcels.id AS parcel_id FROM lockers
  LEFT JOIN parcels ON parcels.locker_id = lockers.id`

export function checkLedgerCopy(stage: KillStage, path: string): void {
  const db = new Sqlite(path)
  try {
    const check = db.pragma('quick_check', { simple: true })
    if (check !== 'ok') stage.violated(`quick_check says: ${String(check)}`)
    const all = (sql: string) => db.prepare<[], Row>(sql).all()
    const facts = all('SELECT seq, body FROM facts ORDER BY seq')
    if (facts.length < stage.replay.facts.length) {
      const { length } = stage.replay.facts
      stage.violated(`${length} facts were seen outside, and the disk has ${facts.length}`)
    }
    for (const { seq, body } of facts) stage.replay.take(Number(seq), String(body), 'the disk')
    checkTables(stage, all)
  } finally {
    db.close()
  }
}

function checkTables(stage: KillStage, all: (sql: string) => readonly Row[]): void {
  const { replay } = stage
  const same = (what: string, table: unknown, facts: unknown): void => {
    const [stored, followed] = [JSON.stringify(table), JSON.stringify(facts)]
    if (stored !== followed) stage.violated(`${what}: tables ${stored}, facts ${followed}`)
  }
  for (const { id, state, parcel_id } of all(LOCKERS)) {
    const locker = replay.lockers.get(String(id))
    same(`locker ${id}`, [state, parcel_id], [locker?.state, locker?.parcelId])
  }
  const parcels = new Map(all('SELECT id, state FROM parcels').map(({ id, state }) => [id, state]))
  for (const [id, state] of replay.parcels) same(`parcel ${id}`, parcels.get(id), state)
  const openings = all('SELECT id FROM openings ORDER BY id').map(({ id }) => id)
  same('openings under way', openings, [...replay.openings.keys()])
  // A PIN lives exactly as long as a parcel of its recipient may be collected.
  const pins = all(LIVE_PINS).map((row) => row['parcel_id'])
  const live = [...replay.parcels].filter(([, state]) => state === 'deposited').map(([id]) => id)
  same('live PINs', pins, live.sort())
  const meta = new Map(all('SELECT name, value FROM meta').map(({ name, value }) => [name, value]))
  same('boot', Number(meta.get('boot')), replay.boot)
  const confirmed = Number(meta.get('confirmed') ?? 0)
  const taken = stage.central.facts().length
  if (confirmed > taken) stage.violated(`confirmed up to ${confirmed}, central has ${taken}`)
}
