// A token is read at the kiosk without any network, and only what central signed is one. The golden
// ones never change: letters with such codes are out there.
import { execFileSync } from 'node:child_process'
import { createHash, createPrivateKey, type JsonWebKey } from 'node:crypto'
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import process from 'node:process'
import fc from 'fast-check'
import { exportJWK, generateKeyPair } from 'jose'
import { describe, expect, test } from 'vitest'
import { signToken, type TokenWish } from '../../../sim/central/sign-token.ts'
import { isScan, SCAN_CHARS_MAX, TOKEN_SCAN_CHARS_MAX } from '../../../src/kiosk/token-facts.ts'
import {
  createTokenReader,
  TOKEN_ALPHABET,
  TOKEN_BYTES,
  TOKEN_CHARS,
  TOKEN_LIFE_MAX_S,
} from '../../../src/sync/contract/open-token.ts'
import { GOLDEN, goldenKeys, goldenText } from '../../support/golden.ts'
import { PUBLIC_KEYS, SIGNING_KEY } from '../../support/tokens.ts'

const HERE = { namespace: 'demo', kioskId: 'k1' }
const read = createTokenReader(HERE, PUBLIC_KEYS)
const RUNS = { numRuns: 300 }

type Name = 'pickup' | 'courier'

function wishOf(name: Name): TokenWish {
  const { id, ...wish } = JSON.parse(goldenText(`token/${name}.json`))
  return { ...wish, id: Buffer.from(id, 'hex') }
}

async function otherKey() {
  const { publicKey, privateKey } = await generateKeyPair('EdDSA', { crv: 'Ed25519' })
  const { x = '' } = await exportJWK(publicKey)
  return { signing: { key: privateKey, x }, jwk: { kty: 'OKP', crv: 'Ed25519', x, kid: 'other' } }
}

describe.each<Name>(['pickup', 'courier'])('the golden token of a %s', (name) => {
  const text = goldenText(`token/${name}.txt`)
  const wish = wishOf(name)

  test('is signed as ever, and says what was wished', async () => {
    expect(await signToken(SIGNING_KEY, wish)).toBe(text)
    const named = createHash('sha256').update(`${name}|${wish.name}`).digest('hex')
    expect(read(text)?.claims).toEqual({
      purpose: name,
      tokenId: Buffer.from(wish.id).toString('hex'),
      isForThisKiosk: true,
      subject: named.slice(0, 32),
      notBeforeWallMs: wish.notBeforeS * 1_000,
      expiresAtWallMs: wish.expiresAtS * 1_000,
    })
    expect(read(text.toLowerCase())).toEqual(read(text))
  })

  test('with any other letter in any place is none', () => {
    const place = fc.integer({ min: 3, max: TOKEN_CHARS - 1 })
    const letter = fc.constantFrom(...TOKEN_ALPHABET, '0', 'A', 'Z', ' ', '~')
    fc.assert(
      fc.property(place, letter, (at, other) => {
        fc.pre(text[at] !== other)
        const changed = text.slice(0, at) + other + text.slice(at + 1)
        expect(read(changed)).toEqual({ claims: null })
      }),
      RUNS,
    )
  })

  test('in part, or with more behind it, is none', () => {
    for (let length = SCAN_CHARS_MAX + 1; length < text.length; length += 1) {
      expect(read(text.slice(0, length))).toEqual({ claims: null })
    }
    expect(read(`${text}B`)).toEqual({ claims: null })
    expect(read(text + text)).toBe(null)
  })

  test('is for one kiosk', () => {
    for (const place of [
      { ...HERE, kioskId: 'k2' },
      { ...HERE, namespace: 'demo2' },
    ]) {
      const claims = createTokenReader(place, PUBLIC_KEYS)(text)?.claims
      expect(claims).toMatchObject({ purpose: name, isForThisKiosk: false })
    }
  })

  test('is worth nothing without its key; while keys change, both are known', async () => {
    const { signing, jwk } = await otherKey()
    expect(createTokenReader(HERE, { keys: [jwk] })(text)).toEqual({ claims: null })
    const both = createTokenReader(HERE, { keys: [jwk, ...PUBLIC_KEYS.keys] })
    expect(both(text)).toEqual(read(text))
    const other = await signToken(signing, wish)
    expect(read(other)).toEqual({ claims: null })
    expect(both(other)?.claims).toEqual(read(text)?.claims)
    // It names our key, and another one has signed it.
    const forged = await signToken({ ...signing, x: SIGNING_KEY.x }, wish)
    expect(both(forged)).toEqual({ claims: null })
  })

  test('that never ends, ends before it begins, or lives too long is none', async () => {
    const { notBeforeS } = wish
    const lives = async (lifeS: number) =>
      read(await signToken(SIGNING_KEY, { ...wish, expiresAtS: notBeforeS + lifeS }))?.claims
    expect(await lives(TOKEN_LIFE_MAX_S[name])).toMatchObject({ purpose: name })
    for (const lifeS of [TOKEN_LIFE_MAX_S[name] + 1, 0, -1]) expect(await lives(lifeS)).toBe(null)
  })
})

test('a stranger makes the golden one with a shell, from the contract’s own page', () => {
  const page = readFileSync(join(GOLDEN, '../README.md'), 'utf8')
  const script = /```sh\n(# A pickup token[^`]*)```/.exec(page)?.[1] ?? 'false'
  const { namespace, kioskId, name, notBeforeS, expiresAtS, id } = wishOf('pickup')
  const { kty, crv, x, d } = goldenKeys().signing
  const jwk = { kty, crv, x, d } as JsonWebKey
  const folder = mkdtempSync(join(tmpdir(), 'latchkey-token-'))
  try {
    const key = join(folder, 'key.pem')
    const pem = createPrivateKey({ key: jwk, format: 'jwk' })
    writeFileSync(key, pem.export({ type: 'pkcs8', format: 'pem' }))
    const wish = { key, kiosk: `${namespace}/${kioskId}`, sealedPin: name }
    const times = { from: String(notBeforeS), until: String(expiresAtS) }
    const drawn = { id: Buffer.from(id).toString('hex').toUpperCase() }
    const env = { ...process.env, ...wish, ...times, ...drawn }
    const made = execFileSync('sh', ['-ec', script], { env, encoding: 'utf8' })
    expect(made).toBe(`${goldenText('token/pickup.txt')}\n`)
  } finally {
    rmSync(folder, { recursive: true })
  }
})

test('the golden tokens are all there', () => {
  const files = readdirSync(join(GOLDEN, 'token')).sort()
  expect(files).toEqual(['courier.json', 'courier.txt', 'pickup.json', 'pickup.txt'])
})

test('a purpose of a later contract is none here', async () => {
  const purposes = { ...wishOf('courier'), purpose: 'unheard-of' as never }
  expect(read(await signToken(SIGNING_KEY, purposes))).toEqual({ claims: null })
})

test('what a scanner reads otherwise is no token: badges, parcel numbers, noise', () => {
  for (const code of ['', 'B1234567890', 'JD014600003828170', 'LKT', `LKT${'B'.repeat(61)}`]) {
    expect(read(code)).toBe(null)
  }
  expect(isScan('x'.repeat(SCAN_CHARS_MAX))).toBe(true)
  expect(isScan('x'.repeat(SCAN_CHARS_MAX + 1))).toBe(false)
  expect(isScan('')).toBe(false)
  expect(isScan('LKT'.padEnd(TOKEN_SCAN_CHARS_MAX, 'B'))).toBe(true)
  expect(isScan('LKT'.padEnd(TOKEN_SCAN_CHARS_MAX + 1, 'B'))).toBe(false)
})

test('whatever bytes are written like a token, none of them is one', () => {
  const letters = fc.string({
    unit: fc.constantFrom(...TOKEN_ALPHABET),
    minLength: 2 * TOKEN_BYTES,
    maxLength: 2 * TOKEN_BYTES,
  })
  fc.assert(
    fc.property(letters, (text) => {
      expect(read(`LKT${text}`)).toEqual({ claims: null })
    }),
    RUNS,
  )
  fc.assert(
    fc.property(fc.string({ maxLength: 400, unit: 'binary' }), (text) => {
      expect(read(text)?.claims ?? null).toBe(null)
      expect(read(`LKT${text}`)?.claims ?? null).toBe(null)
    }),
    RUNS,
  )
})

test('a signature without the token’s own words before the bytes is none', async () => {
  const text = goldenText('token/courier.txt')
  const bytes = [...text.slice(3)].map((letter) => TOKEN_ALPHABET.indexOf(letter).toString(16))
  const body = Buffer.from(bytes.join(''), 'hex').subarray(0, 53)
  const signature = Buffer.from(await crypto.subtle.sign('Ed25519', SIGNING_KEY.key, body))
  const letters = [...Buffer.concat([body, signature]).toString('hex')]
  const bare = letters.map((digit) => TOKEN_ALPHABET[Number.parseInt(digit, 16)]).join('')
  expect(`LKT${bare}`.slice(0, 109)).toBe(text.slice(0, 109))
  expect(read(`LKT${bare}`)).toEqual({ claims: null })
})
