// What a family of door boards must be able to say. A dialect is pure: it turns what the bus master
// wants into the characters of one frame, and a frame into the reply to the request that is open.
// Frames are latin1 strings: one character for each byte.
import type { DoorReading } from '../../kiosk/events.ts'
import type { DialectName } from '../config.ts'

export type BoardRequest =
  /** Start over: who are you, and in which run? */
  | { readonly kind: 'hello' }
  | { readonly kind: 'state' }
  | {
      readonly kind: 'pulse'
      /** Counted from 1. */
      readonly channel: number
      readonly ms: number
      /** The run of the board for which the order is made; another run must not obey it. */
      readonly boot: number
    }

/**
 * - `busy`: another output is on; `resting`: this channel was pulsed too recently: try again later
 * - `restarted`: the order was for an earlier run of the board
 */
export type RefusalCause = 'busy' | 'resting' | 'restarted' | 'other'

export type BoardReply =
  | { readonly kind: 'hello'; readonly boot: number }
  | {
      readonly kind: 'state'
      readonly boot: number
      /** By configured channel, the first one at index 0. */
      readonly doors: readonly DoorReading[]
    }
  /** `ms` is the time that the board really applies. */
  | { readonly kind: 'pulse'; readonly ms: number }
  | { readonly kind: 'refused'; readonly cause: RefusalCause }

export interface Exchange {
  readonly address: number
  /** 0 for the request that starts over; repeated unchanged by a retry. */
  readonly sequence: number
  readonly request: BoardRequest
  /** As configured for the board. */
  readonly channels: number
}

export interface Dialect {
  readonly name: DialectName
  /** How the link cuts what it receives; `line`: at line feeds, which are not part of the frame. */
  readonly framing: 'line'
  /** The highest sequence number; after it comes 1. */
  readonly sequenceMax: number
  /** All characters for the wire, the end of the frame included. */
  encode(exchange: Exchange): string
  /** The longest reply that may come, in characters on the wire. */
  replyLengthMax(exchange: Exchange): number
  /** Null when the frame is damaged, or not the reply to this very exchange. */
  decode(frame: string, open: Exchange): BoardReply | null
}
