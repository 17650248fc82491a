// The kiosk’s key pair, made here and never sent, and the request to certify it: PKCS#10, RFC
// 2986.
import { createPrivateKey, createPublicKey, generateKeyPairSync, webcrypto } from 'node:crypto'
import { Utf8String } from 'asn1js'
import { AttributeTypeAndValue, CertificationRequest } from 'pkijs'

const ALGORITHM = { name: 'ECDSA', namedCurve: 'P-256' } as const
const COMMON_NAME = '2.5.4.3'

/** @returns PEM (PKCS#8) */
export function drawKey(): string {
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: ALGORITHM.namedCurve })
  return privateKey.export({ type: 'pkcs8', format: 'pem' }).toString()
}

/**
 * @param keyPem from drawKey()
 * @param name the common name that is asked for; who certifies may write another one
 * @returns DER
 */
export async function requestFor(keyPem: string, name: string): Promise<Buffer> {
  const privateKey = createPrivateKey(keyPem)
  const spki = createPublicKey(privateKey).export({ type: 'spki', format: 'der' })
  const pkcs8 = privateKey.export({ type: 'pkcs8', format: 'der' })
  const { subtle } = webcrypto
  const publicKey = await subtle.importKey('spki', spki, ALGORITHM, true, ['verify'])
  const signingKey = await subtle.importKey('pkcs8', pkcs8, ALGORITHM, false, ['sign'])
  const request = new CertificationRequest()
  request.subject.typesAndValues.push(
    new AttributeTypeAndValue({ type: COMMON_NAME, value: new Utf8String({ value: name }) }),
  )
  await request.subjectPublicKeyInfo.importKey(publicKey)
  await request.sign(signingKey, 'SHA-256')
  return Buffer.from(request.toSchema().toBER())
}
