// The flows as people live them, on the real rules and the real ledger.
import { afterEach, expect, test } from 'vitest'
import type { Policy } from '../../src/kiosk/config.ts'
import { Bench, wallOf } from '../support/bench.ts'

let bench: Bench

function start(sizes: readonly string[], policy: Partial<Policy> = {}): Bench {
  bench = new Bench(wallOf(sizes, policy))
  bench.prepare([
    { id: 'p-1', size: 'S' },
    { id: 'p-2', size: 'M' },
    { id: 'p-3', size: 'L' },
  ])
  return bench
}

afterEach(() => bench.close())

test('a courier leaves an announced parcel and its recipient collects it', () => {
  start(['S', 'M', 'L'])
  bench.signIn()
  expect(bench.screen).toMatchObject({ kind: 'courier-menu', courier: 'Courier 1' })
  expect(bench.press('deposit', 'p-1')).toBe('ok')
  expect(bench.screen).toMatchObject({ kind: 'deposit-opening', lockerId: '1' })
  expect(bench.unlocks).toHaveLength(1)
  bench.obeyUnlock('acknowledged', 'springs-open')
  expect(bench.screen.kind).toBe('deposit-open')
  expect(bench.parcelState('p-1')).toBe('depositing')
  bench.pass(4_000)
  bench.moveDoor('1', 'closed')
  expect(bench.view?.notice?.key).toBe('deposited')
  expect(bench.parcelState('p-1')).toBe('deposited')
  expect(bench.lockerState('1')).toBe('occupied')
  bench.press('sign-out')

  expect(bench.type('pin of p-1')).toBe('ok')
  expect(bench.screen).toMatchObject({ kind: 'pickup-opening', lockerId: '1' })
  bench.useDoor()
  expect(bench.screen).toMatchObject({ kind: 'pickup-done', canReopen: true })
  expect(bench.parcelState('p-1')).toBe('collected')
  expect(bench.lockerState('1')).toBe('clearing')
  bench.pass(61_000)
  expect(bench.lockerState('1')).toBe('free')
  expect(bench.screen.kind).toBe('welcome')
  expect(bench.facts().slice(-12)).toEqual([
    'courier-signed-in',
    'deposit-started',
    'opening-authorised',
    'door-opened',
    'door-closed',
    'parcel-deposited',
    'courier-signed-out',
    'opening-authorised',
    'door-opened',
    'door-closed',
    'parcel-collected',
    'locker-released',
  ])
})

test('a PIN works once', () => {
  start(['S'])
  bench.leaveParcel('p-1')
  bench.type('pin of p-1')
  bench.useDoor()
  bench.pass(61_000)
  bench.type('pin of p-1')
  expect(bench.view?.notice).toMatchObject({ key: 'pin-used', code: 'LK-PIN-05' })
  expect(bench.screen.kind).toBe('pickup-used')
})

test('wrong entries make the next one wait, and the wait survives a restart', () => {
  start(['S'])
  for (let k = 0; k < 5; k += 1) {
    bench.type('wrong')
    bench.pass(30_000)
  }
  bench.type('wrong')
  expect(bench.screen).toMatchObject({ kind: 'welcome', waitMs: 8_000 })
  expect(bench.type('wrong')).toBe('refused')
  bench.restart()
  expect(bench.screen).toMatchObject({ kind: 'welcome', waitMs: 8_000 })
  bench.pass(8_000)
  expect(bench.screen).toMatchObject({ waitMs: 0 })
  expect(bench.ledger.failures()).toBe(6)
  bench.pass(600_000)
  expect(bench.ledger.failures()).toBe(5)
})

test('a cancelled deposit leaves the locker unverified until the courier looked again', () => {
  start(['S'])
  bench.signIn()
  bench.press('deposit', 'p-1')
  bench.obeyUnlock('acknowledged', 'springs-open')
  bench.press('cancel')
  expect(bench.screen).toMatchObject({ kind: 'cancel-open', lockerId: '1' })
  expect(bench.lockerState('1')).toBe('unverified')
  bench.moveDoor('1', 'closed')
  expect(bench.screen).toMatchObject({ kind: 'check-offer', lockerId: '1' })
  bench.press('back')
  expect(bench.screen).toMatchObject({ kind: 'courier-menu', checks: ['1'] })
  bench.deposit('p-1')
  expect(bench.view?.notice).toMatchObject({ key: 'no-locker', code: 'LK-ASSIGN-01' })
  bench.press('check', '1')
  bench.useDoor()
  expect(bench.screen).toMatchObject({ kind: 'check-question', parcel: null })
  bench.press('found-empty')
  expect(bench.lockerState('1')).toBe('free')
  expect(bench.parcelState('p-1')).toBe('announced')
})

test('a courier opens no locker that somebody has settled since it was offered', () => {
  start(['S'])
  bench.signIn()
  bench.press('deposit', 'p-1')
  bench.obeyUnlock('acknowledged', 'springs-open')
  bench.press('cancel')
  bench.moveDoor('1', 'closed')
  expect(bench.screen).toMatchObject({ kind: 'check-offer', lockerId: '1' })
  bench.command({ kind: 'inspect', lockerId: '1', found: 'empty', reason: 'round' })
  expect(bench.lockerState('1')).toBe('free')
  const before = bench.unlocks.length
  bench.press('check')
  expect(bench.unlocks).toHaveLength(before)
  expect(bench.screen).toMatchObject({ kind: 'courier-menu', checks: [] })
})

test('a cancel before the door moved stops further pulses', () => {
  start(['S'])
  bench.signIn()
  bench.press('deposit', 'p-1')
  bench.press('cancel')
  bench.obeyUnlock('acknowledged', 'stays-closed')
  bench.pass(5_000)
  expect(bench.unlocks).toHaveLength(1)
  expect(bench.screen.kind).toBe('check-offer')
  expect(bench.facts()).toContain('opening-failed')
})

test('when no locker is free the courier is told, and larger ones are tried first', () => {
  start(['S', 'L'])
  bench.signIn()
  bench.press('deposit', 'p-2')
  expect(bench.screen).toMatchObject({ kind: 'deposit-opening', lockerId: '2' })
  bench.useDoor()
  bench.deposit('p-3')
  expect(bench.view?.notice).toMatchObject({ key: 'no-locker', params: { size: 'L' } })
  bench.scan('T-p-1')
  bench.press('apart')
  expect(bench.screen).toMatchObject({ kind: 'deposit-opening', lockerId: '1' })
})

test('a parcel that was not announced is left for a recipient of the directory', () => {
  start(['S', 'M'])
  bench.signIn()
  bench.press('walk-in')
  bench.press('recipient', 'r-1')
  bench.press('size', 'M')
  expect(bench.screen).toMatchObject({ kind: 'deposit-opening', lockerId: '2' })
  bench.useDoor()
  const [parcel] = bench.ledger.parcelsIn('deposited')
  expect(parcel).toMatchObject({ isAnnounced: false, recipientId: 'r-1', lockerId: '2' })
})

test('a door that does not move gets a second pulse, then the person may try again', () => {
  start(['S'])
  bench.signIn()
  bench.press('deposit', 'p-1')
  bench.obeyUnlock('acknowledged', 'stays-closed')
  bench.pass(1_600)
  expect(bench.unlocks).toHaveLength(2)
  expect(bench.screen).toMatchObject({ kind: 'deposit-opening', isRetry: true })
  bench.obeyUnlock('acknowledged', 'stays-closed')
  bench.pass(1_600)
  expect(bench.unlocks).toHaveLength(2)
  expect(bench.screen.kind).toBe('deposit-stuck')
  expect(bench.view?.notice).toMatchObject({ key: 'door-stuck', code: 'LK-DOOR-01' })
  bench.press('retry')
  bench.useDoor()
  expect(bench.parcelState('p-1')).toBe('deposited')
})

test('an acknowledged pulse alone opens nothing on the screen', () => {
  start(['S'])
  bench.signIn()
  bench.press('deposit', 'p-1')
  bench.obeyUnlock('acknowledged', 'stays-closed')
  expect(bench.screen.kind).toBe('deposit-opening')
  expect(bench.facts()).not.toContain('door-opened')
})

test('a restart never pulses, and an unproven pickup stays valid for its locker', () => {
  start(['S'])
  bench.leaveParcel('p-1')
  bench.type('pin of p-1')
  expect(bench.unlocks).toHaveLength(2)
  bench.restart()
  expect(bench.unlocks).toHaveLength(0)
  expect(bench.screen.kind).toBe('welcome')
  expect(bench.facts().at(-1)).toBe('opening-failed')
  expect(bench.parcelState('p-1')).toBe('deposited')
  bench.type('pin of p-1')
  bench.useDoor()
  expect(bench.parcelState('p-1')).toBe('collected')
})

test('a door that opened and closed while the kiosk was down is known by the board’s count', () => {
  start(['S'])
  bench.leaveParcel('p-1')
  bench.type('pin of p-1')
  const door = bench.doors[0]
  if (door !== undefined) door.opens += 1
  bench.restart()
  expect(bench.facts().slice(-3)).toEqual(['door-opened', 'door-closed', 'parcel-collected'])
  bench.pass(61_000)
  // Nobody saw how long it stood open: it proves nothing about the contents.
  expect(bench.lockerState('1')).toBe('unverified')
})

test('a deposit interrupted by a restart is settled by the courier who looks inside', () => {
  start(['S'])
  bench.signIn()
  bench.press('deposit', 'p-1')
  bench.obeyUnlock('acknowledged', 'springs-open')
  bench.restart()
  expect(bench.parcelState('p-1')).toBe('unconfirmed')
  expect(bench.lockerState('1')).toBe('unverified')
  bench.moveDoor('1', 'closed')
  bench.signIn()
  bench.press('check', '1')
  bench.useDoor()
  expect(bench.screen).toMatchObject({ kind: 'check-question', parcel: { parcelId: 'p-1' } })
  bench.press('found-parcel')
  expect(bench.parcelState('p-1')).toBe('deposited')
  bench.press('sign-out')
  bench.type(bench.pins.get('p-1') ?? '')
  expect(bench.screen.kind).toBe('pickup-opening')
})

test('a door left open frees the screen, and the locker is not handed out', () => {
  start(['S'])
  bench.leaveParcel('p-1')
  bench.type('pin of p-1')
  bench.obeyUnlock('acknowledged', 'springs-open')
  bench.pass(121_000)
  expect(bench.screen).toMatchObject({ kind: 'welcome', leftOpen: ['1'] })
  expect(bench.parcelState('p-1')).toBe('collected')
  expect(bench.lockerState('1')).toBe('unverified')
  bench.restart()
  bench.pass(121_000)
  bench.moveDoor('1', 'closed')
  expect(bench.facts().filter((kind) => kind === 'parcel-collected')).toHaveLength(1)
  expect(bench.facts().filter((kind) => kind === 'door-left-open')).toHaveLength(1)
})

test('a recipient opens again within the time without a PIN', () => {
  start(['S'])
  bench.leaveParcel('p-1')
  bench.type('pin of p-1')
  bench.useDoor(300)
  expect(bench.press('reopen')).toBe('ok')
  bench.useDoor(2_000)
  expect(bench.screen.kind).toBe('pickup-done')
  bench.pass(61_000)
  expect(bench.lockerState('1')).toBe('free')
})

test('too short an opening proves nothing: the locker waits for an inspection', () => {
  start(['S'])
  bench.leaveParcel('p-1')
  bench.type('pin of p-1')
  bench.useDoor(300)
  bench.pass(61_000)
  expect(bench.lockerState('1')).toBe('unverified')
})

test('a door that opens without any authorised opening is an alarm', () => {
  start(['S'])
  bench.moveDoor('1', 'open')
  expect(bench.facts().at(-1)).toBe('door-forced')
  expect(bench.lockerState('1')).toBe('unverified')
  bench.readBoard()
  expect(bench.facts().filter((kind) => kind === 'door-forced')).toHaveLength(1)
})

test('a door that was forced and shut again while the kiosk was down is an alarm', () => {
  start(['S', 'S'])
  const door = bench.doors[1]
  if (door !== undefined) door.opens += 1
  bench.restart()
  expect(bench.facts().filter((kind) => kind === 'door-forced')).toHaveLength(1)
  expect(bench.lockerState('2')).toBe('unverified')
  expect(bench.lockerState('1')).toBe('free')
  bench.restart()
  expect(bench.facts().filter((kind) => kind === 'door-forced')).toHaveLength(1)
})

test('crossed wires: another door opens, no second pulse follows, both are set aside', () => {
  start(['S', 'S', 'S'])
  bench.leaveParcel('p-1')
  bench.type('pin of p-1')
  expect(bench.unlocks.at(-1)?.channel).toBe(1)
  const pulses = bench.unlocks.length
  bench.moveDoor('2', 'open')
  expect(bench.screen).toMatchObject({ kind: 'pickup-stuck', lockerId: '1' })
  expect(bench.view?.notice).toMatchObject({ key: 'door-stuck', code: 'LK-DOOR-05' })
  expect(bench.facts()).toContain('door-crossed')
  bench.moveDoor('2', 'closed')
  bench.pass(5_000)
  expect(bench.unlocks).toHaveLength(pulses)
  expect(bench.press('retry')).toBe('ok')
  expect(bench.view?.notice).toMatchObject({ code: 'LK-LOCKER-02' })
  expect(bench.unlocks).toHaveLength(pulses)
  // The parcel keeps its right and its place; what opened by mistake is not proven empty.
  expect(bench.parcelState('p-1')).toBe('deposited')
  expect(bench.lockerState('2')).toBe('unverified')
  bench.signIn()
  bench.deposit('p-2')
  expect(bench.view?.notice).toMatchObject({ key: 'no-locker' })
  bench.press('sign-out')
  for (const lockerId of ['1', '2']) {
    bench.command({ kind: 'enable', lockerId, reason: 'wires put right' })
    expect(bench.answers.at(-1)).toEqual({ kind: 'enabled' })
  }
  bench.type('pin of p-1')
  bench.useDoor()
  expect(bench.parcelState('p-1')).toBe('collected')
})

test('a contact that was restless just before is no sign of crossed wires', () => {
  start(['S', 'S', 'S'])
  bench.leaveParcel('p-1')
  for (const state of ['open', 'closed', 'open', 'closed'] as const) {
    bench.moveDoor('2', state)
    bench.pass(300)
  }
  bench.type('pin of p-1')
  bench.moveDoor('2', 'open')
  expect(bench.facts()).not.toContain('door-crossed')
  bench.moveDoor('1', 'open')
  expect(bench.screen).toMatchObject({ kind: 'pickup-open', lockerId: '1' })
})

test('two doors that open in one reading are no crossed wires', () => {
  start(['S', 'S'])
  bench.signIn()
  bench.press('deposit', 'p-1')
  for (const door of bench.doors) Object.assign(door, { state: 'open', opens: 1 })
  bench.readBoard()
  expect(bench.screen.kind).toBe('deposit-open')
  expect(bench.facts()).not.toContain('door-crossed')
  expect(bench.facts()).toContain('door-forced')
})

test('a disabled locker gets no new parcel, and the one inside can still be collected', () => {
  start(['S', 'S'])
  bench.leaveParcel('p-1')
  bench.command({ kind: 'disable', lockerId: '1', reason: 'hinge is loose' })
  bench.command({ kind: 'disable', lockerId: '2', reason: 'hinge is loose' })
  bench.command({ kind: 'disable', lockerId: '2', reason: 'once more' })
  expect(bench.answers.at(-1)).toEqual({ kind: 'refused', code: 'LK-LOCKER-02' })
  bench.type('pin of p-1')
  bench.useDoor()
  bench.pass(61_000)
  expect(bench.lockerState('1')).toBe('free')
  bench.signIn()
  bench.press('walk-in')
  bench.press('recipient', 'r-1')
  bench.press('size', 'S')
  expect(bench.view?.notice).toMatchObject({ key: 'no-locker' })
})

test('a silent board opens nothing, spends nothing and is told to the person', () => {
  start(['S'])
  bench.leaveParcel('p-1')
  bench.send({ kind: 'board-lost', boardId: 'a' })
  bench.type('pin of p-1')
  expect(bench.view?.notice).toMatchObject({ key: 'pin-unchecked', code: 'LK-PIN-06' })
  expect(bench.unlocks).toHaveLength(1)
  bench.readBoard()
  bench.type('pin of p-1')
  expect(bench.screen.kind).toBe('pickup-opening')
})

test('a board on which no locker hangs is told as lost too', () => {
  start(['S'])
  bench.send({ kind: 'board-lost', boardId: 'spare' })
  bench.send({ kind: 'status-asked', requestId: 'r1' })
  const boards = expect.arrayContaining([{ boardId: 'spare', isOnline: false }])
  expect(bench.answers.at(-1)).toMatchObject({ kind: 'status', status: { boards } })
})

test('a board lost between pulse and door is settled by its next reading', () => {
  start(['S'])
  bench.signIn()
  bench.press('deposit', 'p-1')
  bench.send({ kind: 'board-lost', boardId: 'a' })
  expect(bench.screen.kind).toBe('deposit-stuck')
  expect(bench.press('retry')).toBe('refused')
  bench.moveDoor('1', 'open')
  expect(bench.screen.kind).toBe('deposit-open')
  bench.moveDoor('1', 'closed')
  expect(bench.parcelState('p-1')).toBe('deposited')
})

test.each([
  ['proves an opening that nobody saw', true, 'collected', 'counter'],
  ['proves nothing, and the PIN stays valid for its locker', false, 'deposited', null],
] as const)('after a gap a board with openings counted: %s', (_, isCounting, parcel, witness) => {
  start(['S'])
  bench.leaveParcel('p-1')
  bench.countsOpenings = isCounting
  bench.readBoard()
  bench.type('pin of p-1')
  const factsBefore = bench.facts().length
  bench.send({ kind: 'board-lost', boardId: 'a' })
  const door = bench.doors[0]
  if (door !== undefined) door.opens += 1
  bench.readBoard()
  expect(bench.parcelState('p-1')).toBe(parcel)
  expect(bench.facts().slice(factsBefore).includes('opening-failed')).toBe(witness === null)
  if (witness !== null) return
  expect(bench.lockerState('1')).toBe('occupied')
  bench.pass(31_000)
  const unlocksBefore = bench.unlocks.length
  expect(bench.type('pin of p-1')).toBe('ok')
  expect(bench.unlocks).toHaveLength(unlocksBefore + 1)
})

test('a door of a board that does not count is forced only when it is seen open', () => {
  start(['S'])
  bench.countsOpenings = false
  bench.readBoard()
  const factsBefore = bench.facts().length
  bench.send({ kind: 'board-lost', boardId: 'a' })
  const door = bench.doors[0]
  if (door !== undefined) door.opens += 1
  bench.readBoard()
  expect(bench.facts()).toHaveLength(factsBefore)
  bench.moveDoor('1', 'open')
  expect(bench.facts().at(-1)).toBe('door-forced')
})

test('intents made on an older screen are stale, repeated ones answered, not repeated', () => {
  start(['S', 'S'])
  bench.signIn()
  const rev = bench.view?.rev ?? 0
  const intent = { kind: 'press', action: 'deposit', value: 'p-1' } as const
  bench.send({ kind: 'intent-sent', intentId: 'x', rev, intent })
  bench.send({ kind: 'intent-sent', intentId: 'x', rev, intent })
  bench.send({ kind: 'intent-sent', intentId: 'y', rev, intent })
  expect(bench.answers.slice(-3)).toEqual([
    { kind: 'intent', result: 'ok' },
    { kind: 'intent', result: 'ok' },
    { kind: 'intent', result: 'stale' },
  ])
  expect(bench.unlocks).toHaveLength(1)
})

test('a technician opens with a reason, but not while a person is served', () => {
  start(['S'])
  const command = { kind: 'open', lockerId: '1', reason: 'check the latch' } as const
  const ask = { kind: 'technician-asked', technicianId: 't-1', command } as const
  bench.send({ ...ask, requestId: 'q1' })
  bench.obeyUnlock('acknowledged', 'springs-open')
  expect(bench.answers.at(-1)).toMatchObject({ kind: 'opened' })
  bench.moveDoor('1', 'closed')
  bench.press('courier')
  bench.send({ ...ask, requestId: 'q2' })
  expect(bench.answers.at(-1)).toEqual({ kind: 'refused', code: 'LK-CTL-03' })
})

test('sessions end by themselves and lose nothing', () => {
  start(['S'])
  bench.signIn()
  bench.pass(60_000)
  expect(bench.press('stay')).toBe('ok')
  bench.pass(60_000)
  expect(bench.screen.kind).toBe('courier-menu')
  bench.pass(31_000)
  expect(bench.screen.kind).toBe('welcome')
  expect(bench.facts().at(-1)).toBe('courier-signed-out')
})
