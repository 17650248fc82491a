// Writes tokens: rights that somebody shows to the scanner of one kiosk, as text for a QR code.
import { TOKEN_PREFIX, type TokenPurpose } from '../../src/kiosk/token-facts.ts'
import { tokenSubject } from '../../src/store/token-subject.ts'
import {
  TOKEN_ALPHABET,
  TOKEN_CONTEXT,
  TOKEN_PURPOSES,
  type TokenPlace,
  tokenKey,
  tokenKiosk,
} from '../../src/sync/contract/open-token.ts'
import type { SigningKey } from './keys.ts'

export interface TokenWish extends TokenPlace {
  readonly purpose: TokenPurpose
  /** Of a pickup: the sealed PIN that it stands for; of a courier: the staff id. */
  readonly name: string
  readonly notBeforeS: number
  readonly expiresAtS: number
  /** 16 random bytes, never used for another token. */
  readonly id: Uint8Array
}

export async function signToken(
  { key, x }: Omit<SigningKey, 'kid'>,
  wish: TokenWish,
): Promise<string> {
  const times = Buffer.alloc(8)
  times.writeUInt32BE(wish.notBeforeS, 0)
  times.writeUInt32BE(wish.expiresAtS, 4)
  const body = Buffer.concat([
    Buffer.from([TOKEN_PURPOSES[wish.purpose]]),
    tokenKey(x),
    tokenKiosk(wish),
    Buffer.from(tokenSubject(wish.purpose, wish.name), 'hex'),
    times,
    wish.id,
  ])
  const signed = Buffer.concat([Buffer.from(TOKEN_CONTEXT), body])
  const signature = new Uint8Array(await crypto.subtle.sign('Ed25519', key, signed))
  return textOf(Buffer.concat([body, signature]))
}

function textOf(bytes: Uint8Array): string {
  const letter = (nibble: number): string => TOKEN_ALPHABET.charAt(nibble)
  const letters = [...bytes].map((byte) => letter(byte >> 4) + letter(byte & 15))
  return TOKEN_PREFIX + letters.join('')
}
