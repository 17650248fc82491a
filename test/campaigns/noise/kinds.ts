// What a bad line says: kinds of bytes that are no reply, and how often each may be taken for one.
import { encodeReply } from '../../../firmware-protocol/messages.ts'
import type { Random } from '../../../sim/world/random.ts'
import { codesOf } from '../../bus/dialects/replies.ts'
import { type Codes, type Layout, sealed, soundReply } from './layouts.ts'

export const KINDS = [
  'noise',
  'long runs',
  'head and rubbish',
  'one bit wrong',
  'two bits wrong',
  'burst',
  'neighbours swapped',
  'cut short',
  'byte doubled or lost',
  'other address',
  'other reply',
  'sealed but wrong',
  'content at random',
] as const
export type Kind = (typeof KINDS)[number]

/** A share of the bytes; what is long needs a greater one to be seen as often. */
export const WEIGHTS: Readonly<Record<Kind, number>> = {
  noise: 30,
  'long runs': 10,
  'head and rubbish': 6,
  'one bit wrong': 6,
  'two bits wrong': 6,
  burst: 6,
  'neighbours swapped': 4,
  'cut short': 6,
  'byte doubled or lost': 6,
  'other address': 4,
  'other reply': 4,
  'sealed but wrong': 4,
  'content at random': 8,
}

const NOISE_MAX = 96
const LONG_MIN = 1_000
const LONG_MAX = 16_000
const RUBBISH_MAX = 40
const BURST_MAX = 4

export interface Draw {
  readonly layout: Layout
  readonly random: Random
  /** Of the open question. */
  readonly sequence: number
}

/** One piece that is no reply of a board: nobody has sent it. */
export function makeBad(kind: Kind, draw: Draw): Codes {
  const { layout, random } = draw
  switch (kind) {
    case 'noise':
      return bytes(random, random.between(1, NOISE_MAX))
    case 'long runs':
      return longRun(draw)
    case 'head and rubbish':
      return [...headOf(draw), ...bytes(random, random.between(1, RUBBISH_MAX))]
    case 'one bit wrong':
      return withFlips(draw, 1)
    case 'two bits wrong':
      return withFlips(draw, 2)
    case 'burst':
      return withBurst(draw)
    case 'neighbours swapped':
      return swapped(draw)
    case 'cut short': {
      const whole = sound(draw)
      return whole.slice(0, random.between(1, whole.length - 1))
    }
    case 'byte doubled or lost':
      return shifted(draw)
    case 'other address':
      return fromElsewhere(draw)
    case 'other reply':
      return otherReply(draw)
    case 'sealed but wrong':
      return sealedButWrong(draw)
    case 'content at random': {
      const body = sound(draw).slice(0, -layout.sealBytes)
      if (layout.seal === 'crc-text') return [...body, ...codesOf(hexWord(random))]
      return [...body, ...bytes(random, layout.sealBytes)]
    }
  }
}

function sound({ layout, random, sequence }: Draw): Codes {
  return soundReply(layout, random, sequence)
}

function bytes(random: Random, count: number): Codes {
  return Array.from({ length: count }, () => random.between(0, 0xff))
}

function hexWord(random: Random): string {
  return random.between(0, 0xffff).toString(16).toUpperCase().padStart(4, '0')
}

/** As far as it is known which reply comes: of a line, with the number of the open question. */
function headOf(draw: Draw): Codes {
  return draw.layout.seal === 'crc-text'
    ? sound(draw).slice(0, draw.layout.head.length)
    : draw.layout.head
}

/** Heads without end, one value without end, or noise without a line feed. */
function longRun(draw: Draw): Codes {
  const { layout, random } = draw
  const length = random.between(LONG_MIN, LONG_MAX)
  const what = random.between(0, 2)
  if (what === 0) {
    const head = headOf(draw).slice(0, random.between(1, layout.head.length))
    return Array.from({ length }, (_, index) => head[index % head.length] ?? 0)
  }
  const value = random.between(0, 0xff)
  return Array.from({ length }, () => (what === 1 ? value : random.between(0x20, 0x7e)))
}

function withFlips(draw: Draw, count: number): Codes {
  const reply = [...sound(draw)]
  const bits = reply.length * 8
  const chosen = new Set<number>()
  while (chosen.size < count) chosen.add(draw.random.between(0, bits - 1))
  for (const bit of chosen) reply[bit >> 3] = (reply[bit >> 3] ?? 0) ^ (1 << (bit & 7))
  return reply
}

/** Some bytes in a row are anything else. */
function withBurst(draw: Draw): Codes {
  const { random } = draw
  const reply = sound(draw)
  const count = random.between(2, BURST_MAX)
  const at = random.between(0, reply.length - count)
  const bad = [...reply]
  bad.splice(at, count, ...bytes(random, count))
  return bad.every((code, index) => code === reply[index]) ? withBurst(draw) : bad
}

function swapped(draw: Draw): Codes {
  const reply = [...sound(draw)]
  const at = draw.random.between(0, reply.length - 2)
  const [one = 0, other = 0] = reply.slice(at, at + 2)
  if (one === other) return swapped(draw)
  reply.splice(at, 2, other, one)
  return reply
}

/** Neither the first nor the last byte: with those doubled, a whole reply is still in it. */
function shifted(draw: Draw): Codes {
  const reply = [...sound(draw)]
  const at = draw.random.between(1, reply.length - 2)
  if (draw.random.chance(0.5)) reply.splice(at, 0, reply[at] ?? 0)
  else reply.splice(at, 1)
  return reply
}

function fromElsewhere(draw: Draw): Codes {
  const { layout, random, sequence } = draw
  if (layout.seal === 'crc-text') {
    const board = { ...layout.board, address: layout.board.address + random.between(1, 200) }
    return soundReply({ ...layout, board }, random, sequence)
  }
  const body = [...sound(draw)].slice(0, -layout.sealBytes)
  body[layout.addressAt] = ((body[layout.addressAt] ?? 0) + random.between(1, 0xff)) & 0xff
  return sealed(layout, body)
}

function otherReply(draw: Draw): Codes {
  const { layout, random, sequence } = draw
  if (layout.seal !== 'crc-text') return sealed(layout, random.pick(layout.others))
  const { address } = layout.board
  const late = { address, sequence: ((sequence + random.between(0, 200)) % 254) + 1 }
  if (random.chance(0.5)) {
    const isOther = late.sequence !== sequence
    return isOther ? soundReply(layout, random, late.sequence) : otherReply(draw)
  }
  const pulse = encodeReply({ address, sequence }, { kind: 'pulse', channel: 1, ms: 500 })
  return codesOf(pulse.trimEnd())
}

/** One byte that is known beforehand is another, or content is what it cannot be; the seal fits. */
function sealedButWrong(draw: Draw): Codes {
  const { layout, random } = draw
  const { head, contentMax, contentBytes, tail } = layout
  if (layout.seal === 'crc-text') return otherReply(draw)
  const body = [...sound(draw)].slice(0, -layout.sealBytes)
  const known = [...head.keys(), ...tail.map((_, index) => head.length + contentBytes + index)]
  if (contentMax < 0xff && random.chance(0.5)) {
    body[head.length + random.between(0, contentBytes - 1)] = random.between(contentMax + 1, 0xff)
    return sealed(layout, body)
  }
  const at = random.pick(known)
  // A WKLY board that says FF in the eighth byte means it: it could not read its doors.
  body[at] = ((body[at] ?? 0) + random.between(1, 0xfe)) & 0xff
  return sealed(layout, body)
}
