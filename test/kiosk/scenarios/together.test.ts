// Several parcels in one locker: for one recipient and of one carrier, collected by one opening.
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { Bench, wallOf } from '../../support/bench.ts'

let bench: Bench

const IDS = ['p-1', 'p-2', 'p-3', 'p-4']

beforeEach(() => start())

afterEach(() => bench.close())

/** Flat 1 gets p-1 to p-4, Flat 2 gets p-5. */
function start(policy: Parameters<typeof wallOf>[1] = {}, sizes = ['S', 'S', 'S']): void {
  bench = new Bench(wallOf(sizes, policy))
  const own = IDS.map((id) => ({ id, size: 'S' }))
  bench.prepare([...own, { id: 'p-5', size: 'S', recipientId: 'r-2' }])
}

/** @returns the ids of all facts of a kind, in order */
function toldOf(kind: string): readonly unknown[] {
  return bench.allTold(kind).map(({ parcelId }) => parcelId)
}

function handIn(id: string): void {
  bench.type(`pin of ${id}`)
  bench.useDoor()
  bench.press('found-parcel')
  bench.press('back')
}

function leaveTogether(...ids: readonly string[]): void {
  for (const id of ids) bench.leaveParcel(id, 'together')
}

describe('the courier puts a parcel with the others', () => {
  test('a recipient’s parcel waits: the next one may go into the same locker', () => {
    bench.leaveParcel('p-1')
    bench.signIn()
    bench.press('deposit', 'p-2')
    expect(bench.screen).toMatchObject({
      kind: 'deposit-offer',
      lockerId: '1',
      inside: 1,
      parcel: { parcelId: 'p-2' },
    })
    bench.press('together')
    expect(bench.screen).toMatchObject({ kind: 'deposit-opening', lockerId: '1' })
    expect(bench.lockerState('1')).toBe('reserved')
    bench.useDoor()
    expect(bench.screen).toMatchObject({ kind: 'courier-menu', depositedCount: 1 })
    expect(bench.lockerState('1')).toBe('occupied')
    expect(bench.parcelsAt('1')).toEqual(['p-1', 'p-2'])
    expect(bench.told('deposit-started')).toMatchObject({
      parcelId: 'p-2',
      isTogether: true,
      why: { reasons: ['together'] },
    })
    // The PIN that the recipient has opens it, too.
    expect(bench.told('parcel-deposited')).toMatchObject({ parcelId: 'p-2', sealedPin: null })
  })

  test('a scan and a parcel that nobody announced are offered the same', () => {
    bench.leaveParcel('p-1')
    bench.signIn()
    bench.scan('T-p-2')
    expect(bench.screen).toMatchObject({ kind: 'deposit-offer', lockerId: '1' })
    bench.press('back')
    bench.press('walk-in')
    bench.press('recipient', 'r-1')
    bench.press('size', 'S')
    expect(bench.screen).toMatchObject({ kind: 'deposit-offer', parcel: { recipient: 'Flat 1' } })
    bench.press('together')
    bench.useDoor()
    expect(bench.parcelsAt('1')).toHaveLength(2)
  })

  test('the courier may have a locker for it alone', () => {
    bench.leaveParcel('p-1')
    bench.signIn()
    bench.press('deposit', 'p-2')
    bench.press('apart')
    expect(bench.screen).toMatchObject({ kind: 'deposit-opening', lockerId: '2' })
  })

  test('what does not fit goes into a locker of its own, and the others stay', () => {
    bench.leaveParcel('p-1')
    bench.signIn()
    bench.press('deposit', 'p-2')
    bench.press('together')
    bench.obeyUnlock('acknowledged', 'springs-open')
    expect(bench.screen).toMatchObject({ kind: 'deposit-open', canPart: true, canResize: false })
    expect(bench.press('bigger')).toBe('refused')
    bench.press('apart')
    expect(bench.screen).toMatchObject({ kind: 'cancel-open', isReplaced: true })
    bench.moveDoor('1', 'closed')
    expect(bench.screen).toMatchObject({ kind: 'deposit-opening', lockerId: '2' })
    expect(bench.view?.notice?.key).toBe('others-stay')
    expect(bench.told('deposit-cancelled')).toMatchObject({ parcelId: 'p-2', reason: 'apart' })
    bench.useDoor()
    expect(bench.parcelsAt('1')).toEqual(['p-1'])
    expect(bench.parcelsAt('2')).toEqual(['p-2'])
    expect([bench.lockerState('1'), bench.lockerState('2')]).toEqual(['occupied', 'occupied'])
  })

  test('there is no locker for it alone: nothing is given up', () => {
    bench.close()
    start({}, ['S'])
    bench.leaveParcel('p-1')
    bench.signIn()
    bench.deposit('p-2', 'together')
    bench.obeyUnlock('acknowledged', 'springs-open')
    bench.press('apart')
    expect(bench.view?.notice).toMatchObject({ key: 'no-other-size', code: 'LK-ASSIGN-01' })
    expect(bench.screen).toMatchObject({ kind: 'deposit-open', parcel: { parcelId: 'p-2' } })
  })

  test('a courier who cancels leaves the others as they were: nobody has to look', () => {
    bench.leaveParcel('p-1')
    bench.signIn()
    bench.deposit('p-2', 'together')
    bench.obeyUnlock('acknowledged', 'springs-open')
    bench.press('cancel')
    bench.moveDoor('1', 'closed')
    expect(bench.screen).toMatchObject({ kind: 'courier-menu', checks: [] })
    expect(bench.lockerState('1')).toBe('occupied')
    expect(bench.parcelState('p-2')).toBe('announced')
    bench.press('sign-out')
    bench.type('pin of p-1')
    bench.useDoor()
    expect(toldOf('parcel-collected')).toEqual(['p-1'])
  })

  test('a door that does not open: the parcel goes elsewhere without a question', () => {
    bench.leaveParcel('p-1')
    bench.signIn()
    bench.deposit('p-2', 'together')
    bench.jam()
    expect(bench.screen).toMatchObject({ kind: 'deposit-opening', lockerId: '2' })
    bench.useDoor()
    expect(bench.lockerState('1')).toBe('occupied')
    expect(bench.parcelsAt('2')).toEqual(['p-2'])
  })
})

describe('while the door stands open', () => {
  test('the next scan for the same recipient goes in as well, and one PIN is made', () => {
    bench.signIn()
    bench.scan('T-p-1')
    bench.obeyUnlock('acknowledged', 'springs-open')
    bench.scan('T-p-2')
    expect(bench.screen).toMatchObject({ next: { parcelId: 'p-2' }, canAdd: true })
    bench.press('together')
    expect(bench.screen).toMatchObject({ next: null, withParcels: [{ parcelId: 'p-2' }] })
    bench.scan('T-p-3')
    bench.press('together')
    bench.pass(3_000)
    bench.moveDoor('1', 'closed')
    expect(bench.screen).toMatchObject({ kind: 'courier-menu', depositedCount: 3 })
    expect(bench.unlocks).toHaveLength(1)
    expect(bench.parcelsAt('1')).toEqual(['p-1', 'p-2', 'p-3'])
    const pins = bench.allTold('parcel-deposited').map(({ sealedPin }) => sealedPin)
    expect(pins).toEqual(['sealed pin of p-1', null, null])
  })

  test('the PIN stands in the fact of the parcel that it was sealed for', () => {
    bench.preparesPins = false
    bench.signIn()
    bench.scan('T-p-1')
    bench.obeyUnlock('acknowledged', 'springs-open')
    bench.scan('T-p-2')
    bench.press('together')
    bench.moveDoor('1', 'closed')
    expect(bench.screen.kind).toBe('deposit-finishing')
    const made = { index: 'i', referenceIndex: 'r', sealedPin: 'sealed for p-2' }
    bench.send({ kind: 'pin-prepared', parcelId: 'p-2', ...made })
    const told = bench.allTold('parcel-deposited')
    expect(told.map(({ parcelId, sealedPin }) => [parcelId, sealedPin])).toEqual([
      ['p-2', 'sealed for p-2'],
      ['p-1', null],
    ])
    expect(bench.screen).toMatchObject({ kind: 'courier-menu', depositedCount: 2 })
  })

  test('a scan that is not put in as well gets the next door, as ever', () => {
    bench.signIn()
    bench.scan('T-p-1')
    bench.obeyUnlock('acknowledged', 'springs-open')
    bench.scan('T-p-2')
    bench.pass(3_000)
    bench.moveDoor('1', 'closed')
    expect(bench.screen).toMatchObject({ kind: 'deposit-opening', lockerId: '2' })
  })

  test('it does not fit after all: it gets the next door', () => {
    bench.signIn()
    bench.scan('T-p-1')
    bench.obeyUnlock('acknowledged', 'springs-open')
    bench.scan('T-p-2')
    bench.press('together')
    expect(bench.press('apart')).toBe('ok')
    expect(bench.screen).toMatchObject({ next: { parcelId: 'p-2' }, withParcels: [] })
    bench.pass(3_000)
    bench.moveDoor('1', 'closed')
    expect(bench.screen).toMatchObject({ kind: 'deposit-opening', lockerId: '2' })
    bench.useDoor()
    expect(bench.parcelsAt('1')).toEqual(['p-1'])
    expect(bench.parcelsAt('2')).toEqual(['p-2'])
  })

  test('a courier who cancels takes all of them out again', () => {
    bench.signIn()
    bench.scan('T-p-1')
    bench.obeyUnlock('acknowledged', 'springs-open')
    bench.scan('T-p-2')
    bench.press('together')
    bench.press('cancel')
    bench.press('reason', 'damaged')
    bench.moveDoor('1', 'closed')
    expect(bench.screen).toMatchObject({ kind: 'check-offer', lockerId: '1' })
    expect(toldOf('deposit-cancelled')).toEqual(['p-1', 'p-2'])
    expect(toldOf('parcel-not-deposited')).toEqual(['p-1', 'p-2'])
    expect(bench.lockerState('1')).toBe('unverified')
    expect(bench.parcelState('p-2')).toBe('announced')
  })
})

describe('it is not offered', () => {
  function offered(id: string): boolean {
    bench.signIn()
    bench.press('deposit', id)
    return bench.screen.kind === 'deposit-offer'
  }

  test('to a parcel for somebody else', () => {
    bench.leaveParcel('p-1')
    expect(offered('p-5')).toBe(false)
    bench.obeyUnlock('acknowledged', 'springs-open')
    bench.scan('T-p-2')
    expect(bench.screen).toMatchObject({ next: { parcelId: 'p-2' }, canAdd: false })
    expect(bench.press('together')).toBe('refused')
  })

  test('when the locker holds as many as the policy allows', () => {
    bench.close()
    start({ parcelsPerLockerMax: 2 })
    leaveTogether('p-1', 'p-2')
    expect(offered('p-3')).toBe(false)
  })

  test('when the policy gives every parcel a locker of its own', () => {
    bench.close()
    start({ parcelsPerLockerMax: 1 })
    bench.leaveParcel('p-1')
    expect(offered('p-2')).toBe(false)
  })

  test('when the locker is too small', () => {
    bench.leaveParcel('p-1')
    const parcel = { id: 'p-9', size: 'M', tracking: 'T-9', recipientId: 'r-1' }
    bench.want({ stream: 'parcel', version: 2, isSnapshot: false, puts: [parcel], deletes: [] })
    expect(offered('p-9')).toBe(false)
  })

  test('when the locker is out of service, or its sensor is not believed', () => {
    bench.leaveParcel('p-1')
    bench.command({ kind: 'disable', lockerId: '1', reason: 'hinge is loose' })
    expect(offered('p-2')).toBe(false)
    bench.restart()
    bench.command({ kind: 'enable', lockerId: '1', reason: 'mended' })
    bench.flutter('1', 10)
    expect(offered('p-3')).toBe(false)
  })

  test('when a courier of another carrier brought what lies there', () => {
    const staff = { role: 'courier', label: 'Courier' } as const
    bench.employ({ id: 'c-red', ...staff, verifier: 'code-red', carrierId: 'red' })
    bench.employ({ id: 'c-blue', ...staff, verifier: 'code-blue', carrierId: 'blue' })
    bench.signIn('code-red')
    bench.deposit('p-1')
    bench.useDoor()
    bench.press('sign-out')
    bench.signIn('code-blue')
    bench.press('deposit', 'p-2')
    expect(bench.screen).toMatchObject({ kind: 'deposit-opening', lockerId: '2' })
  })

  test('when a parcel there is for its courier to take back', () => {
    bench.leaveParcel('p-1')
    leaveTogether('p-2')
    bench.command({ kind: 'recall', lockerId: '1', parcelId: 'p-1', reason: 'refused' })
    expect(offered('p-3')).toBe(false)
  })

  test('when a return of the recipient lies there', () => {
    bench.wantReturn({ id: 'ret-1' })
    handIn('ret-1')
    expect(bench.ledger.parcel('ret-1')).toMatchObject({ state: 'handed-in', lockerId: '1' })
    expect(offered('p-1')).toBe(false)
    expect(bench.screen).toMatchObject({ kind: 'deposit-opening', lockerId: '2' })
  })

  test('to a return, which gets a locker of its own', () => {
    bench.leaveParcel('p-1')
    bench.wantReturn({ id: 'ret-1' })
    handIn('ret-1')
    expect(bench.parcelsAt('1')).toEqual(['p-1'])
    expect(bench.parcelsAt('2')).toEqual(['ret-1'])
    // The PIN of its recipient opens what waits, and never the return.
    bench.type('pin of p-1')
    bench.useDoor()
    expect(bench.parcelState('p-1')).toBe('collected')
    expect(bench.lockerState('2')).toBe('awaiting-courier')
  })

  test('when somebody has been there since it was offered', () => {
    bench.leaveParcel('p-1')
    expect(offered('p-2')).toBe(true)
    bench.command({ kind: 'recall', lockerId: '1', reason: 'refused' })
    bench.press('together')
    expect(bench.screen).toMatchObject({ kind: 'deposit-opening', lockerId: '2' })
  })
})

describe('a deposit breaks off', () => {
  test('the first one keeps its right, and the courier says whether the second is there', () => {
    bench.leaveParcel('p-1')
    bench.signIn()
    bench.deposit('p-2', 'together')
    bench.obeyUnlock('acknowledged', 'springs-open')
    bench.restart()
    bench.moveDoor('1', 'closed')
    expect(bench.lockerState('1')).toBe('unverified')
    expect(bench.parcelState('p-1')).toBe('deposited')
    bench.signIn()
    expect(bench.screen).toMatchObject({ checks: ['1'] })
    bench.press('check', '1')
    bench.useDoor()
    expect(bench.screen).toMatchObject({ kind: 'check-question', parcel: { parcelId: 'p-2' } })
    bench.press('found-empty')
    expect(bench.view?.notice?.key).toBe('others-stay')
    expect(bench.lockerState('1')).toBe('occupied')
    expect(bench.parcelsAt('1')).toEqual(['p-1'])
    expect(bench.parcelState('p-2')).toBe('announced')
  })

  test('two of them were on their way: the courier is asked about each', () => {
    bench.signIn()
    bench.scan('T-p-1')
    bench.obeyUnlock('acknowledged', 'springs-open')
    bench.scan('T-p-2')
    bench.press('together')
    bench.restart()
    bench.moveDoor('1', 'closed')
    expect(toldOf('deposit-interrupted')).toEqual(['p-1', 'p-2'])
    bench.signIn()
    bench.press('check', '1')
    bench.useDoor()
    bench.press('found-empty')
    expect(bench.screen).toMatchObject({ kind: 'check-question', parcel: { parcelId: 'p-2' } })
    bench.press('found-parcel')
    expect(bench.screen.kind).toBe('courier-menu')
    expect(bench.parcelState('p-1')).toBe('announced')
    expect(bench.parcelState('p-2')).toBe('deposited')
    expect(bench.lockerState('1')).toBe('occupied')
    bench.press('sign-out')
    bench.type(bench.pins.get('p-2') ?? '')
    bench.useDoor()
    expect(toldOf('parcel-collected')).toEqual(['p-2'])
  })

  test('the recipient comes before anybody looked: the first is collected, the locker held', () => {
    bench.leaveParcel('p-1')
    bench.signIn()
    bench.deposit('p-2', 'together')
    bench.obeyUnlock('acknowledged', 'springs-open')
    bench.restart()
    bench.moveDoor('1', 'closed')
    bench.type('pin of p-1')
    bench.useDoor()
    expect(toldOf('parcel-collected')).toEqual(['p-1'])
    bench.pass(61_000)
    expect(bench.lockerState('1')).toBe('unverified')
    bench.command({ kind: 'inspect', lockerId: '1', found: 'empty', reason: 'looked' })
    expect(bench.lockerState('1')).toBe('free')
    expect(bench.parcelState('p-2')).toBe('announced')
  })

  test('a technician finds only the second one: it has a PIN of its own', () => {
    bench.leaveParcel('p-1')
    bench.signIn()
    bench.deposit('p-2', 'together')
    bench.obeyUnlock('acknowledged', 'springs-open')
    bench.restart()
    bench.moveDoor('1', 'closed')
    const look = { kind: 'inspect', lockerId: '1', found: 'parcel', reason: 'looked' } as const
    bench.command({ ...look, insideIds: ['p-2'] })
    expect(bench.parcelState('p-1')).toBe('withdrawn')
    expect(bench.told('parcel-deposited')).toMatchObject({
      parcelId: 'p-2',
      sealedPin: `sealed ${bench.pins.get('p-2')}`,
    })
    bench.type(bench.pins.get('p-2') ?? '')
    bench.useDoor()
    expect(toldOf('parcel-collected')).toEqual(['p-2'])
  })

  test('a technician finds it empty: what waited there waits no more, and its PIN is dead', () => {
    bench.leaveParcel('p-1')
    bench.signIn()
    bench.deposit('p-2', 'together')
    bench.obeyUnlock('acknowledged', 'springs-open')
    bench.restart()
    bench.moveDoor('1', 'closed')
    bench.command({ kind: 'inspect', lockerId: '1', found: 'empty', reason: 'looked' })
    expect(bench.parcelState('p-1')).toBe('withdrawn')
    expect(bench.lockerState('1')).toBe('free')
    bench.type('pin of p-1')
    expect(bench.view?.notice?.code).toBe('LK-PIN-05')
  })
})

test('the locker and each of its parcels can be explained', () => {
  bench.leaveParcel('p-1')
  leaveTogether('p-2')
  bench.send({ kind: 'explain-asked', requestId: 'e', name: '1' })
  expect(bench.answers.at(-1)).toMatchObject({
    explanation: {
      state: 'occupied',
      parcels: [
        { parcelId: 'p-1', why: { reasons: ['fits', 'steady', 'leaves-reach-free'] } },
        { parcelId: 'p-2', why: { reasons: ['together'] } },
      ],
    },
  })
  bench.send({ kind: 'status-asked', requestId: 's' })
  const answer = bench.answers.at(-1)
  const lockers = answer?.kind === 'status' ? answer.status.lockers : []
  expect(lockers[0]).toMatchObject({ lockerId: '1', parcelIds: ['p-1', 'p-2'] })
})
