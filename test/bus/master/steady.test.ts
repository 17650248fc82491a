// Goal: a contact that bounces moves no door. Method: readings by hand.
import { describe, expect, test } from 'vitest'
import { isUnsure, type Steady, steady } from '../../../src/bus/master/steady.ts'

const BARE = { isDebounced: false }
const STATES = { O: 'open', C: 'closed' } as const

function read(before: Steady | null, letter: string, options = BARE): Steady {
  const state = STATES[letter as 'O' | 'C']
  return steady(before?.contacts ?? null, [{ state, opens: null }], options)
}

/** @returns what is told after each reading, a letter each; `?` for unknown */
function told(readings: string, options = BARE): string {
  let last: Steady | null = null
  const letters = [...readings].map((letter) => {
    last = read(last, letter, options)
    return { open: 'O', closed: 'C', unknown: '?' }[last.doors[0]?.state ?? 'unknown']
  })
  return letters.join('')
}

describe('a contact', () => {
  test.each([
    ['counts at its first reading', 'O', 'O'],
    ['has moved when it is read so twice', 'CCOOO', 'CCCOO'],
    ['that is read so once has bounced', 'CCOCCOC', 'CCCCCCC'],
    ['may bounce while its door opens', 'CCOCOOOO', 'CCCCCOOO'],
    ['that goes to and fro is unknown', 'CCOCOCOCO', 'CCCCCC???'],
    ['is known again when it rests', 'CCOCOCOOOOOOOOO', 'CCCCCC??????OOO'],
  ])('%s', (_, readings, expected) => {
    expect(told(readings)).toBe(expected)
  })

  test('that moved waits for the next reading, which comes soon', () => {
    const first = read(null, 'C')
    const second = read(first, 'O')
    expect([first, second].map(({ contacts }) => isUnsure(contacts))).toEqual([false, true])
  })

  test('of a board that waits for it counts at once', () => {
    expect(told('CCOCO', { isDebounced: true })).toBe('CCOCO')
  })
})
