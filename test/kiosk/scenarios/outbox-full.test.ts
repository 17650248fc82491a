// Recovery matrix: “Outbox full”. Central has confirmed nothing for very long. No fact is dropped;
// what would make many more of them is refused, and whoever has a PIN gets the parcel.
import { afterEach, expect, test } from 'vitest'
import { OUTBOX_DEPOSIT_MAX } from '../../../src/kiosk/deposits.ts'
import { Bench, wallOf } from '../../support/bench.ts'

let bench: Bench

afterEach(() => bench.close())

/** As if so many facts waited: to store them takes longer than all other stories together. */
function letWait(count: number): void {
  Object.assign(bench.ledger, { outboxCount: () => count })
}

test('no new deposit, and the courier reads why; pickups go on', () => {
  bench = new Bench(wallOf(['S', 'S']))
  bench.prepare(['p-1', 'p-2'].map((id) => ({ id, size: 'S' })))
  bench.leaveParcel('p-1')
  letWait(OUTBOX_DEPOSIT_MAX)
  bench.signIn()
  bench.deposit('p-2')
  expect(bench.view?.notice).toMatchObject({ key: 'outbox-full', code: 'LK-ASSIGN-02' })
  expect(bench.parcelState('p-2')).toBe('announced')
  bench.press('sign-out')
  bench.type('pin of p-1')
  bench.useDoor()
  expect(bench.parcelState('p-1')).toBe('collected')
})

test('one fact below the limit, and deposits are taken', () => {
  bench = new Bench(wallOf(['S']))
  bench.prepare([{ id: 'p-1', size: 'S' }])
  letWait(OUTBOX_DEPOSIT_MAX - 1)
  bench.leaveParcel('p-1')
  expect(bench.parcelState('p-1')).toBe('deposited')
})
