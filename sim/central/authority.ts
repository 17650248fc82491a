// Central's certificate authority for kiosks, as small as one can be. A real operator has one
// already, with its key in a safe place; this shows what the contract asks of it.
import { randomBytes, webcrypto } from 'node:crypto'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { Integer, Utf8String } from 'asn1js'
import {
  AttributeTypeAndValue,
  BasicConstraints,
  Certificate,
  CertificationRequest,
  Extension,
  ExtKeyUsage,
} from 'pkijs'

const ALGORITHM = { name: 'ECDSA', namedCurve: 'P-256' } as const
const COMMON_NAME = '2.5.4.3'
const BASIC_CONSTRAINTS = '2.5.29.19'
const EXTENDED_KEY_USAGE = '2.5.29.37'
const CLIENT_USE = '1.3.6.1.5.5.7.3.2'
const AUTHORITY_FILE = 'authority.crt'
const KEY_FILE = 'authority.secret.key'
const AUTHORITY_NAME = 'Latchkey kiosks'
const DAY_MS = 86_400_000
const AUTHORITY_DAYS = 3_650
/** A kiosk's clock, and the broker's, may be behind central's. */
const EARLY_MS = 3_600_000
const SERIAL_BYTES = 15

export interface Authority {
  /** PEM: for the broker, so that it knows the kiosks. */
  readonly certificate: string
  /**
   * @param csr DER of a PKCS#10 request; of it only the key counts
   * @returns PEM, or null when whoever asks does not have that key
   */
  certify(csr: Uint8Array, options: { kioskId: string; lifeMs: number }): Promise<string | null>
}

/** Made on the first start, found again on the next. */
export async function openAuthority(folder: string): Promise<Authority> {
  const paths = { certificate: join(folder, AUTHORITY_FILE), key: join(folder, KEY_FILE) }
  if (!existsSync(paths.certificate)) await createAuthority(paths)
  const pem = readFileSync(paths.certificate, 'utf8')
  const authority = Certificate.fromBER(derIn(pem))
  const der = derIn(readFileSync(paths.key, 'utf8'))
  const key = await webcrypto.subtle.importKey('pkcs8', der, ALGORITHM, false, ['sign'])
  return {
    certificate: pem,
    certify: async (csr, { kioskId, lifeMs }) => {
      const request = CertificationRequest.fromBER(csr)
      if (!(await request.verify())) return null
      const certificate = blank({ name: kioskId, lifeMs })
      certificate.issuer = authority.subject
      certificate.subjectPublicKeyInfo = request.subjectPublicKeyInfo
      const uses = new ExtKeyUsage({ keyPurposes: [CLIENT_USE] })
      certificate.extensions = [extension(EXTENDED_KEY_USAGE, uses, { critical: false })]
      await certificate.sign(key, 'SHA-256')
      return pemOf(certificate)
    },
  }
}

async function createAuthority(paths: {
  readonly certificate: string
  readonly key: string
}): Promise<void> {
  const { subtle } = webcrypto
  const keys = await subtle.generateKey(ALGORITHM, true, ['sign', 'verify'])
  const certificate = blank({ name: AUTHORITY_NAME, lifeMs: AUTHORITY_DAYS * DAY_MS })
  certificate.issuer = certificate.subject
  await certificate.subjectPublicKeyInfo.importKey(keys.publicKey)
  const constraints = new BasicConstraints({ cA: true, pathLenConstraint: 0 })
  certificate.extensions = [extension(BASIC_CONSTRAINTS, constraints, { critical: true })]
  await certificate.sign(keys.privateKey, 'SHA-256')
  const der = Buffer.from(await subtle.exportKey('pkcs8', keys.privateKey))
  writeFileSync(paths.key, pemText('PRIVATE KEY', der), { mode: 0o600 })
  writeFileSync(paths.certificate, pemOf(certificate))
}

function blank({ name, lifeMs }: { readonly name: string; readonly lifeMs: number }): Certificate {
  const certificate = new Certificate()
  certificate.version = 2
  // The first bit is 0, or the number would be negative.
  const serial = Buffer.concat([Buffer.from([1]), randomBytes(SERIAL_BYTES)])
  certificate.serialNumber = new Integer({ valueHex: serial })
  certificate.subject.typesAndValues.push(
    new AttributeTypeAndValue({ type: COMMON_NAME, value: new Utf8String({ value: name }) }),
  )
  certificate.notBefore.value = new Date(Date.now() - EARLY_MS)
  certificate.notAfter.value = new Date(Date.now() + lifeMs)
  return certificate
}

function extension(
  extnID: string,
  value: BasicConstraints | ExtKeyUsage,
  { critical }: { readonly critical: boolean },
): Extension {
  return new Extension({ extnID, critical, extnValue: value.toSchema().toBER(false) })
}

function pemOf(certificate: Certificate): string {
  return pemText('CERTIFICATE', Buffer.from(certificate.toSchema(true).toBER(false)))
}

function pemText(label: string, der: Buffer): string {
  const lines = der.toString('base64').match(/.{1,64}/gu) ?? []
  return [`-----BEGIN ${label}-----`, ...lines, `-----END ${label}-----`, ''].join('\n')
}

function derIn(pem: string): Buffer {
  return Buffer.from(pem.replaceAll(/-----[^-]+-----|\s/gu, ''), 'base64')
}
