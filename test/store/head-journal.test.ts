// The newest link outside the database: what it notices, what a torn write leaves, and that no
// moment at which the process may die makes a false alarm.
import { copyFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import type { StoreRecord } from '../../src/kiosk/facts.ts'
import { HeadJournal } from '../../src/store/head-journal.ts'
import { type Ledger, openLedger } from '../../src/store/ledger.ts'

const NOW = { monoMs: 1_000, wallMs: 1_800_000_000_000, isWallBelieved: true }
const FACT: StoreRecord = { kind: 'locker-doubted', data: { lockerId: '1', cause: 'not-proven' } }

let folder: string
let epochs = 0

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'latchkey-head-'))
  epochs = 0
})

afterEach(() => rmSync(folder, { recursive: true }))

const path = () => join(folder, 'ledger.db')
const headPath = () => join(folder, 'ledger.db-head')

function open(): Ledger {
  epochs += 1
  return openLedger({ path: path(), lockerIds: ['1'], newEpoch: `epoch-${epochs}` })
}

function store(ledger: Ledger, records: readonly StoreRecord[] = [FACT]): void {
  ledger.begin()
  ledger.apply(records, NOW)
  ledger.commit()
}

function restored(ledger: Ledger): StoreRecord {
  const { cause = 'journal-missing', knownSeq = null } = ledger.restored() ?? {}
  const [epoch, previousEpoch] = [ledger.nextEpoch() ?? '', ledger.epoch()]
  const data = { cause, knownSeq, epoch, previousEpoch, lockerIds: ['1'] }
  return { kind: 'ledger-restored', data }
}

/** What is on the disk when the process dies now: nothing is closed, so nothing is written late. */
function die(into: string): void {
  for (const name of ['ledger.db', 'ledger.db-wal', 'ledger.db-head']) {
    try {
      copyFileSync(join(folder, name), join(into, name))
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error
    }
  }
}

test('a ledger that goes on from where it was is no copy, however often it starts', () => {
  for (let start = 0; start < 4; start += 1) {
    const ledger = open()
    expect(ledger.restored()).toBeNull()
    store(ledger)
    ledger.close()
  }
})

test('a process that dies between the commit and the journal alarms nobody', () => {
  const ledger = open()
  store(ledger)
  const before = readFileSync(headPath())
  for (let fact = 0; fact < 20; fact += 1) {
    store(ledger)
    const after = readFileSync(headPath())
    for (const head of [before, after]) {
      const into = mkdtempSync(join(folder, 'dead-'))
      die(into)
      writeFileSync(join(into, 'ledger.db-head'), head)
      const next = openLedger({ path: join(into, 'ledger.db'), lockerIds: ['1'], newEpoch: 'e' })
      expect(next.restored()).toBeNull()
      expect(next.headSeq()).toBe(ledger.headSeq())
      next.close()
    }
  }
  ledger.close()
})

test('a write that is torn anywhere leaves the one before, and no alarm', () => {
  const ledger = open()
  for (let fact = 0; fact < 5; fact += 1) store(ledger)
  const old = readFileSync(headPath())
  store(ledger)
  const fresh = readFileSync(headPath())
  ledger.close()
  for (let at = 0; at <= fresh.length; at += 64) {
    writeFileSync(headPath(), Buffer.concat([fresh.subarray(0, at), old.subarray(at)]))
    const next = open()
    expect(next.restored()).toBeNull()
    next.close()
    writeFileSync(headPath(), fresh)
  }
})

test('an older copy is noticed, also when the alarm itself is cut off, and told once', () => {
  let ledger = open()
  store(ledger)
  ledger.close()
  copyFileSync(path(), join(folder, 'copy'))
  ledger = open()
  for (let fact = 0; fact < 3; fact += 1) store(ledger)
  ledger.close()
  copyFileSync(join(folder, 'copy'), path())
  // Noticed, and not told.
  for (let start = 0; start < 3; start += 1) {
    ledger = open()
    expect(ledger.restored()).toEqual({ cause: 'journal-ahead', knownSeq: 4 })
    ledger.close()
  }
  ledger = open()
  const noticed = readFileSync(headPath())
  store(ledger, [restored(ledger)])
  expect(ledger.restored()).toBeNull()
  expect(ledger.epochAt(1).epoch).toBe('epoch-1')
  expect(ledger.epochAt(2).epoch).toBe(ledger.epoch())
  ledger.close()
  // Told, and died before the journal heard of it.
  writeFileSync(headPath(), noticed)
  ledger = open()
  expect(ledger.restored()).toBeNull()
  expect(ledger.restoredFrom()).toEqual({ previousEpoch: 'epoch-1', knownSeq: 4 })
  ledger.close()
})

test.each([
  ['gone', () => rmSync(headPath())],
  ['empty', () => writeFileSync(headPath(), '')],
  ['noise', () => writeFileSync(headPath(), Buffer.alloc(1_024, 7))],
])('a journal that is %s: the ledger may be any copy, unless it is new', (_, spoil) => {
  const ledger = open()
  expect(ledger.restored()).toBeNull()
  store(ledger)
  ledger.close()
  spoil()
  const next = open()
  expect(next.restored()).toEqual({ cause: 'journal-missing', knownSeq: null })
  store(next, [restored(next)])
  next.close()
  const last = open()
  expect(last.restored()).toBeNull()
  last.close()
})

test('a new database beside an old journal is a restore, too', () => {
  const ledger = open()
  store(ledger)
  ledger.close()
  rmSync(path())
  const next = open()
  expect(next.restored()).toEqual({ cause: 'journal-ahead', knownSeq: 1 })
  next.close()
})

test('a journal that cannot be opened stops the start with its own code', () => {
  expect(() => new HeadJournal(join(folder, 'no', 'such', 'folder'))).toThrow('LK-STORE-03')
})

test('the link that a history cut has kept is still ours', () => {
  const ledger = open()
  store(ledger)
  store(ledger)
  const hash = ledger.factHash(2) ?? ''
  ledger.begin()
  ledger.apply([{ kind: 'facts-confirmed', data: { upToSeq: 2 } }], NOW)
  const cut = ledger.cutBefore({ wallMs: NOW.wallMs + 1, countMax: 10 })
  expect(cut?.upToSeq).toBe(2)
  ledger.apply(cut === null ? [] : [{ kind: 'history-cut', data: cut }], NOW)
  ledger.commit()
  ledger.close()
  const journal = new HeadJournal(headPath())
  journal.write({ epoch: 'epoch-1', seq: 2, hash, pending: null })
  journal.close()
  const next = open()
  expect(next.restored()).toBeNull()
  next.close()
})
