// Opens a message from central: the broker is not trusted, so nothing is read from it before its
// signature has been checked against the keys that the kiosk was set up with.
import { type CryptoKey, type FlattenedJWSInput, flattenedVerify, importJWK, type JWK } from 'jose'
import type { Code } from '../../kiosk/codes.ts'
import type { DownLeaf, DownMessage, Refusal } from '../machine/messages.ts'
import { parseTopic } from './topics.ts'
import { checkDown, isDownLeaf } from './validate.ts'

export interface KeySet {
  readonly keys: readonly JWK[]
}

export type Opened =
  | { readonly kind: 'message'; readonly message: DownMessage }
  | { readonly kind: 'refused'; readonly refusal: Refusal }

/** Never rejects: what cannot be opened is refused with a reason. */
export type DownOpener = (topic: string, payload: Uint8Array) => Promise<Opened>

/** Payload bytes of one message; the fixed part of a packet comes on top. */
export const MESSAGE_BYTES_MAX = 256 * 1024
/** A command is short; checked before its signature is. */
export const COMMAND_BYTES_MAX = 4 * 1024
export const SIGNATURE_ALGORITHM = 'EdDSA'
const LEAF_CHARS_MAX = 64

/** The signed header names the leaf: a signed message is no good under another topic. */
export function downType(leaf: DownLeaf): string {
  return `lk-dn-${leaf}`
}

class Refused extends Error {
  readonly code: Code

  constructor(code: Code, detail: string) {
    super(detail)
    this.code = code
  }
}

/** @param keys central's public Ed25519 keys, each with its `kid` */
export async function createDownOpener(kioskId: string, keys: KeySet): Promise<DownOpener> {
  const pinned = await importKeys(keys)
  return async (topic, payload) => {
    const leaf = parseTopic(topic)?.leaf ?? topic
    try {
      return { kind: 'message', message: await open({ kioskId, pinned, leaf, payload }) }
    } catch (error) {
      const code = error instanceof Refused ? error.code : 'LK-SYNC-03'
      const detail = error instanceof Refused ? error.message : 'the signature does not verify'
      return { kind: 'refused', refusal: { leaf: leaf.slice(0, LEAF_CHARS_MAX), code, detail } }
    }
  }
}

/** @throws when one is not what it should be */
export function publicSigningKeys({ keys }: KeySet): readonly (JWK & { readonly kid: string })[] {
  return keys.map((jwk) => {
    const { kid } = jwk
    if (kid === undefined || jwk.kty !== 'OKP' || jwk.crv !== 'Ed25519' || jwk.d !== undefined) {
      throw new Error('central’s signing keys must be public Ed25519 keys, each with a kid')
    }
    return { ...jwk, kid }
  })
}

async function importKeys(keys: KeySet): Promise<ReadonlyMap<string, CryptoKey>> {
  const pinned = new Map<string, CryptoKey>()
  for (const jwk of publicSigningKeys(keys)) {
    const key = await importJWK(jwk, SIGNATURE_ALGORITHM)
    if (key instanceof Uint8Array) throw new Error('central’s signing key is not asymmetric')
    pinned.set(jwk.kid, key)
  }
  return pinned
}

interface Sealed {
  readonly kioskId: string
  readonly pinned: ReadonlyMap<string, CryptoKey>
  readonly leaf: string
  readonly payload: Uint8Array
}

async function open({ kioskId, pinned, leaf, payload }: Sealed): Promise<DownMessage> {
  const bytesMax = leaf === 'cmd' ? COMMAND_BYTES_MAX : MESSAGE_BYTES_MAX
  if (payload.length > bytesMax) {
    throw new Refused('LK-SYNC-01', `${payload.length} bytes, at most ${bytesMax}`)
  }
  if (!isDownLeaf(leaf)) throw new Refused('LK-SYNC-06', 'no such leaf')
  const jws = parseJson(payload, 'the message')
  if (!isFlattenedJws(jws)) throw new Refused('LK-SYNC-03', 'not a flattened JWS')
  const verified = await flattenedVerify(
    jws,
    (header) => {
      const key = header?.kid === undefined ? undefined : pinned.get(header.kid)
      if (key === undefined) throw new Refused('LK-SYNC-03', 'the kid is not a known key')
      return key
    },
    { algorithms: [SIGNATURE_ALGORITHM] },
  )
  if (verified.protectedHeader?.typ !== downType(leaf)) {
    throw new Refused('LK-SYNC-06', `the signed typ is not ${downType(leaf)}`)
  }
  const body = parseJson(verified.payload, 'the signed payload')
  const addressee = isRecord(body) ? body['k'] : undefined
  if (typeof addressee === 'string' && addressee !== kioskId) {
    throw new Refused('LK-SYNC-05', 'k names another kiosk')
  }
  const checked = checkDown(leaf, body)
  if (!checked.isValid) throw new Refused('LK-SYNC-04', checked.detail)
  // The schema has just proven the body to be this leaf's.
  return { leaf, body } as DownMessage
}

function parseJson(bytes: Uint8Array, what: string): unknown {
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes))
  } catch {
    // The parser's own words quote the text, which may be anything.
    throw new Refused('LK-SYNC-02', `${what} is not JSON`)
  }
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** Exactly the three members of the contract; an unprotected header would be unsigned input. */
function isFlattenedJws(value: unknown): value is FlattenedJWSInput {
  return (
    isRecord(value) &&
    Object.keys(value).length === 3 &&
    ['payload', 'protected', 'signature'].every((name) => typeof value[name] === 'string')
  )
}
