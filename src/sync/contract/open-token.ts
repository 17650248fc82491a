// Opens a token: a right that central signed, and that somebody shows to the scanner. Checked
// without any network, by the keys that sign what comes down. The layout is in
// docs/contract/README.md, “Tokens”.
import { createHash, createPublicKey, type KeyObject, verify } from 'node:crypto'
import {
  isTokenScan,
  TOKEN_PREFIX,
  type TokenClaims,
  type TokenPurpose,
} from '../../kiosk/token-facts.ts'
import { type KeySet, publicSigningKeys } from './open-down.ts'

/**
 * Letters that lie on the same key of every Latin keyboard, since many scanners type; and no vowel.
 */
export const TOKEN_ALPHABET = 'BCDFGHJKLNPRSTVX'
/** Stands before what is signed, so that no other signature of central is one of a token. */
export const TOKEN_CONTEXT = 'latchkey-token-1'
export const TOKEN_PURPOSES: Readonly<Record<TokenPurpose, number>> = { pickup: 1, courier: 2 }

const KEY_BYTES = 4
const KIOSK_BYTES = 8
const BODY_BYTES = 53
const SIGNATURE_BYTES = 64
export const TOKEN_BYTES = BODY_BYTES + SIGNATURE_BYTES
export const TOKEN_CHARS = TOKEN_PREFIX.length + 2 * TOKEN_BYTES

const DAY_S = 86_400
/** From its beginning to its end. A central that signs longer ones has made a mistake. */
export const TOKEN_LIFE_MAX_S: Readonly<Record<TokenPurpose, number>> = {
  pickup: 92 * DAY_S,
  courier: DAY_S,
}

/** Null: the scan is no token at all. Claims null: it is none that central signed. */
export type TokenReader = (code: string) => { readonly claims: TokenClaims | null } | null

export interface TokenPlace {
  readonly namespace: string
  readonly kioskId: string
}

/** @throws when a key is none of Ed25519 */
export function createTokenReader(place: TokenPlace, keys: KeySet): TokenReader {
  const kiosk = tokenKiosk(place)
  const pinned = publicSigningKeys(keys).map(({ x = '' }) => ({
    hint: tokenKey(x),
    key: createPublicKey({ key: { kty: 'OKP', crv: 'Ed25519', x }, format: 'jwk' }),
  }))
  return (code) => {
    if (!isTokenScan(code)) return null
    const bytes = decode(code)
    if (bytes === null) return { claims: null }
    const body = bytes.subarray(0, BODY_BYTES)
    const keyHint = body.subarray(1, 1 + KEY_BYTES)
    const isSigned = pinned.some(
      ({ hint, key }) => hint.equals(keyHint) && isSignedBy(key, body, bytes.subarray(BODY_BYTES)),
    )
    return { claims: isSigned ? claimsIn(body, kiosk) : null }
  }
}

function isSignedBy(key: KeyObject, body: Uint8Array, signature: Uint8Array): boolean {
  return verify(null, Buffer.concat([Buffer.from(TOKEN_CONTEXT), body]), key, signature)
}

/** @param x of the public key, as in its JWK */
export function tokenKey(x: string): Buffer {
  return digest(Buffer.from(x, 'base64url')).subarray(0, KEY_BYTES)
}

export function tokenKiosk({ namespace, kioskId }: TokenPlace): Buffer {
  return digest(Buffer.from(`${namespace}/${kioskId}`)).subarray(0, KIOSK_BYTES)
}

function digest(bytes: Uint8Array): Buffer {
  return createHash('sha256').update(bytes).digest()
}

function decode(code: string): Buffer | null {
  if (code.length !== TOKEN_CHARS) return null
  const letters = code.slice(TOKEN_PREFIX.length).toUpperCase()
  const bytes = Buffer.alloc(TOKEN_BYTES)
  for (let at = 0; at < TOKEN_BYTES; at += 1) {
    const high = TOKEN_ALPHABET.indexOf(letters.charAt(2 * at))
    const low = TOKEN_ALPHABET.indexOf(letters.charAt(2 * at + 1))
    if (high < 0 || low < 0) return null
    bytes[at] = high * 16 + low
  }
  return bytes
}

/** @returns null when it breaks a rule of the layout, signed or not */
function claimsIn(body: Buffer, kiosk: Buffer): TokenClaims | null {
  const purpose = purposeOf(body.readUInt8(0))
  const notBeforeS = body.readUInt32BE(29)
  const expiresAtS = body.readUInt32BE(33)
  if (purpose === null || expiresAtS <= notBeforeS) return null
  if (expiresAtS - notBeforeS > TOKEN_LIFE_MAX_S[purpose]) return null
  return {
    purpose,
    isForThisKiosk: body.subarray(5, 13).equals(kiosk),
    subject: body.toString('hex', 13, 29),
    notBeforeWallMs: notBeforeS * 1_000,
    expiresAtWallMs: expiresAtS * 1_000,
    tokenId: body.toString('hex', 37, BODY_BYTES),
  }
}

function purposeOf(byte: number): TokenPurpose | null {
  if (byte === TOKEN_PURPOSES.pickup) return 'pickup'
  return byte === TOKEN_PURPOSES.courier ? 'courier' : null
}
