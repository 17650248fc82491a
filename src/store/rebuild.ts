// The tables as the facts alone give them, in a database beside the ledger: what a check is held
// against. Notes are no part of the chain, so the columns that only notes write are left out, and a
// parcel that was announced, or whose end is long past, may be missing.
import Sqlite from 'better-sqlite3'
import type { Fact } from '../kiosk/facts.ts'
import { migrate } from './database.ts'
import { prepareProjection } from './projection.ts'

type Row = Readonly<Record<string, string | number | null>>

/** Tables that follow from facts, with the columns that do not. */
const COMPARED = {
  lockers: [
    'is_proven_empty',
    'board_boot',
    'opens',
    'misses',
    'denials',
    'has_contents_agreed',
    'contradictions',
    'group_key',
    'place',
    'retried',
    'slow',
    'failed',
    'points',
    'is_shaky',
  ],
  // Before the parcels, which refer to them.
  assignments: [],
  parcels: ['tracking', 'place', 'weight_grams', 'needs_reach', 'carrier_id'],
  openings: [],
  senses: [],
  standstills: [],
  audits: [],
  audit_steps: [],
} as const satisfies Readonly<Record<string, readonly string[]>>

type Table = keyof typeof COMPARED

/** What stands in the left-out columns that must not be empty. */
const UNTOLD: Readonly<Record<Table, Row>> = {
  lockers: { is_proven_empty: 0, misses: 0, denials: 0, has_contents_agreed: 0, contradictions: 0 },
  assignments: {},
  parcels: { needs_reach: 0 },
  openings: {},
  senses: {},
  standstills: {},
  audits: {},
  audit_steps: {},
}

const TABLES = Object.keys(COMPARED) as readonly Table[]

/**
 * The rows from which later facts go on: all lockers and what they are given to, open openings,
 * active senses, standstills, parcels not yet ended or still to be looked for, audits.
 */
export type BaseRows = Readonly<Record<Table, readonly Row[]>>

const ENDED: ReadonlySet<unknown> = new Set(['collected', 'withdrawn'])

export class Rebuild {
  /** SQLite keeps it in a file without a name, so that a long history needs no memory. */
  readonly #db = new Sqlite('')
  readonly #project: ReturnType<typeof prepareProjection>
  readonly #expect: Sqlite.Statement
  readonly #renew: Sqlite.Statement
  /** The facts before the base are gone, and so is the proof of parcels that had ended by then. */
  readonly #isCut: boolean

  constructor(start: { readonly lockerIds: readonly string[]; readonly base: BaseRows | null }) {
    this.#isCut = start.base !== null
    migrate(this.#db)
    this.#project = prepareProjection(this.#db)
    this.#expect = this.#db.prepare(`INSERT OR IGNORE INTO parcels
      (id, state, size, recipient_id, is_announced, place, needs_reach)
      VALUES (@parcelId, 'announced', @size, @recipientId, 1, 0, 0)`)
    this.#renew = this.#db.prepare(`UPDATE parcels
      SET size = @size, recipient_id = @recipientId, is_announced = @isAnnounced
      WHERE id = @parcelId`)
    this.#db.exec('BEGIN')
    for (const table of TABLES) for (const row of start.base?.[table] ?? []) this.#add(table, row)
    const addLocker = this.#db.prepare(
      `INSERT OR IGNORE INTO lockers (id, state, is_proven_empty) VALUES (?, 'unverified', 0)`,
    )
    for (const id of start.lockerIds) addLocker.run(id)
  }

  #add(table: Table, row: Row): void {
    const placed: Row = { ...UNTOLD[table], ...row, ...(table === 'parcels' ? { place: 0 } : {}) }
    const names = Object.keys(placed)
    const values = names.map((name) => `@${name}`)
    this.#db.prepare(`INSERT INTO ${table} (${names}) VALUES (${values})`).run(placed)
  }

  /** @throws when it contradicts what was before */
  take(fact: Fact, seq: number): void {
    if (fact.kind === 'deposit-started') {
      // What central announced is not in the chain, but the fact tells what of it counted.
      const { parcelId, size, recipientId, isAnnounced } = fact.data
      const row = { parcelId, size, recipientId }
      if (isAnnounced) this.#expect.run(row)
      this.#renew.run({ ...row, isAnnounced: Number(isAnnounced) })
    }
    this.#project.fact(fact, seq)
  }

  baseRows(): BaseRows {
    const rowsOf = (table: Table): readonly Row[] =>
      [...rowsIn(this.#db, table)]
        .filter((row) => table !== 'parcels' || isRunning(row) || row['locker_id'] !== null)
        .map((row) => without(row, COMPARED[table]))
    return {
      lockers: rowsOf('lockers'),
      assignments: rowsOf('assignments'),
      parcels: rowsOf('parcels'),
      openings: rowsOf('openings'),
      senses: rowsOf('senses'),
      standstills: rowsOf('standstills'),
      audits: rowsOf('audits'),
      audit_steps: rowsOf('audit_steps'),
    }
  }

  /** @returns the first row of the ledger that differs, in words; null when none does */
  difference(ledger: Sqlite.Database): string | null {
    for (const table of TABLES) {
      const words = this.#differenceIn(table, ledger)
      if (words !== null) return words
    }
    const stray = ledger
      .prepare<[], { id: string }>(
        `SELECT recipient_id AS id FROM pins
         WHERE state = 'live' AND return_id IS NULL
           AND recipient_id NOT IN (SELECT recipient_id FROM parcels
                                    WHERE state IN ('deposited', 'missing', 'unconfirmed'))
         LIMIT 1`,
      )
      .get()
    return stray === undefined ? null : `pins: ${stray.id} has a PIN, and no parcel waits`
  }

  #differenceIn(table: Table, ledger: Sqlite.Database): string | null {
    const wanted = rowsIn(this.#db, table)
    const found = rowsIn(ledger, table)
    try {
      for (const [left, right] of paired(wanted, found)) {
        if (right === null) {
          if (!mayBeMissing(table, left)) return `${table}: row ${idOf(left)} is missing`
        } else if (left === null) {
          if (!this.#mayBeExtra(table, right)) return `${table}: row ${idOf(right)} has no fact`
        } else {
          const words = differing(table, left, right)
          if (words !== null) return words
        }
      }
      return null
    } finally {
      // A query that is left half read would keep its database from closing.
      wanted.return?.()
      found.return?.()
    }
  }

  #mayBeExtra(table: Table, row: Row): boolean {
    if (table !== 'parcels') return false
    return row['state'] === 'announced' || (this.#isCut && ENDED.has(row['state']))
  }

  close(): void {
    this.#db.close()
  }
}

function rowsIn(db: Sqlite.Database, table: Table): IterableIterator<Row> {
  return db.prepare<[], Row>(`SELECT * FROM ${table} ORDER BY id`).iterate()
}

type Pair = readonly [Row, Row] | readonly [Row, null] | readonly [null, Row]

/** Rows of both sides by their id, in one pass. */
function* paired(wanted: Iterator<Row>, found: Iterator<Row>): Generator<Pair> {
  const next = (side: Iterator<Row>): Row | null => side.next().value ?? null
  let left = next(wanted)
  let right = next(found)
  while (left !== null || right !== null) {
    if (right === null || (left !== null && orderOf(left, right) < 0)) {
      if (left !== null) yield [left, null]
      left = next(wanted)
    } else if (left === null || orderOf(left, right) > 0) {
      yield [null, right]
      right = next(found)
    } else {
      yield [left, right]
      left = next(wanted)
      right = next(found)
    }
  }
}

function idOf(row: Row | null): string {
  return String(row?.['id'])
}

/** As SQLite orders them: numbers by value, texts by their bytes. */
function orderOf(left: Row, right: Row): number {
  const [a, b] = [left['id'], right['id']]
  if (typeof a === 'number' && typeof b === 'number') return a - b
  return Buffer.compare(Buffer.from(String(a)), Buffer.from(String(b)))
}

function isRunning({ state }: Row): boolean {
  return state !== 'announced' && !ENDED.has(state)
}

function mayBeMissing(table: Table, row: Row | null): boolean {
  return table === 'parcels' && row?.['state'] === 'announced'
}

function differing(table: Table, wanted: Row, found: Row): string | null {
  // Central may have changed what it announced, and nothing of that is a fact.
  const isLoose = table === 'parcels' && found['state'] === 'announced'
  const loose = isLoose ? ['size', 'recipient_id'] : []
  const skipped = new Set<string>([...COMPARED[table], ...loose])
  const column = Object.keys(found).find(
    (name) => !skipped.has(name) && wanted[name] !== found[name],
  )
  if (column === undefined) return null
  const say = (value: unknown) => (value === null ? 'nothing' : `“${String(value)}”`)
  const words = `${say(found[column])} where the facts give ${say(wanted[column])}`
  return `${table}: row ${String(found['id'])} has ${words} in ${column}`
}

function without(row: Row, names: readonly string[]): Row {
  return Object.fromEntries(Object.entries(row).filter(([name]) => !names.includes(name)))
}
