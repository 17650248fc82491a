// Tokens as central writes them, with the golden keys, and the reader of a kiosk that knows these.
import { importJWK } from 'jose'
import type { SigningKey } from '../../sim/central/keys.ts'
import { signToken, type TokenWish } from '../../sim/central/sign-token.ts'
import { createTokenReader, type TokenPlace } from '../../src/sync/contract/open-token.ts'
import { goldenKeys } from './golden.ts'

const { d: _secret, ...PUBLIC_KEY } = goldenKeys().signing
export const PUBLIC_KEYS = { keys: [PUBLIC_KEY] }
export const SIGNING_KEY = await signingKey()

async function signingKey(): Promise<SigningKey> {
  const { kid = '', x = '', ...jwk } = goldenKeys().signing
  const key = await importJWK({ ...jwk, kid, x })
  if (key instanceof Uint8Array) throw new Error('no key pair')
  return { kid, key, x }
}

/** Where a bench stands. */
const BENCH: TokenPlace = { namespace: 'demo', kioskId: 'bench-1' }
export const readToken = createTokenReader(BENCH, PUBLIC_KEYS)

let count = 0

type BenchWish = Pick<TokenWish, 'purpose' | 'name'> &
  Partial<Omit<TokenWish, 'notBeforeS' | 'expiresAtS'>> & {
    readonly fromMs: number
    readonly lifeMs?: number
  }

/** For the bench, for an hour, with an id of its own, unless it says otherwise. */
export async function tokenOf({ fromMs, lifeMs = 3_600_000, ...wish }: BenchWish): Promise<string> {
  count += 1
  const id = Buffer.alloc(16)
  id.writeUInt32BE(count)
  const notBeforeS = Math.floor(fromMs / 1_000)
  const expiresAtS = Math.floor((fromMs + lifeMs) / 1_000)
  return await signToken(SIGNING_KEY, { ...BENCH, id, notBeforeS, expiresAtS, ...wish })
}
