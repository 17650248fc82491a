// The replies of bare boards, built from the documents and without the dialects.
import type { DialectName } from '../../../src/bus/config.ts'

export type Bare = Exclude<DialectName, 'latchkey-line'>

export function codesOf(text: string): readonly number[] {
  return [...text].map((character) => character.charCodeAt(0))
}

export function textOf(codes: readonly number[]): string {
  return String.fromCharCode(...codes)
}

function mapOf(closed: readonly boolean[], length: number): readonly number[] {
  return Array.from({ length }, (_, byte) =>
    closed
      .slice(byte * 8, byte * 8 + 8)
      .reduce((sum, isClosed, bit) => sum + (isClosed ? 2 ** bit : 0), 0),
  )
}

function summed(codes: readonly number[]): string {
  return textOf([...codes, codes.reduce((sum, code) => (sum + code) % 256, 0)])
}

export function xored(codes: readonly number[]): string {
  return textOf([...codes, codes.reduce((sum, code) => sum ^ code, 0)])
}

/** Bit by bit, as the specification writes it; the dialect does it its own way. */
export function withCrc(codes: readonly number[]): string {
  let crc = 0xffff
  for (const code of codes) {
    for (let bit = 0; bit < 8; bit += 1) {
      const isOdd = ((crc ^ (code >> bit)) & 1) === 1
      crc >>= 1
      if (isOdd) crc ^= 0xa001
    }
  }
  return textOf([...codes, crc % 256, Math.floor(crc / 256)])
}

export const REPLIES: Readonly<Record<Bare, (closed: readonly boolean[]) => string>> = {
  'kerong-cu16': (closed) => summed([2, 0, 0x35, ...mapOf(closed, 2), 0, 0, 3]),
  'kerong-cu48': (closed) => summed([2, 0, 0, 0x75, ...mapOf(closed, 6), ...mapOf([], 6), 3]),
  'lock-board-8a': (closed) => xored([0x80, 1, ...mapOf(closed, 3).toReversed(), 0x33]),
  wkly: (closed) =>
    xored([
      ...codesOf('WKLY'),
      0x22,
      0,
      0x84,
      0,
      24,
      ...closed.map((isClosed) => Number(isClosed)),
    ]),
  'modbus-rtu': (closed) => withCrc([1, 2, 1, ...mapOf(closed, 1)]),
}

export const CHANNELS: Readonly<Record<Bare, number>> = {
  'kerong-cu16': 16,
  'kerong-cu48': 48,
  'lock-board-8a': 24,
  wkly: 24,
  'modbus-rtu': 8,
}
