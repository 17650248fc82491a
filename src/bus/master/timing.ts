// How long things take on a line: frames, replies, and the silence in between.
import type { LinkConfig } from '../config.ts'
import { boardAt } from './boards.ts'
import {
  AFTER_PULSE_GRACE_MS,
  BABBLE_MAX_MS,
  GATEWAY_GRACE_MS,
  REPLY_GRACE_MS,
  STILL_CHARACTERS,
  TALKATIVE_GAP_MS,
  TALKATIVE_MS,
} from './limits.ts'
import type { BusState, Flight } from './state.ts'

/** Time that so many characters need on the line. */
export function lineMs(link: LinkConfig, characters: number): number {
  return (characters * bitsPerCharacter(link) * 1_000) / link.baudRate
}

function bitsPerCharacter(link: LinkConfig): number {
  if (link.kind === 'tcp') return 10
  const { dataBits = 8, parity = 'none', stopBits = 1 } = link
  return 1 + dataBits + (parity === 'none' ? 0 : 1) + stopBits
}

type Order = Pick<Flight, 'boardIndex' | 'exchange' | 'text'>

/** From the moment a frame leaves to the last one at which its reply may come. */
export function replyMs(state: BusState, { boardIndex, exchange, text }: Order): number {
  const { link } = state.config
  const { dialect } = boardAt(state, boardIndex)
  if (dialect.expects(exchange) === 'never') return lineMs(link, text.length)
  const isHeld = exchange.request.kind === 'pulse' && dialect.pulseReply === 'after-pulse'
  const graceMs = isHeld ? AFTER_PULSE_GRACE_MS : REPLY_GRACE_MS + dialect.readMs
  const { slowReplyMs } = exchange.board.options
  const gatewayMs = link.kind === 'tcp' ? GATEWAY_GRACE_MS : 0
  return (
    graceMs + slowReplyMs + gatewayMs + lineMs(link, text.length + dialect.replyLengthMax(exchange))
  )
}

/** How long nothing has come when a line that talked unasked has stopped. */
export function stillMs(state: BusState, nowMonoMs: number): number {
  return Math.max(restMs(state, nowMonoMs), lineMs(state.config.link, STILL_CHARACTERS))
}

/** The silence after an exchange that went well: every board of the line hears it and needs it. */
export function gapMs({ config: { link }, boards }: BusState): number {
  const gaps = boards.map(({ dialect: { gap }, config: { options } }) =>
    Math.max(gap.msMin, lineMs(link, gap.characters), options.gapMs),
  )
  return Math.max(...gaps)
}

/** The silence after a reply. */
export function restMs(state: BusState, nowMonoMs: number): number {
  const { unaskedAtMonoMs } = state
  const isTalkative = unaskedAtMonoMs !== null && nowMonoMs - unaskedAtMonoMs <= TALKATIVE_MS
  return isTalkative ? Math.max(gapMs(state), TALKATIVE_GAP_MS) : gapMs(state)
}

/**
 * The silence after a reply that did not come. Where requests have no numbers, a late reply looks
 * like the reply to the next request of its kind. So nothing is asked for as long as the reply
 * could have taken from now on, and what comes meanwhile is dropped; through a gateway, which may
 * be late by minutes, the connection is also made anew.
 */
export function lateMs(state: BusState, { boardIndex, exchange }: Order): number {
  const { dialect } = boardAt(state, boardIndex)
  if (dialect.repetition === 'answered') return 0
  const replyLength = dialect.replyLengthMax(exchange)
  const { slowReplyMs } = exchange.board.options
  return REPLY_GRACE_MS + dialect.readMs + slowReplyMs + lineMs(state.config.link, replyLength)
}

/** Keeps the line silent from now on; noise may prolong it within bounds. */
export function hush(state: BusState, { nowMonoMs, ms }: { nowMonoMs: number; ms: number }) {
  const quietUntilMonoMs = nowMonoMs + ms
  return { ...state, quietUntilMonoMs, quietLimitMonoMs: quietUntilMonoMs + BABBLE_MAX_MS }
}
