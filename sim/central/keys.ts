// Central's two key pairs: one signs what goes down, one opens sealed PINs. Made on the first
// start; the public halves lie beside them as JWK sets, for the kiosks' configuration.
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import {
  type CryptoKey,
  calculateJwkThumbprint,
  exportJWK,
  generateKeyPair,
  importJWK,
  type JWK,
} from 'jose'
import { SIGNATURE_ALGORITHM } from '../../src/sync/contract/open-down.ts'
import { KEY_AGREEMENT } from '../../src/sync/seal.ts'

export const SIGNING_KEYS_FILE = 'central-signing.jwks.json'
export const SEALING_KEYS_FILE = 'central-sealing.jwks.json'

export interface PrivateKey {
  readonly kid: string
  readonly key: CryptoKey
}

/** With its public half, as in the JWK: tokens name it by that. */
export interface SigningKey extends PrivateKey {
  readonly x: string
}

export interface CentralKeys {
  readonly signing: SigningKey
  readonly sealing: PrivateKey
}

interface KeyFiles {
  readonly secretPath: string
  readonly publicPath: string
  readonly algorithm: string
  readonly curve: string
}

export async function loadCentralKeys(folder: string): Promise<CentralKeys> {
  mkdirSync(folder, { recursive: true, mode: 0o700 })
  const signing = await loadKey({
    secretPath: join(folder, 'central-signing.secret.jwk.json'),
    publicPath: join(folder, SIGNING_KEYS_FILE),
    algorithm: SIGNATURE_ALGORITHM,
    curve: 'Ed25519',
  })
  const sealing = await loadKey({
    secretPath: join(folder, 'central-sealing.secret.jwk.json'),
    publicPath: join(folder, SEALING_KEYS_FILE),
    algorithm: KEY_AGREEMENT,
    curve: 'X25519',
  })
  return { signing, sealing }
}

async function loadKey(files: KeyFiles): Promise<SigningKey> {
  const { secretPath, algorithm } = files
  if (!existsSync(secretPath)) await createKey(files)
  const jwk = JSON.parse(readFileSync(secretPath, 'utf8')) as JWK
  const key = await importJWK(jwk, algorithm)
  if (key instanceof Uint8Array || jwk.kid === undefined || jwk.x === undefined) {
    throw new Error(`${secretPath} holds no key pair`)
  }
  return { kid: jwk.kid, key, x: jwk.x }
}

async function createKey({ secretPath, publicPath, algorithm, curve }: KeyFiles): Promise<void> {
  const pair = await generateKeyPair(algorithm, { crv: curve, extractable: true })
  const publicJwk = await exportJWK(pair.publicKey)
  const kid = (await calculateJwkThumbprint(publicJwk)).slice(0, 16)
  const use = algorithm === SIGNATURE_ALGORITHM ? 'sig' : 'enc'
  const publicSet = { keys: [{ ...publicJwk, kid, use, alg: algorithm }] }
  writeFileSync(publicPath, `${JSON.stringify(publicSet, null, 2)}\n`)
  // The secret comes last: while it is missing, the next start makes both anew.
  const secret = { ...(await exportJWK(pair.privateKey)), kid }
  writeFileSync(secretPath, `${JSON.stringify(secret)}\n`, { mode: 0o600 })
}
