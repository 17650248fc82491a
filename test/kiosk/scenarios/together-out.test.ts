// Several parcels that lie together: collected by one opening, or taken back one by one.
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { Bench, wallOf } from '../../support/bench.ts'

let bench: Bench

const IDS = ['p-1', 'p-2', 'p-3', 'p-4']

beforeEach(() => {
  bench = new Bench(wallOf(['S', 'S', 'S']))
  const own = IDS.map((id) => ({ id, size: 'S' }))
  bench.prepare([...own, { id: 'p-5', size: 'S', recipientId: 'r-2' }])
})

afterEach(() => bench.close())

/** @returns the ids of all facts of a kind, in order */
function toldOf(kind: string): readonly unknown[] {
  return bench.allTold(kind).map(({ parcelId }) => parcelId)
}

function leaveTogether(...ids: readonly string[]): void {
  for (const id of ids) bench.leaveParcel(id, 'together')
}

describe('the recipient opens once', () => {
  beforeEach(() => leaveTogether('p-1', 'p-2', 'p-3'))

  test('all parcels behind the door are collected by its one opening', () => {
    bench.type('pin of p-1')
    expect(bench.told('opening-authorised')).toMatchObject({ parcelIds: ['p-1', 'p-2', 'p-3'] })
    bench.obeyUnlock('acknowledged', 'springs-open')
    expect(bench.screen).toMatchObject({ kind: 'pickup-open', inside: 3, left: 0 })
    expect(IDS.slice(0, 3).map((id) => bench.parcelState(id))).toEqual(
      Array.from({ length: 3 }, () => 'collecting'),
    )
    bench.pass(3_000)
    bench.moveDoor('1', 'closed')
    expect(bench.screen.kind).toBe('pickup-done')
    expect(toldOf('parcel-collected')).toEqual(['p-1', 'p-2', 'p-3'])
    expect(bench.view?.receipt?.code).toMatch(/^\w{4}-\w{4}-\w{4}$/)
    expect(bench.lockerState('1')).toBe('clearing')
    bench.pass(61_000)
    expect(bench.lockerState('1')).toBe('free')
    expect(bench.parcelsAt('1')).toEqual([])
    bench.type('pin of p-1')
    expect(bench.view?.notice?.code).toBe('LK-PIN-05')
  })

  test('a door that is not seen to open spends nothing', () => {
    bench.type('pin of p-1')
    bench.jam()
    bench.press('back')
    expect(IDS.slice(0, 3).map((id) => bench.parcelState(id))).toEqual(
      Array.from({ length: 3 }, () => 'deposited'),
    )
    bench.type('pin of p-1')
    bench.useDoor()
    expect(toldOf('parcel-collected')).toHaveLength(3)
  })

  test('what lies elsewhere opens when this door is shut', () => {
    bench.leaveParcel('p-4')
    bench.type('pin of p-1')
    bench.obeyUnlock('acknowledged', 'springs-open')
    expect(bench.screen).toMatchObject({ inside: 3, left: 1 })
    bench.pass(3_000)
    bench.moveDoor('1', 'closed')
    expect(bench.screen).toMatchObject({ kind: 'pickup-opening', lockerId: '2' })
    bench.useDoor()
    expect(toldOf('parcel-collected')).toEqual(['p-1', 'p-2', 'p-3', 'p-4'])
  })

  test('a plug pulled at the open door: all are collected when it is seen shut', () => {
    bench.type('pin of p-1')
    bench.obeyUnlock('acknowledged', 'springs-open')
    bench.restart()
    bench.moveDoor('1', 'closed')
    expect(toldOf('parcel-collected')).toEqual(['p-1', 'p-2', 'p-3'])
    bench.pass(61_000)
    expect(bench.lockerState('1')).toBe('unverified')
    expect(bench.parcelsAt('1')).toEqual(['p-1', 'p-2', 'p-3'])
  })

  test('the door stays open: all are collected, and a technician finds one of them', () => {
    bench.type('pin of p-1')
    bench.obeyUnlock('acknowledged', 'springs-open')
    bench.pass(bench.config.policy.leftOpenMs)
    expect(toldOf('parcel-collected')).toEqual(['p-1', 'p-2', 'p-3'])
    bench.moveDoor('1', 'closed')
    const look = { kind: 'inspect', lockerId: '1', found: 'parcel', reason: 'looked' } as const
    bench.command({ ...look, insideIds: ['p-5'] })
    expect(bench.answers.at(-1)).toEqual({ kind: 'refused', code: 'LK-LOCKER-06' })
    bench.command({ ...look, insideIds: ['p-2'] })
    expect(bench.parcelsAt('1')).toEqual(['p-2'])
    expect(bench.parcelState('p-2')).toBe('deposited')
    expect(bench.lockerState('1')).toBe('occupied')
    bench.type('pin 2 of p-2')
    bench.useDoor()
    bench.pass(61_000)
    expect(bench.lockerState('1')).toBe('free')
  })

  test('one of them is missing: the person says which', () => {
    bench.type('pin of p-1')
    bench.useDoor()
    bench.press('problem')
    expect(bench.screen).toMatchObject({
      kind: 'pickup-problem',
      parcels: [{ parcelId: 'p-1' }, { parcelId: 'p-2' }, { parcelId: 'p-3' }],
    })
    expect(bench.press('report', 'missing')).toBe('refused')
    expect(bench.press('which', 'p-5')).toBe('refused')
    bench.press('which', 'p-2')
    expect(bench.screen).toMatchObject({ kind: 'pickup-problem', parcels: [] })
    bench.press('report', 'missing')
    expect(toldOf('parcel-complained')).toEqual(['p-2'])
    expect(bench.lockerState('1')).toBe('disputed')
  })

  test('all of them are missing: each has its fact, and one number is shown', () => {
    bench.type('pin of p-1')
    bench.useDoor()
    bench.press('problem')
    bench.press('which')
    const reference = bench.ledger.nextSeq()
    bench.press('report', 'missing')
    expect(toldOf('parcel-complained')).toEqual(['p-1', 'p-2', 'p-3'])
    expect(bench.screen).toMatchObject({ kind: 'pickup-reported', reference })
    bench.command({ kind: 'inspect', lockerId: '1', found: 'empty', reason: 'looked' })
    expect(bench.lockerState('1')).toBe('free')
    expect(bench.parcelsAt('1')).toEqual([])
  })

  test('the help desk’s answer opens the locker for all of them', () => {
    bench.press('help')
    bench.press('desk', '1')
    bench.type('answer to challenge 1')
    bench.useDoor()
    expect(toldOf('parcel-collected')).toEqual(['p-1', 'p-2', 'p-3'])
  })
})

describe('one of them goes back', () => {
  beforeEach(() => leaveTogether('p-1', 'p-2'))

  function recall(parcelId?: string): void {
    const which = parcelId === undefined ? {} : { parcelId }
    bench.command({ kind: 'recall', lockerId: '1', reason: 'refused', ...which })
  }

  test('the courier takes the one that was recalled, and the locker stays occupied', () => {
    recall('p-1')
    expect(bench.lockerState('1')).toBe('awaiting-courier')
    bench.signIn()
    bench.press('retrieve')
    bench.obeyUnlock('acknowledged', 'springs-open')
    expect(bench.screen).toMatchObject({ parcel: { parcelId: 'p-1' }, others: [] })
    bench.moveDoor('1', 'closed')
    bench.press('took-out')
    expect(bench.parcelsAt('1')).toEqual(['p-2'])
    expect(bench.lockerState('1')).toBe('occupied')
    bench.press('sign-out')
    bench.type('pin of p-1')
    bench.useDoor()
    bench.pass(61_000)
    expect(bench.parcelState('p-2')).toBe('collected')
    expect(bench.lockerState('1')).toBe('free')
  })

  test('its recipient still collects the other, and the locker goes on waiting', () => {
    recall('p-1')
    bench.type('pin of p-1')
    bench.useDoor()
    expect(toldOf('parcel-collected')).toEqual(['p-2'])
    bench.pass(61_000)
    expect(bench.lockerState('1')).toBe('awaiting-courier')
    bench.signIn()
    bench.press('retrieve')
    bench.useDoor()
    bench.press('found-empty')
    expect(bench.lockerState('1')).toBe('disputed')
    bench.command({ kind: 'inspect', lockerId: '1', found: 'empty', reason: 'searched' })
    expect(bench.lockerState('1')).toBe('free')
    expect(bench.parcelState('p-1')).toBe('withdrawn')
  })

  test('the sensor inside sees the one that stays, and nobody is sent back for it', () => {
    bench.inside('1', 'present')
    recall('p-1')
    bench.type('pin of p-1')
    bench.useDoor()
    expect(bench.screen).toMatchObject({ kind: 'pickup-done', canReopen: false })
    expect(bench.view?.notice).toBeNull()
    bench.press('back')
    bench.signIn()
    bench.press('retrieve')
    bench.obeyUnlock('acknowledged', 'springs-open')
    bench.inside('1', 'absent')
    bench.moveDoor('1', 'closed')
    bench.press('took-out')
    expect(bench.facts()).not.toContain('contents-contradicted')
    expect(bench.lockerState('1')).toBe('free')
  })

  test('the help desk opens it for what still waits', () => {
    recall('p-1')
    bench.press('help')
    bench.press('desk', '1')
    bench.type('answer to challenge 1')
    bench.useDoor()
    expect(toldOf('parcel-collected')).toEqual(['p-2'])
    expect(bench.parcelState('p-1')).toBe('recalled')
  })

  test('both are recalled: one opening, and the courier is asked about each', () => {
    recall()
    expect(toldOf('parcel-recalled')).toEqual(['p-1', 'p-2'])
    bench.signIn()
    bench.press('retrieve')
    bench.obeyUnlock('acknowledged', 'springs-open')
    expect(bench.screen).toMatchObject({ others: [{ parcelId: 'p-2' }] })
    bench.moveDoor('1', 'closed')
    bench.press('took-out')
    expect(bench.screen).toMatchObject({
      kind: 'retrieval-question',
      parcel: { parcelId: 'p-2' },
    })
    expect(bench.lockerState('1')).toBe('awaiting-courier')
    bench.press('took-out')
    expect(toldOf('parcel-retrieved')).toEqual(['p-1', 'p-2'])
    expect(bench.lockerState('1')).toBe('free')
  })

  test('nobody came before the PIN’s end: all go back by one opening', () => {
    bench.pass(bench.config.policy.pinLifeMs + 60_000)
    bench.signIn()
    expect(bench.screen).toMatchObject({ retrievals: 2 })
    const before = bench.unlocks.length
    bench.press('retrieve')
    bench.useDoor()
    bench.press('took-out')
    bench.press('took-out')
    expect(bench.unlocks).toHaveLength(before + 1)
    expect(bench.screen).toMatchObject({ kind: 'courier-menu', retrievals: 0 })
    expect(bench.lockerState('1')).toBe('free')
  })

  test('an audit finds the locker empty: both are missed, and one comes back', () => {
    const answer = { kind: 'inspect', lockerId: '1', found: 'parcel', reason: 'searched' } as const
    bench.employ({
      id: 't-9',
      role: 'technician',
      label: 'T',
      verifier: 'code-t',
      badgeVerifier: 'badge t',
    })
    bench.press('courier')
    bench.scan('t')
    bench.press('audit')
    bench.press('audit', 'all')
    bench.useDoor()
    expect(bench.screen).toMatchObject({ kind: 'audit-question', expected: { more: 1 } })
    bench.press('found-empty')
    expect(toldOf('parcel-missed')).toEqual(['p-1', 'p-2'])
    expect(bench.lockerState('1')).toBe('disputed')
    bench.command({ ...answer, insideIds: ['p-2'] })
    expect(bench.parcelState('p-1')).toBe('withdrawn')
    expect(bench.parcelState('p-2')).toBe('deposited')
  })

  test('a parcel that is not there cannot be recalled, and nothing changes', () => {
    recall('p-5')
    expect(bench.answers.at(-1)).toEqual({ kind: 'refused', code: 'LK-LOCKER-06' })
    expect(bench.lockerState('1')).toBe('occupied')
  })

  test('a new PIN and a longer life are for all of them', () => {
    bench.command({ kind: 'reissue-pin', lockerId: '1', reason: 'letter was lost' })
    expect(bench.told('pin-reissued')).toMatchObject({ parcelIds: ['p-1', 'p-2'] })
    bench.type('pin 2 of p-1')
    bench.useDoor()
    expect(toldOf('parcel-collected')).toEqual(['p-1', 'p-2'])
  })
})
