// Recovery matrix: “Unknown or expired code”. The answer never says whose parcel it was, and a
// guesser waits longer and longer; nobody is locked out.
import { afterEach, beforeEach, expect, test } from 'vitest'
import { DEFAULT_POLICY } from '../../../src/kiosk/config.ts'
import { Bench, wallOf } from '../../support/bench.ts'

let bench: Bench

beforeEach(() => {
  bench = new Bench(wallOf(['S']))
  bench.prepare([{ id: 'p-1', size: 'S' }])
  bench.leaveParcel('p-1')
})

afterEach(() => bench.close())

test('a slip is told, and the right PIN opens at once', () => {
  bench.type('a slip')
  expect(bench.view?.notice).toMatchObject({ key: 'pin-refused', code: 'LK-PIN-01' })
  bench.type('pin of p-1')
  expect(bench.screen.kind).toBe('pickup-opening')
  bench.useDoor()
})

test('a PIN that has ended says so, and names neither parcel nor locker', () => {
  bench.pass(DEFAULT_POLICY.pinLifeMs + 60_000)
  bench.type('pin of p-1')
  expect(bench.view?.notice).toEqual({
    key: 'pin-expired',
    code: 'LK-PIN-04',
    params: { failures: 1 },
  })
})

test('after four wrong numbers the pad waits, and then serves whoever comes', () => {
  for (let guess = 0; guess < 4; guess += 1) bench.type(`guess ${guess}`)
  expect(bench.type('pin of p-1')).toBe('refused')
  expect(bench.view?.notice).toMatchObject({ key: 'please-wait', code: 'LK-PIN-02' })
  bench.pass(30_000)
  expect(bench.type('pin of p-1')).toBe('ok')
  bench.useDoor()
})
