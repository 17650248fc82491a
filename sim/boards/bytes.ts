// Small things that several boards need about bytes.
import type { Contents } from './board.ts'

/** All bytes added up, as Kerong's boards check their frames. */
export function sumOf(bytes: readonly number[]): number {
  return bytes.reduce((sum, byte) => (sum + byte) & 0xff, 0)
}

/** All bytes by exclusive or, as the 8A and the WKLY boards check their frames. */
export function xorOf(bytes: readonly number[]): number {
  return bytes.reduce((mixed, byte) => mixed ^ byte, 0)
}

/** Bit 0 of the first byte is channel 1; what is not there is 0. */
export function packBits(bits: readonly boolean[], byteCount: number): readonly number[] {
  return Array.from({ length: byteCount }, (_, index) =>
    bits.slice(index * 8, index * 8 + 8).reduce((byte, bit, at) => byte | (Number(bit) << at), 0),
  )
}

/** The channels whose bit is set. */
export function channelsIn(bytes: readonly number[]): readonly number[] {
  return bytes.flatMap((byte, index) =>
    [0, 1, 2, 3, 4, 5, 6, 7].flatMap((bit) => (byte & (1 << bit) ? [index * 8 + bit + 1] : [])),
  )
}

export function madeBits(contacts: readonly ('made' | 'broken')[]): readonly boolean[] {
  return contacts.map((contact) => contact === 'made')
}

export function presentBits(contents: readonly Contents[]): readonly boolean[] {
  return contents.map((content) => content === 'present')
}
