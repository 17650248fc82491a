// Configuration and programs, as central wants them: rows by delta and snapshot, in one transaction
// with version and hash, and what was told of them.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import type { StreamChange } from '../../src/kiosk/desired.ts'
import type { StoreRecord } from '../../src/kiosk/facts.ts'
import { type Ledger, openLedger } from '../../src/store/ledger.ts'
import { hashRow, mixHashes, NO_ROWS } from '../../src/store/stream-hash.ts'

const NOW = { monoMs: 1, wallMs: 1_790_000_000_000, isWallBelieved: true }

let folder: string
let ledger: Ledger

const open = (): Ledger =>
  openLedger({ path: join(folder, 'ledger.db'), lockerIds: [], newEpoch: 'e1' })

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'latchkey-upkeep-'))
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

const apply = (data: StreamChange): void => store({ kind: 'stream-applied', data })
const sumOf = (rows: readonly object[]) => rows.map(hashRow).reduce(mixHashes, NO_ROWS)

test('settings keep their kinds: a text that looks like a number stays a text', () => {
  const puts = [
    { id: 'helpPhone', value: '112' },
    { id: 'idleMs', value: 45_000 },
  ]
  apply({ stream: 'configuration', version: 3, isSnapshot: true, puts, deletes: [] })
  expect(ledger.wantedSettings()).toEqual(puts)
  expect(ledger.streamVersions().configuration).toBe(3)
  expect(ledger.streamHashes().configuration).toBe(sumOf(puts))
})

test('a delta changes and deletes, a snapshot leaves nothing else, and a restart neither', () => {
  const phone = { id: 'helpPhone', value: '112' }
  const idle = { id: 'idleMs', value: 45_000 }
  const thanks = { id: 'thanksMs', value: 9_000 }
  const stream = 'configuration'
  apply({ stream, version: 1, isSnapshot: false, puts: [phone, idle], deletes: [] })
  const later = { ...idle, value: 60_000 }
  apply({ stream, version: 2, isSnapshot: false, puts: [later], deletes: ['helpPhone'] })
  expect(ledger.wantedSettings()).toEqual([later])
  apply({ stream, version: 3, isSnapshot: true, puts: [thanks], deletes: [] })
  ledger.close()
  ledger = open()
  expect(ledger.wantedSettings()).toEqual([thanks])
  expect(ledger.streamHashes().configuration).toBe(sumOf([thanks]))
})

test('versions of programs come and go likewise', () => {
  const stream = 'firmware'
  const puts = [
    { id: 'board', version: '3' },
    { id: 'latchkey', version: '0.2.0' },
  ]
  apply({ stream, version: 1, isSnapshot: true, puts, deletes: [] })
  expect(ledger.wantedFirmware(1)).toEqual(puts.slice(0, 1))
  expect(ledger.streamHashes().firmware).toBe(sumOf(puts))
  apply({ stream, version: 2, isSnapshot: false, puts: [], deletes: ['board'] })
  expect(ledger.wantedFirmware(9)).toEqual(puts.slice(1))
})

test('what was told last is known after a restart', () => {
  const applied = { version: 4, values: [], refused: [], furtherRefused: 0 }
  const compared = { component: 'latchkey', wanted: '0.2.0', running: ['0.1.0'] }
  expect(ledger.appliedConfiguration()).toBeNull()
  store(
    { kind: 'configuration-applied', data: { ...applied, version: 1 } },
    { kind: 'configuration-applied', data: applied },
    { kind: 'firmware-compared', data: compared },
  )
  ledger.close()
  ledger = open()
  expect(ledger.appliedConfiguration()).toEqual(applied)
  expect(ledger.comparedFirmware()).toEqual([{ ...compared, seq: 3 }])
  store({ kind: 'firmware-compared', data: { ...compared, wanted: null } })
  expect(ledger.comparedFirmware()).toEqual([])
})
