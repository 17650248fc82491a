// What the families of Kerong have in common: the frame between STX and ETX with its sum. Two bytes
// that change places have the same sum (boards.md, trap 4): so every byte of a reply that is known
// beforehand is compared, and only doors are left to the sum.
import { frame, sumOf } from './bytes.ts'
import type { Dialect, Exchange } from './dialect.ts'
import { PLAIN_RULES } from './plain-rules.ts'

const STX = 0x02
const ETX = 0x03

export function seal(...codes: readonly number[]): string {
  const body = frame(STX, ...codes, ETX)
  return body + frame(sumOf(body))
}

export function head(...codes: readonly number[]): string {
  return frame(STX, ...codes)
}

/** The length of a reply with so many bytes between its head and its end. */
export function lengthOf(codes: readonly number[], dataLength: number): number {
  return 1 + codes.length + dataLength + 2
}

/** The bytes between head and end; null when the end or the sum is wrong. */
export function dataOf(whole: string, headLength: number): string | null {
  const body = whole.slice(0, -1)
  if (body.charCodeAt(body.length - 1) !== ETX) return null
  return sumOf(body) === whole.charCodeAt(body.length) ? body.slice(headLength, -1) : null
}

/** Orders are never answered. The time of a pulse is stored in the board (CU16 command 37). */
export const KERONG_RULES = {
  ...PLAIN_RULES,
  pulseReply: 'at-once',
  expects: ({ request }: Exchange) => (request.kind === 'pulse' ? 'never' : 'always'),
} as const satisfies Partial<Dialect>
