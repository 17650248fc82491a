// Goal: version 1 on the wire never changes. Method: frozen lines, read and written by the codec.
import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { crc16, decodeLine, LINE_LENGTH_MAX, toHex } from '../../firmware-protocol/line.ts'
import {
  decodeReply,
  decodeRequest,
  encodeReply,
  encodeRequest,
  NAK_REASONS,
  type Reply,
  type Request,
  type Tag,
} from '../../firmware-protocol/messages.ts'

interface Vectors {
  readonly crc: readonly { readonly text: string; readonly crc: string }[]
  readonly lines: readonly (
    | { name: string; end: 'host'; line: string; tag: Tag; message: Request }
    | { name: string; end: 'board'; line: string; tag: Tag; message: Reply }
  )[]
  readonly malformed: readonly { readonly name: string; readonly line: string }[]
  readonly refused: readonly { name: string; line: string; reason: string }[]
}

const PROTOCOL = new URL('../../firmware-protocol/', import.meta.url)
const vectors: Vectors = JSON.parse(readFileSync(new URL('vectors/v1.json', PROTOCOL), 'utf8'))

describe('version 1', () => {
  test.each(vectors.crc)('the checksum of "$text" is $crc', ({ text, crc }) => {
    expect(toHex(crc16(text), { digits: 4 })).toBe(crc)
  })

  test.each(vectors.lines)('$name: the codec writes the frozen line', (vector) => {
    const text =
      vector.end === 'host'
        ? encodeRequest(vector.tag, vector.message)
        : encodeReply(vector.tag, vector.message)
    expect(text).toBe(`${vector.line}\n`)
    expect(text.length).toBeLessThanOrEqual(LINE_LENGTH_MAX)
  })

  test.each(vectors.lines)('$name: the codec reads the frozen line', (vector) => {
    const line = decodeLine(vector.line)
    expect(line).toMatchObject(vector.tag)
    if (line === null) return
    expect(vector.end === 'host' ? decodeRequest(line) : decodeReply(line)).toEqual(vector.message)
  })

  test.each(vectors.lines)('$name: every flip of one bit is rejected', ({ line }) => {
    for (let index = 0; index < line.length; index += 1) {
      for (let bit = 0; bit < 8; bit += 1) {
        const flipped = String.fromCharCode(line.charCodeAt(index) ^ (1 << bit))
        expect(decodeLine(line.slice(0, index) + flipped + line.slice(index + 1))).toBe(null)
      }
    }
  })

  test.each(vectors.malformed)('$name: the line is malformed', ({ line }) => {
    expect(decodeLine(line)).toBe(null)
  })

  test.each(vectors.refused)('$name: the request is refused with $reason', ({ line, reason }) => {
    const decoded = decodeLine(line)
    expect(decoded).not.toBe(null)
    if (decoded !== null) expect(decodeRequest(decoded)).toEqual({ kind: 'nak', reason })
  })

  test('every line that the specification shows is undamaged', () => {
    const text = readFileSync(new URL('PROTOCOL.md', PROTOCOL), 'utf8')
    const shown = text.match(/^[<>].*\*[0-9A-F]{4}/gm) ?? []
    expect(shown.length).toBeGreaterThan(8)
    expect(shown.filter((line) => decodeLine(line) === null)).toEqual([])
  })

  test('the specification names every refusal', () => {
    const text = readFileSync(new URL('PROTOCOL.md', PROTOCOL), 'utf8')
    expect(NAK_REASONS.filter((reason) => !text.includes(`| \`${reason}\``))).toEqual([])
  })
})
