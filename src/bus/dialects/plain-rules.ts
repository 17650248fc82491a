// What all bought lock boards have in common that speak in bare bytes: no numbers, no greeting, one
// question. An order is obeyed whenever it comes, for as long as the board itself was told to.
import { type Dialect, type Exchange, TURNAROUND } from './dialect.ts'

export const PLAIN_RULES = {
  gap: TURNAROUND,
  sequenceMax: 1,
  repetition: 'obeyed',
  readMs: 0,
  greeting: () => [],
  poll: () => [{ kind: 'state' }],
  hold: ({ options }) => ({ ms: options.boardPulseMs, endedBy: 'board' }),
} as const satisfies Partial<Dialect>

/** The reply to an order, if the firmware has one, comes when the pulse is over. */
export const LATE_REPLY_RULES = {
  ...PLAIN_RULES,
  pulseReply: 'after-pulse',
  expects({ request, board }: Exchange) {
    const { replyToUnlock } = board.options
    // Firmware that never answers one order answers none.
    if (request.kind === 'signal') return replyToUnlock === 'never' ? 'never' : 'maybe'
    return request.kind === 'pulse' ? replyToUnlock : 'always'
  },
} as const satisfies Partial<Dialect>

/** The number on the wire of the channel that an order is for; 0 in a question. */
export function channelOnWire({ request, board }: Exchange): number {
  return 'channel' in request ? request.channel - 1 + board.options.channelBase : 0
}
