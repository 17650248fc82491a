// The bytes that an evdev device gives for keys, as linux/input.h lays them out on 64-bit systems.
import { EVENT_BYTES } from '../../src/screen/inputs/key-events.ts'

const EV_SYN = 0
const EV_KEY = 1
const EV_MSC = 4
const SYN_DROPPED = 3
const MSC_SCAN = 4
const LEFT_SHIFT = 42

const KEYS: Readonly<Record<string, number>> = {
  ...rowOf(2, '1234567890-='),
  ...rowOf(16, 'qwertyuiop'),
  ...rowOf(30, 'asdfghjkl'),
  ...rowOf(44, 'zxcvbnm,./'),
  ' ': 57,
  '\n': 28,
}

function rowOf(first: number, chars: string): Record<string, number> {
  return Object.fromEntries([...chars].map((char, index) => [char, first + index]))
}

interface RawEvent {
  readonly type: number
  readonly code: number
  readonly value: number
  readonly eventBytes?: number
}

export function rawEvent({ type, code, value, eventBytes = EVENT_BYTES }: RawEvent): Buffer {
  const bytes = Buffer.alloc(eventBytes, 0x5a)
  bytes.writeUInt16LE(type, eventBytes - 8)
  bytes.writeUInt16LE(code, eventBytes - 6)
  bytes.writeInt32LE(value, eventBytes - 4)
  return bytes
}

export const REPORT = rawEvent({ type: EV_SYN, code: 0, value: 0 })
export const DROPPED = rawEvent({ type: EV_SYN, code: SYN_DROPPED, value: 0 })

/** @param value 1 pressed, 0 released, 2 repeated */
export function keyEvent(code: number, value: number): Buffer {
  return Buffer.concat([
    rawEvent({ type: EV_MSC, code: MSC_SCAN, value: 458_756 }),
    rawEvent({ type: EV_KEY, code, value }),
    REPORT,
  ])
}

export function tapOf(code: number): Buffer {
  return Buffer.concat([keyEvent(code, 1), keyEvent(code, 0)])
}

/** As a keyboard with the layout of the United States types it. */
export function typedBytes(text: string): Buffer {
  return Buffer.concat([...text].map(charBytes))
}

function charBytes(char: string): Buffer {
  const code = KEYS[char.toLowerCase()]
  if (code === undefined) throw new Error(`no key for ${char}`)
  if (char === char.toLowerCase()) return tapOf(code)
  return Buffer.concat([keyEvent(LEFT_SHIFT, 1), tapOf(code), keyEvent(LEFT_SHIFT, 0)])
}
