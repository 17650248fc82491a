// How often bytes that nobody sent may pass for a reply, by what the seal can and cannot tell.
import type { Kind } from './kinds.ts'
import { type Layout, lengthOf } from './layouts.ts'

/** Chance that a sound machine sees more false replies than its bound. */
const CHANCE = 1e-6
const BYTE = 1 / 256

function pairs(count: number): number {
  return (count * (count - 1)) / 2
}

/** Of one that fits by accident: one value of all that the seal may have. */
export function sealOdds({ seal }: Layout): number {
  return seal === 'sum' || seal === 'xor' ? BYTE : BYTE ** 2
}

/** Chance that a byte of rubbish may be content. */
function contentOdds({ contentMax, contentBytes }: Layout): number {
  return ((contentMax + 1) / 256) ** contentBytes
}

/**
 * Per piece, of noise per byte; at most.
 *
 * - A sum or an exclusive or finds every single wrong bit, CRC-16 also every two in frames of this
 *   length, and every burst of up to 16 bits: two neighbours that change places are one.
 * - Neither sum nor exclusive or sees that neighbours have changed places: where both are content,
 *   nothing protects it.
 * - Whatever else is wrong fits by accident, if every byte that is known beforehand is right.
 */
export function oddsOf(kind: Kind, layout: Layout): number {
  const { seal, head, tail, sealBytes } = layout
  const odds = sealOdds(layout)
  const isText = seal === 'crc-text'
  switch (kind) {
    case 'noise':
      return BYTE ** (head.length + tail.length + sealBytes) * contentOdds(layout)
    case 'head and rubbish':
      return isText ? BYTE ** 4 : odds * BYTE ** tail.length * contentOdds(layout)
    case 'two bits wrong':
      return twoBitOdds(layout)
    case 'burst':
    case 'content at random':
      return odds
    case 'neighbours swapped':
      return swapOdds(layout)
    case 'cut short':
      // All but the last byte is there, and the next byte on the line fits.
      return isText ? 0 : BYTE / (lengthOf(layout) - 1) + BYTE ** 2
    case 'byte doubled or lost':
      return isText ? odds : (2 * BYTE) / (lengthOf(layout) - 2) + BYTE ** 2
    case 'long runs':
    case 'one bit wrong':
    case 'other address':
    case 'other reply':
    case 'sealed but wrong':
      return 0
  }
}

/** Both in content or seal, at the same place of their bytes, and each undoes the other. */
function twoBitOdds(layout: Layout): number {
  const { seal, contentBytes, contentMax, sealBytes } = layout
  if (seal === 'crc') return 0
  if (seal === 'crc-text') return sealOdds(layout)
  const all = pairs(lengthOf(layout) * 8)
  const places = contentMax === 0xff ? 8 : Math.log2(contentMax + 1)
  const inPlace = pairs(contentBytes + sealBytes)
  // In a sum only the highest bits always undo each other; the others when one was 1 and one 0.
  return (inPlace * (seal === 'sum' ? 7 / 2 + 1 : places)) / all
}

/** Both are content, of all neighbours that differ. */
function swapOdds(layout: Layout): number {
  const { seal, head, tail, contentBytes, contentMax } = layout
  if (seal === 'crc' || seal === 'crc-text') return 0
  const differ = 1 - 1 / (contentMax + 1)
  const content = (contentBytes - 1) * differ
  const known = (codes: readonly number[]) =>
    codes.filter((code, index) => index > 0 && code !== codes[index - 1]).length
  // Next to content and seal, counted as if they were always different: that is at most.
  const borders = 2 + (tail.length > 0 ? 1 : 0)
  return (
    content / (content + known(head) + known(tail) + borders * (contentMax < 0xff ? 1 : differ))
  )
}

/** So many are exceeded with a chance of CHANCE: Poisson, which is wider than binomial. */
export function boundOf(expected: number): number {
  if (expected === 0) return 0
  if (expected > 200) return Math.ceil(expected + 4.76 * Math.sqrt(expected) + 4)
  let term = Math.exp(-expected)
  let above = 1 - term
  let bound = 0
  while (above > CHANCE) {
    bound += 1
    term *= expected / bound
    above -= term
  }
  return bound
}
