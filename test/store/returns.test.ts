// What the ledger itself guarantees of returns, whatever the rules above it believe: one locker for
// each, one code for each, and never a code that is somebody's PIN.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import type { StoreRecord } from '../../src/kiosk/facts.ts'
import { type Ledger, openLedger } from '../../src/store/ledger.ts'

const NOW = { monoMs: 5_000, wallMs: 1_800_000_000_000, isWallBelieved: true }
const WHY = { needs: [], reasons: ['fits'], passed: [] } as const

let folder: string
let ledger: Ledger

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'latchkey-returns-'))
  const path = join(folder, 'ledger.db')
  ledger = openLedger({ path, lockerIds: ['1', '2'], newEpoch: 'epoch-1' })
})

afterEach(() => {
  ledger.close()
  rmSync(folder, { recursive: true })
})

function store(...records: readonly StoreRecord[]): boolean {
  ledger.begin()
  const isStored = ledger.tryApply(records, NOW)
  ledger.commit()
  return isStored
}

function announced(version: number, ...ids: readonly string[]): StoreRecord {
  const rest = { tracking: null, size: null, recipientId: 'r', expiresAtMs: null }
  const puts = ids.map((id) => ({ id, ...rest }))
  const data = { stream: 'return', version, isSnapshot: true, puts, deletes: [] } as const
  return { kind: 'stream-applied', data }
}

function coded(parcelId: string, index: string): StoreRecord {
  const data = {
    parcelId,
    recipientId: 'r',
    index,
    referenceIndex: 'x',
    expiresAtWallMs: null,
    atWallMs: null,
  }
  return { kind: 'return-code-issued', data }
}

function begun(parcelId: string, lockerId: string): StoreRecord {
  const rest = { recipientId: 'r', carrierId: null, size: 'S', why: WHY }
  return { kind: 'hand-in-started', data: { parcelId, lockerId, ...rest } }
}

function handedIn(parcelId: string, lockerId: string): StoreRecord {
  const rest = { recipientId: 'r', carrierId: null, proof: 'confirmed' } as const
  return { kind: 'parcel-handed-in', data: { parcelId, lockerId, ...rest } }
}

const pin = (recipientId: string, index: string): StoreRecord => ({
  kind: 'pin-issued',
  data: {
    recipientId,
    index,
    referenceIndex: 'x',
    sealedPin: '',
    expiresAtWallMs: null,
    atWallMs: null,
  },
})

test.each([
  ['a return that is being handed in', [begun('ret-1', '1')]],
  ['a return that was handed in', [begun('ret-1', '1'), handedIn('ret-1', '1')]],
])('a locker with %s is given to nobody else', (_, before) => {
  expect(store(...before)).toBe(true)
  expect(store(begun('ret-2', '1'))).toBe(false)
  const rest = {
    courierId: 'c',
    recipientId: 'r',
    size: 'S',
    isAnnounced: false,
    isTogether: false,
    why: WHY,
  }
  const deposit = { parcelId: 'p-1', lockerId: '1', ...rest }
  expect(store({ kind: 'deposit-started', data: deposit })).toBe(false)
})

test('a return is in one locker at most', () => {
  expect(store(begun('ret-1', '1'))).toBe(true)
  expect(store(begun('ret-1', '2'))).toBe(false)
})

test('a code is nobody’s PIN, and a PIN no code', () => {
  expect(store(announced(1, 'ret-1', 'ret-2'), coded('ret-1', 'a'), pin('r', 'b'))).toBe(true)
  expect(store(coded('ret-2', 'b'))).toBe(false)
  expect(store(pin('r-2', 'a'))).toBe(false)
  expect(store(coded('ret-2', 'a'))).toBe(false)
})

test('a return has one living code, and the PIN of its recipient beside it', () => {
  expect(store(announced(1, 'ret-1'), pin('r', 'a'), coded('ret-1', 'b'))).toBe(true)
  expect(store(coded('ret-1', 'c'))).toBe(false)
  expect(ledger.livePin('r')).toMatchObject({ returnId: null, state: 'live' })
  expect(ledger.pin('b')).toMatchObject({ returnId: 'ret-1', state: 'live' })
})

test('a new PIN leaves the code of a return alone, and so does its end', () => {
  const revoked = {
    recipientId: 'r',
    parcelIds: [],
    by: { role: 'central' },
    reason: null,
  } as const
  store(announced(1, 'ret-1'), coded('ret-1', 'a'), pin('r', 'b'), pin('r', 'c'))
  store({ kind: 'pin-revoked', data: revoked })
  expect(ledger.pin('c')).toMatchObject({ state: 'replaced' })
  expect(ledger.pin('a')).toMatchObject({ state: 'live' })
})

test('what central deletes is settled by a fact, or goes at once where no code lives', () => {
  store(announced(1, 'ret-1', 'ret-2'), coded('ret-1', 'a'))
  const told = { parcelId: 'ret-1', recipientId: 'r' }
  store({
    kind: 'return-expected',
    data: { ...told, sealedCode: 'sealed', expiresAtWallMs: null },
  })
  store(announced(2))
  expect(ledger.returnOf('ret-2')).toBeNull()
  expect(ledger.unwantedReturns(9)).toMatchObject([{ id: 'ret-1' }])
  store({ kind: 'return-withdrawn', data: told })
  expect(ledger.returnOf('ret-1')).toBeNull()
  expect(ledger.pin('a')).toMatchObject({ state: 'expired' })
})
