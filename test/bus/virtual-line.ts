// A serial line in virtual time, with line boards on it and faults of its own: lost, damaged,
// doubled and late characters, and a cable that comes and goes. One seed makes a whole run.
import type { BoardEvent, BoardModel } from '../../sim/boards/board.ts'
import {
  type LineBoardConfig,
  type LineBoardState,
  lineBoard,
} from '../../sim/boards/line-board.ts'
import type { BusLink, LinkHost } from '../../src/bus/links/link.ts'
import { REPLY_GRACE_MS } from '../../src/bus/master/limits.ts'
import type { Alarm, Clock, Now } from '../../src/kiosk/time.ts'

/** Virtual time: what is due happens in its order. */
export class VirtualTime implements Clock {
  nowMs = 0
  readonly #due: { atMs: number; run: () => void }[] = []

  now(): Now {
    return { monoMs: this.nowMs, wallMs: 0, isWallBelieved: false }
  }

  alarm(wake: () => void): Alarm {
    let current = 0
    return {
      set: (monoMs) => {
        current += 1
        const mine = current
        if (monoMs !== null) this.at(monoMs, () => (mine === current ? wake() : undefined))
      },
    }
  }

  at(atMs: number, run: () => void): void {
    const entry = { atMs: Math.max(atMs, this.nowMs), run }
    const after = this.#due.findLastIndex((other) => other.atMs <= entry.atMs)
    this.#due.splice(after + 1, 0, entry)
  }

  pass(ms: number): void {
    const untilMs = this.nowMs + ms
    for (let next = this.#due[0]; next !== undefined && next.atMs <= untilMs; next = this.#due[0]) {
      this.#due.shift()
      this.nowMs = next.atMs
      next.run()
    }
    this.nowMs = untilMs
  }
}

export interface Faults {
  /** Between 0 and 1, for each frame. */
  readonly lost: number
  readonly damaged: number
  readonly late: number
  readonly doubled: number
  readonly restart: number
  readonly unplug: number
}

export const NO_FAULTS: Faults = { lost: 0, damaged: 0, late: 0, doubled: 0, restart: 0, unplug: 0 }

export interface Fired {
  readonly atMs: number
  readonly address: number
  readonly channel: number
  readonly ms: number
}

const FRAME_MS = 5
const LATE_MS = 400

export class VirtualLine {
  readonly fired: Fired[] = []
  /** What went wrong; empty for a sound master. */
  readonly complaints: string[] = []
  readonly sent: { readonly atMs: number; readonly text: string }[] = []
  faults: Faults = NO_FAULTS
  readonly #time: VirtualTime
  readonly #random: () => number
  readonly #boards: Map<number, { model: BoardModel<LineBoardState>; state: LineBoardState }>
  #host: LinkHost | null = null
  #openUntilMs = 0

  constructor(
    time: VirtualTime,
    { boards, random }: { boards: readonly LineBoardConfig[]; random: () => number },
  ) {
    this.#time = time
    this.#random = random
    this.#boards = new Map(
      boards.map((config) => {
        const model = lineBoard(config)
        return [config.address, { model, state: model.create(time.nowMs) }]
      }),
    )
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
      else this.complaints.push(`sent on a closed link: ${text}`)
    },
    close: () => {
      if (this.#host === host) this.#host = null
    },
  })

  unplug(): void {
    const host = this.#host
    this.#host = null
    this.#openUntilMs = this.#time.nowMs
    host?.closed('unplugged')
  }

  tell(address: number, event: BoardEvent): void {
    const board = this.#boards.get(address)
    if (board === undefined) return
    const { state, outputs } = board.model.step(board.state, event, this.#time.nowMs)
    board.state = state
    const wakeMs = board.model.nextWake(state)
    if (wakeMs !== null) this.#time.at(wakeMs, () => this.tell(address, { kind: 'time-passed' }))
    for (const output of outputs) {
      if (output.kind === 'bytes') this.#reply(Buffer.from(output.bytes).toString('latin1'))
      if (output.kind === 'output-on') {
        const { channel, ms } = output
        const fired = { address, channel, ms: ms ?? Number.POSITIVE_INFINITY }
        this.fired.push({ atMs: this.#time.nowMs, ...fired })
      }
    }
  }

  #send(text: string): void {
    if (this.#time.nowMs < this.#openUntilMs) this.complaints.push(`two frames in flight: ${text}`)
    this.#openUntilMs = this.#time.nowMs + REPLY_GRACE_MS
    this.sent.push({ atMs: this.#time.nowMs, text })
    if (this.#chance(this.faults.unplug)) this.#time.at(this.#time.nowMs + 3, () => this.unplug())
    if (this.#chance(this.faults.lost)) return
    const carried = this.#carry(text)
    // Towards the boards nothing is late or doubled: a line has no memory.
    const bytes = Buffer.from(carried, 'latin1')
    this.#time.at(this.#time.nowMs + FRAME_MS, () => {
      for (const address of this.#boards.keys()) {
        if (this.#chance(this.faults.restart)) this.tell(address, { kind: 'power-cycled' })
        this.tell(address, { kind: 'bytes-received', bytes })
        if (this.#chance(this.faults.restart)) this.tell(address, { kind: 'power-cycled' })
      }
    })
  }

  #reply(text: string): void {
    if (this.#chance(this.faults.lost)) return
    const host = this.#host
    const carried = this.#carry(text).trimEnd()
    const lateMs = this.#chance(this.faults.late) ? this.#random() * LATE_MS : 0
    const deliver = () => {
      if (this.#host !== host) return
      this.#openUntilMs = this.#time.nowMs
      host?.frame(carried)
    }
    this.#time.at(this.#time.nowMs + FRAME_MS + lateMs, deliver)
    if (this.#chance(this.faults.doubled)) this.#time.at(this.#time.nowMs + FRAME_MS * 2, deliver)
  }

  #carry(text: string): string {
    if (!this.#chance(this.faults.damaged)) return text
    const index = Math.floor(this.#random() * text.length)
    const bit = 1 << Math.floor(this.#random() * 8)
    const damaged = String.fromCharCode(text.charCodeAt(index) ^ bit)
    return text.slice(0, index) + damaged + text.slice(index + 1)
  }

  #chance(probability: number): boolean {
    return probability > 0 && this.#random() < probability
  }
}

/** Mulberry32: small, and the same everywhere. @returns numbers from 0 up to and without 1 */
export function seededRandom(seed: number): () => number {
  let state = seed >>> 0
  return () => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296
  }
}
