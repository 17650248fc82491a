// Recovery matrix: “Door did not open”. Detected by two pulses without an open door.
import { afterEach, expect, test } from 'vitest'
import { Bench, wallOf } from '../../support/bench.ts'

let bench: Bench

afterEach(() => bench.close())

test('a courier’s parcel goes to another locker without a question', () => {
  bench = new Bench(wallOf(['S', 'S']))
  bench.prepare([{ id: 'p-1', size: 'S' }])
  bench.signIn()
  bench.press('deposit', 'p-1')
  expect(bench.screen).toMatchObject({ kind: 'deposit-opening', lockerId: '1' })
  bench.jam()
  expect(bench.screen).toMatchObject({ kind: 'deposit-opening', lockerId: '2' })
  expect(bench.view?.notice).toMatchObject({ key: 'other-locker', params: { locker: '1' } })
  expect(bench.told('deposit-cancelled')).toMatchObject({ lockerId: '1', reason: 'door-stuck' })
  expect(bench.told('deposit-started')).toMatchObject({ why: { needs: ['replacement'] } })
  bench.useDoor()
  expect(bench.parcelState('p-1')).toBe('deposited')
  // Nobody knows what the stuck door hides: somebody looks before it is used again.
  expect(bench.lockerState('1')).toBe('unverified')
  bench.press('sign-out')
  bench.type('pin of p-1')
  expect(bench.useDoor()).toBe('2')
})

test('with no other locker the courier is asked to press on the door', () => {
  bench = new Bench(wallOf(['S']))
  bench.prepare([{ id: 'p-1', size: 'S' }])
  bench.signIn()
  bench.press('deposit', 'p-1')
  bench.jam()
  expect(bench.screen).toMatchObject({ kind: 'deposit-stuck', lockerId: '1' })
  bench.press('retry')
  bench.useDoor()
  expect(bench.parcelState('p-1')).toBe('deposited')
})

test('a third stuck door in a row is no accident: the courier decides', () => {
  bench = new Bench(wallOf(['S', 'S', 'S', 'S']))
  bench.prepare([{ id: 'p-1', size: 'S' }])
  bench.signIn()
  bench.press('deposit', 'p-1')
  expect([bench.jam(), bench.jam(), bench.jam()]).toEqual(['1', '2', '3'])
  expect(bench.screen).toMatchObject({ kind: 'deposit-stuck', lockerId: '3' })
})

test('a recipient presses on the door and tries again; the PIN stays valid', () => {
  bench = new Bench(wallOf(['S']))
  bench.prepare([{ id: 'p-1', size: 'S' }])
  bench.leaveParcel('p-1')
  bench.type('pin of p-1')
  bench.jam()
  expect(bench.screen).toMatchObject({ kind: 'pickup-stuck', lockerId: '1' })
  bench.press('back')
  expect(bench.told('opening-failed')).toMatchObject({ lockerId: '1', code: 'LK-DOOR-01' })
  expect(bench.parcelState('p-1')).toBe('deposited')
  bench.type('pin of p-1')
  bench.useDoor()
  expect(bench.parcelState('p-1')).toBe('collected')
})
