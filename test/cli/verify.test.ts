// `latchkey verify` and `latchkey export` as a technician or an auditor runs them.
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import Database from 'better-sqlite3'
import { afterEach, beforeEach, expect, test } from 'vitest'
import type { StoreRecord } from '../../src/kiosk/facts.ts'
import { receiptOf } from '../../src/kiosk/receipt.ts'
import { type Ledger, openLedger } from '../../src/store/ledger.ts'
import { latchkey } from '../support/latchkey.ts'

const NOW = { monoMs: 5_000, wallMs: 1_800_000_000_000, isWallBelieved: true }

let folder: string
let path: string
let ledger: Ledger

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'latchkey-cli-verify-'))
  path = join(folder, 'ledger.db')
  ledger = openLedger({ path, lockerIds: ['1'], newEpoch: 'epoch-1' })
  const facts: StoreRecord[] = [1, 2, 3].map((boot) => ({
    kind: 'kiosk-started',
    data: { boot, version: 'test' },
  }))
  ledger.begin()
  ledger.apply(facts, NOW)
  ledger.commit()
})

afterEach(() => rmSync(folder, { recursive: true }))

test('a sound ledger ends with 0, and its newest link is told', async () => {
  ledger.close()
  const { exit, out, err } = await latchkey(['verify', path], {})
  expect({ exit, err }).toEqual({ exit: 0, err: '' })
  expect(out).toMatch(/^The chain is whole: 3 facts, the last one is\n3:[0-9a-f]{64}\n$/)
})

test('without a name it is the ledger of the data folder', async () => {
  ledger.close()
  const { exit, out } = await latchkey(['verify', '--json'], { LATCHKEY_DATA_FOLDER: folder })
  expect(exit).toBe(0)
  expect(JSON.parse(out)).toMatchObject({ apiVersion: 1, kind: 'sound', head: { seq: 3 } })
})

test('a broken chain ends with 1 and names the fact', async () => {
  ledger.close()
  const db = new Database(path)
  db.exec('DELETE FROM facts WHERE seq = 2')
  db.close()
  const { exit, err } = await latchkey(['verify', path], {})
  expect(exit).toBe(1)
  expect(err).toBe('LK-CHAIN-01: Fact 2: it is missing; fact 3 follows.\n')
  const json = await latchkey(['verify', path, '--json'], {})
  expect(json.exit).toBe(1)
  expect(JSON.parse(json.out)).toMatchObject({ kind: 'broken', fault: { seq: 2 } })
})

test('a changed table ends with 1 and names the row', async () => {
  ledger.close()
  const db = new Database(path)
  db.exec(`UPDATE lockers SET state = 'free'`)
  db.close()
  const { exit, err } = await latchkey(['verify', path], {})
  expect(exit).toBe(1)
  expect(err).toContain('LK-CHAIN-02: lockers: row 1 has “free” where the facts give “unverified”')
})

test('the ledger is checked while the daemon has it', async () => {
  const { exit, out } = await latchkey(['verify', path, '--json'], {})
  expect(exit).toBe(0)
  expect(JSON.parse(out)).toMatchObject({ kind: 'sound', count: 3 })
  ledger.close()
})

test('a ledger that another program keeps to itself is refused', async () => {
  ledger.close()
  const db = new Database(path)
  db.pragma('locking_mode = EXCLUSIVE')
  db.exec(`UPDATE meta SET value = value`)
  const { exit, err } = await latchkey(['verify', path], {})
  db.close()
  expect(exit).toBe(5)
  expect(err).toContain('LK-RUN-02: another program keeps')
})

test.each([
  [['verify', 'absent.db'], 1, 'LK-STORE-01'],
  [['verify', 'any.db', '--witness', '3'], 2, 'LK-CTL-01'],
])('latchkey %j ends with %i', async (args, wanted, code) => {
  ledger.close()
  const { exit, err } = await latchkey(args, {})
  expect(exit).toBe(wanted)
  expect(err).toContain(code)
})

test('an export is written once, and checked as it lies', async () => {
  ledger.close()
  const file = join(folder, 'chain.jsonl')
  const { exit, out } = await latchkey(['export', file, '--from', path], {})
  expect({ exit, out }).toEqual({ exit: 0, out: `3 facts are in ${file}.\n` })
  expect(readFileSync(file, 'utf8').split('\n')).toHaveLength(6)
  expect((await latchkey(['verify', file], {})).exit).toBe(0)
  const again = await latchkey(['export', file, '--from', path], {})
  expect(again.exit).toBe(1)
  expect(again.err).toContain('LK-CHAIN-03')
})

test('the desk finds the fact of a receipt, in a ledger and in an export', async () => {
  const data = { lockerId: '1', parcelId: 'p-1', openingId: 1, rule: 'closed' } as const
  ledger.begin()
  ledger.apply([{ kind: 'parcel-collected', data }], NOW)
  ledger.commit()
  const receipt = receiptOf(ledger.factHash(4) ?? '')
  ledger.close()
  const { exit, out } = await latchkey(['desk', 'receipt', receipt.toLowerCase(), '--in', path], {})
  expect(exit).toBe(0)
  expect(out).toContain('fact      4, parcel-collected/1')
  expect(out).toContain('parcel    p-1')
  expect(out).toContain('by        recipient')
  const file = join(folder, 'chain.jsonl')
  await latchkey(['export', file, '--from', path], {})
  const json = await latchkey(['desk', 'receipt', receipt, '--in', file, '--json'], {})
  expect(JSON.parse(json.out)).toMatchObject({ seq: 4, receipt, type: 'parcel-collected/1' })
})

test.each([
  ['0000-0000-0000', 1, 'LK-CHAIN-05'],
  ['0000-0000-0001', 2, 'LK-CHAIN-04'],
])('the receipt %s, which nobody gave, ends with %i', async (receipt, wanted, code) => {
  ledger.close()
  const { exit, err } = await latchkey(['desk', 'receipt', receipt, '--in', path], {})
  expect(exit).toBe(wanted)
  expect(err).toContain(code)
})
