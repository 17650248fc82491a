// Boards behind a real port in real time: an unmodified program opens the pseudoterminal or the TCP
// gateway and finds them. The world moves the doors and hears of every coil; what a coil does to
// its door is its affair.
import { createRandom } from '../world/random.ts'
import type { Contents, DoorPosition } from './board.ts'
import type { BoardBehaviour, WireFaults } from './faults.ts'
import { type LivePort, type Plug, plugInto } from './live-port.ts'
import { LiveSchedule } from './live-schedule.ts'
import type { TcpGateway } from './tcp-gateway.ts'
import { type ChannelOfBoard, Wire, type WireHost, type WireOptions } from './wire.ts'

export interface LiveBusOptions extends Omit<WireOptions, 'schedule' | 'random' | 'host'> {
  readonly port: LivePort
  readonly seed?: string
  readonly coilChanged?: NonNullable<WireHost['coilChanged']>
  readonly lampFlashed?: NonNullable<WireHost['lampFlashed']>
  readonly frameSent?: NonNullable<WireHost['frameSent']>
}

export class LiveBus {
  readonly #options: LiveBusOptions
  readonly #schedule = new LiveSchedule(() => this.#flush())
  readonly #wire: Wire
  #plug: Plug | null = null
  #heard: number[] = []

  constructor(options: LiveBusOptions) {
    this.#options = options
    const { port: _, seed = '1', coilChanged, lampFlashed, frameSent, ...wire } = options
    this.#wire = new Wire({
      ...wire,
      schedule: this.#schedule,
      random: createRandom(`live/${seed}`),
      host: {
        heard: (byte) => this.#heard.push(byte),
        ...(coilChanged === undefined ? {} : { coilChanged }),
        ...(lampFlashed === undefined ? {} : { lampFlashed }),
        ...(frameSent === undefined ? {} : { frameSent }),
      },
    })
  }

  /** To stall it or to cut its connections; null on a pseudoterminal or while unplugged. */
  get gateway(): TcpGateway | null {
    return this.#plug?.gateway ?? null
  }

  /** For what doors do in their own time; it ends with the bus. */
  get schedule(): LiveSchedule {
    return this.#schedule
  }

  moveDoor(move: ChannelOfBoard & { readonly door: DoorPosition }): void {
    this.#schedule.happens(() => this.#wire.moveDoor(move))
  }

  moveContents(move: ChannelOfBoard & { readonly contents: Contents }): void {
    this.#schedule.happens(() => this.#wire.moveContents(move))
  }

  /** The board loses power for a moment and starts anew. */
  powerCycle(board: string): void {
    this.#schedule.happens(() => this.#wire.powerCycle(board))
  }

  /** Breaks or mends a board. */
  change(board: string, behaviour: Partial<BoardBehaviour>): void {
    this.#schedule.happens(() => this.#wire.change(board, behaviour))
  }

  setFaults(faults: WireFaults): void {
    this.#wire.faults = faults
  }

  /** Puts bytes on the wire that no board has sent. */
  disturb(bytes: Uint8Array): void {
    this.#schedule.happens(() => this.#wire.disturb(bytes))
  }

  async plugIn(): Promise<void> {
    if (this.#plug !== null) return
    const send = (bytes: Uint8Array) => this.#schedule.happens(() => this.#wire.send(bytes))
    this.#plug = await plugInto(this.#options.port, send)
    this.#wire.plug()
  }

  /** The boards keep their power: only the host, or the gateway, is gone. */
  async unplug(): Promise<void> {
    const plug = this.#plug
    this.#plug = null
    this.#schedule.happens(() => this.#wire.unplug())
    await plug?.unplug()
  }

  async stop(): Promise<void> {
    await this.unplug()
    this.#schedule.stop()
  }

  #flush(): void {
    if (this.#heard.length === 0) return
    this.#plug?.toPort(Uint8Array.from(this.#heard))
    this.#heard = []
  }
}
