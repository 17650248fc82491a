import { compactDecrypt, decodeProtectedHeader, exportJWK, generateKeyPair } from 'jose'
import { describe, expect, test } from 'vitest'
import { createPinSealer } from '../../src/sync/seal.ts'

describe.each(['X25519', 'P-256'])('a PIN sealed with %s', (crv) => {
  test('is opened by central alone, with kiosk and parcel inside', async () => {
    const pair = await generateKeyPair('ECDH-ES', { crv, extractable: true })
    const seal = await createPinSealer({
      keys: [{ ...(await exportJWK(pair.publicKey)), kid: 'e1' }],
    })
    const secret = { pin: '04711147', reference: '0815', parcelId: 'p1', kioskId: 'k1' }
    const jwe = await seal(secret)
    expect(decodeProtectedHeader(jwe)).toMatchObject({ alg: 'ECDH-ES', enc: 'A256GCM', kid: 'e1' })
    const { plaintext } = await compactDecrypt(jwe, pair.privateKey)
    const content = JSON.parse(new TextDecoder().decode(plaintext))
    expect(content).toEqual({ v: 1, k: 'k1', parcel: 'p1', pin: '04711147', reference: '0815' })
    expect(await seal(secret)).not.toBe(jwe)
  })
})

test('a set without a public key for it is refused when the kiosk starts', async () => {
  const pair = await generateKeyPair('ECDH-ES', { crv: 'X25519', extractable: true })
  const secret = { ...(await exportJWK(pair.privateKey)), kid: 'e1' }
  await expect(createPinSealer({ keys: [] })).rejects.toThrow('encryption key')
  await expect(createPinSealer({ keys: [secret] })).rejects.toThrow('public')
})
