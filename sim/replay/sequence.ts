// Requests of our own boards are numbered, and the reply repeats the number: a host that has asked
// once more or less than the one of the recording counts differently and means the same.
import {
  decodeLine,
  encodeLine,
  LINE_LENGTH_MAX,
  SEQUENCE_RESTART,
} from '../../firmware-protocol/line.ts'

const LINE_FEED = 0x0a

/** Whether a line is still on its way. */
export function isUnfinishedLine(heard: Buffer): boolean {
  return heard.at(-1) !== LINE_FEED && heard.length < LINE_LENGTH_MAX
}

/** As if it had no number; what is no line is left as it is. A greeting never has one. */
export function withoutSequence(line: Buffer): Buffer {
  const sequence = sequenceOf(line)
  if (sequence === null || sequence === SEQUENCE_RESTART) return line
  // Not that of a greeting.
  return renumbered(line, { from: sequence, to: SEQUENCE_RESTART + 1 })
}

/** A reply to the one request, as a reply to the other; damaged ones stay as they are. */
export function answerTo(
  line: Buffer,
  { recorded, heard }: { readonly recorded: Buffer; readonly heard: Buffer },
): Buffer {
  const [from, to] = [sequenceOf(recorded), sequenceOf(heard)]
  return from === null || to === null ? line : renumbered(line, { from, to })
}

function sequenceOf(line: Buffer): number | null {
  return decodeLine(textOf(line))?.sequence ?? null
}

function renumbered(line: Buffer, { from, to }: { from: number; to: number }): Buffer {
  const decoded = decodeLine(textOf(line))
  if (decoded === null || decoded.sequence !== from) return line
  return Buffer.from(encodeLine({ ...decoded, sequence: to }), 'latin1')
}

function textOf(line: Buffer): string {
  return line.toString('latin1').replace(/\n$/, '')
}
