// What an evdev device says: structures of the kernel's input_event, cut out of the bytes as they
// come. Two numbers for the time, then type, code and value (linux/input.h); the time is as wide as
// a word of this process.
import { Buffer } from 'node:buffer'

/** On 64-bit systems; 32-bit processes get their own. */
export const EVENT_BYTES = 24
export const EVENT_BYTES_32 = 16

const EV_SYN = 0
const EV_KEY = 1
const SYN_REPORT = 0
const SYN_DROPPED = 3
const TAIL_BYTES = 8

export type KeyEvent =
  | { readonly kind: 'pressed' | 'released' | 'repeated'; readonly code: number }
  /** The kernel had to throw events away: nobody knows which keys were pressed since. */
  | { readonly kind: 'lost' }

const KINDS = ['released', 'pressed', 'repeated'] as const

/** For one connection. */
export class KeyEventReader {
  readonly #eventBytes: number
  #held: Buffer = Buffer.alloc(0)
  #isLost = false

  constructor(eventBytes: number = EVENT_BYTES) {
    this.#eventBytes = eventBytes
  }

  /** @param text latin1; may begin and end anywhere in an event */
  take(text: string): readonly KeyEvent[] {
    const bytes = Buffer.concat([this.#held, Buffer.from(text, 'latin1')])
    const events: KeyEvent[] = []
    let start = 0
    for (; start + this.#eventBytes <= bytes.length; start += this.#eventBytes) {
      const tail = start + this.#eventBytes - TAIL_BYTES
      const event = this.#eventOf({
        type: bytes.readUInt16LE(tail),
        code: bytes.readUInt16LE(tail + 2),
        value: bytes.readInt32LE(tail + 4),
      })
      if (event !== null) events.push(event)
    }
    this.#held = Buffer.from(bytes.subarray(start))
    return events
  }

  #eventOf(raw: { readonly type: number; readonly code: number; readonly value: number }) {
    const { type, code, value } = raw
    if (type === EV_SYN && code === SYN_DROPPED) {
      this.#isLost = true
      return { kind: 'lost' } as const
    }
    if (this.#isLost) {
      // What follows up to the next report is the rest of something half lost.
      if (type === EV_SYN && code === SYN_REPORT) this.#isLost = false
      return null
    }
    const kind = KINDS[value]
    return type !== EV_KEY || kind === undefined ? null : { kind, code }
  }
}
