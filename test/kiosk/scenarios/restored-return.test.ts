// An older copy of the ledger is put back while returns wait for a courier. What central can vouch
// for by all facts is released as parcels are; the rest a technician looks into.
import Sqlite from 'better-sqlite3'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { confirmationOf } from '../../../sim/central/confirmation.ts'
import { FACT_SCHEMA, FactStore } from '../../../sim/central/fact-store.ts'
import { backUp, restore } from '../../support/backup.ts'
import { Bench, wallOf } from '../../support/bench.ts'

const HOUR_MS = 3_600_000
const OLD = 'bench-epoch'

let bench: Bench
let central: FactStore

beforeEach(() => {
  central = new FactStore(new Sqlite(':memory:').exec(FACT_SCHEMA))
  bench = new Bench(wallOf(['S', 'S', 'S']))
  bench.prepare(['p-1', 'p-2'].map((id) => ({ id, size: 'S' })))
  handIn('ret-1')
})

afterEach(() => bench.close())

/** @returns its locker */
function handIn(id: string): string {
  bench.wantReturn({ id, recipientId: 'r-1' })
  bench.type(`pin of ${id}`)
  const lockerId = bench.useDoor()
  bench.press('found-parcel')
  bench.press('back')
  bench.pass(HOUR_MS)
  return lockerId
}

/** What the menu of a courier offers to take back. */
function toTakeBack(): number {
  bench.signIn()
  const { screen } = bench
  bench.press('sign-out')
  return screen.kind === 'courier-menu' ? screen.retrievals : -1
}

function takeBack(): void {
  bench.signIn()
  bench.press('retrieve')
  bench.useDoor()
  bench.press('took-out')
  bench.press('sign-out')
}

function sendFacts(): void {
  for (const { seq, body } of bench.ledger.outboxAfter(0, { countMax: 10_000, bytesMax: 1e9 })) {
    const { epoch } = bench.ledger.epochAt(seq)
    central.take({ kioskId: 'bench-1', epoch, first: seq, texts: [body] }, () => {})
  }
}

/** The copy is put back; central has heard of everything, and says what it knows. */
function restoreAndAsk() {
  sendFacts()
  restore(bench)
  sendFacts()
  const said = confirmationOf(central, { kioskId: 'bench-1', epoch: bench.ledger.epoch() })
  const parcels = (said?.parcels ?? []).map(({ id, ...place }) => ({ parcelId: id, ...place }))
  return { parcels, tell: () => bench.send({ kind: 'parcels-vouched', ...vouchedBy, parcels }) }
}

const vouchedBy = { epoch: OLD, cum: 10_000 }

test('a return that lies there still: central says so, and a courier takes it out', () => {
  backUp(bench)
  bench.leaveParcel('p-1')
  const { parcels, tell } = restoreAndAsk()
  expect(toTakeBack()).toBe(0)
  expect(bench.ledger.locker('1')?.isInDoubt).toBe(true)
  expect(parcels).toContainEqual({ parcelId: 'ret-1', lockerId: '1', isPinStale: false })
  tell()
  expect(bench.told('parcels-confirmed')).toMatchObject({
    parcels: [{ parcelId: 'ret-1', lockerId: '1' }],
  })
  expect(toTakeBack()).toBe(1)
  takeBack()
  expect(bench.told('parcel-retrieved')).toMatchObject({ parcelId: 'ret-1', lockerId: '1' })
})

test('a return that a courier has taken since is not confirmed: a technician looks', () => {
  backUp(bench)
  takeBack()
  const { parcels, tell } = restoreAndAsk()
  expect(parcels).toEqual([])
  tell()
  expect(toTakeBack()).toBe(0)
  bench.command({ kind: 'inspect', lockerId: '1', found: 'empty', reason: 'after a restore' })
  expect(bench.lockerState('1')).toBe('free')
})

test('a return that a courier did not find is not confirmed', () => {
  backUp(bench)
  bench.signIn()
  bench.press('retrieve')
  bench.useDoor()
  bench.press('found-empty')
  bench.press('sign-out')
  expect(bench.lockerState('1')).toBe('disputed')
  expect(restoreAndAsk().parcels).toEqual([])
})

test('a return that was still at home in the copy is not in it: its locker is looked into', () => {
  backUp(bench)
  const lockerId = handIn('ret-2')
  const { parcels, tell } = restoreAndAsk()
  expect(parcels.map(({ parcelId }) => parcelId)).toEqual(['ret-1', 'ret-2'])
  tell()
  expect(bench.ledger.locker(lockerId)).toMatchObject({ state: 'unverified', isInDoubt: true })
  bench.pass(HOUR_MS)
  bench.type('pin of ret-2')
  expect(bench.unlocks).toEqual([])
})

test('a hand-in that had broken off by the copy is not released by a word from afar', () => {
  bench.wantReturn({ id: 'ret-2', recipientId: 'r-1' })
  bench.type('pin of ret-2')
  bench.obeyUnlock('acknowledged', 'springs-open')
  bench.restart()
  bench.moveDoor('2', 'closed')
  expect(bench.parcelState('ret-2')).toBe('unconfirmed')
  backUp(bench)
  bench.type('pin of ret-2')
  bench.useDoor()
  bench.press('found-parcel')
  bench.press('back')
  const { parcels, tell } = restoreAndAsk()
  expect(parcels.map(({ parcelId }) => parcelId)).toEqual(['ret-1', 'ret-2'])
  tell()
  expect(bench.ledger.locker('1')?.isInDoubt).toBe(false)
  expect(bench.ledger.locker('2')?.isInDoubt).toBe(true)
})

test('a new PIN of the same person is no matter of the return', () => {
  bench.leaveParcel('p-1')
  backUp(bench)
  bench.wantPickup({ id: 'r-1', reissue: 1, expiresAtMs: null })
  const { parcels } = restoreAndAsk()
  expect(parcels).toEqual([
    { parcelId: 'ret-1', lockerId: '1', isPinStale: false },
    { parcelId: 'p-1', lockerId: '2', isPinStale: true },
  ])
  // A central that says it all the same does no harm.
  const stale = parcels.map((each) => ({ ...each, isPinStale: true }))
  bench.send({ kind: 'parcels-vouched', ...vouchedBy, parcels: stale.slice(0, 1) })
  expect(bench.allTold('pin-revoked')).toEqual([])
  expect(toTakeBack()).toBe(1)
})

test('parcels that lay together are gone together, as soon as their door was seen open', () => {
  bench.leaveParcel('p-1')
  bench.leaveParcel('p-2', 'together')
  backUp(bench)
  bench.type('pin of p-1')
  bench.obeyUnlock('acknowledged', 'springs-open')
  const { parcels } = restoreAndAsk()
  expect(parcels.map(({ parcelId }) => parcelId)).toEqual(['ret-1'])
})
