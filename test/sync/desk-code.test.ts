// The challenge and its answer, as they go over the telephone.
import { createHmac } from 'node:crypto'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { answerChallenge, challengeOf } from '../../src/sync/desk-code.ts'

const KEY = Buffer.alloc(32, 7)
const REQUEST = { kioskId: 'k1', lockerId: '07' }
const OPEN = { ...REQUEST, wants: 'open' } as const
const anyNonce = fc.stringMatching(/^[0-9a-f]{10}$/)

/** Vectors: whoever writes a desk of his own must come to the same. */
test.each([
  ['0000000000', '07'],
  ['ffffffffff', '07'],
  ['0123456789', 'A3'],
])('the nonce %s for locker %s gives the answer that the manual describes', (nonce, lockerId) => {
  const text = `desk|1|answer|open|k1|${lockerId}|${nonce}`
  const mac = createHmac('sha256', KEY).update(text).digest('hex').slice(0, 16)
  const answer = String(BigInt(`0x${mac}`) % 100_000_000n).padStart(8, '0')
  expect(challengeOf(KEY, { ...REQUEST, lockerId, nonce }).answer).toBe(answer)
})

test('golden vectors, never to be changed', () => {
  expect(challengeOf(KEY, { ...REQUEST, nonce: '0000000000' })).toEqual(GOLDEN[0])
  expect(challengeOf(KEY, { ...REQUEST, nonce: '0123456789' })).toEqual(GOLDEN[1])
})

const GOLDEN = [
  { challenge: '0000-0000-6XXH', answer: '07600672', pin: null },
  { challenge: '04HM-ASW9-AXTX', answer: '49903471', pin: null },
]

test('the desk comes to the kiosk’s answer, from whatever it was told', () => {
  fc.assert(
    fc.property(anyNonce, (nonce) => {
      const { challenge, answer } = challengeOf(KEY, { ...REQUEST, nonce })
      expect(challenge).toMatch(/^[0-9A-Z]{4}-[0-9A-Z]{4}-[0-9A-Z]{4}$/)
      expect(answer).toMatch(/^\d{8}$/)
      const typed = challenge.toLowerCase().replaceAll('-', ' ')
      expect(answerChallenge(KEY, { ...OPEN, typed })).toEqual({ ok: true, answer, pin: null })
    }),
  )
})

test.each([
  ['another kiosk', { kioskId: 'k2' }, KEY],
  ['another locker', { lockerId: '08' }, KEY],
  ['another key', {}, Buffer.alloc(32, 8)],
])('a challenge is not answered for %s', (_, other, key) => {
  const typed = challengeOf(KEY, { ...REQUEST, nonce: '00c0ffee00' }).challenge
  const answered = answerChallenge(key, { ...OPEN, ...other, typed })
  expect(answered).toEqual({ ok: false, cause: 'foreign' })
})

test('a misheard character is noticed before anything is computed', () => {
  const { challenge } = challengeOf(KEY, { ...REQUEST, nonce: '00c0ffee00' })
  const typed = challenge.replace(/^./, (first) => (first === '7' ? '8' : '7'))
  expect(answerChallenge(KEY, { ...OPEN, typed })).toEqual({ ok: false, cause: 'misspelt' })
})

test('answers to different nonces, lockers and kiosks have nothing in common', () => {
  const nonces = Array.from({ length: 2_000 }, (_, n) => n.toString(16).padStart(10, '0'))
  const answers = nonces.map((nonce) => challengeOf(KEY, { ...REQUEST, nonce }).answer)
  expect(new Set(answers).size).toBeGreaterThan(1_995)
  const first = answers.map((answer) => Number(answer[0]))
  const counts = Array.from({ length: 10 }, (_, d) => first.filter((each) => each === d).length)
  const chiSquare = counts.reduce((sum, count) => sum + (count - 200) ** 2 / 200, 0)
  // 9 degrees of freedom; the inputs are fixed, so this never fails by chance.
  expect(chiSquare).toBeLessThan(27.9)
})

test.each([6, 7, 8, 9])('a new PIN of %i digits follows from its challenge', (pinDigits) => {
  const nonce = '0123456789'
  const shown = challengeOf(KEY, { ...REQUEST, pinDigits, nonce })
  const digits = (what: string, count: number) => {
    const told = `desk|1|${what}|pin${pinDigits}|k1|07|${nonce}`
    const mac = createHmac('sha256', KEY).update(told).digest('hex').slice(0, 16)
    return String(BigInt(`0x${mac}`) % 10n ** BigInt(count)).padStart(count, '0')
  }
  const pin = { pin: digits('pin', pinDigits), reference: digits('reference', 4) }
  expect(shown.pin).toEqual(pin)
  const typed = shown.challenge
  const answered = answerChallenge(KEY, { ...REQUEST, typed, wants: 'pin' })
  expect(answered).toEqual({ ok: true, answer: digits('answer', 8), pin })
  expect(answerChallenge(KEY, { ...OPEN, typed })).toEqual({ ok: false, cause: 'foreign' })
})
