// FR-05: a new PIN when the old one is lost, at most three a day, by central's signed wish or by a
// technician; and the end of a PIN's life, which it may replace. All without a network.
import { afterEach, beforeEach, expect, test } from 'vitest'
import { Bench, wallOf } from '../../support/bench.ts'

const HOUR_MS = 3_600_000
const DAY_MS = 24 * HOUR_MS
const LIFE_MS = 7 * DAY_MS

let bench: Bench

beforeEach(() => {
  bench = new Bench(wallOf(['S', 'S', 'S']))
  bench.prepare([
    { id: 'p-1', size: 'S' },
    { id: 'p-2', size: 'S' },
    { id: 'p-3', size: 'S', recipientId: 'r-2' },
  ])
})

afterEach(() => bench.close())

function reissue(lockerId = '1') {
  bench.command({ kind: 'reissue-pin', lockerId, reason: 'lost' })
  return bench.answers.at(-1)
}

function reissued(): number {
  return bench.factsOf('pin-reissued').length
}

test('FR-05 three new PINs a day, the fourth is refused, and others are not concerned', () => {
  bench.leaveParcel('p-1')
  bench.leaveParcel('p-3')
  for (let k = 0; k < 3; k += 1) {
    reissue()
    bench.pass(HOUR_MS)
  }
  expect(reissued()).toBe(3)
  expect(reissue()).toEqual({ kind: 'refused', code: 'LK-PIN-07' })
  expect(bench.factsOf('pin-reissue-refused')).toMatchObject([{ recipientId: 'r-1' }])
  bench.type('pin 4 of p-1')
  expect(bench.screen.kind).toBe('pickup-opening')
  bench.useDoor()
  bench.pass(61_000)
  reissue('2')
  expect(reissued()).toBe(4)
})

test('FR-05 after a day there are new ones again, counted by each day that has passed', () => {
  bench.leaveParcel('p-1')
  for (let k = 0; k < 3; k += 1) {
    reissue()
    bench.pass(HOUR_MS)
  }
  bench.pass(DAY_MS - 3 * HOUR_MS)
  reissue()
  expect(reissued()).toBe(4)
  expect(reissue()).toEqual({ kind: 'refused', code: 'LK-PIN-07' })
})

test('FR-05 neither the plug nor a clock that nobody believes gives more', () => {
  bench.leaveParcel('p-1')
  for (let k = 0; k < 3; k += 1) reissue()
  bench.restart()
  bench.wallAheadMs = 400 * DAY_MS
  bench.isWallBelieved = false
  expect(reissue()).toEqual({ kind: 'refused', code: 'LK-PIN-07' })
  // A day of uptime is a day, whatever the wall clock says.
  bench.pass(DAY_MS)
  reissue()
  expect(reissued()).toBe(4)
})

test('FR-05 central wants a new PIN: one for each number, however often it says so', () => {
  bench.leaveParcel('p-1')
  bench.leaveParcel('p-2')
  bench.wantPickup({ id: 'r-1', reissue: 1, expiresAtMs: null })
  bench.wantPickup({ id: 'r-1', reissue: 1, expiresAtMs: null })
  bench.restart()
  expect(bench.factsOf('pin-revoked')).toMatchObject([
    { recipientId: 'r-1', parcelIds: ['p-1', 'p-2'], by: { role: 'central' } },
  ])
  expect(bench.factsOf('pin-reissued')).toMatchObject([
    { parcelId: 'p-1', parcelIds: ['p-1', 'p-2'], sealedPin: 'sealed pin 2 of p-1' },
  ])
  bench.type('pin of p-1')
  expect(bench.view?.notice?.key).toBe('pin-used')
  bench.type('pin 2 of p-1')
  bench.useDoor()
  bench.useDoor()
  expect([bench.parcelState('p-1'), bench.parcelState('p-2')]).toEqual(['collected', 'collected'])
})

test('FR-05 whoever stands there with the old PIN opens nothing more', () => {
  bench.leaveParcel('p-1')
  bench.leaveParcel('p-2')
  bench.type('pin of p-1')
  bench.obeyUnlock('acknowledged', 'springs-open')
  const pulses = bench.unlocks.length
  bench.wantPickup({ id: 'r-1', reissue: 1, expiresAtMs: null })
  bench.pass(3_000)
  bench.moveDoor('1', 'closed')
  expect(bench.screen).toMatchObject({ kind: 'pickup-done', left: 0 })
  bench.press('back')
  bench.type('pin 2 of p-1')
  bench.press('back')
  expect(bench.unlocks).toHaveLength(pulses)
  expect(bench.view?.notice?.key).toBe('pin-refused')
  // The new one was made for the first parcel that still waits.
  bench.type('pin 2 of p-2')
  expect(bench.screen).toMatchObject({ kind: 'pickup-opening', lockerId: '2' })
})

test('FR-05 at a stuck door the old PIN gets no second try', () => {
  bench.leaveParcel('p-1')
  bench.type('pin of p-1')
  for (let pulse = 0; pulse < 2; pulse += 1) {
    bench.obeyUnlock('acknowledged', 'stays-closed')
    bench.pass(2_000)
  }
  const pulses = bench.unlocks.length
  bench.wantPickup({ id: 'r-1', reissue: 1, expiresAtMs: null })
  bench.press('retry')
  expect(bench.screen.kind).toBe('welcome')
  expect(bench.view?.notice?.code).toBe('LK-PIN-05')
  expect(bench.unlocks).toHaveLength(pulses)
})

test('FR-05 for a recipient for whom nothing waits there is no new PIN', () => {
  bench.wantPickup({ id: 'r-1', reissue: 1, expiresAtMs: null })
  expect(reissue()).toEqual({ kind: 'refused', code: 'LK-PIN-08' })
  expect(bench.facts()).not.toContain('pin-revoked')
  bench.leaveParcel('p-1')
  bench.restart()
  expect(bench.facts()).not.toContain('pin-revoked')
})

test('FR-05 a PIN ends a week after the deposit, and a new one opens the parcel', () => {
  bench.leaveParcel('p-1')
  bench.pass(LIFE_MS - HOUR_MS)
  expect(bench.facts()).not.toContain('pin-expired')
  bench.pass(HOUR_MS)
  expect(bench.factsOf('pin-expired')).toMatchObject([{ recipientId: 'r-1', parcelIds: ['p-1'] }])
  bench.type('pin of p-1')
  expect(bench.view?.notice).toMatchObject({ key: 'pin-expired', code: 'LK-PIN-04' })
  reissue()
  bench.type('pin 2 of p-1')
  expect(bench.screen.kind).toBe('pickup-opening')
})

test('FR-05 no PIN ends by a clock that is not believed', () => {
  bench.leaveParcel('p-1')
  bench.isWallBelieved = false
  bench.wallAheadMs = 400 * DAY_MS
  bench.pass(HOUR_MS)
  expect(bench.facts()).not.toContain('pin-expired')
  bench.type('pin of p-1')
  expect(bench.screen.kind).toBe('pickup-opening')
})

test('FR-05 a PIN that was made without a clock begins its life when there is one', () => {
  bench.isWallBelieved = false
  bench.wallAheadMs = -50 * 365 * DAY_MS
  bench.leaveParcel('p-1')
  expect(bench.factsOf('parcel-deposited')).toMatchObject([{ pinExpiresAtWallMs: null }])
  bench.pass(30 * DAY_MS)
  bench.isWallBelieved = true
  bench.wallAheadMs = 0
  bench.pass(LIFE_MS - HOUR_MS)
  expect(bench.facts()).not.toContain('pin-expired')
  bench.pass(3 * HOUR_MS)
  expect(bench.facts()).toContain('pin-expired')
})

test('FR-05 a further parcel for the same person moves the end of the PIN', () => {
  bench.leaveParcel('p-1')
  bench.pass(3 * DAY_MS)
  bench.leaveParcel('p-2')
  bench.pass(5 * DAY_MS)
  bench.type('pin of p-1')
  expect(bench.screen.kind).toBe('pickup-opening')
})

test('FR-05 the end is moved by central or a technician while the PIN lives', () => {
  bench.leaveParcel('p-1')
  const endsAtMs = bench.now().wallMs + 20 * DAY_MS
  bench.wantPickup({ id: 'r-1', reissue: 0, expiresAtMs: endsAtMs })
  bench.command({ kind: 'extend-pin', lockerId: '1', hours: 48, reason: 'on holiday' })
  expect(bench.answers.at(-1)).toEqual({ kind: 'extended' })
  const ends = bench.factsOf('pin-extended').map(({ expiresAtWallMs }) => expiresAtWallMs)
  expect(ends).toEqual([endsAtMs, endsAtMs + 2 * DAY_MS])
  bench.pass(21 * DAY_MS)
  bench.type('pin of p-1')
  expect(bench.screen.kind).toBe('pickup-opening')
})

test('FR-05 a PIN that has ended does not live again: moving its end makes a new one', () => {
  bench.leaveParcel('p-1')
  bench.pass(LIFE_MS + HOUR_MS)
  bench.wantPickup({ id: 'r-1', reissue: 0, expiresAtMs: bench.now().wallMs + DAY_MS })
  bench.type('pin of p-1')
  expect(bench.screen.kind).toBe('welcome')
  expect(bench.view?.notice?.key).toBe('pin-expired')
  bench.type('pin 2 of p-1')
  expect(bench.screen.kind).toBe('pickup-opening')
})

test('FR-05 without a believed clock and without a date the end cannot be moved', () => {
  bench.isWallBelieved = false
  bench.leaveParcel('p-1')
  bench.command({ kind: 'extend-pin', lockerId: '1', hours: 48, reason: 'on holiday' })
  expect(bench.answers.at(-1)).toEqual({ kind: 'refused', code: 'LK-PIN-09' })
})
