// What a family of door boards must be able to say. A dialect is pure: it turns what the bus master
// wants into the characters of one frame, and what came back into the reply to the open request.
// Frames are latin1 strings: one character for each byte.
import type { DoorReading } from '../../kiosk/events.ts'
import type { Board } from '../board-options.ts'
import type { DialectName } from '../config.ts'

export type BoardRequest =
  /** Start over: who are you, and in which run? */
  | { readonly kind: 'hello' }
  | { readonly kind: 'state' }
  /** Which locks are under current? */
  | { readonly kind: 'outputs' }
  | {
      readonly kind: 'pulse'
      /** Counted from 1. */
      readonly channel: number
      readonly ms: number
      /** The run of the board for which the order is made; another run must not obey it. */
      readonly boot: number
    }
  /** Ends a pulse that the board does not end by itself. */
  | { readonly kind: 'release'; readonly channel: number }
  /** A light or a buzzer, which the board itself ends; nothing that a lock hangs on. */
  | { readonly kind: 'signal'; readonly channel: number; readonly ms: number }
  | { readonly kind: 'all-off' }
  /** The input of this channel shall not drive its relay. */
  | { readonly kind: 'linkage-off'; readonly channel: number }

/**
 * - `busy`: another output is on; `resting`: this channel was pulsed too recently: try again later
 * - `restarted`: the order was for an earlier run of the board
 */
export type RefusalCause = 'busy' | 'resting' | 'restarted' | 'other'

export type BoardReply =
  | { readonly kind: 'hello'; readonly boot: number }
  | {
      readonly kind: 'state'
      /** 0 from a board that does not count its runs. */
      readonly boot: number
      /** By configured channel, the first one at index 0. */
      readonly doors: readonly DoorReading[]
    }
  /** By configured channel, the first one at index 0. */
  | { readonly kind: 'outputs'; readonly on: readonly boolean[] }
  /** `ms` is the time that the board really applies. */
  | { readonly kind: 'pulse'; readonly ms: number }
  /** What was asked for is so, and there is nothing more to say. */
  | { readonly kind: 'done' }
  | { readonly kind: 'refused'; readonly cause: RefusalCause }

export interface Exchange {
  readonly board: Board
  /** 0 for the request that starts over; repeated unchanged by a retry. */
  readonly sequence: number
  readonly request: BoardRequest
  /** The line hands back what is sent: a reply equal to its request has to come a second time. */
  readonly isEchoing: boolean
}

/** No reply yet; the last `keep` characters may be its beginning, the others never were. */
export interface Undecided {
  readonly reply: null
  readonly keep: number
}

export type Decoded = { readonly reply: BoardReply } | Undecided

export const NOTHING: Undecided = { reply: null, keep: 0 }

/** Who ends a pulse, and after how long. */
interface Hold {
  readonly ms: number
  readonly endedBy: 'board' | 'host'
}

/** How long a line is silent between two frames: so many characters, and no less than `msMin`. */
export interface Gap {
  readonly characters: number
  readonly msMin: number
}

/**
 * The documents of these boards ask for no silence at all. It is for both ends of a half-duplex
 * line to turn round, and longer than one character, so that a board that goes on talking is
 * noticed before anybody talks into it. A board that needs more has its own option.
 */
export const TURNAROUND: Gap = { characters: 1.25, msMin: 1 }

export interface Dialect {
  readonly name: DialectName
  /** Between a reply and the next request. */
  readonly gap: Gap
  /** The highest sequence number; after it comes 1. A protocol without them has 1. */
  readonly sequenceMax: number
  /**
   * What a board does with a request that it gets twice: `answered` again from its memory, or
   * `obeyed` again. The second kind is never asked twice for one pulse.
   */
  readonly repetition: 'answered' | 'obeyed'
  /** When an order to a lock is answered: at once, or when its pulse is over. */
  readonly pulseReply: 'at-once' | 'after-pulse'
  /** How long the board itself thinks about a question, beside what every board may take. */
  readonly readMs: number
  /** All that a board hears before it is asked for its doors; each one is waited for. */
  greeting(board: Board): readonly BoardRequest[]
  /** What is asked in each round; `state` is among it. */
  poll(board: Board): readonly BoardRequest[]
  /** Whether a reply comes; without one that is due the board is thought to be missing. */
  expects(exchange: Exchange): 'always' | 'never' | 'maybe'
  hold(board: Board, ms: number): Hold
  /** All characters for the wire, the end of the frame included. */
  encode(exchange: Exchange): string
  /** The longest reply that may come, in characters on the wire. */
  replyLengthMax(exchange: Exchange): number
  /**
   * @param heard a whole line without its end; or, where bytes are not framed, everything since the
   *   request that may still matter. Damaged frames and those to other requests are no reply.
   */
  decode(heard: string, open: Exchange): Decoded
}
