// What is old: facts that central has confirmed are cut off behind a stored link, so that the chain
// stays provable from there; ended parcels wait for the day on which their rows are erased.
import type { Database } from 'better-sqlite3'
import type { Fact, HistoryCut, ParcelId } from '../kiosk/facts.ts'
import type { Now } from '../kiosk/time.ts'
import { type FactText, hashText, kindOf } from './chain.ts'
import type { ChainHead } from './chain-walk.ts'
import { type BaseRows, Rebuild } from './rebuild.ts'

/** The last link that was cut off, and what the facts up to it had made of the tables. */
export interface StoredCut extends ChainHead {
  /** BaseRows as JSON. */
  readonly rows: string
}

type FactRow = { readonly seq: number; readonly body: string; readonly hash: string }

/** After these a parcel may have ended, or begun anew. */
const ENDING: ReadonlySet<string> = new Set<Fact['kind']>([
  'parcel-collected',
  'parcel-retrieved',
  'deposit-cancelled',
  'deposit-started',
  'hand-in-started',
  'hand-in-cancelled',
  'locker-inspected',
])
/** How far ahead is looked for a believed time; a longer run without one is kept. */
const DOUBTED_MAX = 10_000
const IS_ENDED = `state IN ('collected', 'withdrawn')`

/** @returns null while nothing was ever cut off */
export function readCut(db: Database): StoredCut | null {
  return db.prepare<[], StoredCut>('SELECT seq, hash, boot, rows FROM cut').get() ?? null
}

function prepareStatements(db: Database) {
  return {
    ended: db.prepare(`INSERT INTO ended_parcels
      SELECT id, @wallMs FROM parcels WHERE id = @id AND ${IS_ENDED}
      ON CONFLICT (parcel_id) DO NOTHING`),
    notEnded: db.prepare(`DELETE FROM ended_parcels
      WHERE parcel_id = ? AND parcel_id NOT IN (SELECT id FROM parcels WHERE ${IS_ENDED})`),
    erased: db.prepare('DELETE FROM ended_parcels WHERE parcel_id = ?'),
    undated: db.prepare('SELECT 1 FROM ended_parcels WHERE at_wall_ms IS NULL LIMIT 1'),
    due: db
      .prepare<[number, number], string>(
        `SELECT parcel_id FROM ended_parcels WHERE at_wall_ms < ?
         AND NOT EXISTS (SELECT 1 FROM parcels WHERE id = parcel_id AND locker_id IS NOT NULL)
         ORDER BY at_wall_ms LIMIT ? + 0`,
      )
      .pluck(),
    next: db.prepare<[number, number, number], FactRow>(
      'SELECT seq, body, hash FROM facts WHERE seq > ? AND seq <= ? ORDER BY seq LIMIT ? + 0',
    ),
    /** The next one with a time that counts, if it is near enough. */
    believed: db
      .prepare<[number, number], string>(
        `SELECT body FROM (SELECT body FROM facts WHERE seq > ? AND seq <= ?
                           ORDER BY seq LIMIT ${DOUBTED_MAX})
         WHERE json_extract(body, '$.clk') = 'believed' LIMIT 1`,
      )
      .pluck(),
    confirmed: db
      .prepare<[], number>(`SELECT CAST(value AS INTEGER) FROM meta WHERE name = 'confirmed'`)
      .pluck(),
    keep: db.prepare(`INSERT INTO cut VALUES (1, @seq, @hash, @boot, @rows)
      ON CONFLICT (id) DO UPDATE SET seq = excluded.seq, hash = excluded.hash,
        boot = excluded.boot, rows = excluded.rows`),
    drop: db.prepare('DELETE FROM facts WHERE seq <= ?'),
    cutSeq: db.prepare<[], number>('SELECT seq FROM cut').pluck(),
    lockerIds: db.prepare<[], string>('SELECT id FROM lockers').pluck(),
  }
}

export function prepareHistory(db: Database) {
  const to = prepareStatements(db)

  /** The link that would be kept, when the facts up to the last one of `rows` were cut off. */
  function cutBehind(rows: readonly FactRow[]): StoredCut {
    const before = readCut(db)
    const base = before === null ? null : (JSON.parse(before.rows) as BaseRows)
    const rebuild = new Rebuild({ lockerIds: to.lockerIds.all(), base })
    try {
      let head: ChainHead = before ?? { seq: 0, hash: '', boot: 0 }
      for (const { seq, body, hash } of rows) {
        const text = JSON.parse(body) as FactText
        rebuild.take({ kind: kindOf(text), data: text.data } as unknown as Fact, seq)
        head = { seq, hash, boot: text.boot }
      }
      return { ...head, rows: JSON.stringify(rebuild.baseRows()) }
    } finally {
      rebuild.close()
    }
  }

  function after(fact: Fact, now: Now): void {
    if (fact.kind === 'personal-data-erased') {
      for (const id of fact.data.parcelIds) to.erased.run(id)
    }
    if (fact.kind === 'history-cut') {
      const { upToSeq } = fact.data
      to.keep.run(cutBehind(to.next.all(readCut(db)?.seq ?? 0, upToSeq, upToSeq)))
      to.drop.run(upToSeq)
    }
    if (!ENDING.has(fact.kind) || !('parcelId' in fact.data)) return
    const { parcelId: id } = fact.data
    to.ended.run({ id, wallMs: now.isWallBelieved ? now.wallMs : null })
    to.notEnded.run(id)
  }

  return {
    after,
    firstSeq: (): number => (to.cutSeq.get() ?? 0) + 1,
    hasUndatedEnds: (): boolean => to.undated.get() !== undefined,
    endedBefore: (limits: { readonly wallMs: number; readonly limit: number }) =>
      to.due.all(limits.wallMs, limits.limit) as readonly ParcelId[],
    cutBefore({ wallMs, countMax }: { wallMs: number; countMax: number }): HistoryCut | null {
      const rows = to.next.all(readCut(db)?.seq ?? 0, to.confirmed.get() ?? 0, countMax)
      const times = rows.map(({ body }) => JSON.parse(body) as FactText)
      // A fact is at least as old as any later one; only believed times count.
      const isOld = ({ t, clk }: FactText) => clk === 'believed' && t < wallMs
      let last = times.findLastIndex(isOld)
      if (times.length === countMax && times.every(({ clk }) => clk === 'doubted')) {
        const later = to.believed.get(rows.at(-1)?.seq ?? 0, to.confirmed.get() ?? 0)
        if (later !== undefined && isOld(JSON.parse(later) as FactText)) last = rows.length - 1
      }
      if (last < 0) return null
      const { seq: upToSeq, hash, rows: kept } = cutBehind(rows.slice(0, last + 1))
      return { upToSeq, hash, rowsHash: hashText(kept) }
    },
  }
}
