// Frames of bare bytes: how they are built, summed, and found in what came. A reply is found by the
// length it must have and by its checksum, never by a byte that ends it: 02 and 03 are also doors.
import type { DoorReading } from '../../kiosk/events.ts'
import type { Board } from '../board-options.ts'
import type { BoardReply, Decoded } from './dialect.ts'

export function frame(...codes: readonly number[]): string {
  return String.fromCharCode(...codes)
}

/** All codes modulo 256. */
export function sumOf(text: string): number {
  let sum = 0
  for (let index = 0; index < text.length; index += 1) sum += text.charCodeAt(index)
  return sum & 0xff
}

/** All codes by exclusive or. */
export function xorOf(text: string): number {
  let xor = 0
  for (let index = 0; index < text.length; index += 1) xor ^= text.charCodeAt(index)
  return xor
}

/** One kind of reply that may come. */
export interface Shape {
  /** What it begins with. */
  readonly head: string
  /** @param start what there is of it, the head at least; null: cannot be told yet; 0: none */
  readonly length: number | ((start: string) => number | null)
  /** Null when its checksum or its content is wrong. */
  readonly read: (whole: string) => BoardReply | null
}

/**
 * The first whole reply in what came. Bytes before it are skipped: the request's own echo, the 00
 * and FF of a line that idled (boards.md F), the rest of something damaged.
 */
export function findReply(heard: string, shapes: readonly Shape[]): Decoded {
  let keep = 0
  for (let start = 0; start < heard.length; start += 1) {
    for (const shape of shapes) {
      const found = match(heard, start, shape)
      if (found === 'unfinished') keep ||= heard.length - start
      else if (found !== null) return { reply: found }
    }
  }
  return { reply: null, keep }
}

function match(heard: string, start: number, shape: Shape): BoardReply | 'unfinished' | null {
  const { head, length, read } = shape
  const rest = heard.length - start
  if (rest < head.length) {
    return head.startsWith(heard.slice(start)) ? 'unfinished' : null
  }
  if (!heard.startsWith(head, start)) return null
  const size = typeof length === 'number' ? length : length(heard.slice(start))
  if (size === 0) return null
  if (size === null || size > rest) return 'unfinished'
  return read(heard.slice(start, start + size))
}

/**
 * Where a reply may look like its request, and the line hands back what is sent, the first copy is
 * ours. @returns what came after it; null when it has not come yet
 */
export function pastEcho(heard: string, text: string): string | null {
  const at = heard.indexOf(text)
  return at < 0 ? null : heard.slice(at + text.length)
}

/** Bits of a map, the lowest one of its first byte being channel 1. */
export function bitsOf(bytes: string, channels: number): readonly (0 | 1)[] {
  return Array.from({ length: channels }, (_, index) =>
    (bytes.charCodeAt(index >> 3) >> (index & 7)) & 1 ? 1 : 0,
  )
}

/** @param bits of the contacts, by channel; @param contents of the content sensors */
export function doorsOf(
  { channels, options }: Board,
  { bits, contents }: { readonly bits: readonly (0 | 1)[]; readonly contents?: readonly (0 | 1)[] },
): readonly DoorReading[] {
  const { closedBit, invertedChannels, hasContentSensors } = options
  return Array.from({ length: channels }, (_, index) => {
    const isInverted = invertedChannels.includes(index + 1)
    const isClosed = (bits[index] === closedBit) !== isInverted
    const door = { state: isClosed ? 'closed' : 'open', opens: null } as const
    if (!hasContentSensors || contents === undefined) return door
    return { ...door, contents: contents[index] === 1 ? 'present' : 'absent' }
  })
}

export function wrongRequest(dialect: string, kind: string): RangeError {
  return new RangeError(`${dialect} has no ${kind}`)
}
