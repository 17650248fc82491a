// What the kiosk asks at every step costs the same in an old ledger as in a new one: each of these
// statements is answered from an index, and none reads a table through.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type Database from 'better-sqlite3'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { openDatabase } from '../../src/store/database.ts'
import { prepareQueries } from '../../src/store/queries.ts'
import { prepareReturnQueries } from '../../src/store/return-queries.ts'

let folder: string
let db: Database.Database

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'latchkey-plans-'))
  db = openDatabase(join(folder, 'ledger.db'))
})

afterAll(() => {
  db.close()
  rmSync(folder, { recursive: true })
})

/** On purpose: at a start, for whole lists, where little is kept; `head` stops at its first row. */
const WHOLE = new Set([
  'activeSenses',
  'expectedReturnCount',
  'freeLockerIds',
  'head',
  'lockers',
  'openings',
  'recipientCount',
  'streams',
])

test('no statement but those of a start reads a table through', () => {
  const queries = Object.entries({ ...prepareQueries(db), ...prepareReturnQueries(db) })
  expect(queries.length).toBeGreaterThan(15)
  const through = queries.filter(([name, { source }]) => {
    const values = Array.from({ length: source.split('?').length - 1 }, () => null)
    const plan = db.prepare(`EXPLAIN QUERY PLAN ${source}`).all(...values)
    const isScan = plan.some((step) =>
      /^SCAN (?!.*USING INDEX|CONSTANT ROW)/.test((step as { detail: string }).detail),
    )
    return isScan && !WHOLE.has(name)
  })
  expect(through.map(([name]) => name)).toEqual([])
})

test('no plan looks at a bound value, and so none is made anew when another one comes', () => {
  const queries = Object.entries({ ...prepareQueries(db), ...prepareReturnQueries(db) })
  const looking = queries.filter(([, { source }]) =>
    /LIMIT \?(?! \+ 0)|(?<!\(SELECT )= \?[^(]*ORDER BY/s.test(source),
  )
  expect(looking.map(([name]) => name)).toEqual([])
})
