// One half-duplex line with a host and its boards on it, byte by byte: whoever talks is heard by
// all who do not talk at that moment, and two who talk at once spoil each other. The same wire runs
// in virtual time and, behind a real port, in real time.
import type { Random } from '../world/random.ts'
import type { BoardEvent, BoardModel, BoardOutput, Contents, DoorPosition } from './board.ts'
import {
  type BoardBehaviour,
  NO_WIRE_FAULTS,
  noiseBurst,
  randomBytes,
  SOUND_BOARD,
  spoilReply,
  spoilRequest,
  type WireFaults,
} from './faults.ts'
import type { Schedule } from './schedule.ts'

const PULSE_SHARE_BEFORE_RESET = 0.4
/** Two sums of the same floating-point steps differ by far less. */
const SAME_MOMENT_MS = 1e-3
/** When a coil without an end is the one during which the board restarts. */
const ENDLESS_PULSE_MS = 1_000

export interface WireBoard {
  /** Unique on this wire; its address need not be. */
  readonly id: string
  readonly model: BoardModel<unknown>
  readonly behaviour?: Partial<BoardBehaviour>
}

export interface ChannelOfBoard {
  readonly board: string
  readonly channel: number
}

/** How long the coil is on; null: until it goes off. */
export type CoilChange = ChannelOfBoard &
  ({ readonly isOn: true; readonly ms: number | null } | { readonly isOn: false })

export interface WireHost {
  /** What the host's port hears; one call for each byte. */
  readonly heard: (byte: number) => void
  readonly coilChanged?: (change: CoilChange) => void
  readonly lampFlashed?: (at: ChannelOfBoard) => void
  /** Each frame at the moment it starts; `from` null: the host. */
  readonly frameSent?: (frame: { readonly from: string | null; readonly bytes: Uint8Array }) => void
}

export interface WireOptions {
  readonly schedule: Schedule
  readonly random: Random
  readonly baudRate: number
  /** 10, or 11 with a parity bit. */
  readonly bitsPerCharacter?: number
  readonly boards: readonly WireBoard[]
  readonly faults?: Partial<WireFaults>
  readonly host: WireHost
}

interface PoweredBoard {
  readonly id: string
  readonly model: BoardModel<unknown>
  behaviour: BoardBehaviour
  state: unknown
  /** The alarm that counts; earlier ones ring in vain. */
  alarm: number
  muteUntilMs: number
  readonly coilsOn: Set<number>
  /** Those of them that the board has switched off: their contacts are welded. */
  readonly stuckOn: Set<number>
}

interface Talk {
  /** Null: the host. */
  readonly from: PoweredBoard | null | 'noise'
  readonly startMs: number
  readonly endMs: number
  readonly bytes: Uint8Array
  /** What the boards hear; differs from `bytes` only when a fault has struck the host's frame. */
  readonly heard: Uint8Array | null
  readonly isEchoed: boolean
}

export class Wire {
  faults: WireFaults
  readonly #options: WireOptions
  readonly #msPerByte: number
  readonly #boards: readonly PoweredBoard[]
  #talks: readonly Talk[] = []
  #hostTalksUntilMs = 0
  #isPlugged = true

  constructor(options: WireOptions) {
    this.#options = options
    this.faults = { ...NO_WIRE_FAULTS, ...options.faults }
    this.#msPerByte = ((options.bitsPerCharacter ?? 10) * 1_000) / options.baudRate
    this.#boards = options.boards.map(({ id, model, behaviour }) => ({
      id,
      model,
      behaviour: { ...SOUND_BOARD, ...behaviour },
      state: model.create(options.schedule.nowMs),
      alarm: 0,
      muteUntilMs: 0,
      coilsOn: new Set<number>(),
      stuckOn: new Set<number>(),
    }))
    for (const board of this.#boards) this.#setAlarm(board)
  }

  /** From the host's port, as one frame; it follows what is still on its way. */
  send(bytes: Uint8Array): void {
    if (!this.#isPlugged || bytes.length === 0) return
    const { schedule, random, host } = this.#options
    const startMs = Math.max(schedule.nowMs, this.#hostTalksUntilMs)
    const spoil = { faults: this.faults, random }
    const noisyMs = this.#makeNoise(startMs)
    const heard = spoilRequest(bytes, spoil)
    const isEchoed = random.chance(this.faults.echo)
    const talk = this.#talk({ from: null, bytes, heard, isEchoed }, noisyMs)
    this.#hostTalksUntilMs = talk.endMs
    schedule.at(startMs, () => host.frameSent?.({ from: null, bytes }))
  }

  /** Bytes that no board has sent. */
  disturb(bytes: Uint8Array): void {
    this.#talk(
      { from: 'noise', bytes, heard: bytes, isEchoed: false },
      this.#options.schedule.nowMs,
    )
  }

  /** The cable between the host and the boards; these keep their power. */
  unplug(): void {
    this.#isPlugged = false
    this.#hostTalksUntilMs = 0
    this.#talks = this.#talks.filter(({ from }) => from !== null)
  }

  plug(): void {
    this.#isPlugged = true
  }

  moveDoor({ board, channel, door }: ChannelOfBoard & { readonly door: DoorPosition }): void {
    this.#tell(this.#at(board), { kind: 'door-moved', channel, door })
  }

  moveContents(move: ChannelOfBoard & { readonly contents: Contents }): void {
    const { board, channel, contents } = move
    this.#tell(this.#at(board), { kind: 'contents-moved', channel, contents })
  }

  powerCycle(board: string): void {
    this.#tell(this.#at(board), { kind: 'power-cycled' })
  }

  /** Breaks or mends a board. One that comes back from the dead starts anew. */
  change(id: string, behaviour: Partial<BoardBehaviour>): void {
    const board = this.#at(id)
    const wasDead = board.behaviour.isDead
    board.behaviour = { ...board.behaviour, ...behaviour }
    for (const channel of board.stuckOn) this.#coilOff(board, channel)
    if (wasDead !== board.behaviour.isDead) this.#tell(board, { kind: 'power-cycled' })
  }

  #at(id: string): PoweredBoard {
    const board = this.#boards.find((candidate) => candidate.id === id)
    if (board === undefined) throw new RangeError(`no board ${id}`)
    return board
  }

  #makeNoise(startMs: number): number {
    const { random } = this.#options
    if (!random.chance(this.faults.noise)) return startMs
    const bytes = noiseBurst(random)
    return this.#talk({ from: 'noise', bytes, heard: bytes, isEchoed: false }, startMs).endMs
  }

  #talk(what: Omit<Talk, 'startMs' | 'endMs'>, startMs: number): Talk {
    const { schedule } = this.#options
    const talk = { ...what, startMs, endMs: startMs + what.bytes.length * this.#msPerByte }
    this.#talks = [...this.#talks.filter(({ endMs }) => endMs > schedule.nowMs), talk]
    for (const index of what.bytes.keys()) {
      schedule.at(startMs + (index + 1) * this.#msPerByte, () => this.#byteEnds(talk, index))
    }
    return talk
  }

  #byteEnds(talk: Talk, index: number): void {
    if (talk.from === null && !this.#isPlugged) return
    const { random, schedule, host } = this.#options
    const endMs = schedule.nowMs
    const rivals = this.#talks.filter((other) => other !== talk && this.#overlaps(other, endMs))
    // Whoever began first gives the beat; the others only spoil his bytes.
    const rank = this.#talks.indexOf(talk)
    const isSecond = rivals.some(
      (other) =>
        other.startMs < talk.startMs ||
        (other.startMs === talk.startMs && this.#talks.indexOf(other) < rank),
    )
    if (isSecond) return
    const spoilt = rivals.length === 0 ? null : randomBytes(1, random)
    const toBoards = spoilt ?? talk.heard?.subarray(index, index + 1)
    if (toBoards !== undefined) this.#reachBoards(talk, toBoards)
    const byte = spoilt?.[0] ?? talk.bytes[index]
    if (byte === undefined || !this.#isPlugged) return
    if (talk.from !== null || talk.isEchoed) host.heard(byte)
  }

  /** Whether somebody talks during the byte that ends at this time. */
  #overlaps({ startMs, endMs }: Talk, byteEndsMs: number): boolean {
    const byteStartsMs = byteEndsMs - this.#msPerByte
    return startMs < byteEndsMs - SAME_MOMENT_MS && endMs > byteStartsMs + SAME_MOMENT_MS
  }

  #reachBoards(talk: Talk, bytes: Uint8Array): void {
    const { nowMs } = this.#options.schedule
    for (const board of this.#boards) {
      if (talk.from === board || nowMs < board.muteUntilMs) continue
      const own = this.#talks.filter(({ from }) => from === board)
      if (own.some((other) => this.#overlaps(other, nowMs))) continue
      this.#tell(board, { kind: 'bytes-received', bytes })
    }
  }

  #tell(board: PoweredBoard, event: BoardEvent): void {
    const { isDead } = board.behaviour
    // A dead board's contacts still follow the doors, so that it is right when it comes back.
    if (isDead && (event.kind === 'bytes-received' || event.kind === 'time-passed')) return
    const { nowMs } = this.#options.schedule
    const { state, outputs } = board.model.step(board.state, event, nowMs)
    board.state = state
    this.#setAlarm(board)
    for (const output of outputs) this.#follow(board, output)
  }

  #setAlarm(board: PoweredBoard): void {
    const wakeMs = board.model.nextWake(board.state)
    board.alarm += 1
    const mine = board.alarm
    if (wakeMs === null) return
    this.#options.schedule.at(wakeMs, () => {
      if (mine === board.alarm) this.#tell(board, { kind: 'time-passed' })
    })
  }

  #follow(board: PoweredBoard, output: BoardOutput): void {
    const { deadChannels, isDead } = board.behaviour
    switch (output.kind) {
      case 'bytes':
        this.#reply(board, output.bytes)
        return
      case 'output-off': {
        this.#coilOff(board, output.channel)
        return
      }
      case 'lamp-flashed':
        if (!isDead) this.#options.host.lampFlashed?.({ board: board.id, channel: output.channel })
        return
      case 'output-on':
        if (!isDead && !deadChannels.includes(output.channel)) this.#coilOn(board, output)
    }
  }

  #coilOff(board: PoweredBoard, channel: number): void {
    if (!board.coilsOn.has(channel)) return
    if (board.behaviour.weldedChannels.includes(channel)) {
      board.stuckOn.add(channel)
      return
    }
    board.coilsOn.delete(channel)
    board.stuckOn.delete(channel)
    this.#options.host.coilChanged?.({ board: board.id, channel, isOn: false })
  }

  #coilOn(
    board: PoweredBoard,
    coil: { readonly channel: number; readonly ms: number | null },
  ): void {
    const { random, schedule, host } = this.#options
    const { resetInPulse, muteAfterUnlock, muteMs } = board.behaviour
    board.coilsOn.add(coil.channel)
    board.stuckOn.delete(coil.channel)
    host.coilChanged?.({ board: board.id, channel: coil.channel, isOn: true, ms: coil.ms })
    if (random.chance(muteAfterUnlock)) board.muteUntilMs = schedule.nowMs + muteMs
    const pulseMs = coil.ms ?? ENDLESS_PULSE_MS
    if (random.chance(resetInPulse)) {
      const resetMs = schedule.nowMs + pulseMs * PULSE_SHARE_BEFORE_RESET
      schedule.at(resetMs, () => this.#tell(board, { kind: 'power-cycled' }))
    }
    const coilsOn = this.#boards.reduce((sum, { coilsOn: { size } }) => sum + size, 0)
    if (coilsOn >= 2 && random.chance(this.faults.brownOut)) {
      // Not within this step: the board has first to finish what made it fire.
      schedule.at(schedule.nowMs, () => {
        for (const other of this.#boards) this.#tell(other, { kind: 'power-cycled' })
      })
    }
  }

  #reply(board: PoweredBoard, bytes: Uint8Array): void {
    const { schedule, random, host } = this.#options
    if (board.behaviour.isDead || schedule.nowMs < board.muteUntilMs) return
    const readyMs = schedule.nowMs + board.behaviour.latencyMs(random)
    for (const sending of spoilReply(bytes, { faults: this.faults, random })) {
      const startMs = this.#makeNoise(this.#freeMs(board, readyMs + sending.afterMs))
      const what = { from: board, bytes: sending.bytes, heard: sending.bytes, isEchoed: false }
      this.#talk(what, startMs)
      schedule.at(startMs, () => host.frameSent?.({ from: board.id, bytes: sending.bytes }))
    }
  }

  /** A board has one transmitter: the next frame waits for the one before. */
  #freeMs(board: PoweredBoard, fromMs: number): number {
    const inTheWay = this.#talks.filter(
      ({ from, startMs, endMs }) => from === board && startMs <= fromMs && endMs > fromMs,
    )
    return Math.max(fromMs, ...inTheWay.map(({ endMs }) => endMs))
  }
}
