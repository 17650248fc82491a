// Goal: a scan cannot open a door, whichever board hears whichever question.
import { describe, expect, test } from 'vitest'
import { boardOf, familyOf } from '../../src/bus/board-options.ts'
import { DIALECT_NAMES } from '../../src/bus/config.ts'
import { dialectOf } from '../../src/bus/dialects/dialects.ts'
import { answerOf, probesOf, questionOf } from '../../src/bus/scan-plan.ts'

const ALL = { first: 0, last: 254 }
const questions = DIALECT_NAMES.flatMap((name) => probesOf(name, ALL).map(questionOf))

/** Every order to a single lock that our dialects can express. */
function orders(): readonly string[] {
  return DIALECT_NAMES.flatMap((name) => {
    const { address, channelsMax } = familyOf(name)
    const dialect = dialectOf(name)
    const variants = [{ channelBase: 0 }, { channelBase: 1 }, { commands: '50-51-65' }] as const
    const addresses = Array.from({ length: address.max + 1 }, (_, index) => index)
    return variants.flatMap((options) =>
      addresses
        .filter((number) => number >= address.min)
        .flatMap((number) =>
          Array.from({ length: channelsMax }, (_, index) => {
            const config = { id: 'A', dialect: name, address: number, channels: channelsMax }
            const board = boardOf({ ...config, options })
            const request = { kind: 'pulse', channel: index + 1, ms: 500, boot: 0 } as const
            return dialect.encode({ board, sequence: 1, request, isEchoing: false })
          }),
        ),
    )
  })
}

/** What opens, tests or writes, in hex: by command and place in a frame (the boards' manuals). */
const DANGEROUS = [
  // Kerong short: unlock, unlock all, set the time; board and lock are in the byte before.
  /^02 .. (31|33|37) .*03/,
  // Kerong long: unlock, and its older number.
  /^02 .. .. (61|51) /,
  // 8A: open one, open all.
  /8a .. .. 11 /,
  // WKLY: open one, open all.
  /57 4b 4c 59 .. .. (82|86) /,
  // Modbus: every write.
  /^.. (05|06|0f|10) (.. ){6}/,
  // PULSE
  /50 55 4c 53 45 /,
]

describe('what a scan sends', () => {
  test('is none of the orders that boards obey, and contains none', () => {
    expect(questions.length).toBeGreaterThan(500)
    const known = new Set(orders())
    expect(known.size).toBeGreaterThan(5_000)
    expect(questions.filter((question) => known.has(question))).toEqual([])
    for (const question of questions) {
      // Also not when a board finds a frame in the middle of a foreign one.
      for (let from = 0; from < question.length; from += 1) {
        for (let to = from + 5; to <= question.length; to += 1) {
          expect(known.has(question.slice(from, to))).toBe(false)
        }
      }
    }
  })

  test('has no command in it that opens or writes', () => {
    const hex = (text: string) =>
      Buffer.from(text, 'latin1').toString('hex').replaceAll(/../g, '$& ')
    const isDangerous = (text: string) => DANGEROUS.some((pattern) => pattern.test(hex(text)))
    expect(isDangerous('\x02\x00\x33\x03\x38')).toBe(true)
    expect(isDangerous('\x8a\x01\x00\x11\x9a')).toBe(true)
    expect(orders().filter((order) => !isDangerous(order))).toEqual([])
    expect(questions.filter(isDangerous).map(hex)).toEqual([])
  })

  test('is asked at addresses that the dialect has', () => {
    expect(probesOf('kerong-cu16', ALL)).toHaveLength(10)
    expect(probesOf('modbus-rtu', { first: 0, last: 1 }).map(({ address }) => address)).toEqual([1])
    expect(probesOf('wkly', { first: 40, last: 50 })).toEqual([])
  })
})

describe('an answer', () => {
  test('of nobody, and of another address, is none', () => {
    const [probe] = probesOf('lock-board-8a', { first: 1, last: 1 })
    if (probe === undefined) throw new Error('no probe')
    expect(answerOf(probe, [])).toBeNull()
    expect(answerOf(probe, [questionOf(probe)])).toBeNull()
    expect(answerOf(probe, ['\x80\x02\x00\x00\x00\x33\xb1'])).toBeNull()
    expect(answerOf(probe, ['\x80\x01\x00\x00\x00\x33\xb2'])).toEqual({
      isRefusing: false,
      channels: 24,
    })
  })
})
