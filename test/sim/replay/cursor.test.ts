// Goal: a host is followed through a recording, let in where it begins, and never let off the path
// without a word.
import { describe, expect, it } from 'vitest'
import { Cursor, type Step } from '../../../sim/replay/cursor.ts'
import type { RecordedExchange } from '../../../sim/replay/exchanges.ts'

/** Small letters are questions, capital ones orders; digits tell what a repeated one is told. */
function recorded(text: string): readonly RecordedExchange[] {
  return [...text].map((letter, index) => ({
    line: index + 1,
    request: Buffer.from(`<${letter}>`),
    key: Buffer.from(`<${letter}>`),
    reading: { kind: 'unasked' },
    isOrder: letter !== letter.toLowerCase(),
    answers: [],
    pulledAfterMs: null,
  }))
}

function raise(): never {
  throw new Error('nothing was recorded')
}

function follow(text: string, asked: string, isStrict = false): string {
  const cursor = new Cursor(recorded(text), { isStrict })
  return [...asked]
    .map((letter) => {
      expect(cursor.take(Buffer.from('<'))).toMatchObject(
        cursor.isAtEnd ? {} : { kind: 'unfinished' },
      )
      return wordOf(cursor.take(Buffer.from(`<${letter}>`)))
    })
    .join(' ')
}

function wordOf(step: Step): string {
  if (step.kind === 'departed') return step.expected === null ? 'end' : `not:${step.expected.line}`
  if (step.kind === 'unfinished') return 'unfinished'
  const { exchange, leftOut, isRepeated } = step
  return `${isRepeated ? 'again' : 'at'}:${exchange.line}${leftOut > 0 ? `-${leftOut}` : ''}`
}

describe('a host', () => {
  it('is followed in order', () => {
    expect(follow('abA', 'abA')).toBe('at:1 at:2 at:3')
  })

  it('is let in where its first request stands, and only once', () => {
    expect(follow('abcabc', 'cab')).toBe('at:3-2 at:4 at:5')
    expect(follow('abcd', 'bx')).toBe('at:2-1 not:3')
    expect(follow('abc', 'x')).toBe('not:1')
  })

  it('may order earlier than then, and the questions between are left out', () => {
    expect(follow('ababAba', 'abAb')).toBe('at:1 at:2 at:5-2 at:6')
  })

  it('may order later than then, and is told meanwhile what it was told before', () => {
    expect(follow('abAba', 'ababaAba')).toBe('at:1 at:2 again:1 again:2 again:1 at:3 at:4 at:5')
  })

  it('is not let off to another order, or past one', () => {
    expect(follow('aAaBa', 'aB')).toBe('at:1 not:2')
    expect(follow('aAb', 'ab')).toBe('at:1 not:2')
    expect(follow('aAbA', 'aAA')).toBe('at:1 at:2 at:4-1')
    expect(follow('aAbBa', 'aAA')).toBe('at:1 at:2 not:3')
  })

  it('may ask in another rhythm, and is told what the boards said at that point', () => {
    expect(follow('abcabcA', 'abbcaA')).toBe('at:1 at:2 at:5-2 at:6 again:4 at:7')
    expect(follow('abA', 'aabA')).toBe('at:1 again:1 at:2 at:3')
  })

  it('does not pass a pulled cable', () => {
    const exchanges = recorded('abab').with(1, {
      ...(recorded('b')[0] ?? raise()),
      pulledAfterMs: 5,
    })
    const cursor = new Cursor(exchanges, { isStrict: false })
    const words = [...'aab'].map((letter) => wordOf(cursor.take(Buffer.from(`<${letter}>`))))
    expect(words).toEqual(['at:1', 'again:1', 'at:1'])
    expect(cursor.position).toBe(2)
  })

  it('is at the end after the last exchange', () => {
    expect(follow('ab', 'abx')).toBe('at:1 at:2 end')
    expect(follow('ab', 'aba', true)).toBe('at:1 at:2 end')
  })

  it('has to be exact where that is wanted', () => {
    expect(follow('abA', 'aA', true)).toBe('at:1 not:2')
    expect(follow('abA', 'aba', true)).toBe('at:1 at:2 not:3')
  })
})
