// The serial cable between the daemon and the boards, in virtual time. A port behaves as the real
// driver does, trap included: what is written while it is closed waits inside and leaves at the
// next opening. It is for the link above it never to do that.
import type { BoardConfig } from '../../src/bus/config.ts'
import type { BusLink, LinkHost } from '../../src/bus/links/link.ts'
import type { BoardEvent, BoardModel } from '../boards/board.ts'
import { lineBoard } from '../boards/line-board.ts'
import type { Faults } from './faults.ts'
import type { Random } from './random.ts'
import type { Timeline } from './timeline.ts'

const MS_PER_BYTE = 10_000 / 115_200
const TURNAROUND_MS = 2
const LATE_MS = 400
const DAMAGE = '\u0007'

export interface CableHost {
  /** A lock output goes on: the world decides what the lock does. */
  readonly outputOn: (boardId: string, channel: number, ms: number) => void
  readonly outputOff: (boardId: string, channel: number) => void
}

interface Board {
  readonly id: string
  readonly model: BoardModel<unknown>
  state: unknown
}

/** One of our own boards, as the kiosk's configuration names it. */
export function doorBoard({ id, address, channels }: BoardConfig): {
  readonly id: string
  readonly model: BoardModel<unknown>
} {
  const serial = `S${address}`
  const model = lineBoard({ address, channels, firmware: 'sim', serial, boot: 1, doors: [] })
  return { id, model }
}

export class Cable {
  faults: Faults
  isPlugged = true
  readonly #timeline: Timeline
  readonly #random: Random
  readonly #host: CableHost
  readonly #boards: Board[]
  #port: SimPort | null = null

  constructor(parts: {
    readonly timeline: Timeline
    readonly random: Random
    readonly faults: Faults
    readonly boards: readonly { readonly id: string; readonly model: BoardModel<unknown> }[]
    readonly host: CableHost
  }) {
    this.#timeline = parts.timeline
    this.#random = parts.random
    this.faults = parts.faults
    this.#host = parts.host
    this.#boards = parts.boards.map(({ id, model }) => ({ id, model, state: model.create(0) }))
  }

  /** A new port object, as one connection of the driver has it. */
  createPort(listener: PortListener): SimPort {
    return new SimPort(this, listener)
  }

  attach(port: SimPort): boolean {
    if (!this.isPlugged) return false
    this.#port = port
    return true
  }

  detach(port: SimPort): void {
    if (this.#port === port) this.#port = null
  }

  unplug(): void {
    this.isPlugged = false
    const port = this.#port
    this.#port = null
    port?.lose()
  }

  plug(): void {
    this.isPlugged = true
  }

  after(delayMs: number, run: () => void): void {
    this.#timeline.after(delayMs, run)
  }

  /** From the daemon to all boards. */
  carryDown(text: string): void {
    if (text.includes('PULSE') && this.#random.chance(this.faults.unplugAtPulse)) {
      this.unplug()
      this.after(this.#random.between(5_000, 60_000), () => this.plug())
      return
    }
    const heard = this.#spoil(text)
    this.after(text.length * MS_PER_BYTE, () => {
      // What the port has handed over arrives, even if its process is dead by now.
      if (!this.isPlugged || heard === null) return
      const bytes = Buffer.from(heard, 'latin1')
      for (const board of this.#boards) this.tell(board, { kind: 'bytes-received', bytes })
    })
  }

  powerCycle(boardId?: string): void {
    for (const board of this.#boards) {
      if (boardId === undefined || board.id === boardId) this.tell(board, { kind: 'power-cycled' })
    }
  }

  moveDoor(boardId: string, channel: number, door: 'open' | 'closed'): void {
    const board = this.#boards.find(({ id }) => id === boardId)
    if (board !== undefined) this.tell(board, { kind: 'door-moved', channel, door })
  }

  private tell(board: Board, event: BoardEvent): void {
    const step = board.model.step(board.state, event, this.#timeline.nowMs)
    board.state = step.state
    for (const output of step.outputs) {
      if (output.kind === 'bytes') this.#carryUp(Buffer.from(output.bytes).toString('latin1'))
      else if (output.kind === 'output-off') this.#host.outputOff(board.id, output.channel)
      else if (output.kind === 'output-on')
        this.#host.outputOn(board.id, output.channel, output.ms ?? Number.POSITIVE_INFINITY)
    }
    const wakeMs = board.model.nextWake(board.state)
    if (wakeMs !== null && event.kind !== 'time-passed') this.#wake(board, wakeMs)
  }

  #wake(board: Board, atMs: number): void {
    this.#timeline.at(atMs, () => {
      this.tell(board, { kind: 'time-passed' })
      const nextMs = board.model.nextWake(board.state)
      if (nextMs !== null && nextMs > this.#timeline.nowMs) this.#wake(board, nextMs)
    })
  }

  #carryUp(text: string): void {
    const port = this.#port
    const heard = this.#spoil(text)
    const lateMs = this.#random.chance(this.faults.replyLate) ? LATE_MS : 0
    this.after(TURNAROUND_MS + text.length * MS_PER_BYTE + lateMs, () => {
      if (heard !== null && port !== null && this.#port === port) port.hear(heard)
    })
  }

  /** What the noise on the line leaves of it; null: nothing. */
  #spoil(text: string): string | null {
    if (this.#random.chance(this.faults.lineLost)) return null
    if (!this.#random.chance(this.faults.lineDamaged)) return text
    const at = this.#random.between(0, text.length - 2)
    return `${text.slice(0, at)}${DAMAGE}${text.slice(at + 1)}`
  }
}

export interface PortListener {
  readonly opened: () => void
  readonly heard: (text: string) => void
  readonly lost: () => void
}

/** Like the real driver's port object, queue included. */
export class SimPort {
  isOpen = false
  readonly #cable: Cable
  readonly #listener: PortListener
  readonly #waiting: string[] = []

  constructor(cable: Cable, listener: PortListener) {
    this.#cable = cable
    this.#listener = listener
  }

  open(): void {
    this.#cable.after(5, () => {
      if (!this.#cable.attach(this)) {
        this.#listener.lost()
        return
      }
      this.isOpen = true
      this.#listener.opened()
      for (const text of this.#waiting.splice(0)) this.#cable.carryDown(text)
    })
  }

  write(text: string): void {
    if (this.isOpen) this.#cable.carryDown(text)
    else this.#waiting.push(text)
  }

  close(): void {
    this.isOpen = false
    this.#cable.detach(this)
  }

  hear(text: string): void {
    if (this.isOpen) this.#listener.heard(text)
  }

  /** The cable is out. */
  lose(): void {
    if (!this.isOpen) return
    this.isOpen = false
    this.#listener.lost()
  }
}

/** The link as it has to be: one port for one connection, and no byte into a closed one. */
export function createSimLink(cable: Cable, host: LinkHost): BusLink {
  let hasEnded = false
  const port = cable.createPort({
    opened: () => {
      if (!hasEnded) host.opened()
    },
    heard: (text) => {
      if (!hasEnded) host.frame(text.replace(/\n$/, ''))
    },
    lost: () => {
      if (hasEnded) return
      hasEnded = true
      host.closed('unplugged')
    },
  })
  return {
    open: () => port.open(),
    send: (text) => {
      if (port.isOpen) port.write(text)
    },
    close: () => {
      hasEnded = true
      port.close()
    },
  }
}
