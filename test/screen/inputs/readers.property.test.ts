// Whatever way the bytes of a scanner or keypad are torn, the same comes out; whatever is missing,
// nothing wrong comes out.
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { SCAN_CHARS_MAX } from '../../../src/kiosk/token-facts.ts'
import { EVENT_BYTES_32, KeyEventReader } from '../../../src/screen/inputs/key-events.ts'
import { KeypadKeys } from '../../../src/screen/inputs/keypad-keys.ts'
import { SCAN_GAP_MAX_MS, ScanFrames } from '../../../src/screen/inputs/scan-frames.ts'
import { ScanKeys } from '../../../src/screen/inputs/scan-keys.ts'
import { DROPPED, keyEvent, REPORT, rawEvent, tapOf, typedBytes } from '../../support/key-bytes.ts'

const ALPHABET = 'ABCXYZabcxyz0123456789-/.,'
const CODE = fc
  .array(fc.constantFrom(...ALPHABET), { minLength: 1, maxLength: SCAN_CHARS_MAX })
  .map((chars) => chars.join(''))
const SOFT = { numRuns: 200 }

/** Everything that a scanner's bytes give, one read after the other, each at its time. */
function scan(reads: readonly Buffer[], everyMs = 0): readonly string[] {
  const events = new KeyEventReader()
  const keys = new ScanKeys()
  const frames = new ScanFrames(SCAN_CHARS_MAX)
  const heard: string[] = []
  for (const [index, bytes] of reads.entries()) {
    for (const event of events.take(bytes.toString('latin1'))) {
      const typed = keys.take(event)
      if (typed === 'lost') frames.spoil(index * everyMs)
      else if (typed !== null) {
        const scanned = frames.put(typed.char, index * everyMs)
        if (scanned !== null) heard.push(scanned.kind === 'code' ? scanned.code : scanned.kind)
      }
    }
  }
  return heard
}

/** @param cuts where the bytes are torn; in any order, also behind their end */
function torn(bytes: Buffer, cuts: readonly number[]): readonly Buffer[] {
  const at = [0, ...cuts.map((cut) => cut % (bytes.length + 1)), bytes.length]
  const sorted = at.toSorted((a, b) => a - b)
  return sorted.slice(1).map((end, index) => bytes.subarray(sorted[index], end))
}

describe('events', () => {
  test('are the same however the reads are torn', () => {
    fc.assert(
      fc.property(fc.array(CODE, { maxLength: 5 }), fc.array(fc.nat(), { maxLength: 40 }), check),
      SOFT,
    )
    function check(codes: readonly string[], cuts: readonly number[]) {
      const bytes = typedBytes(codes.map((code) => `${code}\n`).join(''))
      expect(scan(torn(bytes, cuts))).toEqual(codes)
    }
  })

  test('of a 32-bit system are shorter', () => {
    const reader = new KeyEventReader(EVENT_BYTES_32)
    const bytes = [1, 0].map((value) =>
      rawEvent({ type: 1, code: 30, value, eventBytes: EVENT_BYTES_32 }),
    )
    expect(reader.take(Buffer.concat(bytes).toString('latin1'))).toEqual([
      { kind: 'pressed', code: 30 },
      { kind: 'released', code: 30 },
    ])
  })

  test('that are no keys, or of an unknown value, are none', () => {
    const reader = new KeyEventReader()
    const strange = [
      rawEvent({ type: 2, code: 30, value: 1 }),
      rawEvent({ type: 1, code: 30, value: 7 }),
      rawEvent({ type: 1, code: 30, value: -1 }),
      REPORT,
    ]
    expect(reader.take(Buffer.concat(strange).toString('latin1'))).toEqual([])
  })

  test('of any bytes whatever are keys, or nothing', () => {
    fc.assert(
      fc.property(fc.array(fc.uint8Array({ maxLength: 200 }), { maxLength: 10 }), (chunks) => {
        const heard = scan(chunks.map((chunk) => Buffer.from(chunk)))
        for (const code of heard) expect(code).toMatch(/^[ -~]{1,64}$/)
      }),
      SOFT,
    )
  })
})

describe('events that the kernel had to drop', () => {
  test('spoil the code they belong to, and no other one', () => {
    const whole = typedBytes('FIRST\n')
    const spoilt = Buffer.concat([typedBytes('SEC'), DROPPED, keyEvent(24, 0), typedBytes('D\n')])
    expect(scan([whole, spoilt, typedBytes('THIRD\n')])).toEqual(['FIRST', 'misread', 'THIRD'])
  })

  test('leave no modifier behind that was let go meanwhile', () => {
    const shifted = Buffer.concat([keyEvent(42, 1), DROPPED, REPORT])
    expect(scan([shifted, typedBytes('x\nab1\n')])).toEqual(['misread', 'ab1'])
  })

  test('wherever they are missing, no wrong code comes out', () => {
    const codes = ['JD014600003', 'ABC-77']
    const bytes = typedBytes(codes.map((code) => `${code}\n`).join(''))
    const events = bytes.length / 24
    fc.assert(
      fc.property(fc.nat(events), fc.nat(12), (from, count) => {
        const parts = [bytes.subarray(0, from * 24), DROPPED, REPORT]
        const heard = scan([...parts, bytes.subarray((from + count) * 24)])
        for (const code of heard) expect([...codes, 'misread']).toContain(code)
      }),
      SOFT,
    )
  })
})

describe('a scanner that is a keyboard', () => {
  test('has a layout: capitals and signs by Shift, capitals by Caps Lock', () => {
    const shift = (code: number) => Buffer.concat([keyEvent(54, 1), tapOf(code), keyEvent(54, 0)])
    const bytes = [shift(3), shift(43), shift(30), tapOf(43), tapOf(58), tapOf(30), tapOf(3)]
    expect(scan([...bytes, shift(30), tapOf(58), tapOf(30), tapOf(96)])).toEqual(['@|A\\A2aa'])
  })

  test('types number-pad digits too, and a key that hangs types once', () => {
    const hanging = [keyEvent(79, 1), keyEvent(79, 2), keyEvent(79, 2), keyEvent(79, 0)]
    expect(scan([...hanging, tapOf(82), typedBytes('\n')])).toEqual(['10'])
  })

  test('separates with Control and a key, which is no character', () => {
    const separator = Buffer.concat([keyEvent(29, 1), tapOf(27), keyEvent(29, 0)])
    expect(scan([typedBytes('01'), separator, typedBytes('10\n')])).toEqual(['0110'])
  })

  test('may be as slow as it likes, up to the gap', () => {
    const reads = [...'slow-77\n'].map((char) => typedBytes(char))
    expect(scan(reads, SCAN_GAP_MAX_MS)).toEqual(['slow-77'])
  })

  test('leaves nothing of an unfinished code to the next one', () => {
    const frames = new ScanFrames(SCAN_CHARS_MAX)
    expect(frames.take('HALF', 0)).toEqual([])
    expect(frames.take('WHOLE\r\n', SCAN_GAP_MAX_MS + 1)).toEqual([
      { kind: 'misread' },
      { kind: 'code', code: 'WHOLE' },
    ])
  })
})

describe('a scanner on a line', () => {
  const ENDS = fc.constantFrom('\r', '\n', '\r\n')

  test('ends its codes as it likes, and the reads are torn anywhere', () => {
    fc.assert(
      fc.property(
        fc.array(fc.tuple(CODE, ENDS), { maxLength: 6 }),
        fc.array(fc.nat(), { maxLength: 20 }),
        (lines, cuts) => {
          const frames = new ScanFrames(SCAN_CHARS_MAX)
          const bytes = Buffer.from(lines.map(([code, end]) => code + end).join(''))
          const heard = torn(bytes, cuts).flatMap((part) => frames.take(part.toString('latin1'), 0))
          expect(heard).toEqual(lines.map(([code]) => ({ kind: 'code', code })))
        },
      ),
      SOFT,
    )
  })

  test('has at most so many characters in a code, and the next one is whole', () => {
    const frames = new ScanFrames(SCAN_CHARS_MAX)
    const most = 'x'.repeat(SCAN_CHARS_MAX)
    expect(frames.take(`${most}\r${most}x\rnext\r`, 0)).toEqual([
      { kind: 'code', code: most },
      { kind: 'misread' },
      { kind: 'code', code: 'next' },
    ])
  })

  test('sends noise, and no code comes of it', () => {
    const frames = new ScanFrames(SCAN_CHARS_MAX)
    expect(frames.take('AB\u00ffC\rok\r', 0)).toEqual([
      { kind: 'misread' },
      { kind: 'code', code: 'ok' },
    ])
  })

  test('may frame and separate with control characters, which are not in the code', () => {
    const frames = new ScanFrames(SCAN_CHARS_MAX)
    expect(frames.take('\u0002]C1 0110\u001d21A\u0003\r', 0)).toEqual([
      { kind: 'code', code: ']C1 011021A' },
    ])
  })
})

describe('the keys of a keypad', () => {
  const press = (keys: KeypadKeys, code: number, nowMs = 0) =>
    keys.take({ kind: 'pressed', code }, nowMs)

  test('are those of the upper row and of the number pad, without a configuration', () => {
    const keys = new KeypadKeys({})
    expect([2, 10, 11].map((code) => press(keys, code))).toEqual(['1', '9', '0'])
    expect([82, 79, 77, 71, 73].map((code) => press(keys, code))).toEqual(['0', '1', '6', '7', '9'])
    expect([14, 96, 108, 103, 1].map((code) => press(keys, code))).toEqual([
      ...['delete', 'enter', 'next', 'previous', 'back'],
    ])
    expect(press(keys, 30)).toBeNull()
  })

  test('are whatever the configuration says', () => {
    const keys = new KeypadKeys({
      keys: [
        { code: 183, does: 'next' },
        { code: 2, does: 'nothing' },
        { code: 30, does: '1' },
      ],
    })
    expect([183, 2, 30, 3].map((code) => press(keys, code))).toEqual(['next', null, '1', '2'])
  })

  test('count when pressed, not while held and not when let go', () => {
    const keys = new KeypadKeys({})
    expect(keys.take({ kind: 'repeated', code: 2 }, 0)).toBeNull()
    expect(keys.take({ kind: 'released', code: 2 }, 0)).toBeNull()
    expect([press(keys, 2), press(keys, 2)]).toEqual(['1', '1'])
  })

  test('may be deaf to a finger that trembles, but not to the next key', () => {
    const keys = new KeypadKeys({ sameKeyMs: 300 })
    const times = [0, 299, 598, 898]
    expect(times.map((nowMs) => press(keys, 2, nowMs))).toEqual(['1', null, null, '1'])
    expect([press(keys, 3, 900), press(keys, 2, 901)]).toEqual(['2', '1'])
  })
})
