// One bare board on a line in virtual time. It answers the n-th question for its doors with n,
// written in doors, so that a reading tells which question it answers.
import { boardOf } from '../../src/bus/board-options.ts'
import type { BusConfig } from '../../src/bus/config.ts'
import { dialectOf } from '../../src/bus/dialects/dialects.ts'
import type { BusLink, LinkHost } from '../../src/bus/links/link.ts'
import type { BoardReading } from '../../src/kiosk/events.ts'
import { boardConfig, pulseOf, STATE } from './dialects/exchange.ts'
import { type Bare, CHANNELS, REPLIES, withCrc, xored } from './dialects/replies.ts'
import type { VirtualTime } from './virtual-line.ts'

export interface BareFaults {
  /** Between 0 and 1, for each frame. */
  readonly lost: number
  readonly late: number
  readonly doubled: number
  readonly unplug: number
  readonly lateMs: number
}

const FRAME_MS = 12
const MARKS = 256

export function bareConfig(dialect: Bare, kind: 'serial' | 'tcp'): BusConfig {
  const baudRate = 19_200
  const link =
    kind === 'serial'
      ? ({ kind, path: '/dev/null', baudRate } as const)
      : ({ kind, host: 'gateway', port: 5_000, baudRate } as const)
  const channels = CHANNELS[dialect]
  // Each reading carries a mark of its own, so that no two of them are alike.
  const options = { isDebounced: true }
  return { id: 'wall', link, boards: [boardConfig(dialect, { channels, options })] }
}

/** Which question a reading answers. */
export function markOf({ doors }: BoardReading): number {
  return doors.slice(0, 8).reduce((mark, { state }, bit) => {
    return mark + (state === 'closed' ? 2 ** bit : 0)
  }, 0)
}

export class BareLine {
  faults: BareFaults
  readonly fired: { readonly atMs: number; readonly channel: number; readonly ms: number }[] = []
  readonly complaints: string[] = []
  /** Questions for the doors so far, modulo 256. */
  mark = 0
  readonly #time: VirtualTime
  readonly #random: () => number
  readonly #dialect: Bare
  readonly #orders: ReadonlyMap<string, number>
  readonly #question: string
  #host: LinkHost | null = null

  constructor(
    time: VirtualTime,
    parts: { readonly dialect: Bare; readonly faults: BareFaults; readonly random: () => number },
  ) {
    this.#time = time
    this.#dialect = parts.dialect
    this.faults = parts.faults
    this.#random = parts.random
    const board = boardOf(boardConfig(parts.dialect))
    const encode = (request: Parameters<typeof this.encode>[1]) => this.encode(board, request)
    this.#question = encode(STATE)
    // Modbus carries the time in its order; every order of the test has the same.
    const channels = Array.from({ length: CHANNELS[parts.dialect] }, (_, index) => index + 1)
    this.#orders = new Map(channels.map((channel) => [encode(pulseOf(channel)), channel]))
  }

  private encode(
    board: ReturnType<typeof boardOf>,
    request: typeof STATE | ReturnType<typeof pulseOf>,
  ): string {
    const open = { board, request, sequence: 1, isEchoing: false }
    return dialectOf(this.#dialect).encode(open)
  }

  createLink = (_: unknown, host: LinkHost): BusLink => ({
    open: () => {
      this.#host = host
      this.#time.at(this.#time.nowMs + 1, () => {
        if (this.#host === host) host.opened()
      })
    },
    send: (text) => {
      if (this.#host === host) this.#send(text)
      else this.complaints.push('sent on a closed link')
    },
    close: () => {
      if (this.#host === host) this.#host = null
    },
  })

  #send(text: string): void {
    if (text === this.#question) this.mark = (this.mark + 1) % MARKS
    const { mark } = this
    const host = this.#host
    if (this.#chance(this.faults.unplug)) {
      this.#time.at(this.#time.nowMs + 3, () => {
        if (this.#host !== host) return
        this.#host = null
        host?.closed('unplugged')
      })
    }
    if (this.#chance(this.faults.lost)) return
    this.#time.at(this.#time.nowMs + FRAME_MS / 2, () => {
      const reply = this.#obey(text, mark)
      if (reply !== null && !this.#chance(this.faults.lost)) this.#reply(host, reply)
    })
  }

  #obey(text: string, mark: number): string | null {
    const channel = this.#orders.get(text)
    if (channel !== undefined) {
      const ms = dialectOf(this.#dialect).hold(boardOf(boardConfig(this.#dialect)), 500).ms
      this.fired.push({ atMs: this.#time.nowMs, channel, ms })
    }
    if (text === this.#question) {
      const closed = Array.from(
        { length: CHANNELS[this.#dialect] },
        (_, bit) => bit < 8 && (mark >> bit) % 2 === 1,
      )
      return REPLIES[this.#dialect](closed)
    }
    switch (this.#dialect) {
      case 'kerong-cu16':
      case 'kerong-cu48':
        return null
      case 'wkly':
        return null
      case 'lock-board-8a':
        return xored([0x8a, 1, channel ?? 0, 0])
      case 'modbus-rtu':
        return text.charCodeAt(1) === 1 ? withCrc([1, 1, 1, 0]) : text
    }
  }

  #reply(host: LinkHost | null, text: string): void {
    const lateMs = this.#chance(this.faults.late) ? this.#random() * this.faults.lateMs : 0
    const cut = Math.floor(this.#random() * text.length)
    const say = (part: string) => {
      if (this.#host === host) host?.frame(part)
    }
    const atMs = this.#time.nowMs + FRAME_MS / 2 + lateMs
    this.#time.at(atMs, () => say(text.slice(0, cut)))
    this.#time.at(atMs + 1, () => say(text.slice(cut)))
    if (this.#chance(this.faults.doubled)) this.#time.at(atMs + 2, () => say(text))
  }

  #chance(probability: number): boolean {
    return probability > 0 && this.#random() < probability
  }
}
