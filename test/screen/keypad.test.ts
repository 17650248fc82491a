// The kiosk's own keypad: what leaves the daemon of it, and when its digits are forgotten.
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { SLOW_FACTOR } from '../../src/kiosk/preferences.ts'
import type { Intent, ScreenView, View } from '../../src/kiosk/view.ts'
import type { KeyFunction } from '../../src/screen/inputs/config.ts'
import { Keypad } from '../../src/screen/keypad.ts'
import {
  ENTER_HABIT_MS,
  STAY_EVERY_MS,
  TYPED_ANSWER_MAX_MS,
  TYPED_FORGET_MS,
} from '../../src/screen/limits.ts'
import { screenNamed, viewOf } from '../support/views.ts'

const PIN = '86420975'

let keypad: Keypad
let view: View | null
let told: string[]
let sent: { readonly intentId: string; readonly rev: number; readonly intent: Intent }[]
let hashed: string[]

beforeEach(() => {
  vi.useFakeTimers()
  view = viewOf(screenNamed('welcome'), { rev: 7 })
  told = []
  sent = []
  hashed = []
  keypad = new Keypad({
    view: () => view,
    tell: (message) => {
      if (message.kind === 'typed') told.push(`typed ${message.count}`)
      if (message.kind === 'key') told.push(`key ${message.key}`)
    },
    send: (intentId, rev, intent) => sent.push({ intentId, rev, intent }),
    digitsOf: (digits) => {
      hashed.push(digits)
      return { kind: 'digits', digitCount: digits.length, pinIndex: 'p', accessIndex: 'a' }
    },
  })
})

afterEach(() => {
  vi.useRealTimers()
})

function press(...keys: readonly KeyFunction[]): void {
  for (const key of keys) keypad.press(key)
}

const type = (digits: string) => press(...([...digits] as KeyFunction[]))

describe('digits', () => {
  test('go away by themselves at the last one, and pages learn only how many they are', () => {
    type(PIN.slice(0, 7))
    expect(sent).toEqual([])
    type(PIN.slice(7))
    expect(hashed).toEqual([PIN])
    expect(sent).toHaveLength(1)
    expect(sent[0]).toMatchObject({ rev: 7, intent: { kind: 'digits', digitCount: 8 } })
    expect(told).toEqual([1, 2, 3, 4, 5, 6, 7, 8].map((count) => `typed ${count}`))
    type('1')
    expect(keypad.count).toBe(8)
    keypad.answered(sent[0]?.intentId ?? '')
    expect(told.at(-1)).toBe('typed 0')
    type('1')
    expect(keypad.count).toBe(1)
  })

  test('whose answer never comes can be typed again', () => {
    type(PIN)
    keypad.answered('of somebody else')
    expect(keypad.count).toBe(8)
    vi.advanceTimersByTime(TYPED_ANSWER_MAX_MS)
    expect(told.at(-1)).toBe('typed 0')
    type(PIN)
    expect(sent).toHaveLength(2)
  })

  test('can be deleted one by one, but not once they are sent', () => {
    type('12')
    press('delete')
    type('3')
    press('delete', 'delete', 'delete')
    type(PIN)
    press('delete')
    expect(hashed).toEqual([PIN])
    expect(keypad.count).toBe(8)
  })

  test('are forgotten when told to, and half a minute after the last one', () => {
    type('123')
    keypad.forget()
    keypad.forget()
    expect(told.slice(3)).toEqual(['typed 0'])
    type('123')
    vi.advanceTimersByTime(TYPED_FORGET_MS - 1)
    type('4')
    vi.advanceTimersByTime(TYPED_FORGET_MS - 1)
    expect(keypad.count).toBe(4)
    vi.advanceTimersByTime(1)
    expect(keypad.count).toBe(0)
    type(PIN.slice(4))
    expect(sent).toEqual([])
  })

  test('wait longer for whoever asked for more time', () => {
    const preferences = { ...viewOf(screenNamed('welcome')).preferences, isSlow: true }
    view = viewOf(screenNamed('welcome'), { preferences })
    type('123')
    vi.advanceTimersByTime(SLOW_FACTOR * TYPED_FORGET_MS - 1)
    expect(keypad.count).toBe(3)
    vi.advanceTimersByTime(1)
    expect(keypad.count).toBe(0)
  })

  test.each([
    ['a screen without a pad', screenNamed('help')],
    ['a pad that waits', screenNamed('welcome-waiting')],
  ] satisfies [string, ScreenView][])('are not heard at %s', (_name, screen) => {
    view = viewOf(screen)
    type(PIN)
    expect(told).toEqual([])
    expect(sent).toEqual([])
  })

  test('before there is any view are nothing', () => {
    view = null
    type(PIN)
    press('select')
    expect(told).toEqual([])
    expect(sent).toEqual([])
  })
})

describe('other keys', () => {
  test('move about on the page, each press under an id of its own', () => {
    const ids: string[] = []
    const mover = new Keypad({
      view: () => view,
      tell: (message) => {
        if (message.kind === 'key') ids.push(`${message.key} ${message.id}`)
      },
      send: () => {},
      digitsOf: () => ({ kind: 'scan', code: '', badgeIndex: '' }),
    })
    for (const key of ['next', 'previous', 'select', 'back', 'enter'] as const) mover.press(key)
    expect(ids.map((each) => each.split(' ')[0])).toEqual([
      ...['next', 'previous', 'select', 'back', 'select'],
    ])
    expect(new Set(ids.map((each) => each.split(' ')[1])).size).toBe(5)
    for (const each of ids) expect(each).toMatch(/ [a-f0-9-]{36}$/)
  })

  test('end no PIN: Enter after the last digit, or too early, presses nothing', () => {
    type('123')
    press('enter')
    type(PIN.slice(3))
    view = viewOf(screenNamed('pickup-open'))
    keypad.forget()
    press('enter')
    expect(told.filter((words) => words.startsWith('key'))).toEqual([])
    vi.advanceTimersByTime(ENTER_HABIT_MS)
    press('enter')
    expect(told.at(-1)).toBe('key select')
  })

  test('that have nothing to do yet do nothing', () => {
    press('repeat', 'volume-up', 'volume-down', 'jack-in', 'jack-out')
    expect(told).toEqual([])
    expect(sent).toEqual([])
  })

  test('are a sign of life, told now and then, where idle time is counted', () => {
    press('next')
    expect(sent).toEqual([])
    view = viewOf(screenNamed('courier-code'), { idle: { warnInMs: 1_000, endInMs: 21_000 } })
    press('next', 'next')
    type('1')
    const stay = { kind: 'press', action: 'stay', value: null }
    expect(sent.map(({ intent }) => intent)).toEqual([stay])
    vi.advanceTimersByTime(STAY_EVERY_MS)
    type('2')
    expect(sent.map(({ intent }) => intent)).toEqual([stay, stay])
  })
})
