// FR-03 of the campus locker system: notifications. The kiosk sends no mail; each of these facts
// tells central all that a mail needs, and each is sent once, in order.
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { Bench, wallOf } from '../../support/bench.ts'

let bench: Bench

beforeEach(() => {
  bench = new Bench(wallOf(['S', 'S']))
  bench.prepare([
    { id: 'p-1', size: 'S' },
    { id: 'p-2', size: 'S' },
  ])
  bench.leaveParcel('p-1')
})

afterEach(() => bench.close())

describe('FR-03 notifications', () => {
  test('FR-03: a parcel has come: who, which, where, the PIN for central alone, until when', () => {
    expect(bench.told('parcel-deposited')).toEqual({
      parcelId: 'p-1',
      lockerId: '1',
      courierId: 'c-1',
      recipientId: 'r-1',
      sealedPin: 'sealed pin of p-1',
      pinExpiresAtWallMs: expect.any(Number),
    })
  })

  test('FR-03: a second one has come: the PIN that the person has opens it, too', () => {
    bench.leaveParcel('p-2')
    expect(bench.told('parcel-deposited')).toMatchObject({
      parcelId: 'p-2',
      recipientId: 'r-1',
      sealedPin: null,
    })
  })

  test('FR-03: a new PIN: for whom, what it opens, until when', () => {
    bench.command({ kind: 'reissue-pin', lockerId: '1', reason: 'mail lost' })
    expect(bench.told('pin-reissued')).toEqual({
      recipientId: 'r-1',
      parcelId: 'p-1',
      parcelIds: ['p-1'],
      sealedPin: 'sealed pin 2 of p-1',
      expiresAtWallMs: expect.any(Number),
    })
  })

  test('FR-03: a parcel was collected: which, where, and how that is known', () => {
    bench.type('pin of p-1')
    bench.useDoor()
    expect(bench.told('parcel-collected')).toMatchObject({
      parcelId: 'p-1',
      lockerId: '1',
      rule: 'closed',
    })
  })

  test('FR-03: a parcel was reported missing: who, which, where', () => {
    bench.type('pin of p-1')
    bench.useDoor()
    bench.press('problem')
    bench.press('report', 'missing')
    expect(bench.told('parcel-complained')).toMatchObject({
      parcelId: 'p-1',
      lockerId: '1',
      recipientId: 'r-1',
      what: 'missing',
    })
  })
})
