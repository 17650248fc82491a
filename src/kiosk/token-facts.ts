// Tokens: codes that central signed, and somebody shows to the scanner. What a reader found in one,
// what is stored of it, and what may be looked up.
import type { Code } from './codes.ts'
import type { Fact, Note, ParcelId } from './facts.ts'
import type { PinRow, StaffRow } from './pin-ledger.ts'

/**
 * - `pickup`: a recipient takes out what waits for them, as with the PIN that it stands for
 * - `courier`: a courier signs in
 */
export type TokenPurpose = 'pickup' | 'courier'

/** How the text of every token begins, in whichever case. */
export const TOKEN_PREFIX = 'LKT'
/** What a scanner reads otherwise, badges and parcel numbers, has at most so many characters. */
export const SCAN_CHARS_MAX = 64
/** Of a token; one that is whole has fewer, and one that is not gets an answer. */
export const TOKEN_SCAN_CHARS_MAX = 320

/** Whether a scan is meant as a token, whole or not. */
export function isTokenScan(code: string): boolean {
  const isLong = code.length > SCAN_CHARS_MAX && code.length <= TOKEN_SCAN_CHARS_MAX
  return isLong && code.slice(0, TOKEN_PREFIX.length).toUpperCase() === TOKEN_PREFIX
}

/** Whether a scanner may have read this: all else is noise. */
export function isScan(code: string): boolean {
  return (code.length > 0 && code.length <= SCAN_CHARS_MAX) || isTokenScan(code)
}

/** What central signed; how it is written is docs/contract/README.md, “Tokens”. */
export interface TokenClaims {
  readonly purpose: TokenPurpose
  /** 128 random bits: by it the kiosk remembers that it was used. */
  readonly tokenId: string
  readonly isForThisKiosk: boolean
  /** By which the ledger finds the PIN or the courier. */
  readonly subject: string
  readonly notBeforeWallMs: number
  readonly expiresAtWallMs: number
}

export interface TokenFactData {
  /** From here on it opens nothing but these parcels, each until its own door was seen open. */
  'pickup-token-used': {
    readonly tokenId: string
    readonly recipientId: string
    readonly parcelIds: readonly ParcelId[]
  }
  'courier-token-used': {
    readonly tokenId: string
    readonly courierId: string
    readonly notBeforeWallMs: number
  }
  /** Signed by central, and not accepted. */
  'token-refused': {
    readonly tokenId: string
    readonly purpose: TokenPurpose
    readonly code: Code
  }
}

const FACT_KINDS: Readonly<Record<keyof TokenFactData, true>> = {
  'pickup-token-used': true,
  'courier-token-used': true,
  'token-refused': true,
}

export type TokenFact = Extract<Fact, { kind: keyof TokenFactData }>

export function isTokenFact(fact: Fact): fact is TokenFact {
  return fact.kind in FACT_KINDS
}

export interface TokenNoteData {
  /**
   * Which courier tokens of before were used is not known any more: none of them is accepted. Null:
   * the clock was not believed, and a later note says when that was.
   */
  'courier-tokens-forgotten': { readonly untilWallMs: number | null }
}

export type TokenNote = Extract<Note, { kind: keyof TokenNoteData }>

export interface TokenLedger {
  /** The PIN for which a pickup token stands, living or lately dead. */
  pinOfToken(subject: string): PinRow | null
  courierOfToken(subject: string): StaffRow | null
  isCourierTokenUsed(tokenId: string): boolean
  /** Courier tokens that begin before are not accepted; 0: all are; null: nobody knows. */
  courierTokensKnownFromWallMs(): number | null
}
