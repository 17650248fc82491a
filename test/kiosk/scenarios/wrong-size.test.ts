// Recovery matrix: “Wrong size”. The old door is shut first, and its locker waits for a look.
import { afterEach, beforeEach, expect, test } from 'vitest'
import { Bench, wallOf } from '../../support/bench.ts'

let bench: Bench

beforeEach(() => {
  bench = new Bench(wallOf(['S', 'M', 'L']))
  bench.prepare([{ id: 'p-1', size: 'M' }])
  bench.signIn()
  bench.press('deposit', 'p-1')
  bench.obeyUnlock('acknowledged', 'springs-open')
  expect(bench.screen).toMatchObject({ kind: 'deposit-open', lockerId: '2' })
})

afterEach(() => bench.close())

test('a bigger door opens when the one that is too small is shut', () => {
  bench.press('bigger')
  expect(bench.screen).toMatchObject({ kind: 'cancel-open', lockerId: '2', isReplaced: true })
  expect(bench.unlocks).toHaveLength(1)
  bench.moveDoor('2', 'closed')
  expect(bench.screen).toMatchObject({ kind: 'deposit-opening', lockerId: '3' })
  bench.useDoor()
  expect(bench.ledger.parcel('p-1')).toMatchObject({ state: 'deposited', lockerId: '3' })
  expect(bench.lockerState('2')).toBe('unverified')
})

test('a smaller door opens when the one that is too big is shut', () => {
  bench.press('smaller')
  bench.moveDoor('2', 'closed')
  expect(bench.screen).toMatchObject({ kind: 'deposit-opening', lockerId: '1' })
  bench.useDoor()
  expect(bench.ledger.parcel('p-1')).toMatchObject({ state: 'deposited', lockerId: '1' })
  expect(bench.told('deposit-cancelled')).toMatchObject({ lockerId: '2', reason: 'smaller' })
})

test('nothing is given up where there is nothing better', () => {
  bench.command({ kind: 'disable', lockerId: '3', reason: 'a new lock' })
  bench.press('bigger')
  expect(bench.screen).toMatchObject({ kind: 'deposit-open', lockerId: '2' })
  expect(bench.view?.notice).toMatchObject({ key: 'no-other-size' })
  bench.moveDoor('2', 'closed')
  expect(bench.ledger.parcel('p-1')).toMatchObject({ state: 'deposited', lockerId: '2' })
})

test('a plug pulled before the other door opens leaves the parcel with the courier', () => {
  bench.press('bigger')
  bench.restart()
  bench.moveDoor('2', 'closed')
  expect(bench.parcelState('p-1')).toBe('announced')
  expect(bench.lockerState('2')).toBe('unverified')
  expect(bench.unlocks).toEqual([])
})

test('a parcel that nobody announced keeps its name in the other locker', () => {
  bench.press('cancel')
  bench.moveDoor('2', 'closed')
  bench.press('back')
  bench.press('walk-in')
  bench.press('recipient', 'r-1')
  bench.press('size', 'S')
  bench.obeyUnlock('acknowledged', 'springs-open')
  const { parcelId } = bench.told('deposit-started')
  bench.press('bigger')
  bench.moveDoor('1', 'closed')
  bench.useDoor()
  expect(bench.told('parcel-deposited')).toMatchObject({ parcelId, lockerId: '3' })
})
