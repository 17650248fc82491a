// A wall on a bench: the real runner and master, simulated boards and doors, and a link between
// them that is virtual, a real pseudoterminal or a real TCP gateway. The contract sees no more.
import type { DoorPosition } from '../../../sim/boards/board.ts'
import { Doors } from '../../../sim/boards/doors.ts'
import { type BoardBehaviour, NO_WIRE_FAULTS, type WireFaults } from '../../../sim/boards/faults.ts'
import type { Schedule } from '../../../sim/boards/schedule.ts'
import type { ChannelOfBoard, CoilChange } from '../../../sim/boards/wire.ts'
import { createRandom } from '../../../sim/world/random.ts'
import type { BusRunner } from '../../../src/bus/bus-runner.ts'
import { type LinkKind, TWIN, type Wall } from './walls.ts'
import type { Order, Witness } from './witness.ts'

/** Where the boards are: on a virtual wire, or behind a real port. */
interface Line {
  setFaults(faults: WireFaults): void
  change(device: string, behaviour: Partial<BoardBehaviour>): void
  moveDoor(move: ChannelOfBoard & { readonly door: DoorPosition }): void
  moveContents(move: ChannelOfBoard & { readonly contents: 'present' | 'absent' }): void
}

/** What each kind of bench does in its own way. */
export interface Medium {
  readonly kind: LinkKind
  readonly line: Line
  readonly bus: BusRunner
  readonly witness: Witness
  readonly schedule: Schedule
  /** From the last byte that left to the coil, at most. */
  readonly lagMs: number
  nowMs(): number
  /** The adapter or the gateway goes away, and comes back. */
  unplug(): Promise<void>
  plug(): Promise<void>
  /** A gateway hangs, and goes on. */
  stall(): void
  resume(): void
  until(what: string, isTrue: () => boolean, withinMs: number): Promise<void>
  stop(): Promise<void>
}

const PULSE_MS = 300

export class Bench {
  readonly wall: Wall
  readonly medium: Medium
  readonly doors: Doors

  constructor(wall: Wall, medium: Medium, seed: string) {
    this.wall = wall
    this.medium = medium
    const { line, witness } = medium
    const contactOf = (board: string) => wall.contactsOf[board] ?? board
    this.doors = new Doors({
      schedule: medium.schedule,
      random: createRandom(`doors/${seed}`),
      contacts: {
        moveDoor: (move) => line.moveDoor({ ...move, board: contactOf(move.board) }),
        moveContents: (move) => line.moveContents({ ...move, board: contactOf(move.board) }),
      },
      boards: this.#cabinets.map((id) => ({ id, channels: wall.channels })),
      doorMoved: (move) => witness.moves.push({ ...move, atMs: medium.schedule.nowMs }),
    })
  }

  get witness(): Witness {
    return this.medium.witness
  }

  /** Whatever has doors. */
  get #cabinets(): readonly string[] {
    return [...this.wall.boards.map(({ id }) => id), TWIN]
  }

  /** What the wire tells of its coils. */
  coilChanged(change: CoilChange): void {
    this.witness.coilChanged(change, this.medium.schedule.nowMs)
    this.doors.coilChanged(change)
  }

  setFaults(faults: Partial<WireFaults>): void {
    this.medium.line.setFaults({ ...NO_WIRE_FAULTS, ...faults })
  }

  /** The line is interrupted, and nothing at either end of it knows. */
  setCut = (isCut: boolean): void => {
    this.setFaults(isCut ? { requestLost: 1, replyLost: 1 } : {})
  }

  changeAll(behaviour: Partial<BoardBehaviour>): void {
    for (const { id } of this.wall.devices) {
      if (id !== TWIN) this.medium.line.change(id, behaviour)
    }
  }

  order(at: ChannelOfBoard, liveMs: number): Order {
    const { bus, witness } = this.medium
    const atMs = this.medium.nowMs()
    const openingId = witness.orders.length + 1
    const order = { ...at, openingId, atMs, expiresAtMs: atMs + liveMs, ends: [] }
    witness.orders.push(order)
    const { board: boardId, channel } = at
    const expiresAtMonoMs = order.expiresAtMs
    bus.unlock({ openingId, boardId, channel, pulseMs: PULSE_MS, expiresAtMonoMs })
    return order
  }

  /** Somebody shuts every door that stands open. */
  shutDoors(): void {
    for (const board of this.#cabinets) {
      for (let channel = 1; channel <= this.wall.channels; channel += 1) {
        const at = { board, channel }
        if (this.doors.positionOf(at) === 'open') this.doors.close(at)
      }
    }
  }
}
