// A page that reloads is there; one that stays away is not.
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { GONE_MS } from '../../src/screen/limits.ts'
import { type Presence, watchPresence } from '../../src/screen/presence.ts'

let told: boolean[]
let presence: Presence

beforeEach(() => {
  vi.useFakeTimers()
  told = []
  presence = watchPresence((isConnected) => told.push(isConnected))
})

afterEach(() => {
  presence.stop()
  vi.useRealTimers()
})

test('no page comes after the start: the screen is gone', () => {
  vi.advanceTimersByTime(GONE_MS - 1)
  expect(told).toEqual([])
  vi.advanceTimersByTime(1)
  expect(told).toEqual([false])
  presence.count(1)
  expect(told).toEqual([false, true])
})

test('a page that reloads, or has a second one beside it, is never gone', () => {
  presence.count(1)
  presence.count(0)
  vi.advanceTimersByTime(GONE_MS - 1)
  presence.count(1)
  presence.count(2)
  presence.count(1)
  vi.advanceTimersByTime(10 * GONE_MS)
  expect(told).toEqual([true])
})

test('a page that stays away is told of once', () => {
  presence.count(1)
  presence.count(0)
  presence.count(0)
  vi.advanceTimersByTime(10 * GONE_MS)
  expect(told).toEqual([true, false])
})

test('after the end nothing is told', () => {
  presence.count(1)
  presence.stop()
  presence.count(0)
  vi.advanceTimersByTime(10 * GONE_MS)
  expect(told).toEqual([true])
})
