// Recovery matrix: “Parcel missing” and “Wrong parcel inside”. One number to name, and nobody gets
// that locker before the operator knows.
import { afterEach, beforeEach, expect, test } from 'vitest'
import { Bench, wallOf } from '../../support/bench.ts'

let bench: Bench

beforeEach(() => {
  bench = new Bench(wallOf(['S', 'S']))
  bench.prepare([
    { id: 'p-1', size: 'S' },
    { id: 'p-2', size: 'S' },
  ])
  bench.leaveParcel('p-1')
  bench.leaveParcel('p-2')
  bench.type('pin of p-1')
})

afterEach(() => bench.close())

test('the first locker is empty: the number is shown, then the second parcel’s door opens', () => {
  bench.obeyUnlock('acknowledged', 'springs-open')
  bench.press('problem')
  bench.pass(4_000)
  bench.moveDoor('1', 'closed')
  bench.press('report', 'missing')
  expect(bench.screen).toMatchObject({ kind: 'pickup-reported', what: 'missing', left: 1 })
  bench.press('back')
  expect(bench.screen).toMatchObject({ kind: 'pickup-opening', lockerId: '2' })
  bench.useDoor()
  expect(bench.parcelState('p-2')).toBe('collected')
})

test('a stranger’s parcel is left inside, and its locker waits for the operator', () => {
  bench.useDoor()
  bench.useDoor()
  expect(bench.screen).toMatchObject({ kind: 'pickup-done', lockerId: '2' })
  bench.press('problem')
  bench.press('report', 'wrong')
  expect(bench.lockerState('2')).toBe('disputed')
  bench.command({ kind: 'inspect', lockerId: '2', found: 'empty', reason: 'taken to the depot' })
  expect(bench.lockerState('2')).toBe('free')
})

test('nobody answers the question: the session ends, and nothing is reported', () => {
  bench.useDoor()
  bench.useDoor()
  bench.press('problem')
  bench.pass(bench.config.policy.idleMs)
  expect(bench.screen.kind).toBe('welcome')
  expect(bench.facts()).not.toContain('parcel-complained')
})
