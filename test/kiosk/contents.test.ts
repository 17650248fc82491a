// Sensors inside the lockers: what they prove, what they only ask about, and what becomes of one
// that people find wrong.
import { afterEach, expect, test } from 'vitest'
import { Bench, wallOf } from '../support/bench.ts'

let bench: Bench

function start(sizes: readonly string[] = ['S']): void {
  bench = new Bench(wallOf(sizes))
  bench.prepare(['p-1', 'p-2', 'p-3', 'p-4'].map((id) => ({ id, size: 'S' })))
  for (const index of sizes.keys()) bench.inside(String(index + 1), 'absent')
}

afterEach(() => bench.close())

function openForDeposit(parcelId: string): void {
  bench.signIn()
  bench.press('deposit', parcelId)
  bench.obeyUnlock('acknowledged', 'springs-open')
}

function leave(parcelId: string): void {
  openForDeposit(parcelId)
  bench.inside('1', 'present')
  bench.moveDoor('1', 'closed')
  bench.press('sign-out')
}

test('a parcel that the sensor sees needs no question', () => {
  start()
  leave('p-1')
  expect(bench.parcelState('p-1')).toBe('deposited')
  expect(bench.ledger.locker('1')?.hasContentsAgreed).toBe(true)
})

test('a pickup whose locker shows empty is proven, however short the door was open', () => {
  start()
  leave('p-1')
  bench.type('pin of p-1')
  bench.obeyUnlock('acknowledged', 'springs-open')
  bench.inside('1', 'absent')
  bench.moveDoor('1', 'closed')
  bench.pass(61_000)
  expect(bench.lockerState('1')).toBe('free')
})

test('a pickup whose locker still shows a parcel proves nothing, and the person is told', () => {
  start()
  leave('p-1')
  bench.type('pin of p-1')
  bench.useDoor()
  expect(bench.screen).toMatchObject({ kind: 'pickup-done', canReopen: true })
  expect(bench.view?.notice).toMatchObject({ key: 'still-inside' })
  bench.pass(61_000)
  expect(bench.lockerState('1')).toBe('unverified')
  expect(bench.newest('locker-doubted')).toMatchObject({ cause: 'contents' })
})

test('what a technician takes out of a locker is seen, and the locker is free', () => {
  start()
  leave('p-1')
  bench.type('pin of p-1')
  bench.useDoor()
  bench.pass(61_000)
  bench.command({ kind: 'open', lockerId: '1', reason: 'something is left' })
  bench.obeyUnlock('acknowledged', 'springs-open')
  bench.inside('1', 'absent')
  bench.moveDoor('1', 'closed')
  expect(bench.lockerState('1')).toBe('free')
  expect(bench.newest('locker-inspected')).toMatchObject({ by: { role: 'kiosk' }, found: 'empty' })
})

test('a sensor that never saw a parcel proves no emptiness: a dead one looks the same', () => {
  start()
  openForDeposit('p-1')
  bench.press('cancel')
  bench.moveDoor('1', 'closed')
  expect(bench.screen.kind).toBe('check-offer')
  expect(bench.lockerState('1')).toBe('unverified')
})

test('one that did frees the locker of a cancelled deposit', () => {
  start()
  leave('p-1')
  bench.type('pin of p-1')
  bench.obeyUnlock('acknowledged', 'springs-open')
  bench.inside('1', 'absent')
  bench.moveDoor('1', 'closed')
  bench.pass(61_000)
  openForDeposit('p-2')
  bench.press('cancel')
  bench.moveDoor('1', 'closed')
  expect(bench.screen.kind).toBe('courier-menu')
  expect(bench.view?.notice).toMatchObject({ key: 'locker-free' })
  expect(bench.lockerState('1')).toBe('free')
})

test('a deposit whose locker looks empty is not recorded before the courier said so', () => {
  start()
  openForDeposit('p-1')
  bench.moveDoor('1', 'closed')
  expect(bench.screen).toMatchObject({ kind: 'deposit-question', looksEmpty: true })
  expect(bench.parcelState('p-1')).toBe('depositing')
  bench.press('found-parcel')
  expect(bench.parcelState('p-1')).toBe('deposited')
  expect(bench.newest('contents-contradicted')).toEqual({
    lockerId: '1',
    says: 'absent',
    found: 'parcel',
    by: { role: 'courier', id: 'c-1' },
  })
})

test('a courier who forgot the parcel opens again, or takes it along', () => {
  start()
  openForDeposit('p-1')
  bench.moveDoor('1', 'closed')
  bench.press('retry')
  expect(bench.screen.kind).toBe('deposit-opening')
  bench.obeyUnlock('acknowledged', 'springs-open')
  bench.moveDoor('1', 'closed')
  bench.press('found-empty')
  expect(bench.view?.notice).toMatchObject({ key: 'locker-free' })
  expect(bench.parcelState('p-1')).toBe('announced')
  expect(bench.lockerState('1')).toBe('free')
})

test('a courier who walks away from the question leaves a locker to be looked into', () => {
  start()
  openForDeposit('p-1')
  bench.moveDoor('1', 'closed')
  bench.pass(91_000)
  expect(bench.screen.kind).toBe('welcome')
  expect(bench.newest('deposit-interrupted')).toMatchObject({ cause: 'session-ended' })
  expect(bench.lockerState('1')).toBe('unverified')
})

test('a sensor that people found wrong three times is asked no more, until it is put right', () => {
  start()
  for (const parcelId of ['p-1', 'p-2', 'p-3']) {
    openForDeposit(parcelId)
    bench.moveDoor('1', 'closed')
    bench.press('found-parcel')
    bench.press('sign-out')
    bench.type(`pin of ${parcelId}`)
    bench.useDoor()
    bench.pass(61_000)
    expect(bench.lockerState('1')).toBe('free')
  }
  expect(bench.newest('contents-distrusted')).toEqual({ lockerId: '1', cause: 'contradicted' })
  openForDeposit('p-4')
  bench.moveDoor('1', 'closed')
  expect(bench.parcelState('p-4')).toBe('deposited')
  bench.command({ kind: 'trust', lockerId: '1', reason: 'cleaned the lens' })
  expect(bench.answers.at(-1)).toEqual({ kind: 'trusted' })
  expect(bench.ledger.locker('1')?.isContentsDistrusted).toBe(false)
})

test('no parcel goes into a free locker in which the sensor sees something', () => {
  start(['S', 'S'])
  bench.inside('1', 'present')
  bench.signIn()
  bench.press('deposit', 'p-1')
  expect(bench.screen).toMatchObject({ kind: 'deposit-opening', lockerId: '2' })
})
