// Recovery matrix: “Power or daemon restart in mid-session”. Nobody’s rights outlive it; what was
// under way is settled by the doors, and no lock is pulsed again.
import { afterEach, beforeEach, expect, test } from 'vitest'
import { Bench, wallOf } from '../../support/bench.ts'

let bench: Bench

beforeEach(() => {
  bench = new Bench(wallOf(['S', 'S']))
  bench.prepare(['p-1', 'p-2'].map((id) => ({ id, size: 'S' })))
})

afterEach(() => bench.close())

test('while a recipient’s door is open: it is named, and its closing completes the pickup', () => {
  bench.leaveParcel('p-1')
  bench.type('pin of p-1')
  bench.obeyUnlock('acknowledged', 'springs-open')
  bench.restart()
  expect(bench.unlocks).toEqual([])
  expect(bench.screen).toMatchObject({ kind: 'welcome', leftOpen: ['1'] })
  bench.moveDoor('1', 'closed')
  expect(bench.parcelState('p-1')).toBe('collected')
  // An opening that was cut off proves nothing about what is inside.
  bench.pass(bench.config.policy.reopenMs)
  expect(bench.lockerState('1')).toBe('unverified')
})

test('before a recipient’s door has moved: the PIN opens it the next time', () => {
  bench.leaveParcel('p-1')
  bench.type('pin of p-1')
  bench.restart()
  expect(bench.unlocks).toEqual([])
  expect(bench.parcelState('p-1')).toBe('deposited')
  bench.pass(60_000)
  bench.type('pin of p-1')
  bench.useDoor()
  expect(bench.parcelState('p-1')).toBe('collected')
})

test('while a courier’s door is open: the session is over, and the courier looks inside', () => {
  bench.signIn()
  bench.press('deposit', 'p-1')
  bench.obeyUnlock('acknowledged', 'springs-open')
  bench.restart()
  expect(bench.screen.kind).toBe('welcome')
  bench.moveDoor('1', 'closed')
  expect(bench.told('deposit-interrupted')).toMatchObject({ parcelId: 'p-1', cause: 'restart' })
  bench.signIn()
  expect(bench.screen).toMatchObject({ kind: 'courier-menu', checks: ['1'] })
  bench.press('check', '1')
  bench.useDoor()
  bench.press('found-parcel')
  expect(bench.parcelState('p-1')).toBe('deposited')
})
