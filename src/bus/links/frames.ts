// Cuts what a link receives, for one connection: into lines, or not at all.
import type { Readable } from 'node:stream'
import { ReadlineParser } from '@serialport/parser-readline'
import type { Framing } from '../config.ts'
import { LineGuard } from './line-guard.ts'

/** Longer than the longest line of any dialect; whatever is longer is noise. */
export const FRAME_LENGTH_MAX = 256

/** @param take is given latin1, so that every byte of noise reaches the checksum unchanged */
export function readFrames(source: Readable, framing: Framing, take: (text: string) => void): void {
  if (framing === 'bytes') {
    source.on('data', (bytes: Buffer) => take(bytes.toString('latin1')))
    return
  }
  source
    .pipe(new LineGuard(FRAME_LENGTH_MAX))
    .pipe(new ReadlineParser({ delimiter: '\n', encoding: 'latin1', readableObjectMode: true }))
    .on('data', take)
}
