// FR-08: out of service. Skipped for deposits; what lies inside can still be collected.
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { TechnicianCommand } from '../../../src/kiosk/events.ts'
import { Bench, wallOf } from '../../support/bench.ts'

let bench: Bench

beforeEach(() => {
  bench = new Bench(wallOf(['S', 'S']))
  bench.prepare([
    { id: 'p-1', size: 'S' },
    { id: 'p-2', size: 'S' },
  ])
})

afterEach(() => bench.close())

function command(kind: 'disable' | 'enable' | 'recall', lockerId: string): unknown {
  bench.command({ kind, lockerId, reason: 'the hinge' })
  return bench.answers.at(-1)
}

function inspect(found: Extract<TechnicianCommand, { kind: 'inspect' }>['found']): unknown {
  bench.command({ kind: 'inspect', lockerId: '1', found, reason: 'looked inside' })
  return bench.answers.at(-1)
}

describe('FR-08 out of service', () => {
  test('FR-08: it is skipped for deposits, and used again when it is back', () => {
    expect(command('disable', '1')).toEqual({ kind: 'disabled' })
    bench.signIn()
    bench.press('deposit', 'p-1')
    expect(bench.screen).toMatchObject({ lockerId: '2' })
    bench.useDoor()
    bench.deposit('p-2')
    expect(bench.view?.notice?.code).toBe('LK-ASSIGN-01')
    expect(command('enable', '1')).toEqual({ kind: 'enabled' })
    bench.deposit('p-2')
    expect(bench.screen).toMatchObject({ lockerId: '1' })
  })

  test('FR-08: a parcel inside can still be collected, and then it is not handed out', () => {
    bench.leaveParcel('p-1')
    command('disable', '1')
    bench.type('pin of p-1')
    bench.useDoor()
    expect(bench.parcelState('p-1')).toBe('collected')
    bench.pass(61_000)
    expect(bench.ledger.locker('1')).toMatchObject({ state: 'free', withdrawnFor: 'technician' })
    bench.leaveParcel('p-2')
    expect(bench.ledger.parcel('p-2')?.lockerId).toBe('2')
  })

  test('FR-08: bringing it back frees nothing: what lies inside stays where it is', () => {
    bench.leaveParcel('p-1')
    command('disable', '1')
    command('enable', '1')
    expect(bench.lockerState('1')).toBe('occupied')
    expect(bench.parcelsAt('1')).toEqual(['p-1'])
    expect(inspect('empty')).toEqual({ kind: 'refused', code: 'LK-LOCKER-01' })
  })

  test('FR-08: it survives a restart, and twice the same is told apart', () => {
    command('disable', '1')
    bench.restart()
    expect(bench.ledger.locker('1')?.withdrawnFor).toBe('technician')
    expect(command('disable', '1')).toEqual({ kind: 'refused', code: 'LK-LOCKER-02' })
    command('enable', '1')
    expect(command('enable', '1')).toEqual({ kind: 'refused', code: 'LK-LOCKER-03' })
  })

  test('FR-08: disputed contents are a state of their own, until a technician settles them', () => {
    bench.signIn()
    bench.press('deposit', 'p-1')
    bench.obeyUnlock('acknowledged', 'springs-open')
    bench.press('cancel')
    bench.moveDoor('1', 'closed')
    expect(inspect('other')).toEqual({ kind: 'inspected' })
    expect(bench.lockerState('1')).toBe('disputed')
    expect(inspect('empty')).toEqual({ kind: 'inspected' })
    expect(bench.lockerState('1')).toBe('free')
  })

  test('FR-08: a parcel to be taken back awaits its courier, and its PIN is dead', () => {
    bench.leaveParcel('p-1')
    expect(command('recall', '2')).toEqual({ kind: 'refused', code: 'LK-LOCKER-04' })
    expect(command('recall', '1')).toEqual({ kind: 'recalled' })
    expect(bench.lockerState('1')).toBe('awaiting-courier')
    expect(bench.parcelState('p-1')).toBe('recalled')
    bench.type('pin of p-1')
    expect(bench.view?.notice?.code).toBe('LK-PIN-05')
    expect(inspect('parcel')).toEqual({ kind: 'refused', code: 'LK-LOCKER-01' })
    inspect('empty')
    expect(bench.lockerState('1')).toBe('free')
    expect(bench.parcelState('p-1')).toBe('withdrawn')
  })
})
