// Recovery matrix: “Door forced, or opened without a command”. Nothing is said to passers-by.
import { afterEach, beforeEach, expect, test } from 'vitest'
import { Bench, wallOf } from '../../support/bench.ts'

let bench: Bench

beforeEach(() => {
  bench = new Bench(wallOf(['S', 'S']))
  bench.prepare([{ id: 'p-1', size: 'S' }])
})

afterEach(() => bench.close())

test('an empty locker is broken open: an alarm, and it is not handed out', () => {
  bench.moveDoor('1', 'open')
  expect(bench.screen).toMatchObject({ kind: 'welcome' })
  expect(bench.view?.notice).toBeNull()
  expect(bench.told('door-forced')).toMatchObject({ lockerId: '1', outcome: 'forced' })
  bench.moveDoor('1', 'closed')
  bench.leaveParcel('p-1')
  expect(bench.ledger.parcel('p-1')).toMatchObject({ lockerId: '2' })
})

test('a locker with a parcel is broken open: the recipient still gets what is there', () => {
  bench.leaveParcel('p-1')
  bench.moveDoor('1', 'open')
  bench.moveDoor('1', 'closed')
  expect(bench.facts()).toContain('door-forced')
  bench.type('pin of p-1')
  bench.useDoor()
  expect(bench.parcelState('p-1')).toBe('collected')
})

test('a door is broken open while the power is out: it is found so', () => {
  bench.restart()
  bench.moveDoor('1', 'open')
  expect(bench.told('door-forced')).toMatchObject({ lockerId: '1' })
})
