// Noise into the real bus machine, in virtual time, while a question is open: what does it take for
// a reply? Between the bad pieces a real reply comes now and then, and must be understood.
import { createRandom, type Random } from '../../../sim/world/random.ts'
import { framingOf } from '../../../src/bus/config.ts'
import { dialectOf } from '../../../src/bus/dialects/dialects.ts'
import { FRAME_LENGTH_MAX } from '../../../src/bus/links/frames.ts'
import {
  type BoardState,
  type BusEvent,
  type BusState,
  createBus,
  type Flight,
} from '../../../src/bus/master/state.ts'
import { nextBusWake, stepBus } from '../../../src/bus/master/step.ts'
import { textOf } from '../../bus/dialects/replies.ts'
import { KINDS, type Kind, makeBad, WEIGHTS } from './kinds.ts'
import { type Codes, helloReply, type Layout, outputsReply, soundReply } from './layouts.ts'

const PIECES_MAX = 12
const PIECE_MS = 0.05
const SOUND_SHARE = 0.4
const BYTE_BY_BYTE_SHARE = 0.05
const LINE_FEED = '\n'

export interface Tally {
  readonly pieces: number
  readonly bytes: number
  /** Readings of doors that no board has sent. */
  readonly taken: number
}

type Tallies = Readonly<Record<Kind, Tally>>

export interface MachineResult {
  readonly tallies: Tallies
  readonly soundSent: number
  /** Real replies that were not understood, though nothing false was taken before them. */
  readonly soundMissed: number
}

export class NoiseMachine {
  readonly #layout: Layout
  readonly #random: Random
  readonly #isLine: boolean
  readonly #tallies: Record<Kind, { pieces: number; bytes: number; taken: number }>
  #state: BusState
  #nowMs = 1_000
  #soundSent = 0
  #soundMissed = 0

  constructor(layout: Layout, seed: string) {
    this.#layout = layout
    this.#random = createRandom(`noise/${seed}/${layout.dialect}`)
    this.#isLine = framingOf(layout.dialect) === 'line'
    this.#tallies = Object.fromEntries(
      KINDS.map((kind) => [kind, { pieces: 0, bytes: 0, taken: 0 }]),
    ) as Record<Kind, { pieces: number; bytes: number; taken: number }>
    const link = { kind: 'serial', path: '/dev/null', baudRate: 9_600 } as const
    this.#state = createBus({ id: 'noise', link, boards: [layout.board] })
    this.#tell({ kind: 'time-passed' })
    this.#tell({ kind: 'link-opened' })
    this.#tell({ kind: 'attended', isAttended: true })
  }

  get result(): MachineResult {
    return {
      tallies: this.#tallies,
      soundSent: this.#soundSent,
      soundMissed: this.#soundMissed,
    }
  }

  /** At least so many bytes. */
  run(bytes: number): number {
    let done = 0
    while (done < bytes) done += this.#question()
    return done
  }

  /** One open question, and a row of bad pieces of one kind. */
  #question(): number {
    this.#untilAsked()
    const kind = this.#nextKind()
    const tally = this.#tallies[kind]
    const before = this.#board.reading
    const count = this.#random.between(1, PIECES_MAX)
    let bytes = 0
    for (let piece = 0; piece < count; piece += 1) {
      const sequence = this.#flight?.exchange.sequence ?? 1
      const codes = makeBad(kind, { layout: this.#layout, random: this.#random, sequence })
      bytes += codes.length
      tally.pieces += 1
      tally.bytes += codes.length
      this.#hear(codes)
      if (this.#flight === null) break
    }
    const isQuiet = !this.#isReadSince(before)
    const isSound = isQuiet && this.#random.chance(SOUND_SHARE) && this.#answer()
    // A reply's beginning may have been among the bad bytes, and its end within a real one.
    if (this.#isReadSince(before) && !isSound) tally.taken += 1
    return bytes
  }

  /** The one that is furthest behind its share of the bytes. */
  #nextKind(): Kind {
    const spent = (kind: Kind) => this.#tallies[kind].bytes / WEIGHTS[kind]
    return KINDS.reduce((least, kind) => (spent(kind) < spent(least) ? kind : least))
  }

  /** @returns whether the real reply, and nothing else, was taken */
  #answer(): boolean {
    const flight = this.#flight
    if (flight === null || flight.exchange.request.kind !== 'state') return false
    const { exchange } = flight
    const codes = soundReply(this.#layout, this.#random, exchange.sequence)
    const before = this.#board.reading
    this.#soundSent += 1
    this.#hear(codes)
    const { reading } = this.#board
    if (!this.#isReadSince(before)) this.#soundMissed += 1
    const { reply } = dialectOf(this.#layout.dialect).decode(textOf(codes), exchange)
    if (reply?.kind !== 'state' || reading === null) return false
    return JSON.stringify(reply.doors) === JSON.stringify(reading.doors)
  }

  /** A board that is lost forgets its reading, too: that is none. */
  #isReadSince(before: BoardState['reading']): boolean {
    const { reading } = this.#board
    return reading !== null && reading !== before
  }

  get #board(): BoardState {
    const [board] = this.#state.boards
    if (board === undefined) throw new Error('no board')
    return board
  }

  get #flight(): Flight | null {
    return this.#state.flight
  }

  /** Lets time pass until the doors are asked for; other requests are answered properly. */
  #untilAsked(): void {
    for (let steps = 0; steps < 1_000; steps += 1) {
      const flight = this.#flight
      const request = flight?.exchange.request
      // A question that was open before is left to its end.
      if (request?.kind === 'state' && flight?.sentAtMonoMs === this.#nowMs) return
      if (flight !== null && request?.kind === 'hello') this.#hear(helloReply(this.#layout))
      else if (flight !== null && request?.kind === 'outputs')
        this.#hear(outputsReply(this.#layout))
      if (this.#flight === flight) this.#wake()
    }
    throw new Error('the master asks no more')
  }

  #wake(): void {
    const wakeMs = nextBusWake(this.#state)
    if (wakeMs === null) throw new Error('the master sleeps for ever')
    this.#nowMs = Math.max(this.#nowMs, wakeMs)
    this.#tell({ kind: 'time-passed' })
  }

  #hear(codes: Codes): void {
    const text = textOfLong(codes)
    for (const part of this.#isLine ? linesOf(text) : this.#partsOf(text)) {
      this.#nowMs += PIECE_MS
      this.#tell({ kind: 'frame-received', text: part })
    }
  }

  /** As a port hands bytes on: mostly whole pieces, often two or three, sometimes one by one. */
  #partsOf(text: string): readonly string[] {
    if (this.#random.chance(BYTE_BY_BYTE_SHARE)) return [...text]
    const cuts = Array.from({ length: this.#random.between(0, 2) }, () =>
      this.#random.between(0, text.length),
    ).sort((a, b) => a - b)
    return [0, ...cuts]
      .map((start, index) => text.slice(start, cuts[index]))
      .filter((part) => part !== '')
  }

  #tell(event: BusEvent): void {
    const step = stepBus(this.#state, event, this.#nowMs)
    this.#state = step.state
    for (const { kind } of step.actions) {
      if (kind === 'open-link') this.#tell({ kind: 'link-opened' })
    }
  }
}

/** Strings are made of so many codes at once at most. */
function textOfLong(codes: Codes): string {
  if (codes.length <= 4_096) return textOf(codes)
  return textOf(codes.slice(0, 4_096)) + textOfLong(codes.slice(4_096))
}

/** What the line guard lets through. */
function linesOf(text: string): readonly string[] {
  return text.split(LINE_FEED).filter((line) => line.length < FRAME_LENGTH_MAX)
}
