// Goal: only whole lines of a sound length reach the parser, and memory stays bounded.
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { LineGuard } from '../../../src/bus/links/line-guard.ts'

const LENGTH_MAX = 8

function guarded(chunks: readonly string[]): string {
  const guard = new LineGuard(LENGTH_MAX)
  for (const chunk of chunks) guard.write(Buffer.from(chunk, 'latin1'))
  guard.end()
  return String(guard.read() ?? '')
}

describe('the line guard', () => {
  test.each([
    ['passes lines on', ['ab\ncd\n'], 'ab\ncd\n'],
    ['joins the parts of a line', ['a', 'b', '\nc', 'd\n'], 'ab\ncd\n'],
    ['passes empty lines on', ['\n\n'], '\n\n'],
    ['passes the longest line on', ['1234567\n'], '1234567\n'],
    ['drops a line that is one too long', ['12345678\nok\n'], 'ok\n'],
    ['drops a long line in many parts', ['12345', '67890', '12345', '\nok\n'], 'ok\n'],
    ['drops what has no line feed at the end', ['ok\nhalf'], 'ok\n'],
  ])('%s', (_, chunks, expected) => {
    expect(guarded(chunks)).toBe(expected)
  })

  test('keeps nothing of noise without a line feed', () => {
    const guard = new LineGuard(LENGTH_MAX)
    for (let round = 0; round < 2_048; round += 1) guard.write(Buffer.alloc(1_024, 0x41))
    expect(guard.readableLength).toBe(0)
    guard.write('\nok\n')
    expect(String(guard.read())).toBe('ok\n')
  })

  test('does the same however the bytes are cut', () => {
    const line = fc.string({ unit: fc.constantFrom('a', 'b', '\u00ff'), maxLength: 12 })
    fc.assert(
      fc.property(fc.array(line), fc.integer({ min: 1, max: 5 }), (lines, size) => {
        const text = lines.map((each) => `${each}\n`).join('')
        const chunks = text.match(new RegExp(`[^]{1,${size}}`, 'g')) ?? []
        expect(guarded(chunks)).toBe(guarded([text]))
      }),
    )
  })
})
