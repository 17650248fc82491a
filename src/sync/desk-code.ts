// What goes over the telephone when a kiosk has no network: a challenge that the kiosk shows, and
// the answer that the operator's desk computes with that kiosk's help key. Both ends are here.
//
// A challenge has 40 random bits and 15 bits of a keyed digest, by which the desk notices that it
// was told another kiosk or locker: all but one in 32,768 times. An answer has eight digits: one
// guess is right once in a hundred million times, and a challenge takes three.
import { createHmac, randomBytes } from 'node:crypto'
import { DESK_ANSWER_DIGITS } from '../kiosk/desk-help.ts'
import { bitsOf, readSpelt, spell } from '../kiosk/spelling.ts'

const NONCE_DIGITS = 10
const TAG_BITS = 15
const CHARACTERS = 11

/** What is asked for. A label has no bar, nor has a kiosk's id. */
export interface DeskRequest {
  readonly kioskId: string
  readonly lockerId: string
}

export interface DeskChallenge {
  /** As it is shown and read out: three groups of four. */
  readonly challenge: string
  /** As it is to be typed at the kiosk. */
  readonly answer: string
}

/** @param nonce 10 hexadecimal digits, drawn anew for every challenge */
export function challengeOf(
  key: Uint8Array,
  { kioskId, lockerId, nonce }: DeskRequest & { readonly nonce: string },
): DeskChallenge {
  if (nonce.length !== NONCE_DIGITS) throw new RangeError(`a nonce has ${NONCE_DIGITS} digits`)
  const mac = (what: 'challenge' | 'answer'): Buffer =>
    createHmac('sha256', key).update(`desk|1|${what}|open|${kioskId}|${lockerId}|${nonce}`).digest()
  const tag = mac('challenge').readUInt16BE(0) >> (16 - TAG_BITS)
  const bits = (BigInt(`0x${nonce}`) << BigInt(TAG_BITS)) | BigInt(tag)
  // 55 bits in 14 digits, the first bit of which counts: one place up.
  const hex = (bits << 1n).toString(16).padStart(14, '0')
  const number = mac('answer').readBigUInt64BE(0) % 10n ** BigInt(DESK_ANSWER_DIGITS)
  return {
    challenge: spell(hex, { characters: CHARACTERS }),
    answer: String(number).padStart(DESK_ANSWER_DIGITS, '0'),
  }
}

/** The kiosk's side: a challenge that was never there before. */
export function drawChallenge(key: Uint8Array, request: DeskRequest): DeskChallenge {
  return challengeOf(key, { ...request, nonce: randomBytes(NONCE_DIGITS / 2).toString('hex') })
}

export type DeskAnswer =
  | { readonly ok: true; readonly answer: string }
  /** `misspelt`: the check character does not fit; `foreign`: not of this kiosk, locker or key. */
  | { readonly ok: false; readonly cause: 'misspelt' | 'foreign' }

/** The desk's side: the answer to a challenge as it was told on the telephone. */
export function answerChallenge(
  key: Uint8Array,
  { typed, ...request }: DeskRequest & { readonly typed: string },
): DeskAnswer {
  const challenge = readSpelt(typed, { characters: CHARACTERS })
  if (challenge === null) return { ok: false, cause: 'misspelt' }
  const bits = bitsOf(challenge)
  const nonce = (bits >> BigInt(TAG_BITS)).toString(16).padStart(NONCE_DIGITS, '0')
  const own = challengeOf(key, { ...request, nonce })
  if (own.challenge !== challenge) return { ok: false, cause: 'foreign' }
  return { ok: true, answer: own.answer }
}
