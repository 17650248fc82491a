// One line of the door-board protocol: its frame and its checksum, the same for both ends.
// Pure; the clauses cited as P-n.n are those of PROTOCOL.md.

/** Characters of a line, its line feed included (P-2.1). */
export const LINE_LENGTH_MAX = 96
const ADDRESS_MIN = 0x01
const ADDRESS_MAX = 0xfe
/** The sequence number with which a host starts over (P-4.2). */
export const SEQUENCE_RESTART = 0x00
export const SEQUENCE_MAX = 0xff

const LINE_FEED = '\n'
const REQUEST_START = '>'
const REPLY_START = '<'
const ARGUMENT = /^[\x21-\x29\x2b-\x3b\x3d\x3f-\x7e]+$/
const VERB = /^[A-Z]{1,8}$/
const FRAME = /^([<>])([0-9A-F]{2}) ([0-9A-F]{2}) ([A-Z]{1,8})((?: [^ ]+)*)\*([0-9A-F]{4})$/

export interface Line {
  /** Requests go from the host to a board, replies the other way. */
  readonly direction: 'request' | 'reply'
  readonly address: number
  readonly sequence: number
  readonly verb: string
  readonly args: readonly string[]
}

/** CRC-16/IBM-3740 over the characters' codes (P-2.4). */
export function crc16(text: string): number {
  let crc = 0xffff
  for (let index = 0; index < text.length; index += 1) {
    crc ^= (text.charCodeAt(index) & 0xff) << 8
    for (let bit = 0; bit < 8; bit += 1) {
      crc = (crc & 0x8000) === 0 ? crc << 1 : (crc << 1) ^ 0x1021
    }
    crc &= 0xffff
  }
  return crc
}

/** Upper-case hexadecimal with leading zeros. @throws RangeError when the value does not fit */
export function toHex(value: number, { digits }: { readonly digits: number }): string {
  const text = value.toString(16).toUpperCase().padStart(digits, '0')
  if (!Number.isInteger(value) || value < 0 || text.length > digits) {
    throw new RangeError(`${value} does not fit ${digits} hexadecimal digits`)
  }
  return text
}

/** Null unless the text is exactly so many upper-case hexadecimal digits. */
export function fromHex(
  text: string | undefined,
  { digits }: { readonly digits: number },
): number | null {
  if (text?.length !== digits || !/^[0-9A-F]+$/.test(text)) return null
  return Number.parseInt(text, 16)
}

/**
 * The characters of a line as they go over the wire, line feed included.
 * @throws RangeError when a part is out of range: the caller made it, so it is a bug
 */
export function encodeLine(line: Line): string {
  if (line.address < ADDRESS_MIN || line.address > ADDRESS_MAX) {
    throw new RangeError(`no such address: ${line.address}`)
  }
  if (!VERB.test(line.verb)) throw new RangeError(`not a verb: ${line.verb}`)
  for (const arg of line.args) {
    if (!ARGUMENT.test(arg)) throw new RangeError(`not an argument: ${arg}`)
  }
  const start = line.direction === 'request' ? REQUEST_START : REPLY_START
  const address = toHex(line.address, { digits: 2 })
  const sequence = toHex(line.sequence, { digits: 2 })
  const body = [`${start}${address}`, sequence, line.verb, ...line.args].join(' ')
  const text = `${body}*${toHex(crc16(body), { digits: 4 })}${LINE_FEED}`
  if (text.length > LINE_LENGTH_MAX) throw new RangeError(`line too long: ${text.length}`)
  return text
}

/**
 * @param text one line without its line feed; noise before its start is skipped (P-2.6)
 * @returns null for whatever is not a whole, undamaged line
 */
export function decodeLine(text: string): Line | null {
  const start = Math.max(text.lastIndexOf(REQUEST_START), text.lastIndexOf(REPLY_START))
  if (start < 0) return null
  const frame = text.slice(start)
  if (frame.length + LINE_FEED.length > LINE_LENGTH_MAX) return null
  const parts = FRAME.exec(frame)
  if (parts === null) return null
  const address = fromHex(parts[2], { digits: 2 })
  const sequence = fromHex(parts[3], { digits: 2 })
  if (address === null || sequence === null) return null
  if (address < ADDRESS_MIN || address > ADDRESS_MAX) return null
  const body = frame.slice(0, frame.lastIndexOf('*'))
  if (fromHex(parts[6], { digits: 4 }) !== crc16(body)) return null
  const args = (parts[5] ?? '').split(' ').slice(1)
  if (!args.every((arg) => ARGUMENT.test(arg))) return null
  const direction = parts[1] === REQUEST_START ? 'request' : 'reply'
  return { direction, address, sequence, verb: parts[4] ?? '', args }
}

export interface Collected {
  /** What waits for the rest of its line; never longer than a line. */
  readonly held: string
  /** Whole lines without their line feed, possibly damaged. */
  readonly lines: readonly string[]
}

/**
 * Cuts received characters into lines with bounded memory. A start character begins a new line
 * wherever it stands, so that noise costs at most the line it falls into (P-2.6); an over-long
 * line is forgotten up to its end.
 */
export function collectLines(held: string, characters: string): Collected {
  const lines: string[] = []
  let rest = held
  for (const character of characters) {
    if (character === LINE_FEED) {
      if (rest.length > 0) lines.push(rest)
      rest = ''
    } else if (character === REQUEST_START || character === REPLY_START) {
      rest = character
    } else if (rest.length > 0) {
      // Without its start the rest of an over-long line is skipped as noise.
      rest = rest.length + 1 < LINE_LENGTH_MAX ? rest + character : ''
    }
  }
  return { held: rest, lines }
}
