// FR-06 of the campus locker system: report a missing parcel. Only whoever has used the PIN can;
// there is no page on which anybody may put lockers out of service.
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { Bench, wallOf } from '../../support/bench.ts'

let bench: Bench

beforeEach(() => {
  bench = new Bench(wallOf(['S', 'S']))
  bench.prepare(['p-1', 'p-2'].map((id) => ({ id, size: 'S', recipientId: `r-${id}` })))
  bench.leaveParcel('p-1')
  bench.type('pin of p-1')
})

afterEach(() => bench.close())

function report(what: string): void {
  bench.press('problem')
  expect(bench.screen).toMatchObject({ kind: 'pickup-problem', lockerId: '1' })
  expect(bench.press('report', what)).toBe('ok')
}

describe('FR-06 report missing', () => {
  test.each(['missing', 'wrong'])('FR-06: %s, and the locker is put aside as disputed', (what) => {
    bench.useDoor()
    report(what)
    expect(bench.told('parcel-complained')).toMatchObject({
      parcelId: 'p-1',
      lockerId: '1',
      recipientId: 'r-p-1',
      what,
    })
    expect(bench.screen).toMatchObject({
      kind: 'pickup-reported',
      reference: bench.ledger.headSeq(),
    })
    expect(bench.lockerState('1')).toBe('disputed')
    bench.pass(200_000)
    expect(bench.lockerState('1')).toBe('disputed')
    bench.leaveParcel('p-2')
    expect(bench.ledger.parcel('p-2')).toMatchObject({ lockerId: '2' })
  })

  test('FR-06: a damaged parcel is taken along, and the locker is used again', () => {
    bench.useDoor()
    report('damaged')
    expect(bench.told('parcel-complained')).toMatchObject({ what: 'damaged' })
    bench.pass(200_000)
    expect(bench.lockerState('1')).toBe('free')
  })

  test('FR-06: said while the door is open, it is asked about when the door is shut', () => {
    bench.obeyUnlock('acknowledged', 'springs-open')
    bench.press('problem')
    expect(bench.screen).toMatchObject({ kind: 'pickup-open', isProblem: true })
    bench.pass(4_000)
    bench.moveDoor('1', 'closed')
    expect(bench.screen.kind).toBe('pickup-problem')
    bench.press('report', 'wrong')
    expect(bench.lockerState('1')).toBe('disputed')
  })

  test('FR-06: whoever changes the mind reports nothing', () => {
    bench.useDoor()
    bench.press('problem')
    bench.press('back')
    expect(bench.screen.kind).toBe('welcome')
    expect(bench.facts()).not.toContain('parcel-complained')
  })

  test('FR-06: without a PIN just used nobody can report anything', () => {
    bench.useDoor()
    bench.press('back')
    expect(bench.press('problem')).toBe('refused')
    expect(bench.press('report', 'missing')).toBe('refused')
    expect(bench.lockerState('1')).toBe('clearing')
  })

  test('FR-06: what is no complaint is refused', () => {
    bench.useDoor()
    bench.press('problem')
    expect(bench.press('report', 'door-stuck')).toBe('refused')
    expect(bench.press('report')).toBe('refused')
  })

  test('FR-06: the operator finds the parcel after all, and its recipient gets a new PIN', () => {
    bench.useDoor()
    report('missing')
    bench.press('back')
    bench.command({ kind: 'inspect', lockerId: '1', found: 'parcel', reason: 'far back' })
    expect(bench.parcelState('p-1')).toBe('deposited')
    expect(bench.lockerState('1')).toBe('occupied')
  })

  test('FR-06: a door that stays stuck ends with a number for the telephone', () => {
    bench.jam()
    expect(bench.press('help')).toBe('ok')
    expect(bench.screen).toMatchObject({ kind: 'pickup-reported', what: 'door-stuck' })
    expect(bench.told('parcel-complained')).toMatchObject({ what: 'door-stuck', lockerId: '1' })
    expect(bench.told('opening-failed')).toMatchObject({ lockerId: '1' })
    expect(bench.parcelState('p-1')).toBe('deposited')
    bench.press('back')
    bench.type('pin of p-1')
    bench.useDoor()
    expect(bench.parcelState('p-1')).toBe('collected')
  })
})
