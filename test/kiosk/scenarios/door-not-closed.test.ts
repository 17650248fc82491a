// Recovery matrix: “Door not closed”. The page reminds, then the kiosk is free for the next person;
// a door is no lock on the kiosk.
import { afterEach, beforeEach, expect, test } from 'vitest'
import { DEFAULT_POLICY } from '../../../src/kiosk/config.ts'
import { DOOR_REMINDER_MS } from '../../../src/kiosk/openings.ts'
import { Bench, wallOf } from '../../support/bench.ts'

const { leftOpenMs } = DEFAULT_POLICY

let bench: Bench

beforeEach(() => {
  bench = new Bench(wallOf(['S', 'S']))
  bench.prepare(['p-1', 'p-2'].map((id) => ({ id, size: 'S', recipientId: `r-${id}` })))
})

afterEach(() => bench.close())

test('a recipient leaves the door open: a reminder, then the next person is served', () => {
  bench.leaveParcel('p-1')
  bench.leaveParcel('p-2')
  bench.type('pin of p-1')
  bench.obeyUnlock('acknowledged', 'springs-open')
  expect(bench.screen).toMatchObject({ kind: 'pickup-open', isLong: false })
  bench.pass(DOOR_REMINDER_MS)
  expect(bench.screen).toMatchObject({ kind: 'pickup-open', isLong: true })
  bench.pass(leftOpenMs - DOOR_REMINDER_MS)
  expect(bench.screen).toMatchObject({ kind: 'welcome', leftOpen: ['1'] })
  expect(bench.told('door-left-open')).toMatchObject({ lockerId: '1' })
  expect(bench.told('parcel-collected')).toMatchObject({ parcelId: 'p-1', rule: 'left-open' })
  bench.type('pin of p-2')
  bench.useDoor()
  expect(bench.parcelState('p-2')).toBe('collected')
  // Nobody knows what was put into the open one: somebody looks before it is used again.
  expect(bench.lockerState('1')).toBe('unverified')
})

test('a courier leaves the door open: the deposit is cut off, and somebody looks', () => {
  bench.signIn()
  bench.press('deposit', 'p-1')
  bench.obeyUnlock('acknowledged', 'springs-open')
  bench.pass(leftOpenMs)
  expect(bench.screen.kind).toBe('courier-menu')
  expect(bench.view?.notice).toMatchObject({ key: 'door-left-open', code: 'LK-DOOR-02' })
  expect(bench.told('deposit-interrupted')).toMatchObject({ parcelId: 'p-1', cause: 'left-open' })
  expect(bench.lockerState('1')).toBe('unverified')
})
