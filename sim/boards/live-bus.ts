// Line boards on a pseudoterminal in real time: an unmodified daemon opens the port and finds them.
// The world moves the doors and hears of every output; what a coil does to its door is its affair.
import { collectLines } from '../../firmware-protocol/line.ts'
import {
  createLineBoard,
  type DoorPosition,
  type LineBoardConfig,
  type LineBoardEvent,
  type LineBoardState,
  nextLineBoardWake,
  stepLineBoard,
} from './line-board.ts'
import { type Cable, plugIn } from './pty.ts'

const BITS_PER_CHARACTER = 10
/** What a small microcontroller takes from the end of a request to its reply. */
const BOARD_LATENCY_MS = 2

export interface LiveOutput {
  readonly address: number
  readonly channel: number
  /** How long the output stays on; null: it went off. */
  readonly ms: number | null
}

export interface LiveBusOptions {
  /** Fixed name of the port. */
  readonly link: string
  readonly baudRate: number
  readonly boards: readonly LineBoardConfig[]
  readonly outputChanged?: (output: LiveOutput) => void
  /** Every line a program sends, for those who watch the wire. */
  readonly lineHeard?: (line: string) => void
}

export interface DoorMove {
  readonly address: number
  readonly channel: number
  readonly door: DoorPosition
}

interface LiveBoard {
  state: LineBoardState
  timer: NodeJS.Timeout | undefined
}

export class LiveBus {
  readonly #options: LiveBusOptions
  readonly #boards: ReadonlyMap<number, LiveBoard>
  readonly #replies = new Set<NodeJS.Timeout>()
  #cable: Cable | null = null
  #heard = ''

  constructor(options: LiveBusOptions) {
    this.#options = options
    const nowMs = performance.now()
    this.#boards = new Map(
      options.boards.map((config) => [
        config.address,
        { state: createLineBoard(config, nowMs), timer: undefined },
      ]),
    )
  }

  moveDoor({ address, channel, door }: DoorMove): void {
    this.#tell(address, { kind: 'door-moved', channel, door })
  }

  /** The board loses power for a moment and starts anew. */
  powerCycle(address: number): void {
    this.#tell(address, { kind: 'power-cycled' })
  }

  /** Puts characters on the wire that no board has sent. @param text latin1 */
  disturb(text: string): void {
    this.#cable?.toPort.write(text, 'latin1')
  }

  async plugIn(): Promise<void> {
    if (this.#cable !== null) return
    const cable = await plugIn(this.#options.link)
    this.#cable = cable
    cable.fromPort.on('data', (bytes: Buffer) => this.#hear(bytes.toString('latin1')))
  }

  /** The boards keep their power: only the host is gone. */
  async unplug(): Promise<void> {
    const cable = this.#cable
    this.#cable = null
    for (const reply of this.#replies) clearTimeout(reply)
    this.#replies.clear()
    await cable?.unplug()
  }

  async stop(): Promise<void> {
    await this.unplug()
    for (const board of this.#boards.values()) clearTimeout(board.timer)
  }

  #hear(text: string): void {
    const { held, lines } = collectLines(this.#heard, text)
    this.#heard = held
    for (const line of lines) this.#options.lineHeard?.(line)
    for (const address of this.#boards.keys()) {
      this.#tell(address, { kind: 'characters-received', text })
    }
  }

  #tell(address: number, event: LineBoardEvent): void {
    const board = this.#boards.get(address)
    if (board === undefined) throw new RangeError(`no board at address ${address}`)
    const nowMs = performance.now()
    const { state, outputs } = stepLineBoard(board.state, event, nowMs)
    board.state = state
    clearTimeout(board.timer)
    const wakeMs = nextLineBoardWake(state)
    if (wakeMs !== null) {
      // A timer may be early by a fraction of a millisecond.
      const waitMs = Math.max(0, Math.ceil(wakeMs - nowMs))
      board.timer = setTimeout(() => this.#tell(address, { kind: 'time-passed' }), waitMs)
    }
    for (const output of outputs) {
      if (output.kind === 'reply') this.#reply(output.text)
      else {
        const ms = output.kind === 'output-on' ? output.ms : null
        this.#options.outputChanged?.({ address, channel: output.channel, ms })
      }
    }
  }

  #reply(text: string): void {
    const lineMs = (text.length * BITS_PER_CHARACTER * 1_000) / this.#options.baudRate
    const reply = setTimeout(() => {
      this.#replies.delete(reply)
      this.#cable?.toPort.write(text, 'latin1')
    }, BOARD_LATENCY_MS + lineMs)
    this.#replies.add(reply)
  }
}
