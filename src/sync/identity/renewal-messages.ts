// The request for the next certificate, both ends of it. It is signed by the key that the kiosk has
// now: a broker that is not to be trusted could else ask in the kiosk's name.
import { createPrivateKey, createPublicKey, type KeyObject } from 'node:crypto'
import { CompactSign, compactVerify } from 'jose'

const TYPE = 'lk-csr'
const ALGORITHM = 'ES256'

interface RenewalRequest {
  readonly v: 1
  readonly k: string
  /** DER of a PKCS#10 request, base64. */
  readonly csr: string
}

/** @returns a compact JWS */
export async function signRenewal(
  keyPem: string,
  { kioskId, csr }: { readonly kioskId: string; readonly csr: Uint8Array },
): Promise<string> {
  const request: RenewalRequest = { v: 1, k: kioskId, csr: Buffer.from(csr).toString('base64') }
  return await new CompactSign(new TextEncoder().encode(JSON.stringify(request)))
    .setProtectedHeader({ alg: ALGORITHM, typ: TYPE })
    .sign(createPrivateKey(keyPem))
}

/** @returns DER of the PKCS#10 request; null: signed by another key, or for another kiosk */
export async function openRenewal(
  publicKey: KeyObject,
  { kioskId, text }: { readonly kioskId: string; readonly text: string },
): Promise<Buffer | null> {
  try {
    const algorithms = [ALGORITHM]
    const { payload, protectedHeader } = await compactVerify(text, publicKey, { algorithms })
    const request = JSON.parse(new TextDecoder().decode(payload)) as Partial<RenewalRequest>
    if (protectedHeader.typ !== TYPE || request.k !== kioskId) return null
    return Buffer.from(request.csr ?? '', 'base64')
  } catch {
    return null
  }
}

/** @param certificatePem or a public key's PEM */
export function publicKeyIn(certificatePem: string): KeyObject {
  return createPublicKey(certificatePem)
}
