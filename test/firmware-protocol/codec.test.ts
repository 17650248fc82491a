// Goal: whatever the codec writes it reads back, and noise costs at most the line it falls into.
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { collectLines, decodeLine, LINE_LENGTH_MAX } from '../../firmware-protocol/line.ts'
import {
  CHANNELS_MAX,
  decodeReply,
  decodeRequest,
  encodeReply,
  encodeRequest,
  NAK_REASONS,
  type Reply,
  type Request,
} from '../../firmware-protocol/messages.ts'

const tag = fc.record({
  address: fc.integer({ min: 1, max: 0xfe }),
  sequence: fc.integer({ min: 0, max: 0xff }),
})
const word = fc.integer({ min: 0, max: 0xffff })
const name = (maxLength: number) =>
  fc.stringMatching(/^[A-Za-z0-9._-]+$/, { size: 'small' }).map((text) => text.slice(0, maxLength))
const request: fc.Arbitrary<Request> = fc.oneof(
  fc.constant<Request>({ kind: 'hello' }),
  fc.constant<Request>({ kind: 'state' }),
  fc.record({
    kind: fc.constant('pulse'),
    boot: word,
    channel: fc.integer({ min: 0, max: 0xff }),
    ms: word,
  }),
)
const channels = fc.integer({ min: 1, max: CHANNELS_MAX })
const reply: fc.Arbitrary<Reply> = fc.oneof(
  fc.record({
    kind: fc.constant('hello'),
    version: fc.integer({ min: 1, max: 99 }),
    boot: word,
    channels,
    firmware: name(16),
    serial: name(32),
  }),
  channels.chain((length) =>
    fc.record({
      kind: fc.constant('state'),
      boot: word,
      doors: list(fc.constantFrom('open', 'closed'), length),
      outputs: list(fc.constantFrom('on', 'off'), length),
      opens: list(fc.integer({ min: 0, max: 255 }), length),
    }),
  ),
  fc.record({ kind: fc.constant('pulse'), channel: channels, ms: word }),
  fc.record({ kind: fc.constant('nak'), reason: fc.constantFrom(...NAK_REASONS) }),
)
/** Any bytes, line feeds and start characters among them. */
const noise = fc.uint8Array({ maxLength: 300 }).map((bytes) => String.fromCharCode(...bytes))

function list<T>(item: fc.Arbitrary<T>, length: number): fc.Arbitrary<T[]> {
  return fc.array(item, { minLength: length, maxLength: length })
}

describe('the codec', () => {
  test('reads back every request it writes', () => {
    fc.assert(
      fc.property(tag, request, (to, message) => {
        const line = decodeLine(encodeRequest(to, message).trimEnd())
        expect(line).toMatchObject({ direction: 'request', ...to })
        expect(line && decodeRequest(line)).toEqual(message)
        expect(line && decodeReply(line)).toBe(null)
      }),
    )
  })

  test('reads back every reply it writes, within the longest line', () => {
    fc.assert(
      fc.property(tag, reply, (from, message) => {
        const text = encodeReply(from, message)
        expect(text.length).toBeLessThanOrEqual(LINE_LENGTH_MAX)
        const line = decodeLine(text.trimEnd())
        expect(line).toMatchObject({ direction: 'reply', ...from })
        expect(line && decodeReply(line)).toEqual(message)
      }),
    )
  })

  test.each([
    ['an address out of range', { address: 0, sequence: 1 }],
    ['a sequence number out of range', { address: 1, sequence: 256 }],
  ])('refuses to write %s', (_, to) => {
    expect(() => encodeRequest(to, { kind: 'state' })).toThrow(RangeError)
  })

  test('refuses to write a name with a space or a star in it', () => {
    const hello = { kind: 'hello', version: 1, boot: 1, channels: 4, firmware: '1' } as const
    for (const serial of ['a b', 'a*b', '<', '']) {
      const write = () => encodeReply({ address: 1, sequence: 1 }, { ...hello, serial })
      expect(write).toThrow(RangeError)
    }
  })
})

describe('the line collector', () => {
  test('finds a line after any noise, however the bytes are cut', () => {
    fc.assert(
      fc.property(noise, tag, request, fc.integer({ min: 1, max: 7 }), (before, to, message, n) => {
        const text = before + encodeRequest(to, message)
        let held = ''
        const lines: string[] = []
        for (let index = 0; index < text.length; index += n) {
          const collected = collectLines(held, text.slice(index, index + n))
          held = collected.held
          lines.push(...collected.lines)
          expect(held.length).toBeLessThan(LINE_LENGTH_MAX)
        }
        const last = decodeLine(lines.at(-1) ?? '')
        expect(last).toMatchObject(to)
        expect(last && decodeRequest(last)).toEqual(message)
      }),
    )
  })

  test('forgets an over-long line and reads the next one', () => {
    const good = encodeRequest({ address: 1, sequence: 1 }, { kind: 'state' })
    const { held, lines } = collectLines('', `>${'A'.repeat(10_000)}\n${good}`)
    expect(lines).toEqual([good.trimEnd()])
    expect(held).toBe('')
  })

  test('keeps a line of exactly the longest length and drops one more character', () => {
    const longest = `>${'A'.repeat(LINE_LENGTH_MAX - 2)}`
    expect(collectLines('', `${longest}\n`).lines).toEqual([longest])
    expect(collectLines('', `${longest}A\n`).lines).toEqual([])
  })

  test('takes a damaged line feed as noise and still reads the next line', () => {
    const good = encodeRequest({ address: 1, sequence: 1 }, { kind: 'state' })
    for (let bit = 0; bit < 8; bit += 1) {
      const damaged = good.slice(0, -1) + String.fromCharCode(0x0a ^ (1 << bit))
      const { lines } = collectLines('', damaged + good)
      expect(lines.map(decodeLine).filter((line) => line !== null)).toHaveLength(1)
    }
  })
})
