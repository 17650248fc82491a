// Lights and buzzers: for the person in front of the wall, once, and never in the way.
import { afterEach, expect, test } from 'vitest'
import type { SignalConfig } from '../../src/kiosk/config.ts'
import { DOOR_REMINDER_MS } from '../../src/kiosk/openings.ts'
import { SIGNAL_EXPIRY_MS } from '../../src/kiosk/signals.ts'
import { Bench, wallOf } from '../support/bench.ts'

const SIGNALS: readonly SignalConfig[] = [
  { boardId: 'a', kind: 'locker-light' },
  { boardId: 'other', kind: 'locker-light' },
  { boardId: 'b', kind: 'light', channel: 7 },
  { boardId: 'b', kind: 'buzzer', channel: 8, ms: 300 },
]

let bench: Bench

function start(signals = SIGNALS): Bench {
  bench = new Bench({ ...wallOf(['S', 'M']), signals })
  bench.prepare([{ id: 'p-1', size: 'M' }])
  return bench
}

function sent(): readonly string[] {
  return bench.signals.map(({ signal, boardId, channel }) => `${signal} ${boardId}/${channel}`)
}

afterEach(() => bench.close())

test('the light of a locker flashes when it is opened for somebody', () => {
  start()
  bench.signIn()
  bench.press('deposit', 'p-1')
  expect(sent()).toEqual(['locker-light a/2', 'light b/7'])
  const [unlock] = bench.unlocks
  expect(unlock?.channel).toBe(2)
  expect(bench.signals[0]?.expiresAtMonoMs).toBe(bench.nowMs + SIGNAL_EXPIRY_MS)
  bench.useDoor()
  bench.press('sign-out')
  bench.signals.length = 0
  bench.type('pin of p-1')
  expect(sent()).toEqual(['locker-light a/2', 'light b/7'])
})

test('the buzzer sounds once for a door that stays open too long', () => {
  start()
  bench.leaveParcel('p-1')
  bench.type('pin of p-1')
  bench.obeyUnlock('acknowledged', 'springs-open')
  bench.signals.length = 0
  bench.pass(DOOR_REMINDER_MS - 1)
  expect(sent()).toEqual([])
  bench.pass(1)
  expect(sent()).toEqual(['buzzer b/8'])
  expect(bench.signals[0]?.ms).toBe(300)
  bench.pass(600_000)
  bench.readBoard()
  expect(sent()).toEqual(['buzzer b/8'])
})

test('a technician is neither lit nor reminded', () => {
  start()
  bench.command({ kind: 'open', lockerId: '1', reason: 'test' })
  bench.obeyUnlock('acknowledged', 'springs-open')
  bench.pass(DOOR_REMINDER_MS * 3)
  expect(sent()).toEqual([])
})

test('a kiosk without lights and buzzers is the same kiosk', () => {
  start([])
  bench.leaveParcel('p-1')
  bench.type('pin of p-1')
  bench.obeyUnlock('acknowledged', 'springs-open')
  bench.pass(600_000)
  expect(sent()).toEqual([])
  expect(bench.parcelState('p-1')).toBe('collected')
})
