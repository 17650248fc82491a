// Recovery matrix: “Door out of reach”. Asked before the door opens: open, it must be shut again.
import { afterEach, expect, test } from 'vitest'
import type { KioskConfig } from '../../../src/kiosk/config.ts'
import { Bench, wallOf } from '../../support/bench.ts'

const WHEELCHAIR = { stream: 'directory', version: 2, isSnapshot: false, deletes: [] } as const
const HIGH_MM = 1_300
const LOW_MM = 500

let bench: Bench

/** One column of lockers at these heights, with a parcel in each for the same person. */
function waitingAt(...bottomsMm: readonly number[]): void {
  const wall = wallOf(bottomsMm.map(() => 'S'))
  const lockers = (wall.columns[0]?.lockers ?? []).map((locker, index) => ({
    ...locker,
    bottomMm: bottomsMm[index] ?? HIGH_MM,
  }))
  const config: KioskConfig = { ...wall, columns: [{ lockers }] }
  bench = new Bench(config)
  const ids = bottomsMm.map((_, index) => `p-${index + 1}`)
  bench.prepare(ids.map((id) => ({ id, size: 'S' })))
  for (const id of ids) bench.leaveParcel(id)
  // Central hears only now that the person comes in a wheelchair.
  bench.want({ ...WHEELCHAIR, puts: [{ id: 'r-1', label: 'Flat 1', needsReach: true }] })
}

afterEach(() => bench.close())

test('a high door stays shut until the person says that it can be reached', () => {
  waitingAt(HIGH_MM)
  bench.unlocks.length = 0
  bench.type('pin of p-1')
  expect(bench.screen).toEqual({ kind: 'pickup-reach', lockerId: '1' })
  expect(bench.unlocks).toEqual([])
  bench.press('open-high')
  bench.useDoor()
  expect(bench.parcelState('p-1')).toBe('collected')
})

test('left shut, central is asked to move the parcel, and the PIN stays valid', () => {
  waitingAt(HIGH_MM)
  bench.type('pin of p-1')
  bench.press('leave-closed')
  expect(bench.screen.kind).toBe('welcome')
  expect(bench.view?.notice).toMatchObject({ key: 'reach-told' })
  expect(bench.told('reach-refused')).toEqual({
    parcelId: 'p-1',
    lockerId: '1',
    recipientId: 'r-1',
  })
  expect(bench.parcelState('p-1')).toBe('deposited')
  bench.type('pin of p-1')
  expect(bench.screen.kind).toBe('pickup-reach')
})

test('the high door is left shut, and the low one opens without a question', () => {
  waitingAt(LOW_MM, HIGH_MM)
  // The low one is kept for people like her as long as there is another.
  expect(bench.ledger.parcel('p-1')).toMatchObject({ lockerId: '2' })
  bench.type('pin of p-1')
  expect(bench.screen).toEqual({ kind: 'pickup-reach', lockerId: '2' })
  bench.press('leave-closed')
  expect(bench.screen).toMatchObject({ kind: 'pickup-opening', lockerId: '1' })
  bench.useDoor()
  expect([bench.parcelState('p-1'), bench.parcelState('p-2')]).toEqual(['deposited', 'collected'])
})

test('nobody else is asked', () => {
  waitingAt(HIGH_MM)
  bench.want({ ...WHEELCHAIR, version: 3, puts: [{ id: 'r-1', label: 'Flat 1' }] })
  bench.type('pin of p-1')
  expect(bench.screen.kind).toBe('pickup-opening')
})

test('a parcel that was recalled while the question stood there is not handed out', () => {
  waitingAt(HIGH_MM)
  bench.type('pin of p-1')
  bench.command({ kind: 'recall', lockerId: '1', reason: 'sent back' })
  bench.press('open-high')
  expect(bench.screen.kind).toBe('welcome')
  expect(bench.parcelState('p-1')).toBe('recalled')
})

test('whoever walks away leaves it shut', () => {
  waitingAt(HIGH_MM)
  bench.type('pin of p-1')
  bench.pass(bench.config.policy.idleMs)
  expect(bench.screen.kind).toBe('welcome')
  expect(bench.parcelState('p-1')).toBe('deposited')
})
