// Goal: what a board says is understood whatever its doors are and whatever stands around it, and
// damage is not taken for doors. Method: replies are built here from the documents, by hand.
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { dialectOf } from '../../../src/bus/dialects/dialects.ts'
import { bytes, closedIn, decodeText, exchangeOf, STATE } from './exchange.ts'
import { type Bare, CHANNELS, codesOf, REPLIES, textOf } from './replies.ts'

const DIALECTS = Object.keys(REPLIES) as Bare[]

function doors(dialect: Bare) {
  const length = CHANNELS[dialect]
  return fc.array(fc.boolean(), { minLength: length, maxLength: length })
}

function channelsOf(closed: readonly boolean[]): readonly number[] {
  return closed.flatMap((isClosed, index) => (isClosed ? [index + 1] : []))
}

/** Nothing, the own echo, or what an idle line leaves. */
function before(dialect: Bare) {
  const echo = dialectOf(dialect).encode(exchangeOf(dialect, STATE))
  return fc.constantFrom('', echo, '\u0000', '\u00ff\u0000', `\u00ff${echo}`, `${echo}\u0000`)
}

describe.each(DIALECTS)('%s', (dialect) => {
  const open = exchangeOf(dialect, STATE)
  const { decode, replyLengthMax } = dialectOf(dialect)

  test('understands all doors, behind echo and noise, and however the bytes arrive', () => {
    const cuts = fc.array(fc.nat({ max: 60 }), { maxLength: 5 })
    fc.assert(
      fc.property(doors(dialect), before(dialect), cuts, (closed, noise, at) => {
        const text = noise + REPLIES[dialect](closed)
        let heard = ''
        let last = 0
        for (const end of [...at.toSorted((a, b) => a - b), text.length].map((cut) =>
          Math.min(cut, text.length),
        )) {
          heard += text.slice(last, end)
          last = Math.max(last, end)
          const decoded = decode(heard, open)
          if (decoded.reply !== null) {
            expect(closedIn(decoded.reply)).toEqual(channelsOf(closed))
            expect(last).toBe(text.length)
            return
          }
          heard = decoded.keep === 0 ? '' : heard.slice(-decoded.keep)
        }
        throw new Error('not understood')
      }),
    )
  })

  test('has replies no longer than it says', () => {
    const reply = REPLIES[dialect](Array(CHANNELS[dialect]).fill(true))
    expect(reply.length).toBeLessThanOrEqual(replyLengthMax(open))
  })

  test('refuses every reply with one wrong bit', () => {
    fc.assert(
      fc.property(doors(dialect), (closed) => {
        const codes = codesOf(REPLIES[dialect](closed))
        for (let bit = 0; bit < codes.length * 8; bit += 1) {
          const wrong = codes.with(bit >> 3, (codes[bit >> 3] ?? 0) ^ (1 << (bit & 7)))
          expect(decodeText(open, textOf(wrong))).toBe(null)
        }
      }),
      { numRuns: 20 },
    )
  })

  test('is total on noise, and keeps less than a reply of it', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 600 }), (noise) => {
        const decoded = decode(textOf([...noise]), open)
        if (decoded.reply === null) expect(decoded.keep).toBeLessThan(replyLengthMax(open) + 64)
      }),
    )
  })
})

/** Of all pairs of wrong bits in a reply with all doors open, those that pass for other doors. */
test.each<[Bare, number, number, string]>([
  ['kerong-cu16', 22, 2_556, 'two bits of one value that go opposite ways, one in 116'],
  ['kerong-cu48', 102, 10_296, 'two bits of one value that go opposite ways, one in 101'],
  ['lock-board-8a', 48, 1_540, 'two bits in one place of two bytes, one in 32'],
  ['wkly', 300, 36_856, 'two bits in one place of two bytes, one in 123'],
  ['modbus-rtu', 0, 1_128, 'none: CRC-16 finds every pair'],
])('%s takes %i of %i replies with two wrong bits for doors: %s', (dialect, taken, count) => {
  const codes = codesOf(REPLIES[dialect](Array(CHANNELS[dialect]).fill(false)))
  const open = exchangeOf(dialect, STATE)
  let passed = 0
  let pairs = 0
  const flip = (list: readonly number[], bit: number) =>
    list.with(bit >> 3, (list[bit >> 3] ?? 0) ^ (1 << (bit & 7)))
  for (let one = 0; one < codes.length * 8; one += 1) {
    for (let two = one + 1; two < codes.length * 8; two += 1) {
      pairs += 1
      if (closedIn(decodeText(open, textOf(flip(flip(codes, one), two)))) !== null) passed += 1
    }
  }
  expect([passed, pairs]).toEqual([taken, count])
})

test('a reply whose bytes are legal frame ends is read by its length', () => {
  const open = exchangeOf('kerong-cu16', STATE)
  expect(closedIn(decodeText(open, bytes('02 00 35 03 02 03 02 03 44')))).toEqual([1, 2, 10])
})
