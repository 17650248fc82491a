// Seals a new PIN so that only central can read it. The clear PIN exists in memory between its
// making and this function, and nowhere else on the kiosk: not on disk, in a log or in a topic.
import { CompactEncrypt, importJWK, type JWK } from 'jose'

interface PinSecret {
  readonly pin: string
  /** The second part, which is asked for when too many wrong PINs were typed. */
  readonly reference: string
  readonly parcelId: string
  readonly kioskId: string
}

/** @returns a compact JWE, pure ASCII */
export type PinSealer = (secret: PinSecret) => Promise<string>

export const KEY_AGREEMENT = 'ECDH-ES'
export const CONTENT_CIPHER = 'A256GCM'
const CURVES = ['X25519', 'P-256']

/** @param keys central's public encryption keys, newest first; the first one is used */
export async function createPinSealer(keys: { readonly keys: readonly JWK[] }): Promise<PinSealer> {
  const jwk = keys.keys[0]
  if (jwk?.kid === undefined || !CURVES.includes(jwk.crv ?? '') || jwk.d !== undefined) {
    throw new Error('central’s encryption key must be a public X25519 or P-256 key with a kid')
  }
  const { kid } = jwk
  const key = await importJWK(jwk, KEY_AGREEMENT)
  return ({ pin, reference, parcelId, kioskId }) => {
    // Kiosk and parcel are sealed in, so that a PIN cannot be passed off as another parcel's.
    const content = JSON.stringify({ v: 1, k: kioskId, parcel: parcelId, pin, reference })
    return new CompactEncrypt(new TextEncoder().encode(content))
      .setProtectedHeader({ alg: KEY_AGREEMENT, enc: CONTENT_CIPHER, kid })
      .encrypt(key)
  }
}
