// Whoever lays a hand on a stored fact is found out: by number, and with words.
import { copyFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import Database from 'better-sqlite3'
import fc from 'fast-check'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { type FactText, hashText } from '../../src/store/chain.ts'
import { writeExport } from '../../src/store/export.ts'
import { openReading, type Verdict, verifyFile, verifyLedger } from '../../src/store/verify.ts'
import { Bench, wallOf } from '../support/bench.ts'

let folder: string
/** Of a kiosk on which a good deal has happened, ended in order. */
let original: string
/** A copy, for the test to spoil. */
let path: string
let count: number

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'latchkey-verify-'))
  original = join(folder, 'original.db')
  path = join(folder, 'spoilt.db')
  const bench = new Bench(wallOf(['S', 'M', 'L']))
  bench.prepare(['p-1', 'p-2', 'p-3'].map((id) => ({ id, size: 'S' })))
  bench.leaveParcel('p-1')
  bench.leaveParcel('p-2')
  bench.type('pin of p-1')
  bench.useDoor()
  bench.pass(61_000)
  bench.type('wrong')
  bench.restart()
  bench.leaveParcel('p-3')
  count = bench.ledger.headSeq()
  bench.ledger.close()
  copyFileSync(bench.ledgerPath, original)
  bench.close()
})

beforeEach(() => {
  for (const end of ['-wal', '-shm']) rmSync(`${path}${end}`, { force: true })
  copyFileSync(original, path)
})
afterAll(() => rmSync(folder, { recursive: true }))

function spoil(change: (db: Database.Database) => void): Verdict {
  const db = new Database(path)
  // Whoever changes a file by hand is not held back by what the daemon's connection refuses.
  db.pragma('foreign_keys = OFF')
  change(db)
  db.close()
  return verifyLedger(path)
}

/** Writes facts anew from `seq` on, linked as if they had always been so. */
function forgeFrom(db: Database.Database, seq: number, change: (fact: FactText) => object): void {
  const rows = db
    .prepare<[number], { seq: number; body: string }>('SELECT seq, body FROM facts WHERE seq >= ?')
    .all(seq)
  const before = db.prepare<[number], string>('SELECT hash FROM facts WHERE seq = ?').pluck()
  let ph = before.get(seq - 1) ?? '0'.repeat(64)
  for (const row of rows) {
    const fact = JSON.parse(row.body) as FactText
    const body = JSON.stringify({ ...(row.seq === seq ? change(fact) : fact), ph })
    ph = hashText(body)
    db.prepare('UPDATE facts SET body = ?, hash = ? WHERE seq = ?').run(body, ph, row.seq)
  }
}

test('a ledger that nobody touched is sound, and nothing of it is written', () => {
  const before = readFileSync(path)
  expect(verifyLedger(path)).toMatchObject({ kind: 'sound', count, head: { seq: count } })
  expect(readFileSync(path)).toEqual(before)
})

test('a ledger whose daemon was killed is read with what its log still holds', () => {
  const db = new Database(path)
  db.pragma('journal_mode = WAL')
  db.prepare(`UPDATE lockers SET state = 'free' WHERE id = '2'`).run()
  for (const end of ['', '-wal']) copyFileSync(`${path}${end}`, join(folder, `killed.db${end}`))
  db.close()
  expect(verifyLedger(join(folder, 'killed.db'))).toMatchObject({ kind: 'differs' })
})

test('any one changed sign of any fact is found, and the fact is named', () => {
  const anyPlace = fc.tuple(
    fc.integer({ min: 1, max: count }),
    fc.nat(),
    fc.integer({ min: 1, max: 127 }),
  )
  fc.assert(
    fc.property(anyPlace, ([seq, at, shift]) => {
      copyFileSync(original, path)
      const verdict = spoil((db) => {
        const body = db.prepare('SELECT body FROM facts WHERE seq = ?').pluck().get(seq) as string
        const place = at % body.length
        const other = String.fromCharCode((body.charCodeAt(place) + shift) % 128 || 1)
        const changed = body.slice(0, place) + other + body.slice(place + 1)
        fc.pre(changed !== body)
        db.prepare('UPDATE facts SET body = ? WHERE seq = ?').run(changed, seq)
      })
      expect(verdict).toMatchObject({ kind: 'broken', fault: { seq } })
    }),
    { numRuns: 60 },
  )
})

test('a fact that was changed together with its hash is found by the one behind it', () => {
  const verdict = spoil((db) => {
    const body = db.prepare('SELECT body FROM facts WHERE seq = 7').pluck().get() as string
    const changed = body.replace(/"t":\d+/, '"t":1800000000001')
    db.prepare('UPDATE facts SET body = ?, hash = ? WHERE seq = 7').run(changed, hashText(changed))
  })
  expect(verdict).toMatchObject({ kind: 'broken', fault: { seq: 8 } })
  expect(JSON.stringify(verdict)).toContain('behind fact 7')
})

test('a removed fact is found by its number', () => {
  const anySeq = fc.integer({ min: 1, max: count - 1 })
  fc.assert(
    fc.property(anySeq, (seq) => {
      copyFileSync(original, path)
      const verdict = spoil((db) => db.prepare('DELETE FROM facts WHERE seq = ?').run(seq))
      expect(verdict).toMatchObject({ kind: 'broken', fault: { seq } })
    }),
    { numRuns: 20 },
  )
})

test('an inserted fact is found', () => {
  const verdict = spoil((db) => {
    db.exec('UPDATE facts SET seq = -seq WHERE seq >= 5')
    db.exec(`INSERT INTO facts SELECT 5, kind, body, hash FROM facts WHERE seq = 4`)
    db.exec('UPDATE facts SET seq = 1 - seq WHERE seq < 0')
  })
  expect(verdict).toMatchObject({ kind: 'broken', fault: { seq: 5 } })
})

test('two facts that changed places are found', () => {
  const verdict = spoil((db) => {
    for (const [from, to] of [
      [5, -1],
      [6, 5],
      [-1, 6],
    ]) {
      db.prepare('UPDATE facts SET seq = ? WHERE seq = ?').run(to, from)
    }
  })
  expect(verdict).toMatchObject({ kind: 'broken', fault: { seq: 5 } })
})

test.each([
  ['kind', `UPDATE facts SET kind = 'door-forced' WHERE seq = 3`],
  ['hash', `UPDATE facts SET hash = '${'0'.repeat(64)}' WHERE seq = 3`],
])('a changed column %s is found', (_, sql) => {
  const verdict = spoil((db) => db.exec(sql))
  expect(verdict).toMatchObject({ kind: 'broken', fault: { seq: 3 } })
})

test('a cut-off tail is found as soon as central has confirmed it', () => {
  const cut = (db: Database.Database): void => {
    db.exec(`DELETE FROM facts WHERE seq > ${count - 2}`)
  }
  const verdict = spoil((db) => {
    db.exec(`INSERT INTO meta VALUES ('confirmed', '${count}')`)
    cut(db)
  })
  expect(verdict).toMatchObject({ kind: 'broken', fault: { seq: count - 1 } })
  expect(JSON.stringify(verdict)).toContain('but central has')
})

test('a cut-off tail that central never saw shows in the tables', () => {
  const verdict = spoil((db) => db.exec(`DELETE FROM facts WHERE seq > ${count - 6}`))
  expect(verdict.kind).toBe('differs')
})

test('a tail that was written anew is found by whoever holds a hash of the old one', () => {
  const { hash } = new Database(original, { readonly: true })
    .prepare<[], { hash: string }>(`SELECT hash FROM facts WHERE seq = ${count}`)
    .get() ?? { hash: '' }
  spoil((db) => forgeFrom(db, count - 3, (fact) => ({ ...fact, t: fact.t + 1 })))
  // Alone, the file tells nothing: whoever may write it can write all of it.
  expect(verifyLedger(path)).toMatchObject({ kind: 'sound' })
  const verdict = verifyLedger(path, { witness: { seq: count, hash } })
  expect(verdict).toMatchObject({ kind: 'broken', fault: { seq: count } })
})

test.each([
  ['another actor', { by: { role: 'technician', id: 'mallory' } }, 'actor'],
  ['another start', { boot: 9 }, 'start'],
  ['an earlier uptime', { mono: 1 }, 'uptime'],
  ['an unknown type', { type: 'door-blessed/1' }, 'type'],
  ['a reason of its own', { why: 'because' }, 'reason'],
])('a tail that was written anew with %s contradicts itself', (_, change, word) => {
  const verdict = spoil((db) => {
    forgeFrom(db, count - 3, (fact) => ({ ...fact, ...change }))
    db.exec(`UPDATE facts SET kind = replace(json_extract(body, '$.type'), '/1', '')`)
  })
  expect(verdict).toMatchObject({ kind: 'broken', fault: { seq: count - 3 } })
  expect(JSON.stringify(verdict)).toContain(word)
})

test.each([
  [`UPDATE lockers SET state = 'free' WHERE id = '2'`, 'lockers: row 2 has “free” where'],
  [`UPDATE lockers SET withdrawn_for = 'technician'`, 'in withdrawn_for'],
  [`UPDATE parcels SET state = 'withdrawn' WHERE id = 'p-2'`, 'parcels: row p-2 has “withdrawn”'],
  [`UPDATE parcels SET recipient_id = 'r-9' WHERE id = 'p-2'`, 'in recipient_id'],
  [`UPDATE assignments SET recipient_id = 'r-9' WHERE id = '2'`, 'in recipient_id'],
  [`DELETE FROM assignments WHERE id = '2'`, 'assignments: row 2 is missing'],
  [`DELETE FROM parcels WHERE id = 'p-2'`, 'parcels: row p-2 is missing'],
  [
    `INSERT INTO parcels (id, state, size, recipient_id, is_announced, place, needs_reach)
     VALUES ('p9', 'collected', 'S', 'r', 0, 99, 0)`,
    'parcels: row p9 has no fact',
  ],
  [
    `INSERT INTO openings VALUES (3, '1', 'pickup', '[]', 'kiosk', NULL, 0, 0, NULL, NULL)`,
    'row 3',
  ],
  [
    `INSERT INTO pins (pin_index, recipient_id, state, reference_index)
     VALUES ('x', 'r-9', 'live', 'y')`,
    'r-9 has a PIN',
  ],
  [`UPDATE meta SET value = '7' WHERE name = 'boot'`, '7 starts where the facts give 2'],
])('a table that was changed is told apart from the facts: %s', (sql, words) => {
  const verdict = spoil((db) => db.exec(sql))
  expect(verdict).toMatchObject({ kind: 'differs' })
  expect(JSON.stringify(verdict)).toContain(words)
})

test('what is no ledger is said to be none', async () => {
  writeFileSync(path, 'nothing of the kind')
  await expect(verifyFile(path)).rejects.toMatchObject({ code: 'LK-STORE-01' })
  await expect(verifyFile(join(folder, 'absent.db'))).rejects.toMatchObject({ code: 'LK-STORE-01' })
})

function exported(): { readonly file: string; readonly lines: string[] } {
  const file = join(folder, `export-${Math.random()}.jsonl`)
  const db = openReading(original)
  expect(writeExport(db, file)).toBe(count)
  db.close()
  return { file, lines: readFileSync(file, 'utf8').trimEnd().split('\n') }
}

test('an export is sound, and holds every fact’s exact text', async () => {
  const { file, lines } = exported()
  expect(lines).toHaveLength(count + 2)
  expect(await verifyFile(file)).toMatchObject({ kind: 'sound', count })
})

test('any line of an export that is changed, lost, doubled or moved is found', async () => {
  const { file, lines } = exported()
  const ways: ((at: number) => string[])[] = [
    (at) => lines.with(at, (lines[at] ?? '').replace('"t":18', '"t":17')),
    (at) => lines.toSpliced(at, 1),
    (at) => lines.toSpliced(at, 0, lines[at] ?? ''),
    (at) => lines.with(at, lines[at + 1] ?? '').with(at + 1, lines[at] ?? ''),
    (at) => lines.slice(0, at),
  ]
  const anyLine = fc.integer({ min: 1, max: count - 1 })
  await fc.assert(
    fc.asyncProperty(anyLine, fc.constantFrom(...ways), async (at, way) => {
      writeFileSync(file, `${way(at).join('\n')}\n`)
      const verdict = await verifyFile(file)
      expect(verdict.kind).toBe('broken')
    }),
    { numRuns: 60 },
  )
})

test('an export that was cut off in the middle of a line is found', async () => {
  const { file, lines } = exported()
  const whole = `${lines.join('\n')}\n`
  for (const missing of [2, 40, 400, whole.length >> 1]) {
    writeFileSync(file, whole.slice(0, -missing))
    expect((await verifyFile(file)).kind).toBe('broken')
  }
})

test('an export is never written over a file', () => {
  const { file } = exported()
  const db = openReading(original)
  expect(() => writeExport(db, file)).toThrow('EEXIST')
  db.close()
})
