// FR-04 of the campus locker system: one reminder, 24 hours after the deposit. The kiosk says that
// it is due; central writes the mail.
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { Bench, wallOf } from '../../support/bench.ts'

const HOUR_MS = 3_600_000
/** Between two looks. */
const LOOK_MS = 600_000

let bench: Bench

beforeEach(() => {
  bench = new Bench(wallOf(['S', 'S']))
  bench.prepare(['p-1', 'p-2'].map((id) => ({ id, size: 'S', recipientId: `r-${id}` })))
})

afterEach(() => bench.close())

const reminders = (): number => bench.facts().filter((kind) => kind === 'reminder-due').length

describe('FR-04 reminder', () => {
  test('FR-04: a parcel that has waited for 24 hours is told of once, and never again', () => {
    bench.leaveParcel('p-1')
    bench.pass(23 * HOUR_MS)
    expect(reminders()).toBe(0)
    bench.pass(HOUR_MS + LOOK_MS)
    expect(bench.told('reminder-due')).toEqual({
      parcelId: 'p-1',
      recipientId: 'r-p-1',
      lockerId: '1',
      pinExpiresAtWallMs: expect.any(Number),
    })
    bench.pass(100 * HOUR_MS)
    expect(reminders()).toBe(1)
  })

  test('FR-04: who has collected is not reminded', () => {
    bench.leaveParcel('p-1')
    bench.leaveParcel('p-2')
    bench.type('pin of p-1')
    bench.useDoor()
    bench.pass(25 * HOUR_MS)
    expect(reminders()).toBe(1)
    expect(bench.told('reminder-due')).toMatchObject({ parcelId: 'p-2' })
  })

  test('FR-04: a recalled parcel is nobody’s to be reminded of', () => {
    bench.leaveParcel('p-1')
    bench.command({ kind: 'recall', lockerId: '1', reason: 'sent back' })
    bench.pass(25 * HOUR_MS)
    expect(reminders()).toBe(0)
  })

  test('FR-04: it outlives a power cut', () => {
    bench.leaveParcel('p-1')
    bench.pass(23 * HOUR_MS)
    bench.restart()
    bench.pass(HOUR_MS + LOOK_MS)
    expect(reminders()).toBe(1)
    bench.restart()
    bench.pass(25 * HOUR_MS)
    expect(reminders()).toBe(1)
  })

  test('FR-04: on a clock that is not believed nobody is reminded; time counts from belief', () => {
    bench.isWallBelieved = false
    bench.leaveParcel('p-1')
    bench.pass(100 * HOUR_MS)
    expect(reminders()).toBe(0)
    bench.isWallBelieved = true
    bench.pass(23 * HOUR_MS)
    expect(reminders()).toBe(0)
    bench.pass(HOUR_MS + 2 * LOOK_MS)
    expect(reminders()).toBe(1)
  })

  test('FR-04: when it is due is the operator’s policy', () => {
    bench.close()
    bench = new Bench(wallOf(['S'], { reminderAfterHours: 2 }))
    bench.prepare([{ id: 'p-1', size: 'S' }])
    bench.leaveParcel('p-1')
    bench.pass(2 * HOUR_MS + LOOK_MS)
    expect(reminders()).toBe(1)
  })
})
