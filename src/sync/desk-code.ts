// What goes over the telephone when a kiosk has no network: a challenge that the kiosk shows, and
// the answer that the operator's desk computes with that kiosk's help key, and a new PIN with it if
// one is wanted. Both ends are here.
//
// A challenge has 40 random bits and 15 bits of a keyed digest, by which the desk notices that it
// was told another kiosk or locker: all but one in 32,768 times. An answer has eight digits: one
// guess is right once in a hundred million times, and a challenge takes three.
import { createHmac, randomBytes } from 'node:crypto'
import { DESK_ANSWER_DIGITS } from '../kiosk/desk-help.ts'
import { PIN_DIGITS_MAX, PIN_DIGITS_MIN, REFERENCE_DIGITS } from '../kiosk/pin-policy.ts'
import { bitsOf, readSpelt, spell } from '../kiosk/spelling.ts'

const NONCE_DIGITS = 10
const TAG_BITS = 15
const CHARACTERS = 11

/** What is asked for. A label has no bar, nor has a kiosk's id. */
export interface DeskRequest {
  readonly kioskId: string
  readonly lockerId: string
}

/** How long the new PIN is to be; null: none is wanted, the locker is to be opened. */
interface Wanted {
  readonly pinDigits: number | null
}

export interface DeskPin {
  readonly pin: string
  /** Its second part, asked for after too many wrong entries. */
  readonly reference: string
}

export interface DeskChallenge {
  /** As it is shown and read out: three groups of four. */
  readonly challenge: string
  /** As it is to be typed at the kiosk. */
  readonly answer: string
  /** As it is to be told once the kiosk has taken the answer. */
  readonly pin: DeskPin | null
}

/** @param nonce 10 hexadecimal digits, drawn anew for every challenge */
export function challengeOf(
  key: Uint8Array,
  request: DeskRequest & Partial<Wanted> & { readonly nonce: string },
): DeskChallenge {
  const { kioskId, lockerId, nonce, pinDigits = null } = request
  if (nonce.length !== NONCE_DIGITS) throw new RangeError(`a nonce has ${NONCE_DIGITS} digits`)
  const wish = pinDigits === null ? 'open' : `pin${pinDigits}`
  const mac = (what: 'challenge' | 'answer' | 'pin' | 'reference'): Buffer =>
    createHmac('sha256', key)
      .update(`desk|1|${what}|${wish}|${kioskId}|${lockerId}|${nonce}`)
      .digest()
  const number = (what: 'answer' | 'pin' | 'reference', digits: number): string =>
    String(mac(what).readBigUInt64BE(0) % 10n ** BigInt(digits)).padStart(digits, '0')
  const tag = mac('challenge').readUInt16BE(0) >> (16 - TAG_BITS)
  const bits = (BigInt(`0x${nonce}`) << BigInt(TAG_BITS)) | BigInt(tag)
  // 55 bits in 14 digits, the first bit of which counts: one place up.
  const hex = (bits << 1n).toString(16).padStart(14, '0')
  return {
    challenge: spell(hex, { characters: CHARACTERS }),
    answer: number('answer', DESK_ANSWER_DIGITS),
    pin:
      pinDigits === null
        ? null
        : { pin: number('pin', pinDigits), reference: number('reference', REFERENCE_DIGITS) },
  }
}

/** The kiosk's side: a challenge that was never there before. */
export function drawChallenge(key: Uint8Array, request: DeskRequest & Wanted): DeskChallenge {
  return challengeOf(key, { ...request, nonce: randomBytes(NONCE_DIGITS / 2).toString('hex') })
}

export type DeskAnswer =
  | ({ readonly ok: true } & Pick<DeskChallenge, 'answer' | 'pin'>)
  /** `misspelt`: the check character does not fit; `foreign`: not of this kiosk, locker or key. */
  | { readonly ok: false; readonly cause: 'misspelt' | 'foreign' }

const PIN_LENGTHS = Array.from(
  { length: PIN_DIGITS_MAX - PIN_DIGITS_MIN + 1 },
  (_, more) => PIN_DIGITS_MIN + more,
)

/** The desk's side: the answer to a challenge as it was told on the telephone. */
export function answerChallenge(
  key: Uint8Array,
  {
    typed,
    wants,
    ...request
  }: DeskRequest & { readonly typed: string; readonly wants: 'open' | 'pin' },
): DeskAnswer {
  const challenge = readSpelt(typed, { characters: CHARACTERS })
  if (challenge === null) return { ok: false, cause: 'misspelt' }
  const bits = bitsOf(challenge)
  const nonce = (bits >> BigInt(TAG_BITS)).toString(16).padStart(NONCE_DIGITS, '0')
  // How long the kiosk's PINs are, its challenge tells.
  for (const pinDigits of wants === 'open' ? [null] : PIN_LENGTHS) {
    const own = challengeOf(key, { ...request, pinDigits, nonce })
    if (own.challenge === challenge) return { ok: true, answer: own.answer, pin: own.pin }
  }
  return { ok: false, cause: 'foreign' }
}
