// Recovery matrix: “Full”. The courier goes on with the next parcel, and central hears of this one.
import { afterEach, expect, test } from 'vitest'
import { Bench, wallOf } from '../../support/bench.ts'

let bench: Bench

afterEach(() => bench.close())

test('no locker is large enough: the courier sees what is free and brings the next parcel', () => {
  bench = new Bench(wallOf(['S', 'L']))
  bench.prepare([
    { id: 'p-1', size: 'L' },
    { id: 'p-2', size: 'L' },
    { id: 'p-3', size: 'S' },
  ])
  bench.signIn()
  bench.press('deposit', 'p-1')
  bench.useDoor()
  bench.deposit('p-2')
  expect(bench.view?.notice).toMatchObject({ key: 'no-locker', params: { size: 'L' } })
  expect(bench.screen).toMatchObject({
    kind: 'courier-menu',
    free: [
      { size: 'S', free: 1 },
      { size: 'M', free: 0 },
      { size: 'L', free: 0 },
    ],
  })
  expect(bench.told('parcel-not-deposited')).toEqual({
    parcelId: 'p-2',
    recipientId: 'r-1',
    courierId: 'c-1',
    reason: 'bank-full',
  })
  const factCount = bench.facts().length
  bench.deposit('p-2')
  expect(bench.facts()).toHaveLength(factCount)
  bench.deposit('p-3')
  bench.useDoor()
  expect(bench.parcelState('p-3')).toBe('deposited')
})

test('no locker is free, and the recipient’s own still has room', () => {
  bench = new Bench(wallOf(['S']))
  bench.prepare(['p-1', 'p-2'].map((id) => ({ id, size: 'S' })))
  bench.leaveParcel('p-1')
  bench.signIn()
  bench.press('deposit', 'p-2')
  expect(bench.screen).toMatchObject({ kind: 'deposit-offer', lockerId: '1' })
  bench.press('together')
  bench.useDoor()
  expect(bench.parcelState('p-2')).toBe('deposited')
})
