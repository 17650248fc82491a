// Central opens a locker for somebody at the telephone, now or not at all; and whatever lies in
// between, on the wire or in time, opens nothing.
import { afterEach, describe, expect, test } from 'vitest'
import { COMMANDS_KEPT_MAX } from '../../../src/store/commands.ts'
import { backUp, restore } from '../../support/backup.ts'
import { wallOf } from '../../support/bench.ts'
import { RemoteBench } from '../../support/remote-bench.ts'

const MINUTE_MS = 60_000
const DAY_MS = 86_400_000
const PARCELS = [{ id: 'p-1', size: 'S' }]

let bench: RemoteBench

function atWall(sizes = ['S', 'S'], policy = {}): RemoteBench {
  bench = new RemoteBench(wallOf(sizes, policy), PARCELS)
  return bench
}

afterEach(() => bench.close())

describe('somebody at the telephone', () => {
  test('stands before the parcel with no PIN: central opens, and it counts as collected', () => {
    atWall().leaveParcel('p-1')
    const { cid } = bench.openRemotely('1', { parcelId: 'p-1' })
    expect(bench.results.at(-1)).toMatchObject({ cid, type: 'open', status: 'accepted' })
    expect(bench.useDoor()).toBe('1')
    expect(bench.results.at(-1)).toMatchObject({
      ...{ cid, status: 'done', result: { outcome: 'opened' }, left: { in10Min: 2, today: 9 } },
    })
    expect(bench.parcelState('p-1')).toBe('collected')
    bench.type('pin of p-1')
    expect(bench.view?.notice?.key).toBe('pin-used')
  })

  test('every word of it is in the custody chain: who, why and what', () => {
    atWall().leaveParcel('p-1')
    const { cid } = bench.openRemotely('1', { parcelId: 'p-1' })
    bench.useDoor()
    const by = { role: 'central', id: 'Mara' }
    const reason = 'caller is at the door'
    expect(bench.told('opening-authorised')).toMatchObject({
      ...{ lockerId: '1', purpose: 'pickup', parcelIds: ['p-1'], by, reason },
    })
    expect(bench.told('command-obeyed')).toMatchObject({
      ...{ commandId: cid, what: 'open', lockerId: '1', parcelId: 'p-1', by, reason },
      openingId: bench.told('door-opened')['openingId'],
    })
  })

  test('has left something behind: an empty locker has to be looked into afterwards', () => {
    atWall().openRemotely('2')
    expect(bench.useDoor()).toBe('2')
    expect(bench.results.at(-1)?.status).toBe('done')
    expect(bench.lockerState('2')).toBe('unverified')
    expect(bench.told('locker-doubted')).toEqual({ lockerId: '2', cause: 'remote' })
  })

  test('opens somebody else’s locker by order: the parcel stays whose it is', () => {
    atWall().leaveParcel('p-1')
    bench.openRemotely('1')
    bench.useDoor()
    expect([bench.parcelState('p-1'), bench.lockerState('1')]).toEqual(['deposited', 'occupied'])
    bench.type('pin of p-1')
    expect(bench.screen.kind).toBe('pickup-opening')
  })

  test('has lost the letter: the old PIN dies while they speak, a new one is on its way', () => {
    atWall().leaveParcel('p-1')
    bench.order({ type: 'reissue', args: { recipientId: 'r-1', reason: 'letter was lost' } })
    expect(bench.results.at(-1)?.status).toBe('done')
    expect(bench.told('pin-revoked')).toMatchObject({ recipientId: 'r-1', by: { role: 'central' } })
    bench.type('pin of p-1')
    expect(bench.screen.kind).toBe('welcome')
    bench.type('pin 2 of p-1')
    expect(bench.screen.kind).toBe('pickup-opening')
  })

  test('has no parcel here: no new PIN, and the answer says why', () => {
    atWall().order({ type: 'reissue', args: { recipientId: 'r-9', reason: 'letter was lost' } })
    expect(bench.results.at(-1)).toMatchObject({ status: 'refused', code: 'LK-PIN-08' })
  })
})

describe('a door that does not open', () => {
  test('is told as failed, and the parcel stays to be collected', () => {
    atWall().leaveParcel('p-1')
    const { cid } = bench.openRemotely('1', { parcelId: 'p-1' })
    bench.jam()
    expect(bench.results.at(-1)).toMatchObject({ cid, status: 'failed', code: 'LK-DOOR-01' })
    expect(bench.parcelState('p-1')).toBe('deposited')
    expect(bench.lockerState('2')).toBe('free')
  })

  test('with its board lost in between is told at once, and opens no second time', () => {
    atWall().openRemotely('2')
    bench.send({ kind: 'board-lost', boardId: 'a' })
    expect(bench.results.at(-1)).toMatchObject({ status: 'failed', code: 'LK-BUS-01' })
    bench.readBoard()
    bench.pass(MINUTE_MS)
    expect(bench.unlocks).toHaveLength(1)
    expect(bench.lockerState('2')).toBe('unverified')
  })
})

describe('refused with a reason, and nothing is tried', () => {
  const refused = (code: string): void => {
    expect(bench.results.at(-1)).toMatchObject({ status: 'refused', code })
    expect(bench.told('command-refused')).toMatchObject({ code, by: { role: 'central' } })
    expect(bench.unlocks).toEqual([])
  }

  test('while a person is being served', () => {
    atWall().press('courier')
    bench.openRemotely('2')
    refused('LK-CTL-03')
  })

  test('a locker that is not there', () => {
    atWall().openRemotely('9')
    refused('LK-CTL-02')
  })

  test('a parcel that does not wait in this locker', () => {
    atWall().openRemotely('1', { parcelId: 'p-1' })
    refused('LK-CMD-04')
  })

  test('a board that does not answer; and the budget is not touched', () => {
    atWall().send({ kind: 'board-lost', boardId: 'a' })
    bench.openRemotely('2')
    refused('LK-BUS-01')
    expect(bench.results.at(-1)?.left).toEqual({ in10Min: 3, today: 10 })
  })

  test('a kiosk whose operator wants no remote openings', () => {
    atWall(['S'], { remoteOpeningsADayMax: 0 }).openRemotely('1')
    refused('LK-CMD-03')
  })
})

describe('the budget', () => {
  const opens = (): string => {
    bench.openRemotely('2')
    if (bench.results.at(-1)?.status === 'accepted') {
      bench.useDoor()
      bench.pass(1_000)
    }
    return bench.results.at(-1)?.code ?? bench.results.at(-1)?.status
  }

  test('three doors in ten minutes, and the fourth stays shut', () => {
    atWall()
    expect([opens(), opens(), opens(), opens()]).toEqual(['done', 'done', 'done', 'LK-CMD-03'])
    expect(bench.results.at(-1)?.left).toEqual({ in10Min: 0, today: 7 })
    bench.pass(10 * MINUTE_MS)
    expect(opens()).toBe('done')
  })

  test('ten doors a day', () => {
    atWall()
    for (let count = 0; count < 10; count += 1) {
      expect(opens()).toBe('done')
      bench.pass(10 * MINUTE_MS)
    }
    expect(opens()).toBe('LK-CMD-03')
    bench.pass(DAY_MS)
    expect(opens()).toBe('done')
  })

  test('neither the plug nor a clock that nobody believes gives anything back', () => {
    atWall()
    for (let count = 0; count < 3; count += 1) expect(opens()).toBe('done')
    bench.comeBack()
    bench.isWallBelieved = false
    bench.wallAheadMs = 400 * DAY_MS
    expect(opens()).toBe('LK-CMD-03')
    bench.pass(10 * MINUTE_MS)
    expect(opens()).toBe('done')
  })

  test('is spent on disk before the pulse leaves', () => {
    atWall().openRemotely('2')
    expect(bench.unlocks).toHaveLength(1)
    bench.comeBack()
    expect(bench.askStatus().result.left).toEqual({ in10Min: 2, today: 9 })
  })
})

describe('now or not at all', () => {
  const expired = { status: 'expired', code: 'LK-CMD-01' }

  test('an order that was a minute on the way opens nothing', () => {
    const body = atWall().sign({ type: 'open', args: { lockerId: '2', reason: 'a caller' } })
    bench.pass(MINUTE_MS)
    bench.deliver(body)
    expect(bench.results.at(-1)).toMatchObject({ cid: body.cid, ...expired })
    expect(bench.unlocks).toEqual([])
  })

  test('central may want to wait less, never longer', () => {
    const short = { type: 'open', args: { lockerId: '2', reason: 'a caller' } } as const
    const body = atWall().sign(short, 5_000)
    bench.pass(5_000)
    bench.deliver(body)
    expect(bench.results.at(-1)).toMatchObject(expired)
    const long = bench.sign(short, DAY_MS)
    bench.pass(MINUTE_MS)
    bench.deliver(long)
    expect(bench.results.at(-1)).toMatchObject(expired)
  })

  test('no clock makes it fresh again, however far it is set back', () => {
    const body = atWall().sign({ type: 'open', args: { lockerId: '2', reason: 'a caller' } })
    bench.pass(MINUTE_MS)
    bench.wallAheadMs = -DAY_MS
    bench.deliver(body)
    expect(bench.results.at(-1)).toMatchObject(expired)
  })

  test('after a restart an order of before it opens nothing', () => {
    const body = atWall().sign({ type: 'open', args: { lockerId: '2', reason: 'a caller' } })
    bench.comeBack()
    bench.deliver(body)
    expect(bench.results.at(-1)).toMatchObject(expired)
    expect(bench.unlocks).toEqual([])
  })

  test('nothing of a stale order is kept, however often it comes', () => {
    const body = atWall().sign({ type: 'open', args: { lockerId: '2', reason: 'a caller' } })
    bench.pass(MINUTE_MS)
    const head = bench.ledger.headSeq()
    for (let count = 0; count < 20; count += 1) bench.deliver(body)
    expect(bench.ledger.headSeq()).toBe(head)
    expect(bench.ledger.newestCommands(10)).toEqual([])
  })
})

describe('once', () => {
  test('the same order again is answered again, and opens nothing', () => {
    const body = atWall().openRemotely('2')
    bench.deliver(body)
    expect(bench.results.at(-1)).toMatchObject({ status: 'accepted', again: true })
    bench.useDoor()
    bench.deliver(body)
    expect(bench.results.at(-1)).toMatchObject({
      ...{ cid: body.cid, status: 'done', again: true, result: { outcome: 'opened' } },
      left: { in10Min: 2, today: 9 },
    })
    expect(bench.unlocks).toHaveLength(1)
  })

  test('also after a restart, and after a day', () => {
    const body = atWall().openRemotely('2')
    bench.useDoor()
    bench.comeBack()
    bench.pass(DAY_MS)
    bench.deliver(body)
    expect(bench.results.at(-1)).toMatchObject({ status: 'done', again: true })
    expect(bench.unlocks).toEqual([])
  })

  test('a restart in the middle: the door is read, not pulsed, and tells the answer', () => {
    const body = atWall().openRemotely('2')
    bench.doors[1] = { state: 'open', opens: 1, lie: null, contents: null }
    bench.comeBack()
    expect(bench.unlocks).toEqual([])
    bench.deliver(body)
    expect(bench.results.at(-1)).toMatchObject({ status: 'done', again: true })
    bench.moveDoor('2', 'closed')
    expect(bench.lockerState('2')).toBe('unverified')
  })

  test('a restart in the middle, and the door is shut: failed, and in doubt', () => {
    const body = atWall().openRemotely('2')
    bench.countsOpenings = false
    bench.comeBack()
    bench.deliver(body)
    const told = { status: 'failed', code: 'LK-DOOR-03', again: true }
    expect(bench.results.at(-1)).toMatchObject(told)
    expect(bench.lockerState('2')).toBe('unverified')
  })

  test('a new order with an old counter is refused', () => {
    const first = atWall().openRemotely('2')
    bench.useDoor()
    const { nonce } = bench.askStatus()
    bench.deliver({ ...first, cid: 'another', nonce } as typeof first)
    expect(bench.results.at(-1)).toMatchObject({ status: 'refused', code: 'LK-CMD-02' })
    expect(bench.unlocks).toHaveLength(1)
  })

  test('one nonce is good for one order', () => {
    const first = atWall().openRemotely('2')
    bench.useDoor()
    const next = { cid: 'another', counter: 1_000 }
    bench.deliver({ ...first, ...next } as typeof first)
    expect(bench.results.at(-1)).toMatchObject({ status: 'expired' })
    expect(bench.unlocks).toHaveLength(1)
  })

  test('the counter survives a restart, and so does what central is told of it', () => {
    atWall().openRemotely('2')
    bench.useDoor()
    bench.comeBack()
    expect(bench.askStatus().counter).toBe(1)
  })
})

describe('an older copy of the ledger is put back', () => {
  test('what the broker kept since then opens nothing, though the counter is an old one', () => {
    backUp(atWall())
    bench.connect()
    const body = bench.openRemotely('2')
    bench.useDoor()
    restore(bench)
    bench.connect()
    expect(bench.askStatus().counter).toBe(0)
    bench.deliver(body)
    expect(bench.results.at(-1)).toMatchObject({ status: 'expired', code: 'LK-CMD-01' })
    expect(bench.unlocks).toEqual([])
  })

  test('a locker of the copy opens for no order before central has vouched for it', () => {
    atWall().leaveParcel('p-1')
    backUp(bench)
    bench.type('pin of p-1')
    bench.useDoor()
    restore(bench)
    bench.connect()
    for (const args of [{}, { parcelId: 'p-1' }]) {
      bench.openRemotely('1', args)
      expect(bench.results.at(-1)).toMatchObject({ status: 'refused', code: 'LK-LOCKER-05' })
    }
    expect(bench.unlocks).toEqual([])
  })
})

test('answers are kept up to a limit; a forgotten order is stale, and opens nothing', () => {
  const first = atWall().openRemotely('2')
  bench.useDoor()
  for (let count = 0; count < COMMANDS_KEPT_MAX; count += 1) {
    bench.order({ type: 'reissue', args: { recipientId: 'r-9', reason: 'letter was lost' } })
    bench.pass(5_000)
  }
  expect(bench.ledger.newestCommands(1_000)).toHaveLength(COMMANDS_KEPT_MAX)
  bench.deliver(first)
  expect(bench.results.at(-1)).toMatchObject({ cid: first.cid, status: 'expired' })
  expect(bench.unlocks).toHaveLength(1)
})

test('status tells how things stand, and nobody’s name', () => {
  atWall().leaveParcel('p-1')
  bench.moveDoor('2', 'open')
  expect(bench.askStatus()).toMatchObject({
    ...{ type: 'status', status: 'done', counter: 0, nonce: expect.stringMatching(/^\w{32}$/) },
    result: {
      ...{ boot: 1, screen: 'welcome', boardsOffline: [], doorsOpen: ['2'] },
      ...{ lockers: { occupied: 1, unverified: 1 }, left: { in10Min: 3, today: 10 } },
    },
  })
})
