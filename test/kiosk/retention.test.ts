// What is old goes: names first, facts later, and the chain stays provable all the while.
import { copyFileSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import Database from 'better-sqlite3'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { TIME_PASSED } from '../../src/runtime/core.ts'
import { writeExport } from '../../src/store/export.ts'
import { openReading, verifyFile, verifyLedger } from '../../src/store/verify.ts'
import { Bench, wallOf } from '../support/bench.ts'

const STEP_MS = 600_000
/** And the time until the kiosk looks next. */
const DAY_MS = 86_400_000 + STEP_MS
const ALL = { countMax: 10_000, bytesMax: 1e9 }
const NAME = 'T-p-1'
const CANCELLED = { lockerId: '1', courierId: 'c-1', reason: 'changed-mind' } as const

let bench: Bench
let folder: string

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'latchkey-retention-'))
  bench = new Bench(wallOf(['S', 'S'], { endedParcelsKeptDays: 2, confirmedFactsKeptDays: 4 }))
  bench.prepare(['p-1', 'p-2'].map((id) => ({ id, size: 'S', recipientId: `r-${id}` })))
  bench.leaveParcel('p-1')
  bench.leaveParcel('p-2')
  collect('p-1')
})

afterEach(() => {
  bench.close()
  rmSync(folder, { recursive: true })
})

function collect(id: string): void {
  bench.type(`pin of ${id}`)
  bench.useDoor()
  bench.pass(61_000)
}

/** In steps as long as the kiosk rests between two looks at what is old. */
function pass(ms: number): void {
  for (let passedMs = 0; passedMs < ms; passedMs += STEP_MS) {
    bench.nowMs += STEP_MS
    bench.take(TIME_PASSED)
  }
}

function confirmAll(): void {
  bench.ledger.begin()
  const upToSeq = bench.ledger.headSeq()
  bench.ledger.apply([{ kind: 'facts-confirmed', data: { upToSeq } }], bench.now())
  bench.ledger.commit()
}

function firstSeq(): number | undefined {
  return bench.ledger.outboxAfter(0, ALL)[0]?.seq
}

/** The ledger as it would lie there after a stop. */
function copied(): string {
  const path = join(folder, 'copy.db')
  bench.ledger.close()
  copyFileSync(bench.ledgerPath, path)
  bench.start()
  bench.readBoard()
  return path
}

test('an ended parcel is erased after its time, its number is nowhere any more', () => {
  pass(DAY_MS)
  expect(bench.ledger.parcel('p-1')).toMatchObject({ state: 'collected', tracking: NAME })
  pass(DAY_MS)
  expect(bench.ledger.parcel('p-1')).toBeNull()
  expect(bench.ledger.parcel('p-2')).toMatchObject({ state: 'deposited', tracking: 'T-p-2' })
  expect(bench.facts()).toContain('personal-data-erased')
  const file = readFileSync(copied())
  expect(file.includes(NAME)).toBe(false)
  expect(file.includes('T-p-2')).toBe(true)
})

test('central erases an ended parcel before its time by deleting it', () => {
  const data = {
    stream: 'parcel',
    version: 2,
    isSnapshot: false,
    puts: [],
    deletes: ['p-1'],
  } as const
  bench.ledger.begin()
  bench.ledger.apply([{ kind: 'stream-applied', data }], bench.now())
  bench.ledger.commit()
  pass(STEP_MS)
  expect(bench.ledger.parcel('p-1')).toBeNull()
})

test('a return is forgotten like a parcel, its history also while it lies there', () => {
  bench.wantReturn({ id: 'ret-1' })
  bench.type('pin of ret-1')
  bench.useDoor()
  bench.press('found-parcel')
  bench.press('back')
  confirmAll()
  pass(6 * DAY_MS)
  expect(firstSeq()).toBeGreaterThan(1)
  expect(bench.parcelState('ret-1')).toBe('handed-in')
  expect(verifyLedger(copied())).toMatchObject({ kind: 'sound' })
  bench.signIn()
  bench.press('retrieve')
  bench.useDoor()
  bench.press('took-out')
  bench.press('sign-out')
  bench.withdrawReturn('ret-1')
  pass(DAY_MS)
  expect(bench.told('personal-data-erased')).toMatchObject({ parcelIds: ['ret-1'] })
  expect(bench.ledger.parcel('ret-1')).toBeNull()
  expect(bench.ledger.returnOf('ret-1')).toBeNull()
})

test('a parcel whose name a locker still keeps is not erased', () => {
  bench.type('pin of p-2')
  bench.obeyUnlock('acknowledged', 'springs-open')
  bench.pass(50)
  bench.moveDoor('2', 'closed')
  bench.pass(61_000)
  expect(bench.lockerState('2')).toBe('unverified')
  expect(bench.parcelsAt('2')).toEqual(['p-2'])
  pass(3 * DAY_MS)
  expect(bench.ledger.parcel('p-2')).toMatchObject({ state: 'collected' })
})

test('nothing is forgotten on a doubted clock, and age counts from the first belief', () => {
  bench.isWallBelieved = false
  collect('p-2')
  confirmAll()
  pass(6 * DAY_MS)
  expect(bench.ledger.parcel('p-1')).not.toBeNull()
  expect(firstSeq()).toBe(1)
  bench.isWallBelieved = true
  pass(DAY_MS)
  expect(bench.ledger.parcel('p-1')).toBeNull()
  expect(bench.ledger.parcel('p-2')).not.toBeNull()
  pass(2 * DAY_MS)
  expect(bench.ledger.parcel('p-2')).toBeNull()
})

test('facts that central has not confirmed are kept, however old', () => {
  pass(6 * DAY_MS)
  expect(firstSeq()).toBe(1)
})

test('confirmed facts are cut off after their time, and the rest is still proven', async () => {
  confirmAll()
  const head = bench.ledger.headSeq()
  pass(4 * DAY_MS)
  expect(firstSeq()).toBe(1)
  pass(2 * DAY_MS)
  expect(firstSeq()).toBeGreaterThan(head)
  const path = copied()
  expect(verifyLedger(path)).toMatchObject({ kind: 'sound' })
  const db = openReading(path)
  writeExport(db, join(folder, 'cut.jsonl'))
  db.close()
  expect(await verifyFile(join(folder, 'cut.jsonl'))).toMatchObject({ kind: 'sound' })
  collect('p-2')
  expect(bench.parcelState('p-2')).toBe('collected')
})

test('a history is cut step by step, and every step leaves a provable chain', () => {
  for (let day = 0; day < 8; day += 1) {
    bench.signIn()
    bench.press('sign-out')
    confirmAll()
    pass(DAY_MS)
    expect(verifyLedger(copied())).toMatchObject({ kind: 'sound' })
  }
  expect(bench.facts().filter((kind) => kind === 'history-cut').length).toBeGreaterThan(1)
})

test.each([
  ['the rows that were kept', `UPDATE cut SET rows = replace(rows, 'occupied', 'free')`],
  ['the hash', `UPDATE cut SET hash = '${'0'.repeat(64)}'`],
  ['the number', 'UPDATE cut SET seq = seq - 1'],
  ['the whole of it', 'DELETE FROM cut'],
])('a cut of which %s was changed is found', (_, sql) => {
  confirmAll()
  pass(6 * DAY_MS)
  const path = copied()
  const db = new Database(path)
  db.exec(sql)
  db.close()
  expect(verifyLedger(path).kind).toBe('broken')
})

test('more than one step’s worth is forgotten over several steps', () => {
  for (let visit = 0; visit < 150; visit += 1) {
    bench.signIn()
    bench.press('sign-out')
  }
  confirmAll()
  pass(5 * DAY_MS)
  const cuts = bench.ledger
    .outboxAfter(0, ALL)
    .map(({ body }) => JSON.parse(body))
    .filter(({ type }) => type === 'history-cut/1')
    .map(({ data }) => data.upToSeq)
  expect(cuts.slice(0, 2)).toEqual([200, 322])
})

test('one step erases a hundred parcels at most', () => {
  const size = {
    lockerId: '1',
    courierId: 'c-1',
    recipientId: 'r-1',
    size: 'S',
    isAnnounced: false,
    isTogether: false,
    why: { needs: [], reasons: [], passed: [] },
  }
  bench.ledger.begin()
  for (let parcel = 0; parcel < 150; parcel += 1) {
    const parcelId = `w-${parcel}`
    bench.ledger.apply(
      [
        { kind: 'deposit-started', data: { ...size, parcelId } },
        { kind: 'deposit-cancelled', data: { ...CANCELLED, parcelId } },
      ],
      bench.now(),
    )
  }
  bench.ledger.commit()
  pass(2 * DAY_MS)
  const erased = bench.ledger
    .outboxAfter(0, ALL)
    .map(({ body }) => JSON.parse(body))
    .filter(({ type }) => type === 'personal-data-erased/1')
    .map(({ data }) => data.parcelIds.length)
  // The one that was collected a minute before, then the others.
  expect(erased).toEqual([1, 100, 50])
})

test('facts of a time when the clock was doubted are as old as a believed one behind them', () => {
  bench.isWallBelieved = false
  for (let visit = 0; visit < 250; visit += 1) {
    bench.signIn()
    bench.press('sign-out')
  }
  bench.isWallBelieved = true
  bench.signIn()
  bench.press('sign-out')
  const head = bench.ledger.headSeq()
  confirmAll()
  pass(4 * DAY_MS)
  expect(firstSeq()).toBe(1)
  pass(2 * DAY_MS)
  expect(firstSeq()).toBeGreaterThan(head)
})
