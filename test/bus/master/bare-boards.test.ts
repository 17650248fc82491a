// Goal: what boards without numbers need of the master: greetings, silence, pulses that somebody
// ends. Method: the runner in virtual time on a line whose every answer the test decides.
import { describe, expect, test } from 'vitest'
import type { BoardOptions } from '../../../src/bus/board-options.ts'
import { BusRunner } from '../../../src/bus/bus-runner.ts'
import type { LinkHost } from '../../../src/bus/links/link.ts'
import {
  HOST_TIMED_PULSE_MAX_MS,
  MISSES_OBEYED_MAX,
  MISSES_UNKNOWN_MAX,
  POLL_ATTENDED_MS,
  POLL_IDLE_MS,
  PROBE_MAX_MS,
  RELEASE_ATTEMPTS_MAX,
  REPLY_GRACE_MS,
} from '../../../src/bus/master/limits.ts'
import type { KioskEvent } from '../../../src/kiosk/events.ts'
import { boardConfig, bytes, hexOf } from '../dialects/exchange.ts'
import { type Bare, REPLIES, withCrc } from '../dialects/replies.ts'
import { VirtualTime } from '../virtual-line.ts'

const ANSWER_MS = 10
const ON = '01 05 00 00 FF 00 8C 3A'
const OFF = '01 05 00 00 00 00 CD CA'
const INPUTS = '01 02 00 00 00 08 79 CC'
const RELAYS = '01 01 00 00 00 08 3D CC'
const ALL_OFF = '01 05 00 FF 00 00 FD FA'
const CU16_STATE = '02 00 30 03 35'

type Answer = (frame: string) => string | null

class Wall {
  readonly time = new VirtualTime()
  readonly sent: { readonly atMs: number; readonly frame: string }[] = []
  readonly events: KioskEvent[] = []
  readonly bus: BusRunner
  answer: Answer
  answerMs = ANSWER_MS
  #host: LinkHost | null = null

  constructor(dialect: Bare, options: Partial<BoardOptions>, answer: Answer) {
    this.answer = answer
    const { time } = this
    this.bus = new BusRunner({
      config: {
        id: 'wall',
        link: { kind: 'serial', path: '/dev/null', baudRate: 9_600 },
        boards: [boardConfig(dialect, { options })],
      },
      clock: time,
      createLink: (_, host) => {
        this.#host = host
        return {
          open: () => time.at(time.nowMs, () => host.opened()),
          send: (text) => this.#hear(hexOf(text)),
          close: () => {},
        }
      },
      report: (event) => this.events.push(event),
    })
    this.bus.start()
  }

  /** Puts bytes on the line. */
  say(text: string): void {
    this.#host?.frame(text)
  }

  unlock(channel: number, pulseMs = 500): void {
    const order = { openingId: channel, boardId: 'A', channel, pulseMs }
    this.bus.unlock({ ...order, expiresAtMonoMs: this.time.nowMs + 10_000 })
  }

  framesSince(atMs: number): readonly string[] {
    return this.sent.flatMap((sent) => (sent.atMs >= atMs ? sent.frame : []))
  }

  timesOf(frame: string): readonly number[] {
    return this.sent.flatMap((sent) => (sent.frame === frame ? sent.atMs : []))
  }

  outcomes(): readonly string[] {
    return this.events.flatMap((event) => (event.kind === 'unlock-ended' ? event.outcome : []))
  }

  #hear(frame: string): void {
    this.sent.push({ atMs: this.time.nowMs, frame })
    const reply = this.answer(frame)
    if (reply === null) return
    this.time.at(this.time.nowMs + this.answerMs, () => this.say(reply))
  }
}

/** All doors closed and all relays off; orders come back as they are. */
const modbus: Answer = (frame) => {
  if (frame === INPUTS) return withCrc([1, 2, 1, 0xff])
  if (frame === RELAYS) return withCrc([1, 1, 1, 0])
  // Writing several coils is answered without their values: V1.1b3, 6.11.
  return frame.startsWith('01 0F') ? withCrc([1, 0x0f, 0, 0, 0, 8]) : bytes(frame)
}

const cu16: Answer = (frame) =>
  frame === CU16_STATE ? REPLIES['kerong-cu16'](Array(16).fill(true)) : null

describe('a Modbus board', () => {
  test('is switched off and unlinked before its doors are read, then asked in turns', () => {
    const wall = new Wall('modbus-rtu', {}, modbus)
    wall.time.pass(2_000)
    const frames = wall.framesSince(0)
    expect(frames.slice(0, 2)).toEqual([RELAYS, ALL_OFF])
    expect(frames.slice(2, 10).every((frame) => frame.startsWith('01 06 10 0'))).toBe(true)
    expect(frames.slice(10, 14)).toEqual([INPUTS, RELAYS, INPUTS, RELAYS])
    expect(wall.events).toHaveLength(1)
  })

  test('with a relay on that nobody ordered is switched off again', () => {
    const wall = new Wall('modbus-rtu', { linkageOff: false }, modbus)
    wall.time.pass(1_000)
    wall.answer = (frame) => (frame === RELAYS ? withCrc([1, 1, 1, 2]) : modbus(frame))
    const fromMs = wall.time.nowMs
    wall.time.pass(POLL_IDLE_MS * 3)
    expect(wall.framesSince(fromMs)).toContain(ALL_OFF)
  })

  test('that pulses by itself is ordered once and read at once', () => {
    const wall = new Wall('modbus-rtu', {}, modbus)
    wall.time.pass(1_000)
    const fromMs = wall.time.nowMs
    wall.unlock(1)
    wall.time.pass(100)
    expect(wall.framesSince(fromMs).slice(0, 2)).toEqual(['01 05 02 00 00 05 0C 71', INPUTS])
    expect(wall.outcomes()).toEqual(['acknowledged'])
  })

  test('on a line that echoes has not acknowledged an order by the echo', () => {
    const wall = new Wall('modbus-rtu', {}, (frame) => bytes(frame) + (modbus(frame) ?? ''))
    wall.time.pass(1_000)
    wall.unlock(1)
    wall.time.pass(700)
    wall.answer = (frame) => bytes(frame)
    wall.unlock(2)
    wall.time.pass(3_000)
    expect(wall.outcomes()).toEqual(['acknowledged', 'unanswered'])
  })
})

describe('a line that echoes', () => {
  const echoing: Answer = (frame) => bytes(frame) + (modbus(frame) ?? '')
  const echoOnly: Answer = (frame) => bytes(frame)

  test('has no board by its echo alone', () => {
    const wall = new Wall('modbus-rtu', {}, echoOnly)
    wall.time.pass(20_000)
    expect(wall.events).toEqual([{ kind: 'board-lost', boardId: 'A' }])
  })

  test('and does so no more has its board back all the same', () => {
    const wall = new Wall('modbus-rtu', {}, echoing)
    wall.time.pass(1_000)
    wall.answer = () => null
    wall.time.pass(4_000)
    wall.answer = modbus
    wall.time.pass(PROBE_MAX_MS + 500)
    expect(wall.events.map(({ kind }) => kind)).toEqual(['board-read', 'board-lost', 'board-read'])
  })
})

describe('a pulse that only the host ends', () => {
  const open = (answer: Answer = modbus) => {
    const wall = new Wall('modbus-rtu', { pulse: 'host-timed', linkageOff: false }, answer)
    wall.time.pass(1_000)
    return wall
  }

  test.each([
    [300, 300],
    [1_400, HOST_TIMED_PULSE_MAX_MS],
  ])('of %i ms ends after %i ms, and nothing else is sent meanwhile', (pulseMs, onMs) => {
    const wall = open()
    const fromMs = wall.time.nowMs
    wall.unlock(1, pulseMs)
    wall.time.pass(2_000)
    expect(wall.framesSince(fromMs).slice(0, 3)).toEqual([ON, OFF, INPUTS])
    const [onAtMs = 0] = wall.timesOf(ON)
    const lineMs = (8 * 10_000) / 9_600
    expect(wall.timesOf(OFF)[0]).toBeCloseTo(onAtMs + lineMs + onMs, 5)
    expect(wall.timesOf(OFF)).toHaveLength(1)
  })

  test('is ended even if its order is not answered, and ended until that is answered', () => {
    let isDeaf = true
    const wall = open((frame) => (isDeaf && (frame === ON || frame === OFF) ? null : modbus(frame)))
    wall.unlock(1)
    wall.time.pass(900)
    isDeaf = false
    wall.time.pass(1_000)
    expect(wall.timesOf(ON)).toHaveLength(1)
    expect(wall.timesOf(OFF).length).toBeGreaterThan(1)
    expect(wall.outcomes()).toEqual(['unanswered'])
    expect(wall.sent.at(-1)?.frame).toMatch(/^01 0[12] /)
  })

  test('of a board that is gone is ended first when the board is back', () => {
    const wall = open()
    wall.answer = () => null
    wall.unlock(1)
    wall.time.pass(3_000)
    expect(wall.timesOf(OFF).length).toBeLessThanOrEqual(RELEASE_ATTEMPTS_MAX)
    expect(wall.events.at(-1)?.kind).toBe('board-lost')
    wall.answer = modbus
    const fromMs = wall.time.nowMs
    wall.time.pass(10_000)
    // Write coils 1 to 8, all zero: V1.1b3, 6.11.
    expect(wall.framesSince(fromMs)[1]).toMatch(/^01 0F 00 00 00 08 01 00 /)
    expect(wall.events.at(-1)?.kind).toBe('board-read')
  })
})

describe('a board of relays whose inputs are another device', () => {
  const both: Answer = (frame) =>
    frame.startsWith('02 02') ? withCrc([2, 2, 1, 0xff]) : modbus(frame)
  const relaysDead: Answer = (frame) => (frame.startsWith('02') ? both(frame) : null)
  const inputsDead: Answer = (frame) => (frame.startsWith('02') ? null : both(frame))
  const separate = (allOffAtStart: boolean) => ({ inputAddress: 2, allOffAtStart })

  test.each([
    ['relays are', relaysDead],
    ['inputs are', inputsDead],
  ])('is lost when only its %s dead, and back when they are', (_, half) => {
    const wall = new Wall('modbus-rtu', separate(true), both)
    wall.time.pass(1_000)
    wall.answer = half
    wall.time.pass(4_000)
    expect(wall.events.map(({ kind }) => kind)).toEqual(['board-read', 'board-lost'])
    const fromMs = wall.time.nowMs
    wall.time.pass(20_000)
    // Slow probing: the line belongs to the other boards.
    expect(wall.framesSince(fromMs).length).toBeLessThan(30)
    wall.answer = both
    wall.time.pass(PROBE_MAX_MS + 500)
    expect(wall.events.at(-1)?.kind).toBe('board-read')
  })

  test('is not told to be there before both have answered, nor half of it again and again', () => {
    const wall = new Wall('modbus-rtu', separate(false), relaysDead)
    wall.time.pass(30_000)
    expect(wall.events).toEqual([{ kind: 'board-lost', boardId: 'A' }])
    wall.answer = both
    wall.time.pass(PROBE_MAX_MS + 500)
    expect(wall.events.map(({ kind }) => kind)).toEqual(['board-lost', 'board-read'])
  })
})

describe('the patience with a board', () => {
  test('that thinks for 220 ms about its doors is long enough', () => {
    const wall = new Wall('wkly', {}, (frame) =>
      frame === '57 4B 4C 59 08 00 84 85' ? REPLIES.wkly(Array(24).fill(true)) : null,
    )
    wall.answerMs = 220
    wall.time.pass(5_000)
    expect(wall.events.map(({ kind }) => kind)).toEqual(['board-read'])
    expect(wall.bus.counters.failures).toBe(0)
  })

  test.each(['kerong-cu16', 'lock-board-8a', 'wkly', 'modbus-rtu'] as const)(
    'that was never there ends after two questions: %s',
    (dialect) => {
      const wall = new Wall(dialect, {}, () => null)
      while (wall.events.length === 0) wall.time.pass(10)
      expect(wall.events).toEqual([{ kind: 'board-lost', boardId: 'A' }])
      expect(wall.sent).toHaveLength(MISSES_UNKNOWN_MAX)
    },
  )

  test('of two questions a round does not slow its rhythm down', () => {
    const wall = new Wall('modbus-rtu', { linkageOff: false }, modbus)
    wall.bus.attend(true)
    wall.time.pass(2_000)
    const rounds = wall.timesOf(INPUTS).filter((atMs) => atMs >= 1_000)
    expect(rounds.length / (1_000 / POLL_ATTENDED_MS)).toBeGreaterThan(0.95)
  })
})

describe('a Kerong board', () => {
  test('is left alone while it is mute after an unlock, also when somebody comes', () => {
    const wall = new Wall('kerong-cu16', { muteAfterUnlockMs: 400 }, cu16)
    wall.time.pass(1_000)
    const fromMs = wall.time.nowMs
    wall.unlock(1)
    wall.time.pass(50)
    wall.bus.attend(true)
    wall.time.pass(300)
    expect(wall.framesSince(fromMs)).toEqual(['02 00 31 03 36'])
    expect(wall.outcomes()).toEqual(['unanswered'])
    wall.time.pass(200)
    expect(wall.framesSince(fromMs)[1]).toBe(CU16_STATE)
  })

  test('gets no second pulse before its doors have been read', () => {
    const wall = new Wall('kerong-cu16', {}, cu16)
    wall.time.pass(1_000)
    wall.answer = () => null
    wall.unlock(1)
    wall.unlock(2)
    wall.time.pass(900)
    expect(wall.timesOf('02 01 31 03 37')).toEqual([])
    wall.answer = cu16
    wall.time.pass(2_000)
    expect(wall.timesOf('02 01 31 03 37')).toHaveLength(1)
  })

  test('is lost after some misses, and asked no question twice within a reply’s time', () => {
    const wall = new Wall('kerong-cu16', {}, cu16)
    wall.time.pass(1_000)
    wall.answer = () => null
    wall.bus.attend(true)
    const fromMs = wall.time.nowMs
    wall.time.pass(5_000)
    const times = wall.timesOf(CU16_STATE).filter((atMs) => atMs >= fromMs)
    expect(wall.events.at(-1)).toEqual({ kind: 'board-lost', boardId: 'A' })
    expect(times.length).toBeGreaterThanOrEqual(MISSES_OBEYED_MAX)
    for (const [index, atMs] of times.slice(1).entries()) {
      expect(atMs - (times[index] ?? 0)).toBeGreaterThanOrEqual(REPLY_GRACE_MS * 2)
    }
  })

  test('behind endless noise is still asked', () => {
    const wall = new Wall('kerong-cu16', {}, cu16)
    wall.time.pass(1_000)
    const before = wall.sent.length
    for (let step = 0; step < 2_000; step += 1) {
      wall.say('\u00aa\u0002')
      wall.time.pass(1)
    }
    expect(wall.sent.length).toBeGreaterThan(before + 3)
  })
})
