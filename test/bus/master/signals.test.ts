// Goal: a light or a buzzer is asked for once or not at all, and never keeps an unlock waiting.
// Method: the runner in virtual time on a line whose boards answer as documented.
import { describe, expect, test } from 'vitest'
import { BusRunner } from '../../../src/bus/bus-runner.ts'
import type { BoardConfig } from '../../../src/bus/config.ts'
import type { LinkHost } from '../../../src/bus/links/link.ts'
import { POLL_IDLE_MS, SIGNALS_MAX } from '../../../src/bus/master/limits.ts'
import type { KioskEvent } from '../../../src/kiosk/events.ts'
import { SIGNAL_EXPIRY_MS } from '../../../src/kiosk/signals.ts'
import { boardConfig, bytes, hexOf } from '../dialects/exchange.ts'
import { REPLIES, withCrc } from '../dialects/replies.ts'
import { VirtualTime } from '../virtual-line.ts'

const FLASH_3 = '57 4B 4C 59 09 00 81 03 82'
const OPEN_3 = '57 4B 4C 59 09 00 82 03 81'
const BUZZ_8 = hexOf(withCrc([1, 5, 2, 7, 0, 5]))
const PULSE_1 = hexOf(withCrc([1, 5, 2, 0, 0, 5]))
const RELAYS = '01 01 00 00 00 08 3D CC'
const ALL_OFF = '01 05 00 FF 00 00 FD FA'

const WKLY: BoardConfig = { ...boardConfig('wkly'), signals: [{ kind: 'locker-light' }] }
const MODBUS: BoardConfig = {
  ...boardConfig('modbus-rtu', { options: { linkageOff: false } }),
  signals: [{ kind: 'buzzer', channel: 8 }],
}

class Line {
  readonly time = new VirtualTime()
  readonly sent: { readonly atMs: number; readonly frame: string }[] = []
  readonly events: KioskEvent[] = []
  readonly bus: BusRunner
  /** The relays that are on, as a byte. */
  relays = 0
  isSilent: (frame: string) => boolean = () => false
  #host: LinkHost | null = null

  constructor(...boards: readonly BoardConfig[]) {
    const { time } = this
    this.bus = new BusRunner({
      config: {
        id: 'line',
        link: { kind: 'serial', path: '/dev/null', baudRate: 9_600 },
        boards,
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
    this.time.pass(2_000)
    this.sent.length = 0
  }

  signal(signal: 'locker-light' | 'buzzer', channel: number, boardId = 'A'): void {
    const expiresAtMonoMs = this.time.nowMs + SIGNAL_EXPIRY_MS
    this.bus.signal({ signal, boardId, channel, ms: 500, expiresAtMonoMs })
  }

  unlock(channel: number): void {
    const expiresAtMonoMs = this.time.nowMs + 10_000
    this.bus.unlock({ openingId: 1, boardId: 'A', channel, pulseMs: 500, expiresAtMonoMs })
  }

  frames(): readonly string[] {
    return this.sent.map(({ frame }) => frame)
  }

  countOf(frame: string): number {
    return this.frames().filter((sent) => sent === frame).length
  }

  #hear(frame: string): void {
    this.sent.push({ atMs: this.time.nowMs, frame })
    const reply = this.isSilent(frame) ? null : this.#answerTo(frame)
    if (reply !== null) this.time.at(this.time.nowMs + 10, () => this.#host?.frame(reply))
  }

  #answerTo(frame: string): string | null {
    if (frame === FLASH_3) return bytes('57 4B 4C 59 0A 00 81 00 03 81')
    if (frame === OPEN_3) return bytes('57 4B 4C 59 0B 00 82 00 03 00 83')
    if (frame === RELAYS) return withCrc([1, 1, 1, this.relays])
    if (frame.startsWith('01 02')) return withCrc([1, 2, 1, 0xff])
    return frame.startsWith('57') ? REPLIES.wkly(Array(24).fill(true)) : bytes(frame)
  }
}

describe('a signal', () => {
  test('is sent once, and never again', () => {
    const line = new Line(WKLY)
    line.signal('locker-light', 3)
    line.time.pass(10_000)
    expect(line.countOf(FLASH_3)).toBe(1)
  })

  test('that nobody answers is not repeated, and costs no board', () => {
    for (const board of [WKLY, MODBUS]) {
      const line = new Line(board)
      line.isSilent = (frame) => frame === FLASH_3 || frame === BUZZ_8
      for (let times = 1; times <= 8; times += 1) {
        if (board === WKLY) line.signal('locker-light', 3)
        else line.signal('buzzer', 8)
        line.time.pass(3_000)
        expect(line.countOf(FLASH_3) + line.countOf(BUZZ_8)).toBe(times)
      }
      expect(line.events.filter(({ kind }) => kind === 'board-lost')).toEqual([])
    }
  })

  test('lets an unlock go first, also one that is asked for later', () => {
    const line = new Line(WKLY)
    while (line.sent.length === 0) line.time.pass(1)
    // The line is busy with a poll.
    line.signal('locker-light', 3)
    line.unlock(3)
    line.time.pass(3_000)
    const order = line.frames().filter((frame) => frame === OPEN_3 || frame === FLASH_3)
    expect(order[0]).toBe(OPEN_3)
    expect(order).toHaveLength(2)
  })

  test('on the line keeps an unlock waiting for itself alone, however many wait', () => {
    const line = new Line(WKLY)
    for (let left = 2 * SIGNALS_MAX; left > 0; left -= 1) line.signal('locker-light', 3)
    while (line.frames().at(-1) !== FLASH_3) line.time.pass(1)
    const before = line.sent.length
    line.unlock(3)
    line.time.pass(5_000)
    expect(line.frames()[before]).toBe(OPEN_3)
    // The one that left at once, and those that could wait.
    expect(line.countOf(FLASH_3)).toBe(1 + SIGNALS_MAX)
  })

  test('to a board that never answers orders costs the line no more than its frame', () => {
    const line = new Line({ ...WKLY, options: { replyToUnlock: 'never' } })
    line.isSilent = (frame) => frame === FLASH_3
    while (line.sent.length === 0) line.time.pass(1)
    line.signal('locker-light', 3)
    line.time.pass(SIGNAL_EXPIRY_MS)
    const at = line.frames().indexOf(FLASH_3)
    const [flash, next] = line.sent.slice(at, at + 2)
    expect((next?.atMs ?? 0) - (flash?.atMs ?? 0)).toBeLessThan(POLL_IDLE_MS)
    line.unlock(3)
    line.signal('locker-light', 3)
    line.time.pass(SIGNAL_EXPIRY_MS)
    expect(line.countOf(FLASH_3)).toBe(2)
  })

  test('also finds its way where a poll is always due', () => {
    const line = new Line(WKLY, { ...boardConfig('wkly', { address: 1 }), id: 'B' })
    line.isSilent = (frame) => frame.startsWith('57 4B 4C 59 08 01')
    line.bus.attend(true)
    line.time.pass(500)
    line.signal('locker-light', 3)
    line.time.pass(SIGNAL_EXPIRY_MS)
    expect(line.countOf(FLASH_3)).toBe(1)
  })

  test('that comes too late does not come at all', () => {
    const line = new Line(WKLY)
    line.isSilent = () => true
    line.time.pass(POLL_IDLE_MS)
    line.signal('locker-light', 3)
    line.time.pass(SIGNAL_EXPIRY_MS * 2)
    line.isSilent = () => false
    line.sent.length = 0
    line.time.pass(20_000)
    expect(line.countOf(FLASH_3)).toBe(0)
  })

  test('is nothing to a board that was not told of it', () => {
    const line = new Line(boardConfig('wkly'))
    line.signal('locker-light', 3)
    line.signal('buzzer', 3)
    line.signal('locker-light', 99)
    line.signal('locker-light', 3, 'nobody')
    line.time.pass(3_000)
    expect(new Set(line.frames())).toEqual(new Set(['57 4B 4C 59 08 00 84 85']))
  })
})

describe('a relay with a buzzer on it', () => {
  test('is no lock: it is never unlocked', () => {
    const line = new Line(MODBUS)
    line.unlock(8)
    expect(line.events.at(-1)).toMatchObject({ kind: 'unlock-ended', outcome: 'refused' })
  })

  test('is no stray lock while it sounds, and is switched off when it does not end', () => {
    const line = new Line(MODBUS)
    line.signal('buzzer', 8)
    line.time.pass(100)
    expect(line.countOf(BUZZ_8)).toBe(1)
    line.relays = 0x80
    line.time.pass(300)
    expect(line.countOf(ALL_OFF)).toBe(0)
    line.time.pass(2_000)
    expect(line.countOf(ALL_OFF)).toBeGreaterThan(0)
  })

  test('hides no stray lock', () => {
    const line = new Line(MODBUS)
    line.signal('buzzer', 8)
    line.time.pass(100)
    line.relays = 0x81
    line.time.pass(POLL_IDLE_MS * 2)
    expect(line.countOf(ALL_OFF)).toBeGreaterThan(0)
  })

  test('does not hold back an unlock while it sounds', () => {
    const line = new Line(MODBUS)
    line.signal('buzzer', 8)
    line.time.pass(60)
    expect(line.countOf(BUZZ_8)).toBe(1)
    line.unlock(1)
    line.time.pass(60)
    expect(line.countOf(PULSE_1)).toBe(1)
  })
})
