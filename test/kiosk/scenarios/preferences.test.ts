// Whoever stands there may like the screen in another language, larger, with more contrast, or with
// more time. It is theirs for this visit, and the next person finds the screen as usual.
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { SLOW_FACTOR } from '../../../src/kiosk/preferences.ts'
import { Bench, wallOf } from '../../support/bench.ts'

const USUAL = { language: 'en', isLarge: false, isContrast: false, isSlow: false }

let bench: Bench

beforeEach(() => {
  bench = new Bench({ ...wallOf(['S', 'S']), languages: ['en', 'de', 'ar'] })
  bench.prepare([{ id: 'p-1', size: 'S', recipientId: 'r-1' }])
  bench.leaveParcel('p-1')
})

afterEach(() => bench.close())

const liked = () => bench.view?.preferences

test('on the first screen, with one touch each', () => {
  expect(liked()).toEqual(USUAL)
  expect(bench.press('language', 'de')).toBe('ok')
  expect(bench.press('ease', 'large')).toBe('ok')
  expect(bench.press('ease', 'contrast')).toBe('ok')
  expect(liked()).toEqual({ language: 'de', isLarge: true, isContrast: true, isSlow: false })
  bench.press('ease', 'large')
  expect(liked()).toMatchObject({ isLarge: false, isContrast: true })
  expect(bench.screen.kind).toBe('welcome')
})

test('a language that the kiosk does not have, and what cannot be switched, change nothing', () => {
  for (const value of ['fr', '', 'toString', undefined]) {
    expect(bench.press('language', value)).toBe('refused')
    expect(bench.press('ease', value)).toBe('refused')
  }
  expect(liked()).toEqual(USUAL)
})

test('in the midst of a pickup, and for the rest of it', () => {
  bench.press('language', 'ar')
  bench.type('pin of p-1')
  expect(liked()?.language).toBe('ar')
  bench.press('ease', 'large')
  expect(liked()).toMatchObject({ language: 'ar', isLarge: true })
  expect(bench.useDoor()).toBe('1')
  expect(bench.screen.kind).toBe('pickup-done')
  expect(liked()).toMatchObject({ language: 'ar', isLarge: true })
  bench.pass(60_000)
  expect(bench.screen.kind).toBe('welcome')
  expect(liked()).toEqual(USUAL)
})

test('a wrong PIN and a look at the help page take nothing away', () => {
  bench.press('language', 'de')
  bench.type('nobody has it')
  expect(liked()?.language).toBe('de')
  bench.press('help')
  bench.press('back')
  expect(liked()?.language).toBe('de')
})

test('when a courier signs out, the next person finds the screen as usual', () => {
  bench.press('language', 'de')
  bench.signIn()
  expect(liked()?.language).toBe('de')
  bench.press('sign-out')
  expect(liked()).toEqual(USUAL)
})

describe('whoever goes away without doing anything', () => {
  test('is asked first, and then the screen is as usual', () => {
    bench.press('language', 'de')
    const { idleMs, idleWarningMs } = bench.config.policy
    expect(bench.view?.idle).toEqual({ warnInMs: idleMs - idleWarningMs, endInMs: idleMs })
    bench.pass(idleMs - 1)
    expect(liked()?.language).toBe('de')
    bench.pass(1)
    expect(liked()).toEqual(USUAL)
    expect(bench.view?.idle).toBeNull()
  })

  test('on the help page as well', () => {
    bench.press('ease', 'large')
    bench.press('help')
    bench.pass(bench.config.policy.idleMs)
    expect(bench.screen.kind).toBe('welcome')
    expect(liked()).toEqual(USUAL)
  })

  test('but not whoever says that they need more time, or types', () => {
    bench.press('language', 'de')
    for (let times = 0; times < 12; times += 1) {
      bench.pass(bench.config.policy.idleMs - 1)
      expect(bench.press('stay')).toBe('ok')
    }
    expect(liked()?.language).toBe('de')
  })
})

test('with more time every wait for the person is three times as long, beginning at once', () => {
  const { idleMs, idleWarningMs, courierIdleMs } = bench.config.policy
  bench.press('help')
  bench.pass(idleMs - 1)
  bench.press('ease', 'slow')
  expect(bench.view?.idle).toEqual({
    warnInMs: SLOW_FACTOR * (idleMs - idleWarningMs),
    endInMs: SLOW_FACTOR * idleMs,
  })
  bench.pass(SLOW_FACTOR * idleMs - 1)
  expect(bench.screen.kind).toBe('help')
  bench.press('back')
  bench.signIn()
  expect(bench.view?.idle?.endInMs).toBe(SLOW_FACTOR * courierIdleMs)
})

test('an open door is nobody’s idle time, whatever is switched while it stands open', () => {
  bench.type('pin of p-1')
  bench.obeyUnlock('acknowledged', 'springs-open')
  expect(bench.screen.kind).toBe('pickup-open')
  bench.press('ease', 'slow')
  expect(bench.view?.idle).toBeNull()
})

test('nothing of it is stored, and a start forgets it', () => {
  const before = bench.facts().length
  bench.press('language', 'de')
  bench.press('ease', 'large')
  expect(bench.facts()).toHaveLength(before)
  bench.restart()
  expect(liked()).toEqual(USUAL)
})
