// Modbus RTU from the side of a slave: the checksum, and the words in a frame.

export const ILLEGAL_FUNCTION = 1
export const ILLEGAL_ADDRESS = 2
export const ILLEGAL_VALUE = 3

/** CRC-16/MODBUS, low byte first. */
function crcOf(bytes: readonly number[]): readonly [number, number] {
  let crc = 0xffff
  for (const byte of bytes) {
    crc ^= byte
    for (let bit = 0; bit < 8; bit += 1) crc = crc & 1 ? (crc >> 1) ^ 0xa001 : crc >> 1
  }
  return [crc & 0xff, crc >> 8]
}

export function withCrc(bytes: readonly number[]): readonly number[] {
  return [...bytes, ...crcOf(bytes)]
}

export interface ModbusRequest {
  readonly address: number
  readonly code: number
  /** What follows the function code, without the checksum. */
  readonly data: readonly number[]
  /** The two words that most requests begin with. */
  readonly first: number
  readonly second: number
}

/** Null: not a whole frame, which a slave meets with silence. */
export function readRequest(frame: readonly number[]): ModbusRequest | null {
  const body = frame.slice(0, -2)
  const [address, code, ...data] = body
  if (address === undefined || code === undefined) return null
  const [low, high] = crcOf(body)
  if (frame.at(-2) !== low || frame.at(-1) !== high) return null
  return { address, code, data, first: wordAt(data, 0), second: wordAt(data, 2) }
}

function wordAt(bytes: readonly number[], at: number): number {
  return ((bytes[at] ?? 0) << 8) | (bytes[at + 1] ?? 0)
}

export function wordBytes(word: number): readonly [number, number] {
  return [word >> 8, word & 0xff]
}
