// Doors whose sensors are dead, stuck or fluttering, as people meet them. The real rules and the
// real ledger; what a sensor says and what its door does are two things here.
import { afterEach, expect, test } from 'vitest'
import { Bench, wallOf } from '../support/bench.ts'

let bench: Bench

function start(sizes: readonly string[]): Bench {
  bench = new Bench(wallOf(sizes))
  bench.prepare([
    { id: 'p-1', size: 'S' },
    { id: 'p-2', size: 'S' },
  ])
  return bench
}

afterEach(() => bench.close())

/** The lock obeys, and the sensor stays at what it says. */
function pulseUnseen(): void {
  bench.obeyUnlock('acknowledged', 'springs-open')
  bench.pass(1_600)
}

function sayClosedForEver(lockerId: string): void {
  bench.leaveParcel('p-1')
  bench.lie(lockerId, 'closed')
}

/** Two people in a row find the door open that its sensor calls closed. */
function findOutThatItIsDead(): void {
  sayClosedForEver('1')
  bench.type('pin of p-1')
  pulseUnseen()
  pulseUnseen()
  bench.press('said-open')
  bench.moveDoor('1', 'closed')
  bench.press('said-shut')
  bench.press('reopen')
  pulseUnseen()
  pulseUnseen()
  bench.press('said-open')
}

function look(found: 'empty' | 'parcel'): void {
  bench.command({ kind: 'inspect', lockerId: '1', found, reason: 'looked inside' })
}

test('a dead sensor blocks nobody: the person says what the door does', () => {
  start(['S'])
  sayClosedForEver('1')
  bench.type('pin of p-1')
  pulseUnseen()
  pulseUnseen()
  expect(bench.screen).toEqual({
    kind: 'pickup-stuck',
    lockerId: '1',
    isBlind: false,
    canSayOpen: true,
    left: 0,
  })
  expect(bench.parcelState('p-1')).toBe('deposited')
  expect(bench.press('said-open')).toBe('ok')
  expect(bench.screen).toEqual({ kind: 'pickup-blind', lockerId: '1' })
  expect(bench.newest('door-opened')).toMatchObject({ witness: 'person' })
  // A reading of the whole board does not shut what the person holds open.
  bench.readBoard()
  expect(bench.screen.kind).toBe('pickup-blind')
  bench.moveDoor('1', 'closed')
  bench.press('said-shut')
  expect(bench.screen).toMatchObject({ kind: 'pickup-done', canReopen: true })
  expect(bench.newest('door-closed')).toMatchObject({ witness: 'person', openMs: null })
  expect(bench.newest('parcel-collected')).toMatchObject({ rule: 'said-closed' })
  bench.pass(61_000)
  expect(bench.lockerState('1')).toBe('unverified')
  // One person alone convinces nobody.
  expect(bench.distrust('1')).toBeNull()
})

test('a sensor that two people found wrong is not believed any more, and the reason stays', () => {
  start(['S', 'S'])
  findOutThatItIsDead()
  expect(bench.distrust('1')).toBe('never-open')
  expect(bench.newest('door-distrusted')).toEqual({ lockerId: '1', cause: 'never-open' })
  expect(bench.view?.doors).toEqual({ 1: 'unknown' })
  bench.press('said-shut')
  bench.pass(61_000)
  bench.restart()
  expect(bench.distrust('1')).toBe('never-open')
  expect(bench.view?.doors).toEqual({ 1: 'unknown' })
  bench.send({ kind: 'status-asked', requestId: 's' })
  expect(bench.answers.at(-1)).toMatchObject({
    status: { lockers: [{ lockerId: '1', door: 'unknown', distrustedFor: 'never-open' }, {}] },
  })
})

test('at a distrusted door the person is asked after one pulse, and the PIN outlives a no', () => {
  start(['S', 'S'])
  bench.leaveParcel('p-1')
  bench.flutter('1', 10)
  const pulses = bench.unlocks.length
  bench.type('pin of p-1')
  bench.obeyUnlock('acknowledged', 'stays-closed')
  expect(bench.unlocks).toHaveLength(pulses + 1)
  expect(bench.screen).toEqual({
    kind: 'pickup-stuck',
    lockerId: '1',
    isBlind: true,
    canSayOpen: true,
    left: 0,
  })
  expect(bench.view?.notice).toMatchObject({ key: 'door-unseen', code: 'LK-DOOR-06' })
  bench.press('retry')
  bench.obeyUnlock('acknowledged', 'stays-closed')
  bench.press('back')
  expect(bench.newest('opening-unproven')).toMatchObject({ lockerId: '1', pulses: 1 })
  expect(bench.parcelState('p-1')).toBe('deposited')
  expect(bench.lockerState('1')).toBe('occupied')
  bench.type('pin of p-1')
  bench.obeyUnlock('acknowledged', 'springs-open')
  bench.press('said-open')
  bench.press('said-shut')
  expect(bench.parcelState('p-1')).toBe('collected')
})

test('somebody who walks away from a door nobody sees leaves a locker that is held', () => {
  start(['S'])
  bench.leaveParcel('p-1')
  bench.flutter('1', 10)
  bench.type('pin of p-1')
  bench.obeyUnlock('acknowledged', 'springs-open')
  bench.press('said-open')
  bench.pass(121_000)
  expect(bench.screen.kind).toBe('welcome')
  expect(bench.view?.notice).toMatchObject({ key: 'make-sure' })
  expect(bench.newest('parcel-collected')).toMatchObject({ rule: 'unseen' })
  expect(bench.lockerState('1')).toBe('unverified')
  expect(bench.facts()).not.toContain('door-left-open')
})

test('a restart at a door nobody sees ends the opening as unproven, and the PIN stays', () => {
  start(['S'])
  bench.leaveParcel('p-1')
  bench.flutter('1', 10)
  bench.type('pin of p-1')
  bench.restart()
  expect(bench.unlocks).toHaveLength(0)
  expect(bench.facts().at(-1)).toBe('opening-unproven')
  expect(bench.parcelState('p-1')).toBe('deposited')
  bench.type('pin of p-1')
  expect(bench.unlocks).toHaveLength(1)
})

test('three openings that moved nothing: the lock is dead, or its sensor', () => {
  start(['S', 'S'])
  bench.leaveParcel('p-1')
  for (let person = 0; person < 3; person += 1) {
    bench.type('pin of p-1')
    bench.obeyUnlock('acknowledged', 'stays-closed')
    bench.pass(1_600)
    bench.obeyUnlock('acknowledged', 'stays-closed')
    bench.pass(1_600)
    bench.press('back')
  }
  expect(bench.distrust('1')).toBe('no-movement')
  expect(bench.parcelState('p-1')).toBe('deposited')
})

test('one opening that is seen wipes out what spoke against a sensor', () => {
  start(['S'])
  bench.leaveParcel('p-1')
  for (let person = 0; person < 2; person += 1) {
    bench.type('pin of p-1')
    bench.obeyUnlock('acknowledged', 'stays-closed')
    bench.pass(1_600)
    bench.obeyUnlock('acknowledged', 'stays-closed')
    bench.pass(1_600)
    bench.press('back')
  }
  expect(bench.ledger.locker('1')?.misses).toBe(2)
  bench.type('pin of p-1')
  bench.useDoor()
  expect(bench.ledger.locker('1')?.misses).toBe(0)
})

test('a sensor wins its trust back by one full movement in step with an opening', () => {
  start(['S'])
  findOutThatItIsDead()
  bench.moveDoor('1', 'closed')
  bench.press('said-shut')
  bench.pass(70_000)
  bench.lie('1', null)
  expect(bench.distrust('1')).toBe('never-open')
  const unlocks = bench.unlocks.length
  bench.command({ kind: 'open', lockerId: '1', reason: 'new sensor' })
  expect(bench.unlocks).toHaveLength(unlocks + 1)
  bench.obeyUnlock('acknowledged', 'stays-closed')
  expect(bench.answers.at(-1)).toMatchObject({ kind: 'unproven' })
  bench.signIn()
  bench.press('sign-out')
  look('parcel')
  bench.type(bench.pins.get('p-1') ?? '')
  bench.useDoor()
  expect(bench.newest('door-trusted')).toMatchObject({ cause: 'never-open', proof: 'movement' })
  expect(bench.newest('door-closed')).toMatchObject({ witness: 'sensor', openMs: 3_000 })
  expect(bench.distrust('1')).toBeNull()
  expect(bench.screen.kind).toBe('pickup-done')
  bench.pass(61_000)
  expect(bench.lockerState('1')).toBe('free')
})

test('a contact that reads open for ever: the person says that the door is shut', () => {
  start(['S', 'S'])
  bench.leaveParcel('p-1')
  bench.lie('1', 'open')
  const pulses = bench.unlocks.length
  bench.type('pin of p-1')
  expect(bench.screen).toMatchObject({ kind: 'pickup-open', canSayShut: true })
  expect(bench.unlocks).toHaveLength(pulses)
  bench.press('said-shut')
  expect(bench.distrust('1')).toBe('never-shut')
  // Only now the lock is told to let go.
  expect(bench.unlocks).toHaveLength(pulses + 1)
  expect(bench.screen.kind).toBe('pickup-opening')
  bench.obeyUnlock('acknowledged', 'springs-open')
  expect(bench.screen).toMatchObject({ kind: 'pickup-stuck', isBlind: true })
  bench.press('said-open')
  bench.press('said-shut')
  expect(bench.parcelState('p-1')).toBe('collected')
  expect(bench.facts().filter((kind) => kind === 'door-opened')).toHaveLength(2)
})

test('a door that was open before any pulse proves nothing when it shuts', () => {
  start(['S'])
  bench.leaveParcel('p-1')
  bench.moveDoor('1', 'open')
  bench.type('pin of p-1')
  expect(bench.newest('door-opened')).toMatchObject({ witness: 'already-open' })
  bench.pass(5_000)
  bench.moveDoor('1', 'closed')
  bench.pass(61_000)
  expect(bench.lockerState('1')).toBe('unverified')
})

test('a courier at a door that never shuts says so, and whether the parcel is inside', () => {
  start(['S'])
  bench.signIn()
  bench.press('deposit', 'p-1')
  bench.obeyUnlock('acknowledged', 'springs-open')
  expect(bench.screen).toMatchObject({ kind: 'deposit-open', canSayShut: false })
  expect(bench.press('said-shut')).toBe('refused')
  bench.lie('1', 'open')
  bench.pass(31_000)
  expect(bench.screen).toMatchObject({ kind: 'deposit-open', isLong: true, canSayShut: true })
  bench.press('said-shut')
  expect(bench.parcelState('p-1')).toBe('deposited')
  expect(bench.distrust('1')).toBe('never-shut')
})

test.each([
  ['found-parcel', 'deposited', 'occupied'],
  ['found-empty', 'announced', 'unverified'],
] as const)(
  'a deposit at a door nobody saw open ends with the answer: %s',
  (answer, parcel, locker) => {
    start(['S'])
    bench.lie('1', 'closed')
    bench.signIn()
    bench.press('deposit', 'p-1')
    pulseUnseen()
    pulseUnseen()
    bench.press('said-open')
    expect(bench.screen).toMatchObject({ kind: 'deposit-question', lockerId: '1' })
    bench.moveDoor('1', 'closed')
    expect(bench.press(answer)).toBe('ok')
    expect(bench.parcelState('p-1')).toBe(parcel)
    expect(bench.lockerState('1')).toBe(locker)
  },
)

test('nobody sees the locker: no parcel goes in, and somebody has to look', () => {
  start(['S', 'S'])
  bench.flutter('1', 10)
  expect(bench.lockerState('1')).toBe('unverified')
  bench.signIn()
  bench.press('deposit', 'p-1')
  expect(bench.screen).toMatchObject({ kind: 'deposit-opening', lockerId: '2' })
  bench.useDoor()
  bench.deposit('p-2')
  expect(bench.view?.notice).toMatchObject({ key: 'no-locker' })
})

test('a fluttering contact is told once, with its reason, and raises no alarm afterwards', () => {
  start(['S'])
  bench.flutter('1', 10)
  expect(bench.newest('door-distrusted')).toEqual({ lockerId: '1', cause: 'flutters' })
  const facts = bench.facts().length
  bench.flutter('1', 20)
  expect(bench.facts()).toHaveLength(facts)
})

test('a door that people use a lot is no fluttering contact', () => {
  start(['S'])
  for (let times = 0; times < 6; times += 1) {
    bench.command({ kind: 'open', lockerId: '1', reason: 'oiling the hinge' })
    bench.useDoor(1_000)
    bench.pass(2_000)
  }
  expect(bench.distrust('1')).toBeNull()
})

test('a contact that flutters between two readings shows in the board’s count', () => {
  start(['S'])
  const door = bench.doors[0]
  if (door !== undefined) door.opens += 4
  bench.readBoard()
  expect(bench.distrust('1')).toBe('flutters')
})

test('a contact that opens without the board counting it contradicts the board', () => {
  start(['S'])
  const door = bench.doors[0]
  if (door !== undefined) door.state = 'open'
  bench.readBoard()
  expect(bench.distrust('1')).toBe('against-counter')
  expect(bench.facts()).not.toContain('door-forced')
})

test('a door that reads open for a whole day is rather a stuck contact', () => {
  start(['S'])
  bench.moveDoor('1', 'open')
  bench.pass(86_300_000)
  expect(bench.distrust('1')).toBeNull()
  bench.pass(100_000)
  expect(bench.distrust('1')).toBe('never-shut')
})

test('a contact that no reading settles for a minute is not believed, a silent board is', () => {
  start(['S'])
  bench.send({ kind: 'board-lost', boardId: 'a' })
  bench.pass(120_000)
  expect(bench.distrust('1')).toBeNull()
  bench.lie('1', 'unknown')
  bench.pass(59_000)
  expect(bench.distrust('1')).toBeNull()
  bench.pass(2_000)
  expect(bench.distrust('1')).toBe('flutters')
})

test('a reading that nobody can tell is unknown, moves nothing and frees nothing', () => {
  start(['S', 'S'])
  const facts = bench.facts().length
  bench.lie('1', 'unknown')
  expect(bench.view?.doors).toEqual({ 1: 'unknown' })
  expect(bench.facts()).toHaveLength(facts)
  bench.signIn()
  bench.press('deposit', 'p-1')
  expect(bench.screen).toMatchObject({ kind: 'deposit-opening', lockerId: '2' })
  bench.obeyUnlock('acknowledged', 'springs-open')
  bench.lie('2', 'unknown')
  expect(bench.screen).toMatchObject({ kind: 'deposit-open', lockerId: '2' })
  bench.lie('2', null)
  bench.moveDoor('2', 'closed')
  expect(bench.parcelState('p-1')).toBe('deposited')
})

test('a technician believes the sensor again, or puts the locker back into service', () => {
  start(['S', 'S'])
  bench.flutter('1', 10)
  bench.flutter('2', 10)
  bench.command({ kind: 'trust', lockerId: '1', reason: 'new contact' })
  expect(bench.answers.at(-1)).toEqual({ kind: 'trusted' })
  bench.command({ kind: 'trust', lockerId: '1', reason: 'once more' })
  expect(bench.answers.at(-1)).toEqual({ kind: 'refused', code: 'LK-DOOR-07' })
  expect(bench.newest('door-trusted')).toEqual({
    lockerId: '1',
    cause: 'flutters',
    proof: 'technician',
    by: { role: 'technician', id: 't-1' },
    reason: 'new contact',
  })
  bench.command({ kind: 'enable', lockerId: '2', reason: 'new contact' })
  expect(bench.answers.at(-1)).toEqual({ kind: 'enabled' })
  expect(bench.distrust('2')).toBeNull()
  look('empty')
  expect(bench.lockerState('1')).toBe('free')
})

test('a locker that nobody can see is inspected by the eyes of the technician', () => {
  start(['S'])
  bench.flutter('1', 10)
  look('empty')
  expect(bench.answers.at(-1)).toEqual({ kind: 'inspected' })
  expect(bench.lockerState('1')).toBe('free')
  bench.signIn()
  bench.deposit('p-1')
  expect(bench.view?.notice).toMatchObject({ key: 'no-locker' })
})
