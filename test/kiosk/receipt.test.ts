// The receipt and its spelling. The vectors were computed by a program that shares nothing with it.
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { readReceipt, receiptOf } from '../../src/kiosk/receipt.ts'
import { readSpelt, spell } from '../../src/kiosk/spelling.ts'
import { hashText } from '../../src/store/chain.ts'
import { Bench, wallOf } from '../support/bench.ts'

const ALPHABET = [...'0123456789ABCDEFGHJKMNPQRSTVWXYZ']
const anyHash = fc.stringMatching(/^[0-9a-f]{64}$/)

test.each([
  ['0'.repeat(64), '0000-0000-0000'],
  ['f'.repeat(64), 'ZZZZ-ZZZZ-ZZZK'],
  [hashText('latchkey'), '0FKN-K83B-VJZM'],
  [hashText(''), 'WERC-8GMR-ZGED'],
])('the hash %s gives the receipt %s', (hash, receipt) => {
  expect(receiptOf(hash)).toBe(receipt)
})

test('a receipt is read however it is typed', () => {
  fc.assert(
    fc.property(anyHash, (hash) => {
      const receipt = receiptOf(hash)
      const typed = receipt.toLowerCase().replaceAll('0', 'o').replaceAll('1', 'l')
      expect(readReceipt(` ${typed.replaceAll('-', ' ')}`)).toBe(receipt)
    }),
  )
})

test('any one wrong character is noticed', () => {
  const anyPlace = fc.nat({ max: 11 })
  fc.assert(
    fc.property(anyHash, anyPlace, fc.constantFrom(...ALPHABET), (hash, place, character) => {
      const plain = receiptOf(hash).replaceAll('-', '')
      fc.pre(plain[place] !== character)
      const typed = plain.slice(0, place) + character + plain.slice(place + 1)
      expect(readReceipt(typed)).toBeNull()
    }),
  )
})

test('any two neighbours that changed places are noticed', () => {
  fc.assert(
    fc.property(anyHash, fc.nat({ max: 10 }), (hash, place) => {
      const plain = receiptOf(hash).replaceAll('-', '')
      const [a = '', b = ''] = [plain[place], plain[place + 1]]
      fc.pre(a !== b)
      expect(readReceipt(plain.slice(0, place) + b + a + plain.slice(place + 2))).toBeNull()
    }),
  )
})

test.each(['', 'U000-0000-0000', '0000-0000', '0000-0000-00000', 'ÄÖÜ'])(
  '%j is no receipt',
  (typed) => {
    expect(readReceipt(typed)).toBeNull()
  },
)

test('a spelling takes what fits and refuses fewer bits than it needs', () => {
  const anySize = fc.integer({ min: 1, max: 20 })
  fc.assert(
    fc.property(anyHash, anySize, (hash, characters) => {
      expect(readSpelt(spell(hash, { characters }), { characters })).not.toBeNull()
    }),
  )
  expect(() => spell('ff', { characters: 2 })).toThrow(RangeError)
})

test('a deposit and a pickup each end with the receipt of their own fact', () => {
  const bench = new Bench(wallOf(['S', 'S']))
  bench.prepare(['p-1', 'p-2'].map((id) => ({ id, size: 'S', recipientId: `r-${id}` })))
  const receiptFor = (kind: string): string | undefined => {
    const rows = bench.ledger.outboxAfter(0, { countMax: 1_000, bytesMax: 1e9 })
    const body = rows.findLast((row) => row.body.includes(`"type":"${kind}/1"`))?.body
    return body === undefined ? undefined : receiptOf(hashText(body))
  }
  expect(bench.view?.receipt).toBeNull()
  bench.signIn()
  bench.press('deposit', 'p-1')
  expect(bench.view?.receipt).toBeNull()
  bench.useDoor()
  expect(bench.view?.receipt).toEqual({ code: receiptFor('parcel-deposited'), parcels: 1 })
  bench.press('deposit', 'p-2')
  expect(bench.view?.receipt).toBeNull()
  bench.useDoor()
  bench.press('sign-out')
  expect(bench.view?.receipt).toBeNull()
  bench.type('pin of p-1')
  bench.useDoor()
  expect(bench.view?.receipt).toEqual({ code: receiptFor('parcel-collected'), parcels: 1 })
  bench.press('back')
  expect(bench.view?.receipt).toBeNull()
  bench.close()
})
