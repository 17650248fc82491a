// The bench in virtual time: a wire with the simulated boards, and in front of it either a serial
// port or a TCP gateway, each as its real counterpart in `sim/boards` behaves.
import { Wire } from '../../../sim/boards/wire.ts'
import { createRandom } from '../../../sim/world/random.ts'
import { BusRunner } from '../../../src/bus/bus-runner.ts'
import { framingOfBus, type LinkConfig } from '../../../src/bus/config.ts'
import type { BusLink, LinkHost } from '../../../src/bus/links/link.ts'
import { VirtualTime } from '../virtual-line.ts'
import { Bench, type Medium } from './bench.ts'
import { busOf, devicesOf, type LinkKind, type Wall } from './walls.ts'
import { Witness } from './witness.ts'

const STEP_MS = 10
const OPEN_MS = 1
/** To the gateway or back. */
const NETWORK_MS = 1
const LINE_LENGTH_MAX = 256
/** From the last byte of an order to its coil: the gap that ends a frame, and a byte's time. */
const LAG_MS = 60

/** A gateway's own memory: does what it has taken outlive the connection that brought it? */
export type GatewayMemory = 'drops-ended' | 'keeps-ended'

interface Connection {
  readonly host: LinkHost
  held: string
}

/** What the runner opens; one connection at a time, as it does. */
class VirtualPort {
  readonly #time: VirtualTime
  readonly #kind: LinkKind
  readonly #memory: GatewayMemory
  readonly #framing: 'line' | 'bytes'
  readonly #toLine: (bytes: Uint8Array) => void
  #isThere = true
  #isStalled = false
  #current: Connection | null = null
  #waiting: { readonly from: Connection; readonly bytes: Uint8Array }[] = []
  #toHost: number[] = []

  constructor(
    time: VirtualTime,
    parts: {
      readonly kind: LinkKind
      readonly memory: GatewayMemory
      readonly framing: 'line' | 'bytes'
      readonly toLine: (bytes: Uint8Array) => void
    },
  ) {
    this.#time = time
    this.#kind = parts.kind
    this.#memory = parts.memory
    this.#framing = parts.framing
    this.#toLine = parts.toLine
  }

  createLink = (_: LinkConfig, host: LinkHost): BusLink => {
    const connection: Connection = { host, held: '' }
    let hasEnded = false
    return {
      open: () =>
        this.#time.at(this.#time.nowMs + OPEN_MS, () => {
          if (hasEnded) return
          if (!this.#isThere) return host.closed('nobody there')
          this.#current = connection
          host.opened()
        }),
      send: (text) => {
        if (this.#current === connection) this.#take(connection, Buffer.from(text, 'latin1'))
      },
      close: () => {
        hasEnded = true
        this.#end(connection)
      },
    }
  }

  /** From the line; bytes that nobody hears are gone. */
  hear(byte: number): void {
    if (this.#isStalled) {
      this.#toHost.push(byte)
      return
    }
    const connection = this.#current
    if (connection === null) return
    this.#later(() => this.#deliver(connection, byte))
  }

  unplug(): void {
    this.#isThere = false
    this.#isStalled = false
    this.#waiting = []
    this.#toHost = []
    const connection = this.#current
    this.#current = null
    connection?.host.closed('gone')
  }

  plug(): void {
    this.#isThere = true
  }

  stall(): void {
    this.#isStalled = true
  }

  resume(): void {
    this.#isStalled = false
    for (const { bytes } of this.#waiting.splice(0)) this.#toLine(bytes)
    for (const byte of this.#toHost.splice(0)) this.hear(byte)
  }

  #take(from: Connection, bytes: Uint8Array): void {
    this.#later(() => {
      if (this.#isStalled) {
        // What arrives with the reset of its connection is dropped in any memory.
        if (this.#current === from) this.#waiting.push({ from, bytes })
        return
      }
      if (this.#isThere) this.#toLine(bytes)
    })
  }

  #end(connection: Connection): void {
    if (this.#current === connection) this.#current = null
    if (this.#memory === 'keeps-ended') return
    this.#waiting = this.#waiting.filter(({ from }) => from !== connection)
  }

  #later(run: () => void): void {
    if (this.#kind === 'serial') run()
    else this.#time.at(this.#time.nowMs + NETWORK_MS, run)
  }

  #deliver(connection: Connection, byte: number): void {
    if (this.#current !== connection) return
    const character = String.fromCharCode(byte)
    if (this.#framing === 'bytes') return connection.host.frame(character)
    if (character !== '\n') {
      connection.held = (connection.held + character).slice(0, LINE_LENGTH_MAX)
      return
    }
    const line = connection.held
    connection.held = ''
    connection.host.frame(line)
  }
}

export interface VirtualOptions {
  readonly kind: LinkKind
  readonly seed: string
  readonly memory?: GatewayMemory
}

export function virtualBench(wall: Wall, options: VirtualOptions): Bench {
  const { kind, seed, memory = 'drops-ended' } = options
  const time = new VirtualTime()
  const witness = new Witness()
  const { baudRate } = wall
  const link: LinkConfig =
    kind === 'serial'
      ? { kind, path: '/dev/null', baudRate }
      : { kind, host: 'gateway', port: 5_000, baudRate }
  const config = busOf(wall, link)
  const framing = framingOfBus(config)
  const toLine = (bytes: Uint8Array) => wire.send(bytes)
  const port = new VirtualPort(time, { kind, memory, framing, toLine })
  const wire: Wire = new Wire({
    schedule: time,
    random: createRandom(`wire/${seed}`),
    baudRate,
    boards: devicesOf(wall),
    host: { heard: (byte) => port.hear(byte), coilChanged: (change) => bench.coilChanged(change) },
  })
  const bus = new BusRunner({
    config,
    clock: time,
    createLink: port.createLink,
    report: (event) => witness.tell(event, time.nowMs),
  })
  const medium: Medium = {
    kind,
    bus,
    witness,
    schedule: time,
    lagMs: LAG_MS,
    line: {
      setFaults: (faults) => {
        wire.faults = faults
      },
      change: (device, behaviour) => wire.change(device, behaviour),
      moveDoor: (move) => wire.moveDoor(move),
      moveContents: (move) => wire.moveContents(move),
    },
    nowMs: () => time.nowMs,
    unplug: async () => {
      port.unplug()
      if (kind === 'serial') wire.unplug()
    },
    plug: async () => {
      wire.plug()
      port.plug()
    },
    stall: () => port.stall(),
    resume: () => port.resume(),
    until: async (what, isTrue, withinMs) => {
      const untilMs = time.nowMs + withinMs
      while (!isTrue()) {
        if (time.nowMs > untilMs) throw new Error(`waited in vain: ${what}`)
        time.pass(STEP_MS)
      }
    },
    stop: async () => bus.stop(),
  }
  const bench: Bench = new Bench(wall, medium, seed)
  return bench
}
