// A courier’s run: one parcel after another, with the slips of a working day.
import { afterEach, beforeEach, expect, test } from 'vitest'
import { Bench, wallOf } from '../../support/bench.ts'

let bench: Bench

beforeEach(() => {
  bench = new Bench(wallOf(['S', 'S', 'S']))
  bench.prepare(['p-1', 'p-2', 'p-3'].map((id) => ({ id, size: 'S' })))
  bench.signIn()
})

afterEach(() => bench.close())

test('the next parcel is scanned while a door stands open, and waits until it is shut', () => {
  bench.scan('T-p-1')
  bench.obeyUnlock('acknowledged', 'springs-open')
  expect(bench.scan('T-p-2')).toBe('ok')
  expect(bench.screen).toMatchObject({ kind: 'deposit-open', next: { parcelId: 'p-2' } })
  expect(bench.unlocks).toHaveLength(1)
  bench.pass(3_000)
  bench.moveDoor('1', 'closed')
  expect(bench.parcelState('p-1')).toBe('deposited')
  expect(bench.screen).toMatchObject({ kind: 'deposit-opening', lockerId: '2' })
  expect(bench.view?.notice).toMatchObject({ key: 'deposited', params: { locker: '1' } })
  bench.useDoor()
  expect(bench.screen).toMatchObject({ kind: 'courier-menu', depositedCount: 2 })
})

test('an unknown number scanned at an open door changes nothing there', () => {
  bench.scan('T-p-1')
  bench.obeyUnlock('acknowledged', 'springs-open')
  bench.scan('T-nowhere')
  expect(bench.view?.notice).toMatchObject({ code: 'LK-SCAN-01' })
  bench.moveDoor('1', 'closed')
  expect(bench.screen).toMatchObject({ kind: 'courier-menu', depositedCount: 1 })
})

test('a scan that waits is forgotten when the courier cancels', () => {
  bench.scan('T-p-1')
  bench.obeyUnlock('acknowledged', 'springs-open')
  bench.scan('T-p-2')
  bench.press('cancel')
  bench.moveDoor('1', 'closed')
  bench.press('back')
  expect(bench.screen.kind).toBe('courier-menu')
  expect(bench.parcelState('p-2')).toBe('announced')
})

test('the locker just used is opened once more, and the parcel stays deposited', () => {
  bench.scan('T-p-1')
  bench.useDoor()
  expect(bench.screen).toMatchObject({ kind: 'courier-menu', last: '1' })
  bench.press('reopen')
  expect(bench.screen).toMatchObject({ kind: 'check-opening', lockerId: '1' })
  bench.useDoor()
  expect(bench.screen.kind).toBe('courier-menu')
  expect(bench.parcelState('p-1')).toBe('deposited')
  expect(bench.lockerState('1')).toBe('occupied')
})

test('no other locker is opened again', () => {
  expect(bench.press('reopen')).toBe('refused')
})

test.each(['too-big', 'damaged', 'bank-full', 'wrong-address', 'refused'])(
  'a parcel goes back with the courier: %s',
  (reason) => {
    bench.scan('T-p-1')
    bench.obeyUnlock('acknowledged', 'springs-open')
    bench.press('cancel')
    expect(bench.press('reason', reason)).toBe('ok')
    expect(bench.press('reason', reason)).toBe('refused')
    expect(bench.told('parcel-not-deposited')).toMatchObject({ parcelId: 'p-1', reason })
    bench.moveDoor('1', 'closed')
    expect(bench.screen.kind).toBe('check-offer')
    expect(bench.parcelState('p-1')).toBe('announced')
  },
)

test('a reason that is none is refused', () => {
  bench.scan('T-p-1')
  bench.obeyUnlock('acknowledged', 'springs-open')
  bench.press('cancel')
  expect(bench.press('reason', 'toString')).toBe('refused')
  expect(bench.press('reason')).toBe('refused')
})
