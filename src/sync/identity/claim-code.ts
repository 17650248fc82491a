// The claim code: what an operator hands to whoever sets a kiosk up, good for one kiosk and once.
// 120 random bits, so that nobody who watched the exchange can find it by trying. It never travels:
// from it come the claim's name and one key for each direction.
import { hkdfSync, randomBytes } from 'node:crypto'
import { readSpelt, spell } from '../../kiosk/spelling.ts'

const CHARACTERS = 24
const DRAWN_BYTES = 15
const KEY_BYTES = 32
const NAME_BYTES = 12
const SALT = 'latchkey-claim-1'

export interface ClaimKeys {
  readonly claimId: string
  /** Signs the request. */
  readonly requestKey: Uint8Array
  /** Seals the answer. */
  readonly answerKey: Uint8Array
}

/** Seven groups, the last of them a check character. */
export function drawClaimCode(): string {
  return spell(randomBytes(DRAWN_BYTES).toString('hex'), { characters: CHARACTERS })
}

/** @returns null when it is misspelt */
export function readClaimCode(typed: string): ClaimKeys | null {
  const code = readSpelt(typed, { characters: CHARACTERS })?.replaceAll('-', '')
  if (code === undefined) return null
  const derive = (use: string, bytes: number): Buffer =>
    Buffer.from(hkdfSync('sha256', code, SALT, use, bytes))
  return {
    claimId: derive('name', NAME_BYTES).toString('base64url'),
    requestKey: derive('request', KEY_BYTES),
    answerKey: derive('answer', KEY_BYTES),
  }
}
