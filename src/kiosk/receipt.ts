// The custody receipt: the beginning of a fact's own hash, in a form to be read out and copied. The
// hash covers the fact's text, its number and, by the link, everything before it. Whoever shows the
// code has seen the fact stored; whoever has the chain finds the fact, and that it was not changed.
//
// It has 55 bits. A made-up code fits one of a million facts once in 36 thousand million tries; it
// is no secret, gives no right and opens nothing.
import type { Fact, StoreRecord } from './facts.ts'
import { readSpelt, spell } from './spelling.ts'

const CHARACTERS = 11

export type ReceiptFact = Extract<
  Fact,
  { kind: 'parcel-deposited' | 'parcel-collected' | 'parcel-handed-in' }
>

/** People get one for these. */
export function hasReceipt(fact: StoreRecord): fact is ReceiptFact {
  const { kind } = fact
  return kind === 'parcel-deposited' || kind === 'parcel-collected' || kind === 'parcel-handed-in'
}

/**
 * What is done behind one door at once is told of each parcel by a fact of its own, one right after
 * another. The receipt is that of the last one: its hash covers the others, and it is for all.
 *
 * @param before the fact with the number just before
 */
export function isOneAct(before: ReceiptFact, fact: ReceiptFact): boolean {
  if (before.kind === 'parcel-collected' && fact.kind === 'parcel-collected') {
    return before.data.openingId === fact.data.openingId
  }
  if (before.kind !== 'parcel-deposited' || fact.kind !== 'parcel-deposited') return false
  const isSamePlace = before.data.lockerId === fact.data.lockerId
  return isSamePlace && before.data.courierId === fact.data.courierId
}

/** @param hash of the fact's text, 64 hexadecimal digits */
export function receiptOf(hash: string): string {
  return spell(hash, { characters: CHARACTERS })
}

/** @returns the receipt as the kiosk writes it, or null when it is misspelt */
export function readReceipt(typed: string): string | null {
  return readSpelt(typed, { characters: CHARACTERS })
}
