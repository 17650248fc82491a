// Central changes the key with which it signs: both are in the kiosk's set for a while.
import { exportJWK, generateKeyPair } from 'jose'
import { beforeAll, expect, test } from 'vitest'
import type { PrivateKey } from '../../../sim/central/keys.ts'
import { signDown } from '../../../sim/central/sign-down.ts'
import { createDownOpener, type KeySet } from '../../../src/sync/contract/open-down.ts'

type Jwk = KeySet['keys'][number]

let old: PrivateKey & { readonly jwk: Jwk }
let fresh: PrivateKey & { readonly jwk: Jwk }

beforeAll(async () => {
  const draw = async (kid: string) => {
    const pair = await generateKeyPair('EdDSA', { crv: 'Ed25519', extractable: true })
    return { kid, key: pair.privateKey, jwk: { ...(await exportJWK(pair.publicKey)), kid } }
  }
  old = await draw('2025')
  fresh = await draw('2026')
})

/** What a kiosk with these keys makes of what that key signed. */
async function opened(keys: readonly Jwk[], signer: PrivateKey): Promise<string> {
  const open = await createDownOpener('k1', { keys })
  const body = { v: 1, k: 'k1', t: 1, head: { parcel: 1 } }
  const message = await signDown(signer, { leaf: 'head', body })
  const result = await open('lk/v1/main/k1/dn/head', Buffer.from(message))
  return result.kind === 'message' ? 'taken' : result.refusal.code
}

test('before, between and after, exactly the keys in the set count', async () => {
  const before = [old.jwk]
  const between = [old.jwk, fresh.jwk]
  const after = [fresh.jwk]
  const told = await Promise.all(
    [before, between, after].map(async (keys) => [
      await opened(keys, old),
      await opened(keys, fresh),
    ]),
  )
  expect(told).toEqual([
    ['taken', 'LK-SYNC-03'],
    ['taken', 'taken'],
    ['LK-SYNC-03', 'taken'],
  ])
})

test('the name of a key lends no strength to another one', async () => {
  expect(await opened([old.jwk, fresh.jwk], { ...old, kid: fresh.kid })).toBe('LK-SYNC-03')
})
