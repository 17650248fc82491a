// The fair clock: whoever could not collect does not lose the time. Two parcels wait for two
// people, each for a week; what goes wrong lasts three hours.
import { afterEach, beforeEach, expect, test } from 'vitest'
import { Bench, wallOf } from '../../support/bench.ts'

const MINUTE_MS = 60_000
const HOUR_MS = 3_600_000
const WEEK_MS = 7 * 24 * HOUR_MS
/** Between two looks at reminders, and at what ran. */
const LOOK_MS = 10 * MINUTE_MS

let bench: Bench

beforeEach(() => {
  bench = new Bench(wallOf(['S', 'S']))
  bench.prepare(['p-1', 'p-2'].map((id) => ({ id, size: 'S', recipientId: `r-${id}` })))
  bench.leaveParcel('p-1')
  bench.leaveParcel('p-2')
})

afterEach(() => bench.close())

function endOf(recipientId: string): number {
  const end = bench.ledger.livePin(recipientId)?.expiresAtWallMs ?? null
  if (end === null) throw new Error(`${recipientId} has no deadline`)
  return end
}

/** What each of the two gained since `begin`. */
function watch() {
  const begin = [endOf('r-p-1'), endOf('r-p-2')] as const
  return () => [endOf('r-p-1') - begin[0], endOf('r-p-2') - begin[1]]
}

const moves = () => bench.factsOf('deadlines-moved').flatMap(({ moved }) => moved as object[])

/** Nobody gets the door of p-1 open. */
function jamFirst(): void {
  bench.type('pin of p-1')
  bench.jam()
  bench.press('back')
}

test('a board is silent: every deadline behind it moves by that time, in one fact', () => {
  const gained = watch()
  bench.send({ kind: 'board-lost', boardId: 'a' })
  bench.pass(3 * HOUR_MS)
  expect(bench.told('standstill-began')).toMatchObject({ cause: 'board-silent', boardId: 'a' })
  expect(gained()).toEqual([0, 0])
  bench.readBoard()
  expect(gained()).toEqual([3 * HOUR_MS, 3 * HOUR_MS])
  const { fromWallMs, toWallMs } = bench.told('standstill-ended')
  expect(Number(toWallMs) - Number(fromWallMs)).toBe(3 * HOUR_MS)
  expect(bench.factsOf('deadlines-moved')).toHaveLength(1)
  const causes = ['board-silent']
  expect(moves()).toMatchObject([
    { recipientId: 'r-p-1', parcelIds: ['p-1'], byMs: 3 * HOUR_MS, causes },
    { recipientId: 'r-p-2', parcelIds: ['p-2'], byMs: 3 * HOUR_MS, causes },
  ])
})

test('a door is stuck: its own deadline stands still until somebody gets it open', () => {
  const gained = watch()
  jamFirst()
  bench.pass(3 * HOUR_MS)
  expect(bench.told('standstill-began')).toMatchObject({ cause: 'door-stuck', lockerId: '1' })
  bench.command({ kind: 'open', lockerId: '1', reason: 'the hinge' })
  bench.obeyUnlock('acknowledged', 'springs-open')
  const [first = 0, second] = gained()
  expect(first).toBeGreaterThanOrEqual(3 * HOUR_MS)
  expect(first).toBeLessThan(3 * HOUR_MS + MINUTE_MS)
  expect(second).toBe(0)
  expect(moves()).toMatchObject([{ recipientId: 'r-p-1', causes: ['door-stuck'] }])
})

test('no screen is connected: nobody could type, so all deadlines move', () => {
  bench.send({ kind: 'screen-changed', isConnected: true })
  const gained = watch()
  bench.send({ kind: 'screen-changed', isConnected: false })
  bench.pass(3 * HOUR_MS)
  bench.send({ kind: 'screen-changed', isConnected: true })
  expect(gained()).toEqual([3 * HOUR_MS, 3 * HOUR_MS])
  expect(bench.told('standstill-ended')).toMatchObject({ cause: 'screen-gone', boardId: null })
})

test('the power is out: the next start knows it, from the last time it was noted to run', () => {
  const gained = watch()
  bench.pass(HOUR_MS)
  bench.powerOut(3 * HOUR_MS)
  const [first = 0, second] = gained()
  expect(second).toBe(first)
  // Never more than was surely out: it may have run for one more look.
  expect(first).toBeGreaterThan(3 * HOUR_MS - LOOK_MS)
  expect(first).toBeLessThanOrEqual(3 * HOUR_MS)
  expect(moves()).toMatchObject([{ causes: ['power-out'] }, { causes: ['power-out'] }])
})

test('wires are crossed: nothing may be unlocked there until somebody has looked', () => {
  const gained = watch()
  bench.type('pin of p-1')
  bench.moveDoor('2', 'open')
  expect(bench.told('locker-withdrawn')).toMatchObject({ cause: 'crossed-wiring' })
  bench.moveDoor('2', 'closed')
  bench.pass(2 * HOUR_MS)
  bench.restart()
  bench.pass(HOUR_MS)
  for (const lockerId of ['1', '2']) bench.command({ kind: 'enable', lockerId, reason: 'wires' })
  bench.pass(1_000)
  const [first = 0] = gained()
  expect(first).toBeGreaterThanOrEqual(3 * HOUR_MS)
  expect(first).toBeLessThan(3 * HOUR_MS + MINUTE_MS)
})

test('several causes at once count once, and each of them is named', () => {
  const gained = watch()
  jamFirst()
  bench.pass(HOUR_MS)
  bench.send({ kind: 'board-lost', boardId: 'a' })
  bench.pass(HOUR_MS)
  bench.readBoard()
  const [first = 0, second] = gained()
  expect(second).toBe(HOUR_MS)
  expect(first).toBeGreaterThanOrEqual(2 * HOUR_MS)
  bench.pass(HOUR_MS)
  bench.command({ kind: 'open', lockerId: '1', reason: 'the hinge' })
  bench.obeyUnlock('acknowledged', 'springs-open')
  const [whole = 0] = gained()
  expect(whole).toBeGreaterThanOrEqual(3 * HOUR_MS)
  expect(whole).toBeLessThan(3 * HOUR_MS + MINUTE_MS)
  expect(bench.ledger.deadlineMoved('r-p-1')?.causes).toEqual(['door-stuck', 'board-silent'])
})

test('an outage that is over soon moves nothing', () => {
  const gained = watch()
  for (let times = 0; times < 5; times += 1) {
    bench.send({ kind: 'board-lost', boardId: 'a' })
    bench.pass(10 * MINUTE_MS - 1)
    bench.readBoard()
    bench.pass(MINUTE_MS)
  }
  bench.restart()
  bench.pass(HOUR_MS)
  expect(gained()).toEqual([0, 0])
  expect(bench.facts().filter((kind) => kind.startsWith('standstill'))).toEqual([])
})

test('the deadline comes while nothing can be collected: the PIN does not end', () => {
  bench.pass(WEEK_MS - HOUR_MS)
  bench.send({ kind: 'board-lost', boardId: 'a' })
  bench.pass(3 * HOUR_MS)
  expect(bench.facts()).not.toContain('pin-expired')
  bench.readBoard()
  // An hour was left when the board fell silent, and it still is.
  bench.pass(HOUR_MS - MINUTE_MS)
  bench.type('pin of p-1')
  expect(bench.screen).toMatchObject({ kind: 'pickup-opening', lockerId: '1' })
  bench.useDoor()
  expect(bench.parcelState('p-1')).toBe('collected')
  bench.pass(2 * MINUTE_MS)
  expect(bench.factsOf('pin-expired')).toMatchObject([{ recipientId: 'r-p-2' }])
})

test('the deadline comes in an outage that is over soon: the PIN ends with it', () => {
  bench.pass(WEEK_MS - 2 * MINUTE_MS)
  bench.send({ kind: 'board-lost', boardId: 'a' })
  bench.pass(5 * MINUTE_MS)
  expect(bench.facts()).not.toContain('pin-expired')
  bench.readBoard()
  bench.pass(5_000)
  expect(bench.factsOf('pin-expired')).toHaveLength(2)
})

test('the power goes in the middle of an outage: all of it counts, once', () => {
  const gained = watch()
  bench.send({ kind: 'board-lost', boardId: 'a' })
  bench.pass(HOUR_MS)
  bench.powerOut(HOUR_MS, 'boards-stay-silent')
  expect(gained()).toEqual([HOUR_MS * 2, HOUR_MS * 2])
  bench.pass(HOUR_MS)
  bench.readBoard()
  expect(gained()).toEqual([3 * HOUR_MS, 3 * HOUR_MS])
  expect(bench.ledger.standstills()).toEqual([])
})

test('after a start on a clock that is not believed nothing is decided, until it is', () => {
  const gained = watch()
  bench.pass(HOUR_MS)
  bench.isWallBelieved = false
  bench.powerOut(3 * HOUR_MS)
  bench.pass(HOUR_MS)
  expect(gained()).toEqual([0, 0])
  expect(bench.facts()).not.toContain('standstill-ended')
  bench.isWallBelieved = true
  bench.pass(HOUR_MS)
  const [first = 0] = gained()
  expect(first).toBeGreaterThan(3 * HOUR_MS - LOOK_MS)
  expect(first).toBeLessThanOrEqual(3 * HOUR_MS)
})

test('a run in between that knew no time ends what was out: it may have been well', () => {
  const gained = watch()
  bench.pass(HOUR_MS)
  bench.isWallBelieved = false
  bench.powerOut(HOUR_MS)
  bench.pass(5 * HOUR_MS)
  bench.isWallBelieved = true
  bench.powerOut(HOUR_MS)
  expect(gained()).toEqual([0, 0])
})

test('nobody is reminded of what cannot be collected; a day of waiting is a day of chances', () => {
  bench.pass(20 * HOUR_MS)
  bench.send({ kind: 'board-lost', boardId: 'a' })
  bench.pass(10 * HOUR_MS)
  expect(bench.facts()).not.toContain('reminder-due')
  bench.readBoard()
  bench.pass(3 * HOUR_MS)
  expect(bench.facts()).not.toContain('reminder-due')
  bench.pass(HOUR_MS + 2 * LOOK_MS)
  expect(bench.factsOf('reminder-due')).toMatchObject([
    { parcelId: 'p-1', pinExpiresAtWallMs: endOf('r-p-1') },
    { parcelId: 'p-2', pinExpiresAtWallMs: endOf('r-p-2') },
  ])
})

test('a courier does not take back what nobody could collect in time', () => {
  bench.pass(WEEK_MS - HOUR_MS)
  jamFirst()
  bench.pass(2 * HOUR_MS)
  expect(bench.ledger.retrievable({ carrierId: null, limit: 10 })).toMatchObject([{ id: 'p-2' }])
})

test('a new PIN in the middle of an outage gains what is left of it', () => {
  bench.send({ kind: 'board-lost', boardId: 'a' })
  bench.pass(2 * HOUR_MS)
  bench.command({ kind: 'reissue-pin', lockerId: '1', reason: 'the letter was lost' })
  const fresh = endOf('r-p-1')
  bench.pass(HOUR_MS)
  bench.readBoard()
  expect(endOf('r-p-1') - fresh).toBe(HOUR_MS)
})

test('explain says the deadline, what moved it, and why it stands still', () => {
  bench.send({ kind: 'board-lost', boardId: 'a' })
  bench.pass(HOUR_MS)
  bench.readBoard()
  jamFirst()
  bench.send({ kind: 'explain-asked', requestId: 'e', name: 'p-1' })
  expect(bench.answers.at(-1)).toMatchObject({
    explanation: {
      deadline: {
        expiresAtWallMs: endOf('r-p-1'),
        movedMs: HOUR_MS,
        movedFor: ['board-silent'],
        standsFor: ['door-stuck'],
      },
    },
  })
})
