// A hand-in takes a wrong turn: the parcel does not fit, the person changes the mind, the door does
// not open or stays open, the power goes. The code stays good, and no locker is taken for empty.
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { Bench, wallOf } from '../../support/bench.ts'

let bench: Bench

beforeEach(() => {
  bench = new Bench(wallOf(['S', 'M', 'L']))
  bench.prepare()
  bench.wantReturn({ id: 'ret-1', size: 'M' })
  type()
})

afterEach(() => bench.close())

function type(): void {
  bench.type('pin of ret-1')
}

function openDoor(): void {
  bench.obeyUnlock('acknowledged', 'springs-open')
}

describe('another locker', () => {
  test('a bigger one opens when the one that is too small is shut', () => {
    openDoor()
    bench.press('bigger')
    expect(bench.screen).toMatchObject({
      kind: 'hand-in-undone',
      lockerId: '2',
      isReplaced: true,
    })
    bench.moveDoor('2', 'closed')
    expect(bench.screen).toMatchObject({ kind: 'hand-in-opening', lockerId: '3' })
    bench.useDoor()
    bench.press('found-parcel')
    expect(bench.ledger.parcel('ret-1')).toMatchObject({ state: 'handed-in', lockerId: '3' })
    expect(bench.lockerState('2')).toBe('unverified')
  })

  test('a smaller one opens when the one that is too big is shut', () => {
    openDoor()
    bench.press('smaller')
    bench.moveDoor('2', 'closed')
    expect(bench.screen).toMatchObject({ kind: 'hand-in-opening', lockerId: '1' })
  })

  test('nothing is given up where there is nothing better', () => {
    bench.command({ kind: 'disable', lockerId: '3', reason: 'a new lock' })
    openDoor()
    bench.press('bigger')
    expect(bench.screen).toMatchObject({ kind: 'hand-in-open', lockerId: '2' })
    expect(bench.view?.notice).toMatchObject({ key: 'no-other-size' })
  })

  test('a door that does not open: another one does, without anybody being asked', () => {
    bench.jam()
    expect(bench.screen).toMatchObject({ kind: 'hand-in-opening', lockerId: '3' })
    expect(bench.view?.notice).toMatchObject({ key: 'other-locker', params: { locker: '2' } })
    expect(bench.told('hand-in-cancelled')).toMatchObject({ lockerId: '2', reason: 'door-stuck' })
    bench.useDoor()
    bench.press('found-parcel')
    expect(bench.ledger.parcel('ret-1')).toMatchObject({ state: 'handed-in', lockerId: '3' })
  })

  test('no other locker: the person tries again', () => {
    bench.command({ kind: 'disable', lockerId: '3', reason: 'a new lock' })
    bench.jam()
    expect(bench.screen).toMatchObject({ kind: 'hand-in-stuck', lockerId: '2' })
    bench.press('retry')
    bench.useDoor()
    bench.press('found-parcel')
    expect(bench.parcelState('ret-1')).toBe('handed-in')
  })
})

describe('not handed in after all', () => {
  test('the code stays good, and the locker waits for a look', () => {
    openDoor()
    bench.press('cancel')
    expect(bench.screen).toMatchObject({ kind: 'hand-in-undone', isReplaced: false })
    bench.moveDoor('2', 'closed')
    expect(bench.screen.kind).toBe('welcome')
    expect(bench.view?.notice).toMatchObject({ key: 'hand-in-cancelled' })
    expect(bench.lockerState('2')).toBe('unverified')
    type()
    expect(bench.screen).toMatchObject({ kind: 'hand-in-opening', lockerId: '3' })
  })

  test('a sensor inside that has proven itself frees the locker', () => {
    openDoor()
    bench.inside('2', 'present')
    bench.moveDoor('2', 'closed')
    bench.press('reopen')
    openDoor()
    bench.inside('2', 'absent')
    bench.moveDoor('2', 'closed')
    bench.press('found-empty')
    expect(bench.told('hand-in-cancelled')).toMatchObject({ reason: 'not-inside' })
    expect(bench.lockerState('2')).toBe('free')
    expect(bench.parcelState('ret-1')).toBe('withdrawn')
  })

  test('it is said at the shut door', () => {
    bench.useDoor()
    bench.press('found-empty')
    expect(bench.screen.kind).toBe('welcome')
    expect(bench.factsOf('parcel-handed-in')).toEqual([])
    expect(bench.lockerState('2')).toBe('unverified')
    type()
    expect(bench.screen).toMatchObject({ kind: 'hand-in-opening' })
  })

  test('it is taken out again within the grace time: the code is good again', () => {
    bench.useDoor()
    bench.press('found-parcel')
    bench.press('reopen')
    bench.useDoor()
    bench.press('found-empty')
    expect(bench.parcelState('ret-1')).toBe('withdrawn')
    expect(bench.lockerState('2')).toBe('unverified')
    bench.pass(bench.config.policy.reopenMs)
    type()
    expect(bench.screen).toMatchObject({ kind: 'hand-in-opening', lockerId: '3' })
  })

  test('while the person is asked no technician settles it', () => {
    bench.useDoor()
    bench.press('found-parcel')
    bench.press('reopen')
    bench.useDoor()
    expect(bench.screen).toMatchObject({ kind: 'hand-in-question', lockerId: '2' })
    expect(bench.lockerState('2')).toBe('reserved')
    bench.command({ kind: 'inspect', lockerId: '2', found: 'empty', reason: 'round' })
    expect(bench.lockerState('2')).toBe('reserved')
    bench.press('found-parcel')
    expect(bench.lockerState('2')).toBe('awaiting-courier')
  })

  test('a technician has found nothing there: that door opens no more', () => {
    bench.useDoor()
    bench.press('found-parcel')
    bench.command({ kind: 'inspect', lockerId: '2', found: 'empty', reason: 'round' })
    expect(bench.lockerState('2')).toBe('free')
    const before = bench.unlocks.length
    bench.press('reopen')
    expect(bench.unlocks).toHaveLength(before)
    expect(bench.lockerState('2')).toBe('free')
  })

  test('central takes it back meanwhile: it is over when the person goes', () => {
    openDoor()
    bench.withdrawReturn('ret-1')
    expect(bench.factsOf('return-withdrawn')).toEqual([])
    bench.press('cancel')
    bench.moveDoor('2', 'closed')
    bench.pass(1_000)
    expect(bench.told('return-withdrawn')).toEqual({ parcelId: 'ret-1', recipientId: 'r-1' })
    type()
    expect(bench.view?.notice).toMatchObject({ code: 'LK-PIN-04' })
  })

  test('what central takes back while it is being put in is handed in all the same', () => {
    openDoor()
    bench.withdrawReturn('ret-1')
    bench.moveDoor('2', 'closed')
    bench.press('found-parcel')
    expect(bench.parcelState('ret-1')).toBe('handed-in')
    expect(bench.factsOf('return-withdrawn')).toEqual([])
  })
})

describe('broken off', () => {
  test('a door left open: its code opens this locker and no other', () => {
    openDoor()
    bench.pass(bench.config.policy.leftOpenMs)
    expect(bench.screen.kind).toBe('welcome')
    expect(bench.told('hand-in-interrupted')).toMatchObject({ cause: 'left-open' })
    expect(bench.lockerState('2')).toBe('unverified')
    bench.moveDoor('2', 'closed')
    type()
    expect(bench.screen).toMatchObject({ kind: 'hand-in-opening', lockerId: '2' })
    expect(bench.told('hand-in-resumed')).toMatchObject({ parcelId: 'ret-1', lockerId: '2' })
    bench.useDoor()
    bench.press('found-parcel')
    expect(bench.parcelState('ret-1')).toBe('handed-in')
  })

  test('the power goes while the door stands open: nothing is lost, and nothing is pulsed', () => {
    openDoor()
    bench.restart()
    expect(bench.unlocks).toEqual([])
    expect(bench.told('hand-in-interrupted')).toMatchObject({ cause: 'restart' })
    bench.moveDoor('2', 'closed')
    expect(bench.ledger.parcel('ret-1')).toMatchObject({ state: 'unconfirmed', lockerId: '2' })
    bench.command({ kind: 'inspect', lockerId: '2', found: 'parcel', reason: 'round' })
    expect(bench.told('parcel-handed-in')).toMatchObject({ lockerId: '2', proof: 'inspected' })
    expect(bench.lockerState('2')).toBe('awaiting-courier')
    type()
    expect(bench.view?.notice).toMatchObject({ code: 'LK-PIN-05' })
  })

  test('the power goes, and a technician finds nothing: the code is good for any locker', () => {
    openDoor()
    bench.restart()
    bench.moveDoor('2', 'closed')
    bench.command({ kind: 'inspect', lockerId: '2', found: 'empty', reason: 'round' })
    expect(bench.lockerState('2')).toBe('free')
    bench.command({ kind: 'disable', lockerId: '2', reason: 'a new lock' })
    type()
    expect(bench.screen).toMatchObject({ kind: 'hand-in-opening', lockerId: '3' })
  })

  test('the power goes while its door is opened once more: the code opens it again', () => {
    bench.useDoor()
    bench.press('found-parcel')
    bench.press('reopen')
    openDoor()
    bench.restart()
    bench.moveDoor('2', 'closed')
    expect(bench.parcelState('ret-1')).toBe('unconfirmed')
    type()
    expect(bench.screen).toMatchObject({ kind: 'hand-in-opening', lockerId: '2' })
  })

  test('the power goes before anybody says whether it is still inside: somebody looks', () => {
    bench.useDoor()
    bench.press('found-parcel')
    bench.press('reopen')
    bench.useDoor()
    expect(bench.told('hand-in-resumed')).toMatchObject({ parcelId: 'ret-1', lockerId: '2' })
    expect(bench.screen).toMatchObject({ kind: 'hand-in-question', lockerId: '2' })
    bench.restart()
    expect(bench.told('hand-in-interrupted')).toMatchObject({ lockerId: '2', cause: 'restart' })
    expect(bench.parcelState('ret-1')).toBe('unconfirmed')
    bench.command({ kind: 'inspect', lockerId: '2', found: 'empty', reason: 'round' })
    expect(bench.lockerState('2')).toBe('free')
    type()
    expect(bench.screen).toMatchObject({ kind: 'hand-in-opening' })
  })

  test('whoever leaves it inside has handed it in anew, and may not look a third time', () => {
    bench.useDoor()
    bench.press('found-parcel')
    const first = bench.view?.receipt?.code
    bench.press('reopen')
    bench.useDoor(bench.config.policy.reopenMs)
    expect(bench.parcelState('ret-1')).toBe('handing-in')
    bench.press('found-parcel')
    expect(bench.factsOf('parcel-handed-in')).toHaveLength(2)
    expect(bench.view?.receipt?.code).not.toBe(first)
    expect(bench.screen).toMatchObject({ kind: 'hand-in-done', canReopen: false })
  })

  test('opened once more, and then not at all: it stays handed in', () => {
    bench.useDoor()
    bench.press('found-parcel')
    bench.press('reopen')
    bench.jam()
    expect(bench.screen).toMatchObject({ kind: 'hand-in-stuck', isReopened: true })
    bench.press('back')
    expect(bench.parcelState('ret-1')).toBe('handed-in')
    expect(bench.factsOf('hand-in-resumed')).toEqual([])
  })

  test('seen to open once more, and stuck at the next try: nobody calls it handed in', () => {
    bench.useDoor()
    bench.press('found-parcel')
    bench.press('reopen')
    bench.useDoor()
    bench.press('retry')
    bench.jam()
    bench.press('back')
    expect(bench.told('hand-in-interrupted')).toMatchObject({ cause: 'session-ended' })
    expect(bench.parcelState('ret-1')).toBe('unconfirmed')
  })

  test('the power goes while an earlier door stands open: it stays handed in', () => {
    openDoor()
    bench.press('cancel')
    bench.pass(bench.config.policy.leftOpenMs)
    type()
    bench.useDoor()
    bench.press('found-parcel')
    expect(bench.ledger.parcel('ret-1')).toMatchObject({ state: 'handed-in', lockerId: '3' })
    bench.restart()
    bench.moveDoor('2', 'closed')
    expect(bench.ledger.parcel('ret-1')).toMatchObject({ state: 'handed-in', lockerId: '3' })
    expect(bench.lockerState('3')).toBe('awaiting-courier')
    expect(bench.lockerState('2')).toBe('unverified')
    expect(bench.factsOf('hand-in-interrupted')).toEqual([])
  })

  test('the door is pulled open before anybody has said a word: the code stays good', () => {
    openDoor()
    bench.moveDoor('2', 'closed')
    bench.moveDoor('2', 'open')
    bench.pass(bench.config.policy.idleMs)
    expect(bench.screen.kind).toBe('welcome')
    expect(bench.told('hand-in-interrupted')).toMatchObject({ cause: 'session-ended' })
    expect(bench.factsOf('parcel-handed-in')).toEqual([])
    expect(bench.lockerState('2')).toBe('unverified')
  })

  test('something else is found there: nobody opens it any more', () => {
    openDoor()
    bench.restart()
    bench.moveDoor('2', 'closed')
    bench.command({ kind: 'inspect', lockerId: '2', found: 'other', reason: 'a bag of bricks' })
    type()
    expect(bench.screen.kind).toBe('welcome')
    expect(bench.view?.notice).toMatchObject({ code: 'LK-LOCKER-02' })
    expect(bench.unlocks).toEqual([])
  })

  test('the person goes from a stuck door: the code stays good for it', () => {
    bench.command({ kind: 'disable', lockerId: '3', reason: 'a new lock' })
    bench.jam()
    bench.pass(bench.config.policy.idleMs)
    expect(bench.told('hand-in-interrupted')).toMatchObject({ cause: 'session-ended' })
    expect(bench.told('opening-failed')).toMatchObject({ lockerId: '2' })
    type()
    expect(bench.screen).toMatchObject({ kind: 'hand-in-opening', lockerId: '2' })
  })

  test('the board falls silent: the person comes back later', () => {
    bench.send({ kind: 'board-lost', boardId: 'a' })
    expect(bench.screen).toMatchObject({ kind: 'hand-in-stuck' })
    expect(bench.press('retry')).toBe('refused')
    bench.pass(bench.config.policy.idleMs)
    expect(bench.screen.kind).toBe('welcome')
    bench.readBoard()
    type()
    expect(bench.screen).toMatchObject({ kind: 'hand-in-opening', lockerId: '2' })
  })
})

describe('a courier looks', () => {
  function employ(carrierId: string): void {
    const verifier = `code-${carrierId}`
    bench.employ({ id: carrierId, role: 'courier', label: carrierId, verifier, carrierId })
  }

  beforeEach(() => {
    openDoor()
    bench.press('cancel')
    bench.moveDoor('2', 'closed')
    bench.wantReturn({ id: 'ret-2', size: 'L', carrierId: 'red' })
    bench.type('pin of ret-2')
    openDoor()
    employ('red')
    employ('blue')
  })

  test('into what a return of the own carrier, or of none, has left, and nowhere else', () => {
    bench.press('cancel')
    bench.moveDoor('3', 'closed')
    bench.signIn('code-blue')
    expect(bench.screen).toMatchObject({ kind: 'courier-menu', checks: ['2'] })
    bench.press('sign-out')
    bench.signIn('code-red')
    expect(bench.screen).toMatchObject({ kind: 'courier-menu', checks: ['2', '3'] })
    bench.press('check', '3')
    bench.useDoor()
    bench.press('found-empty')
    expect(bench.lockerState('3')).toBe('free')
    expect(bench.told('locker-inspected')).toMatchObject({
      lockerId: '3',
      by: { role: 'courier', id: 'red' },
    })
  })

  test('and finds the parcel of a hand-in that broke off: it is handed in, and taken out', () => {
    bench.restart()
    bench.moveDoor('3', 'closed')
    bench.signIn('code-red')
    bench.press('check', '3')
    bench.useDoor()
    expect(bench.screen).toMatchObject({ kind: 'check-question', parcel: { parcelId: 'ret-2' } })
    bench.press('found-parcel')
    expect(bench.told('parcel-handed-in')).toMatchObject({ parcelId: 'ret-2', proof: 'inspected' })
    expect(bench.view?.notice).toMatchObject({ key: 'handed-in' })
    bench.press('retrieve')
    bench.useDoor()
    bench.press('took-out')
    expect(bench.lockerState('3')).toBe('free')
    expect(bench.factsOf('parcel-deposited')).toEqual([])
  })
})

describe('no room', () => {
  test('the wall is full: the code stays good, and central hears of it', () => {
    openDoor()
    bench.press('cancel')
    bench.moveDoor('2', 'closed')
    bench.command({ kind: 'disable', lockerId: '3', reason: 'a new lock' })
    type()
    expect(bench.screen.kind).toBe('welcome')
    expect(bench.view?.notice).toMatchObject({ key: 'hand-in-full', code: 'LK-ASSIGN-01' })
    expect(bench.told('parcel-not-handed-in')).toEqual({
      parcelId: 'ret-1',
      recipientId: 'r-1',
      reason: 'bank-full',
    })
    bench.command({ kind: 'enable', lockerId: '3', reason: 'mended' })
    type()
    expect(bench.screen).toMatchObject({ kind: 'hand-in-opening', lockerId: '3' })
  })

  test('whoever needs a low locker gets none that is high', () => {
    bench.press('cancel')
    bench.obeyUnlock('acknowledged', 'stays-closed')
    bench.pass(bench.config.policy.openSeenMs)
    expect(bench.screen.kind).toBe('welcome')
    bench.wantReturn({ id: 'ret-2', needsReach: true })
    bench.type('pin of ret-2')
    expect(bench.view?.notice).toMatchObject({ key: 'hand-in-full', code: 'LK-ASSIGN-03' })
  })
})

describe('a door that nobody sees', () => {
  beforeEach(() => {
    bench.press('cancel')
    bench.obeyUnlock('acknowledged', 'stays-closed')
    bench.pass(bench.config.policy.openSeenMs)
    bench.command({ kind: 'disable', lockerId: '3', reason: 'a new lock' })
    bench.command({ kind: 'inspect', lockerId: '2', found: 'empty', reason: 'round' })
    type()
    bench.lie('2', 'closed')
    bench.jam()
    bench.press('said-open')
  })

  test('the person says that it is inside, and shut', () => {
    expect(bench.screen).toMatchObject({ kind: 'hand-in-question', isSeenShut: false })
    bench.press('found-parcel')
    expect(bench.told('parcel-handed-in')).toMatchObject({ proof: 'said-closed' })
    expect(bench.lockerState('2')).toBe('awaiting-courier')
  })

  test('the person says that it is not', () => {
    bench.press('found-empty')
    expect(bench.screen.kind).toBe('welcome')
    expect(bench.lockerState('2')).toBe('unverified')
    expect(bench.factsOf('parcel-handed-in')).toEqual([])
  })

  test('the person says nothing', () => {
    bench.pass(bench.config.policy.leftOpenMs)
    expect(bench.told('hand-in-interrupted')).toMatchObject({ cause: 'unseen' })
    expect(bench.lockerState('2')).toBe('unverified')
  })
})
