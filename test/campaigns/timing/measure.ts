// Measures a line of simulated boards, whose bytes take their time, under the real bus master.
import type { BoardModel } from '../../../sim/boards/board.ts'
import { SIM_DIALECTS } from '../../../sim/boards/catalogue.ts'
import type { ChannelOfBoard, CoilChange, WireBoard } from '../../../sim/boards/wire.ts'
import type { BusRunner } from '../../../src/bus/bus-runner.ts'
import type { BoardConfig } from '../../../src/bus/config.ts'
import type { KioskEvent } from '../../../src/kiosk/events.ts'
import { BOARD_MS, cycleLimitMs, type LineSetup } from './line-limits.ts'

/** Rounds of questions over which the cycle is taken. */
const ROUNDS = 12
/** Until every board has been greeted and read. */
const START_MS = 3_000
/** A lock under current holds no door. */
const PULSE_MS_MAX = 600
/** Door shut, coil and channel rested. */
const REST_MS = 1_500
const WAIT_STEP_MS = 5
const WAIT_MAX_MS = 60_000
/** Orders come at ever other moments of the cycle. */
const PHASE_MS = 17.3

export interface Timing {
  readonly cycleMs: number
  readonly coilsMs: readonly number[]
  readonly seensMs: readonly number[]
  /** Frames that left after the order and before it: the most of all orders. */
  readonly framesBefore: number
}

/** A line, in whatever time. */
export interface Stage {
  readonly nowMs: () => number
  readonly pass: (ms: number) => Promise<void>
  readonly runner: BusRunner
  readonly closeDoor: (at: ChannelOfBoard) => void
  readonly notes: Notes
}

/** What happens on the line and at the master, with its times. */
export class Notes {
  readonly #nowMs: () => number
  readonly hostFramesAtMs: number[] = []
  coilOnAtMs: number | null = null
  seenOpenAtMs: number | null = null
  /** Boards whose doors were read at least once. */
  readonly read = new Set<string>()

  constructor(nowMs: () => number) {
    this.#nowMs = nowMs
  }

  frameSent({ from }: { readonly from: string | null }): void {
    if (from === null) this.hostFramesAtMs.push(this.#nowMs())
  }

  coilChanged({ isOn }: CoilChange): void {
    if (isOn) this.coilOnAtMs = this.#nowMs()
  }

  reported(event: KioskEvent): void {
    if (event.kind !== 'board-read') return
    this.read.add(event.reading.boardId)
    if (event.reading.doors.some(({ state }) => state === 'open')) {
      this.seenOpenAtMs = this.#nowMs()
    }
  }
}

function idOf(index: number): string {
  return `board-${index + 1}`
}

export function boardConfigs({ family, boards }: LineSetup): readonly BoardConfig[] {
  const { dialect, channels, firstAddress } = family
  return Array.from({ length: boards }, (_, index) => {
    return { id: idOf(index), dialect, channels, address: firstAddress + index }
  })
}

export function wireBoards(setup: LineSetup): readonly WireBoard[] {
  return boardConfigs(setup).map(({ id, address }) => {
    return { id, model: modelOf(setup, address), behaviour: { latencyMs: () => BOARD_MS } }
  })
}

function modelOf({ family, baudRate }: LineSetup, address: number): BoardModel<unknown> {
  const { dialect, channels } = family
  const order = { address, channels, feedback: 'door-closed', baudRate } as const
  const model = SIM_DIALECTS[dialect]?.create(order)
  if (model === undefined) throw new RangeError(`no simulated ${dialect}`)
  return model
}

export async function measure(stage: Stage, setup: LineSetup, orders: number): Promise<Timing> {
  const { runner, notes } = stage
  runner.start()
  runner.attend(true)
  await until(stage, 'every board is read', () => notes.read.size === setup.boards)
  await stage.pass(START_MS)
  const cycleMs = await measureCycle(stage, setup)
  const coilsMs: number[] = []
  const seensMs: number[] = []
  let framesBefore = 0
  for (let order = 0; order < orders; order += 1) {
    const timed = await measureOrder(stage, { setup, order })
    coilsMs.push(timed.coilMs)
    seensMs.push(timed.seenMs)
    framesBefore = Math.max(framesBefore, timed.framesBefore)
  }
  runner.stop()
  return { cycleMs, coilsMs, seensMs, framesBefore }
}

/** From one question to the same question, so many rounds later. */
async function measureCycle(stage: Stage, setup: LineSetup): Promise<number> {
  const frames = stage.notes.hostFramesAtMs
  frames.length = 0
  const perRound = setup.family.round.length * setup.boards
  await until(stage, 'enough rounds', () => frames.length > ROUNDS * perRound)
  const firstAtMs = frames[0] ?? Number.NaN
  const lastAtMs = frames[ROUNDS * perRound] ?? Number.NaN
  return (lastAtMs - firstAtMs) / ROUNDS
}

async function measureOrder(
  stage: Stage,
  { setup, order }: { readonly setup: LineSetup; readonly order: number },
) {
  const { runner, notes } = stage
  const at = { board: idOf(order % setup.boards), channel: 1 }
  await stage.pass(REST_MS + order * PHASE_MS)
  notes.coilOnAtMs = null
  notes.seenOpenAtMs = null
  notes.hostFramesAtMs.length = 0
  const orderedAtMs = stage.nowMs()
  runner.unlock({
    openingId: order + 1,
    boardId: at.board,
    channel: at.channel,
    pulseMs: 500,
    expiresAtMonoMs: orderedAtMs + WAIT_MAX_MS,
  })
  await until(stage, 'the door is seen open', () => notes.seenOpenAtMs !== null)
  const coilOnAtMs = notes.coilOnAtMs ?? Number.NaN
  const seenAtMs = notes.seenOpenAtMs ?? Number.NaN
  // The last one before the coil is the order itself.
  const sent = notes.hostFramesAtMs.filter((atMs) => atMs < coilOnAtMs).length
  await stage.pass(PULSE_MS_MAX)
  stage.closeDoor(at)
  await stage.pass(2 * cycleLimitMs(setup))
  return {
    coilMs: coilOnAtMs - orderedAtMs,
    seenMs: seenAtMs - orderedAtMs,
    framesBefore: sent - 1,
  }
}

async function until(stage: Stage, what: string, isTrue: () => boolean): Promise<void> {
  const endMs = stage.nowMs() + WAIT_MAX_MS
  while (!isTrue()) {
    if (stage.nowMs() > endMs) throw new Error(`waited in vain: ${what}`)
    await stage.pass(WAIT_STEP_MS)
  }
}
