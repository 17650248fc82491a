// A courier takes parcels back: recalled and refused ones, and those that nobody collected in time.
import { afterEach, beforeEach, expect, test } from 'vitest'
import { DEFAULT_POLICY } from '../../../src/kiosk/config.ts'
import { Bench, wallOf } from '../../support/bench.ts'

const { pinLifeMs } = DEFAULT_POLICY

let bench: Bench

beforeEach(() => {
  bench = new Bench(wallOf(['S', 'S', 'S']))
  bench.prepare(['p-1', 'p-2', 'p-3'].map((id) => ({ id, size: 'S', recipientId: `r-${id}` })))
  for (const id of ['p-1', 'p-2', 'p-3']) bench.leaveParcel(id)
})

afterEach(() => bench.close())

function recall(lockerId: string): void {
  bench.command({ kind: 'recall', lockerId, reason: 'refused by its recipient' })
}

test('two recalled parcels come out in one run, and their lockers are free', () => {
  recall('1')
  recall('3')
  bench.signIn()
  expect(bench.screen).toMatchObject({ kind: 'courier-menu', retrievals: 2 })
  bench.press('retrieve')
  expect(bench.screen).toMatchObject({ kind: 'retrieval-opening', lockerId: '1' })
  bench.useDoor()
  expect(bench.screen).toMatchObject({ kind: 'retrieval-question', parcel: { parcelId: 'p-1' } })
  bench.press('took-out')
  expect(bench.told('parcel-retrieved')).toMatchObject({
    parcelId: 'p-1',
    lockerId: '1',
    by: { role: 'courier', id: 'c-1' },
  })
  expect(bench.screen).toMatchObject({ kind: 'retrieval-opening', lockerId: '3' })
  bench.useDoor()
  bench.press('took-out')
  expect(bench.screen).toMatchObject({ kind: 'courier-menu', retrievals: 0 })
  expect(['1', '2', '3'].map((id) => bench.lockerState(id))).toEqual(['free', 'occupied', 'free'])
  expect(bench.parcelState('p-1')).toBe('withdrawn')
})

test('what nobody collected in time is taken back, and its PIN opens nothing any more', () => {
  bench.pass(pinLifeMs + 60_000)
  bench.signIn()
  expect(bench.screen).toMatchObject({ retrievals: 3 })
  bench.press('retrieve')
  bench.useDoor()
  bench.press('took-out')
  expect(bench.parcelState('p-1')).toBe('withdrawn')
  expect(bench.told('parcel-recalled')).toMatchObject({ reason: 'not collected in time' })
})

test('on a clock that is not believed nothing is too late, and nothing is taken back', () => {
  bench.isWallBelieved = false
  bench.pass(pinLifeMs + 60_000)
  bench.signIn()
  expect(bench.screen).toMatchObject({ retrievals: 0 })
  bench.press('retrieve')
  expect(bench.screen.kind).toBe('courier-menu')
  expect(bench.view?.notice).toMatchObject({ key: 'retrieval-over' })
})

test('a parcel that stays inside waits for the next run', () => {
  recall('1')
  bench.signIn()
  bench.press('retrieve')
  bench.useDoor()
  bench.press('found-parcel')
  expect(bench.screen).toMatchObject({ kind: 'courier-menu', retrievals: 1 })
  expect(bench.lockerState('1')).toBe('awaiting-courier')
})

test('a parcel that is not there puts its locker aside, and central hears of it', () => {
  recall('1')
  bench.signIn()
  bench.press('retrieve')
  bench.useDoor()
  bench.press('found-empty')
  expect(bench.told('locker-disputed')).toMatchObject({ lockerId: '1', parcelId: 'p-1' })
  expect(bench.lockerState('1')).toBe('disputed')
  expect(bench.screen).toMatchObject({ kind: 'courier-menu', retrievals: 0 })
  bench.command({ kind: 'inspect', lockerId: '1', found: 'empty', reason: 'searched' })
  expect(bench.lockerState('1')).toBe('free')
  expect(bench.parcelState('p-1')).toBe('withdrawn')
})

test('a stuck door is left for the next one', () => {
  recall('1')
  recall('2')
  bench.signIn()
  bench.press('retrieve')
  bench.jam()
  expect(bench.screen).toMatchObject({ kind: 'retrieval-stuck', lockerId: '1' })
  bench.press('skip')
  expect(bench.screen).toMatchObject({ kind: 'retrieval-opening', lockerId: '2' })
  bench.useDoor()
  bench.press('took-out')
  expect(bench.lockerState('1')).toBe('awaiting-courier')
})

test('a stuck door opens at the second try', () => {
  recall('1')
  bench.signIn()
  bench.press('retrieve')
  bench.jam()
  bench.press('retry')
  bench.useDoor()
  bench.press('took-out')
  expect(bench.lockerState('1')).toBe('free')
})

test('the sensor inside still sees something: the courier’s word is not enough', () => {
  recall('1')
  bench.inside('1', 'present')
  bench.signIn()
  bench.press('retrieve')
  bench.useDoor()
  bench.press('took-out')
  expect(bench.lockerState('1')).toBe('unverified')
})

test('a plug pulled at the open door loses no parcel: it still waits for its courier', () => {
  recall('1')
  bench.signIn()
  bench.press('retrieve')
  bench.obeyUnlock('acknowledged', 'springs-open')
  bench.restart()
  bench.moveDoor('1', 'closed')
  expect(bench.parcelState('p-1')).toBe('recalled')
  bench.signIn()
  expect(bench.screen).toMatchObject({ retrievals: 1 })
})

test('a courier takes back only what the own carrier brought', () => {
  const staff = {
    role: 'courier',
    label: 'Courier',
    verifier: 'code-red',
    carrierId: 'red',
  } as const
  bench.employ({ id: 'c-red', ...staff })
  bench.employ({ ...staff, id: 'c-blue', verifier: 'code-blue', carrierId: 'blue' })
  const parcel = { id: 'p-red', size: 'S', tracking: 'T-red', recipientId: 'r-1', carrierId: 'red' }
  bench.want({ stream: 'parcel', version: 2, isSnapshot: false, puts: [parcel], deletes: [] })
  bench.type('pin of p-1')
  bench.useDoor()
  bench.pass(bench.config.policy.reopenMs)
  bench.signIn('code-red')
  bench.press('deposit', 'p-red')
  bench.useDoor()
  bench.press('sign-out')
  recall('1')
  bench.signIn('code-blue')
  expect(bench.screen).toMatchObject({ retrievals: 0 })
  bench.press('sign-out')
  bench.signIn('code-red')
  expect(bench.screen).toMatchObject({ retrievals: 1 })
})
