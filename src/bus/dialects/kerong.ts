// What the families of Kerong have in common: the frame between STX and ETX with its sum. Two bytes
// that change places have the same sum (boards.md, trap 4): so every byte of a reply that is known
// beforehand is compared, and only doors are left to the sum.
import type { Board } from '../board-options.ts'
import { frame, sumOf } from './bytes.ts'
import { type Dialect, type Exchange, type Hold, TURNAROUND } from './dialect.ts'

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

/** The time is stored in the board and cannot be sent with the order (CU16 command 37). */
function storedHold({ options }: Board): Hold {
  return { ms: options.boardPulseMs, endedBy: 'board' }
}

/** No numbers, no greeting, one question; an order is obeyed whenever it comes, unanswered. */
export const KERONG_RULES = {
  gap: TURNAROUND,
  sequenceMax: 1,
  repetition: 'obeyed',
  pulseReply: 'at-once',
  readMs: 0,
  greeting: () => [],
  poll: () => [{ kind: 'state' }],
  expects: ({ request }: Exchange) => (request.kind === 'pulse' ? 'never' : 'always'),
  hold: storedHold,
} as const satisfies Partial<Dialect>
