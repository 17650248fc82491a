// How an opening ended, in the eight words a technician tells faults apart by. One list, for the
// facts, the status and the command line; the codes say the same to people at the screen.
import type { Code } from './codes.ts'

/**
 * - `bus-down`: no pulse left, since the line or the board was silent
 * - `no-ack`: the board refused the pulse, or did not say that it listened (some never do)
 * - `open-not-detected`: the board listened, and nobody saw the door move: lock, door or sensor
 * - `already-open`: the door stood open before any pulse
 * - `opened`: seen open, or said to be by the person where no sensor sees
 * - `left-open`: opened, and still open when its time was over
 * - `forced`: opened without any opening
 * - `wrong-door`: another door opened than the one that was pulsed
 */
export type Outcome =
  | 'no-ack'
  | 'bus-down'
  | 'open-not-detected'
  | 'already-open'
  | 'opened'
  | 'left-open'
  | 'forced'
  | 'wrong-door'

export type Failure = Extract<Outcome, 'no-ack' | 'bus-down' | 'open-not-detected' | 'wrong-door'>

/** @param heard what the board said to the newest pulse; null when nobody knows */
export function failureOf(code: Code, heard: 'acknowledged' | 'unanswered' | null): Failure {
  switch (code) {
    case 'LK-BUS-01':
    case 'LK-BUS-02':
      return 'bus-down'
    case 'LK-BUS-03':
      return 'no-ack'
    case 'LK-DOOR-05':
      return 'wrong-door'
    default:
      return heard === 'unanswered' ? 'no-ack' : 'open-not-detected'
  }
}
