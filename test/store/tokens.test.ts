// What the ledger remembers of used courier tokens: never so little that one would be good again.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import type { StoreRecord } from '../../src/kiosk/facts.ts'
import { type Ledger, openLedger } from '../../src/store/ledger.ts'
import { COURIER_TOKENS_MAX } from '../../src/store/tokens.ts'

const NOW = { monoMs: 5_000, wallMs: 1_800_000_000_000, isWallBelieved: true }

let folder: string
let ledger: Ledger

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'latchkey-tokens-'))
  ledger = openLedger({ path: join(folder, 'ledger.db'), lockerIds: ['1'], newEpoch: 'epoch-1' })
})

afterEach(() => {
  ledger.close()
  rmSync(folder, { recursive: true })
})

function store(records: readonly StoreRecord[]): void {
  ledger.begin()
  ledger.apply(records, NOW)
  ledger.commit()
}

function used(count: number, notBeforeWallMs = count * 1_000): StoreRecord {
  const data = { tokenId: `token ${count}`, courierId: 'c-1', notBeforeWallMs }
  return { kind: 'courier-token-used', data }
}

test('all are known, until there are too many; then nothing as old as those that went is', () => {
  const many = Array.from({ length: COURIER_TOKENS_MAX }, (_, at) => used(at + 1))
  store(many)
  expect(ledger.courierTokensKnownFromWallMs()).toBe(0)
  expect(ledger.isCourierTokenUsed('token 1')).toBe(true)
  store([used(COURIER_TOKENS_MAX + 1)])
  expect(ledger.courierTokensKnownFromWallMs()).toBe(1_001)
  expect(ledger.isCourierTokenUsed('token 1')).toBe(false)
  expect(ledger.isCourierTokenUsed('token 2')).toBe(true)
  // One that begins at the same moment as the one to go goes with it, and is refused by its time.
  store([used(0, 2_000)])
  expect(ledger.isCourierTokenUsed('token 2')).toBe(false)
  expect(ledger.courierTokensKnownFromWallMs()).toBe(2_001)
})

test('what a restore has made unknown is not known again by a later use', () => {
  store([used(1)])
  store([{ kind: 'courier-tokens-forgotten', data: { untilWallMs: null } }])
  expect(ledger.courierTokensKnownFromWallMs()).toBe(null)
  store(Array.from({ length: COURIER_TOKENS_MAX + 1 }, (_, at) => used(at + 2)))
  expect(ledger.courierTokensKnownFromWallMs()).toBe(null)
  store([{ kind: 'courier-tokens-forgotten', data: { untilWallMs: 77_000 } }])
  expect(ledger.courierTokensKnownFromWallMs()).toBe(77_000)
})
