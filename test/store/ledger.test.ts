// The ledger on real files: the chain, the projection's last guards, and what a power cut leaves.
import { spawnSync } from 'node:child_process'
import { copyFileSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import process from 'node:process'
import Database from 'better-sqlite3'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { diskEnv } from '../../sim/disk/build.ts'
import type { StoreRecord } from '../../src/kiosk/facts.ts'
import { CHAIN_START, hashText } from '../../src/store/chain.ts'
import { openDatabase, StoreError } from '../../src/store/database.ts'
import { type Ledger, openLedger } from '../../src/store/ledger.ts'

const NOW = { monoMs: 5_000, wallMs: 1_800_000_000_000, isWallBelieved: true }
const ALL = { countMax: 1_000, bytesMax: 1e9 }

let folder: string
let path: string
let ledger: Ledger

function open(): Ledger {
  return openLedger({ path, lockerIds: ['1', '2'], newEpoch: 'epoch-1' })
}

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'latchkey-ledger-'))
  path = join(folder, 'ledger.db')
  ledger = open()
})

afterEach(() => {
  ledger.close()
  rmSync(folder, { recursive: true })
})

function store(...records: readonly StoreRecord[]): void {
  ledger.begin()
  ledger.apply(records, NOW)
  ledger.commit()
}

const started = (boot: number): StoreRecord => ({
  kind: 'kiosk-started',
  data: { boot, version: 'test' },
})

interface Whose {
  readonly recipientId?: string
  readonly isTogether?: boolean
}

function deposit(
  parcelId: string,
  lockerId: string,
  { recipientId = 'r', isTogether = false }: Whose = {},
): StoreRecord {
  return {
    kind: 'deposit-started',
    data: {
      parcelId,
      lockerId,
      courierId: 'c',
      recipientId,
      size: 'S',
      isAnnounced: false,
      isTogether,
      why: { needs: [], reasons: ['fits'], passed: [] },
    },
  }
}

test('facts are numbered without a gap and each carries the hash of the text before it', () => {
  store(started(1), started(2))
  store(started(3))
  const rows = ledger.outboxAfter(0, ALL)
  expect(rows.map(({ seq }) => seq)).toEqual([1, 2, 3])
  let previous = CHAIN_START
  for (const { body } of rows) {
    expect(JSON.parse(body)).toMatchObject({ ph: previous, clk: 'believed', mono: 5_000 })
    previous = hashText(body)
  }
  ledger.close()
  ledger = open()
  store(started(4))
  expect(JSON.parse(ledger.outboxAfter(3, ALL)[0]?.body ?? '')).toMatchObject({ ph: previous })
})

test('what was rolled back leaves neither a row nor a number', () => {
  store(started(1))
  ledger.begin()
  ledger.apply([started(2)], NOW)
  ledger.rollback()
  expect(ledger.nextSeq()).toBe(2)
  store(started(3))
  expect(ledger.outboxAfter(0, ALL)).toHaveLength(2)
})

test('a locker never holds two assignments, whatever the rules above believe', () => {
  store(started(1), deposit('p-1', '1'))
  ledger.begin()
  expect(() => ledger.apply([deposit('p-2', '1')], NOW)).toThrow('two assignments')
  ledger.rollback()
  ledger.begin()
  expect(() => ledger.apply([deposit('p-1', '2')], NOW)).toThrow('one locker')
  ledger.rollback()
  expect(ledger.locker('1')).toMatchObject({ state: 'reserved' })
  expect(ledger.parcelsAt('1')).toMatchObject([{ id: 'p-1' }])
})

test('parcels of two recipients are never in one locker, whatever the rules above believe', () => {
  store(started(1), deposit('p-1', '1'))
  store(deposit('p-2', '1', { isTogether: true }))
  const refused = [
    // Somebody else's, put with the others.
    deposit('p-3', '1', { isTogether: true, recipientId: 'r-else' }),
    // With others where there are none.
    deposit('p-3', '2', { isTogether: true }),
    // A locker in which something still lies is not free.
    { kind: 'locker-released', data: { lockerId: '1' } },
  ] as const
  for (const record of refused) {
    ledger.begin()
    expect(() => ledger.apply([record], NOW)).toThrow('FOREIGN KEY')
    ledger.rollback()
  }
  expect(ledger.parcelsAt('1').map(({ id }) => id)).toEqual(['p-1', 'p-2'])
})

test('rows of central that contradict each other are refused as a whole', () => {
  const verifier = 'v'
  const puts = ['a', 'b'].map((id) => ({ id, role: 'courier', label: id, verifier }) as const)
  const data = { stream: 'staff', version: 1, isSnapshot: true, puts, deletes: [] } as const
  ledger.begin()
  expect(ledger.tryApply([{ kind: 'stream-applied', data }], NOW)).toBe(false)
  ledger.commit()
  expect(ledger.staff('a')).toBeNull()
  expect(ledger.streamVersions().staff).toBe(0)
})

test('a snapshot replaces what is announced and leaves alone what the kiosk holds', () => {
  const parcel = (id: string) => ({ id, tracking: id, size: 'S', recipientId: 'r' })
  const announce = (version: number, ids: readonly string[]): StoreRecord => ({
    kind: 'stream-applied',
    data: { stream: 'parcel', version, isSnapshot: true, puts: ids.map(parcel), deletes: [] },
  })
  store(announce(1, ['p-1', 'p-2']))
  store(deposit('p-1', '1'))
  store(announce(2, ['p-3']))
  expect(ledger.announced({ limit: 9, offset: 0, carrierId: null }).map(({ id }) => id)).toEqual([
    'p-3',
  ])
  expect(ledger.parcel('p-1')).toMatchObject({ state: 'depositing', lockerId: '1' })
})

test('the outbox gives what fits, and always at least one fact', () => {
  store(started(1), started(2), started(3))
  expect(ledger.outboxAfter(0, { countMax: 2, bytesMax: 1e6 })).toHaveLength(2)
  expect(ledger.outboxAfter(0, { countMax: 9, bytesMax: 1 })).toHaveLength(1)
  store({ kind: 'facts-confirmed', data: { upToSeq: 2 } })
  expect(ledger.outboxCount()).toBe(1)
})

test('a new locker is not proven empty', () => {
  expect(ledger.lockers().map(({ state }) => state)).toEqual(['unverified', 'unverified'])
})

test('a second process is told that the ledger is taken', () => {
  expect(() => open()).toThrow(expect.objectContaining({ code: 'LK-RUN-02' }))
})

test.each([
  ['a file that is no database', 'not a database at all, but long enough to be read as one'],
  ['a file that was cut off', null],
])('%s is refused with its code', (_, text) => {
  store(started(1))
  ledger.close()
  if (text === null) writeFileSync(path, readFileSync(path).subarray(0, 5_000))
  else writeFileSync(path, text.repeat(200))
  const damaged = readFileSync(path)
  expect(open).toThrow(StoreError)
  expect(open).toThrow(expect.objectContaining({ code: 'LK-STORE-01' }))
  expect(readFileSync(path)).toEqual(damaged)
  path = join(folder, 'other.db')
  ledger = open()
})

test('a ledger of a newer Latchkey is left alone', () => {
  ledger.close()
  const db = new Database(path)
  db.pragma('user_version = 99')
  db.close()
  expect(open).toThrow(expect.objectContaining({ code: 'LK-STORE-02' }))
  path = join(folder, 'other.db')
  ledger = open()
})

test('commits are FULL on every connection, proven after a write', () => {
  const copy = join(folder, 'copy.db')
  ledger.close()
  copyFileSync(path, copy)
  const db = openDatabase(copy)
  expect(db.pragma('synchronous', { simple: true })).toBe(2)
  expect(db.pragma('journal_mode', { simple: true })).toBe('wal')
  db.close()
  ledger = open()
})

test('100 commits reach the disk with at least 100 fsyncs', () => {
  const script = `
    import { openLedger } from '${new URL('../../src/store/ledger.ts', import.meta.url)}'
    const ledger = openLedger({ path: process.argv[1], lockerIds: ['1'], newEpoch: 'e' })
    const now = { monoMs: 1, wallMs: 1, isWallBelieved: true }
    for (let boot = 1; boot <= 100; boot += 1) {
      ledger.begin()
      ledger.apply([{ kind: 'kiosk-started', data: { boot, version: 'test' } }], now)
      ledger.commit()
    }
    process.exit(0)`
  const countFile = join(tmpdir(), `latchkey-fsyncs-${process.pid}`)
  const env = { ...process.env, ...diskEnv({ folder, countFile }) }
  const args = ['--input-type=module', '-e', script, join(folder, 'counted.db')]
  const { status, stderr } = spawnSync(process.execPath, args, { env, encoding: 'utf8' })
  expect(stderr).toBe('')
  expect(status).toBe(0)
  expect(statSync(countFile).size).toBeGreaterThanOrEqual(100)
  rmSync(countFile)
})
