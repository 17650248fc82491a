// Recovery matrix: “Parcel missing”, said later. Whoever comes back with the PIN that was used is
// told so, and can say what was wrong: a number for the telephone, and no door.
import { afterEach, beforeEach, expect, test } from 'vitest'
import { backUp, restore } from '../../support/backup.ts'
import { Bench, wallOf } from '../../support/bench.ts'

const HOUR_MS = 3_600_000
const used = { key: 'pin-used', code: 'LK-PIN-05' }

let bench: Bench

beforeEach(() => {
  bench = new Bench(wallOf(['S', 'S', 'S']))
  bench.prepare([
    { id: 'p-1', size: 'S' },
    { id: 'p-2', size: 'S' },
    { id: 'p-3', size: 'S' },
    { id: 'p-9', size: 'S', recipientId: 'r-2' },
  ])
})

afterEach(() => bench.close())

function collect(...ids: readonly string[]): void {
  for (const id of ids) bench.leaveParcel(id)
  bench.type(`pin of ${ids[0]}`)
  for (const _ of ids) bench.useDoor()
  bench.press('back')
  bench.pass(HOUR_MS)
}

/** @returns the number on the screen */
function say(what: string): number {
  bench.press('problem')
  expect(bench.press('report', what)).toBe('ok')
  const { screen } = bench
  if (screen.kind !== 'pickup-reported') throw new Error(`the screen shows ${screen.kind}`)
  return screen.reference
}

test('an hour later: the PIN is used, the parcel was not there, and this is the number', () => {
  collect('p-1')
  const openingId = bench.unlocks.at(-1)?.openingId
  expect(bench.lockerState('1')).toBe('free')
  bench.type('pin of p-1')
  expect(bench.screen).toEqual({ kind: 'pickup-used' })
  expect(bench.view?.notice).toMatchObject(used)
  bench.press('problem')
  expect(bench.screen).toEqual({ kind: 'pickup-problem', lockerId: '1', parcels: [] })
  bench.press('report', 'missing')
  const reference = bench.ledger.headSeq()
  const what = 'missing'
  expect(bench.screen).toMatchObject({ kind: 'pickup-reported', what, reference, isPutAside: true })
  const told = { parcelId: 'p-1', lockerId: '1', openingId, recipientId: 'r-1', what }
  expect(bench.told('parcel-complained')).toEqual({ ...told, isLate: true })
  expect(bench.lockerState('1')).toBe('disputed')
  expect(bench.unlocks).toHaveLength(2)
  bench.press('back')
  bench.leaveParcel('p-9')
  expect(bench.ledger.parcel('p-9')?.lockerId).toBe('2')
})

test('the answer costs what it always did: it counts, and in the end the pad waits', () => {
  collect('p-1')
  for (let times = 1; times <= 4; times += 1) {
    bench.type('pin of p-1')
    expect(bench.ledger.failures()).toBe(times)
    expect(bench.ledger.budgetSpent()).toBe(times)
    bench.press('back')
  }
  expect(bench.type('pin of p-1')).toBe('refused')
  expect(bench.view?.notice).toMatchObject({ key: 'please-wait' })
})

test('whoever says it in time can still say it while the locker is held', () => {
  bench.leaveParcel('p-1')
  bench.type('pin of p-1')
  bench.useDoor()
  bench.press('back')
  expect(bench.lockerState('1')).toBe('clearing')
  bench.type('pin of p-1')
  say('wrong')
  bench.pass(HOUR_MS)
  expect(bench.lockerState('1')).toBe('disputed')
})

test('another parcel lies there by now: it is left alone, and collected as ever', () => {
  collect('p-1')
  bench.leaveParcel('p-9')
  expect(bench.ledger.parcel('p-9')?.lockerId).toBe('1')
  bench.type('pin of p-1')
  say('missing')
  expect(bench.screen).toMatchObject({ isPutAside: false })
  expect(bench.lockerState('1')).toBe('occupied')
  bench.press('back')
  bench.type('pin of p-9')
  expect(bench.useDoor()).toBe('1')
  expect(bench.parcelState('p-9')).toBe('collected')
})

test('another parcel was collected there since: the locker holds nothing of the first one', () => {
  collect('p-1')
  bench.leaveParcel('p-9')
  bench.type('pin of p-9')
  bench.useDoor()
  bench.press('back')
  bench.type('pin of p-1')
  say('missing')
  expect(bench.lockerState('1')).toBe('clearing')
  bench.pass(HOUR_MS)
  expect(bench.lockerState('1')).toBe('free')
})

test('a technician has looked inside since: the locker stays as it was found', () => {
  collect('p-1')
  bench.moveDoor('1', 'open')
  bench.moveDoor('1', 'closed')
  bench.command({ kind: 'inspect', lockerId: '1', found: 'empty', reason: 'round' })
  bench.type('pin of p-1')
  say('missing')
  expect(bench.lockerState('1')).toBe('free')
})

test('a damaged parcel is at home: nothing is put aside', () => {
  collect('p-1')
  bench.type('pin of p-1')
  say('damaged')
  expect(bench.screen).toMatchObject({ what: 'damaged', isPutAside: false })
  expect(bench.lockerState('1')).toBe('free')
})

test('who comes once more gets the same number, also after a restart; it is told once', () => {
  collect('p-1')
  bench.type('pin of p-1')
  const reference = say('missing')
  bench.press('back')
  bench.restart()
  bench.pass(60_000)
  bench.type('pin of p-1')
  bench.press('problem')
  expect(bench.screen).toMatchObject({ kind: 'pickup-reported', what: 'missing', reference })
  expect(bench.press('report', 'wrong')).toBe('refused')
  expect(bench.allTold('parcel-complained')).toHaveLength(1)
})

test('what was said at the door counts as well', () => {
  bench.leaveParcel('p-1')
  bench.type('pin of p-1')
  bench.useDoor()
  const reference = say('wrong')
  bench.press('back')
  bench.pass(HOUR_MS)
  bench.type('pin of p-1')
  bench.press('problem')
  expect(bench.screen).toMatchObject({ kind: 'pickup-reported', what: 'wrong', reference })
})

test('several doors: which one it was is said by its number, and no parcel is named', () => {
  collect('p-1', 'p-2')
  bench.type('pin of p-1')
  bench.press('problem')
  expect(bench.screen).toEqual({ kind: 'pickup-which-door', lockers: ['1', '2'] })
  expect(bench.press('report', 'missing')).toBe('refused')
  expect(bench.press('which', '3')).toBe('refused')
  bench.press('which', '2')
  bench.press('report', 'missing')
  expect(bench.allTold('parcel-complained')).toMatchObject([{ parcelId: 'p-2', lockerId: '2' }])
  expect([bench.lockerState('1'), bench.lockerState('2')]).toEqual(['free', 'disputed'])
})

test('several parcels behind one door: one number for all of them', () => {
  bench.leaveParcel('p-1')
  bench.leaveParcel('p-2', 'together')
  bench.type('pin of p-1')
  bench.useDoor()
  bench.press('back')
  bench.pass(HOUR_MS)
  bench.type('pin of p-1')
  const reference = say('missing')
  expect(bench.allTold('parcel-complained')).toMatchObject([
    { parcelId: 'p-1' },
    { parcelId: 'p-2' },
  ])
  expect(reference).toBe(bench.ledger.headSeq() - 1)
  bench.press('back')
  bench.type('pin of p-1')
  bench.press('problem')
  expect(bench.screen).toMatchObject({ kind: 'pickup-reported', reference })
})

test('it opens nothing, whatever is pressed: not even what waits under a new PIN', () => {
  collect('p-1')
  bench.leaveParcel('p-2')
  const before = bench.unlocks.length
  bench.type('pin of p-1')
  for (const action of ['reopen', 'skip', 'retry', 'open-high', 'said-open', 'help'] as const) {
    expect(bench.press(action)).toBe('refused')
  }
  say('missing')
  for (const action of ['reopen', 'skip', 'retry', 'problem', 'report'] as const) {
    expect(bench.press(action)).toBe('refused')
  }
  bench.press('back')
  expect(bench.screen.kind).toBe('welcome')
  expect(bench.unlocks).toHaveLength(before)
})

test('nobody says anything: the page goes by itself, and nothing is told', () => {
  collect('p-1')
  bench.type('pin of p-1')
  bench.pass(bench.config.policy.idleMs)
  expect(bench.screen.kind).toBe('welcome')
  expect(bench.facts()).not.toContain('parcel-complained')
})

test('a PIN that opened nothing before a newer one replaced it has nothing to complain of', () => {
  bench.leaveParcel('p-1')
  bench.wantPickup({ id: 'r-1', reissue: 1, expiresAtMs: null })
  bench.type('pin of p-1')
  expect(bench.view?.notice).toMatchObject(used)
  expect(bench.screen.kind).toBe('welcome')
})

test('the budget is spent: PIN and second part together are heard, the PIN alone is not', () => {
  collect('p-1')
  for (let k = 0; k < bench.config.policy.guessesADayMax; k += 1) {
    bench.type(`wrong ${k}`)
    bench.pass(31_000)
  }
  bench.type('pin of p-1')
  bench.type('a wrong part')
  expect(bench.view?.notice).toMatchObject({ key: 'pin-refused' })
  expect(bench.screen.kind).toBe('welcome')
  bench.pass(31_000)
  bench.type('pin of p-1')
  bench.type('reference of p-1')
  expect(bench.view?.notice).toMatchObject(used)
  expect(say('missing')).toBe(bench.ledger.headSeq())
})

test('after an older copy was put back its lockers are not touched: others may lie there', () => {
  collect('p-1')
  backUp(bench)
  bench.pass(HOUR_MS)
  restore(bench)
  bench.type('pin of p-1')
  say('missing')
  expect(bench.lockerState('1')).toBe('unverified')
})
