// The reply with all doors, of each dialect: which of its bytes are known beforehand, which tell
// something, and how it is sealed. Built from the documents and without the dialects.
import { encodeReply } from '../../../firmware-protocol/messages.ts'
import type { Random } from '../../../sim/world/random.ts'
import type { BoardConfig, DialectName } from '../../../src/bus/config.ts'
import { boardConfig } from '../../bus/dialects/exchange.ts'
import { codesOf, withCrc, xored } from '../../bus/dialects/replies.ts'

export type Codes = readonly number[]
type Seal = 'sum' | 'xor' | 'crc' | 'crc-text'

export interface Layout {
  readonly dialect: DialectName
  readonly board: BoardConfig
  readonly seal: Seal
  /** Before the content, known beforehand. */
  readonly head: Codes
  readonly contentBytes: number
  /** The highest value that a byte of content may have. */
  readonly contentMax: number
  /** Between content and seal, known beforehand. */
  readonly tail: Codes
  readonly sealBytes: number
  /** Sound replies of the same board to other requests. */
  readonly others: readonly Codes[]
  /** Where the address is; it is part of the head. */
  readonly addressAt: number
}

/** One reading counts at once: what is counted is what one sealed reply says. */
function withoutWait(board: BoardConfig): BoardConfig {
  return { ...board, options: { ...board.options, isDebounced: true } }
}

const bare = (
  dialect: Exclude<DialectName, 'latchkey-line'>,
  rest: Omit<Layout, 'dialect' | 'board' | 'sealBytes'>,
  change: Parameters<typeof boardConfig>[1] = {},
): Layout => ({
  dialect,
  board: withoutWait(boardConfig(dialect, change)),
  sealBytes: rest.seal === 'crc' ? 2 : 1,
  ...rest,
})

const SENSORS = { options: { hasContentSensors: true } }
const UNGREETED = { options: { allOffAtStart: false, linkageOff: false } }
const LETTERS: Codes = [0x57, 0x4b, 0x4c, 0x59]

const CU16 = bare(
  'kerong-cu16',
  {
    seal: 'sum',
    head: [0x02, 0x00, 0x35],
    contentBytes: 4,
    contentMax: 0xff,
    tail: [0x03],
    others: [
      [0x02, 0x00, 0x36, 0xff, 0xff, 0, 0, 0x03],
      [0x02, 0x00, 0x38, 0x00, 0x32, 0x03],
    ],
    addressAt: 1,
  },
  SENSORS,
)

const CU48 = bare(
  'kerong-cu48',
  {
    seal: 'sum',
    head: [0x02, 0x00, 0x00, 0x75],
    contentBytes: 12,
    contentMax: 0xff,
    tail: [0x03],
    others: [
      [0x02, 0x00, 0x00, 0x65, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x03],
      // Captured and unexplained (boards.md A.2).
      [0x02, 0x00, 0x0a, 0x77, 1, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0x03],
    ],
    addressAt: 1,
  },
  SENSORS,
)

const EIGHT_A = bare('lock-board-8a', {
  seal: 'xor',
  head: [0x80, 0x01],
  contentBytes: 3,
  contentMax: 0xff,
  tail: [0x33],
  others: [
    [0x8a, 0x01, 0x01, 0x00],
    [0x80, 0x01, 0x01, 0x11],
    [0x82, 0x01, 0x02, 0x00],
  ],
  addressAt: 1,
})

const WKLY = bare('wkly', {
  seal: 'xor',
  head: [...LETTERS, 0x22, 0x00, 0x84, 0x00, 0x18],
  contentBytes: 24,
  contentMax: 1,
  tail: [],
  others: [
    [...LETTERS, 0x0b, 0x00, 0x82, 0x00, 0x01, 0x00],
    [...LETTERS, 0x0b, 0x00, 0x83, 0x00, 0x01, 0x01],
    [...LETTERS, 0x0a, 0x00, 0x85, 0x01, 0x01],
    [...LETTERS, 0x09, 0x00, 0x86, 0x00],
  ],
  addressAt: 5,
})

const MODBUS = bare(
  'modbus-rtu',
  {
    seal: 'crc',
    head: [0x01, 0x02, 0x04],
    contentBytes: 4,
    contentMax: 0xff,
    tail: [],
    others: [
      [0x01, 0x01, 0x04, 0, 0, 0, 0],
      [0x01, 0x05, 0x02, 0x00, 0x00, 0x05],
      [0x01, 0x06, 0x10, 0x00, 0x00, 0x00],
    ],
    addressAt: 0,
  },
  { channels: 32, ...UNGREETED },
)

const LINE_HEAD = '<01 01 STATE '
const LINE: Layout = {
  dialect: 'latchkey-line',
  board: boardConfig('latchkey-line'),
  seal: 'crc-text',
  head: codesOf(LINE_HEAD),
  contentBytes: 0,
  contentMax: 0xff,
  tail: [],
  sealBytes: 4,
  others: [],
  addressAt: 2,
}

export const LAYOUTS: readonly Layout[] = [LINE, CU16, CU48, EIGHT_A, WKLY, MODBUS]

/** Of a bare reply. */
export function lengthOf({ head, contentBytes, tail, sealBytes }: Layout): number {
  return head.length + contentBytes + tail.length + sealBytes
}

export function sealed({ seal }: Layout, body: Codes): Codes {
  switch (seal) {
    case 'sum':
      return [...body, body.reduce((sum, code) => (sum + code) & 0xff, 0)]
    case 'xor':
      return codesOf(xored(body))
    case 'crc':
      return codesOf(withCrc(body))
    case 'crc-text':
      throw new RangeError('a line is sealed by its own codec')
  }
}

/** A reply as the board may send it, with any content. */
export function soundReply(layout: Layout, random: Random, sequence: number): Codes {
  if (layout.seal === 'crc-text') return lineReply(layout, random, sequence)
  const { head, contentBytes, contentMax, tail } = layout
  const content = Array.from({ length: contentBytes }, () => random.between(0, contentMax))
  return sealed(layout, [...head, ...content, ...tail])
}

function lineReply({ board }: Layout, random: Random, sequence: number): Codes {
  const { address, channels } = board
  const each = <T>(make: () => T): T[] => Array.from({ length: channels }, make)
  const text = encodeReply(
    { address, sequence },
    {
      kind: 'state',
      boot: 1,
      doors: each(() => (random.chance(0.5) ? 'open' : 'closed')),
      outputs: each(() => 'off'),
      opens: each(() => random.between(0, 255)),
    },
  )
  return codesOf(text.trimEnd())
}

export function helloReply({ board: { address, channels } }: Layout): Codes {
  const hello = {
    kind: 'hello',
    version: 1,
    boot: 1,
    channels,
    firmware: 'n',
    serial: 'n',
  } as const
  return codesOf(encodeReply({ address, sequence: 0 }, hello).trimEnd())
}

export function outputsReply(layout: Layout): Codes {
  const { address, channels } = layout.board
  const count = Math.ceil(channels / 8)
  return sealed(layout, [address, 0x01, count, ...Array.from({ length: count }, () => 0)])
}
