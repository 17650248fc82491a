// A bus as the daemon runs it, on simulated boards behind a real port, with the daemon's control
// socket beside it.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { SIM_DIALECTS } from '../../sim/boards/catalogue.ts'
import { LiveBus } from '../../sim/boards/live-bus.ts'
import type { CoilChange } from '../../sim/boards/wire.ts'
import { BusRunner } from '../../src/bus/bus-runner.ts'
import type { BoardConfig, BusConfig, DialectName, LinkConfig } from '../../src/bus/config.ts'
import { createLink } from '../../src/bus/links/links.ts'
import { type ControlSocket, startControlSocket } from '../../src/diagnostics/control-socket.ts'
import { busViewOf } from '../../src/runtime/bus-view.ts'
import { realClock } from '../../src/runtime/clock.ts'
import { SMALL_KIOSK, SMALL_STATUS } from './fake-kiosk.ts'
import { until } from './until.ts'

interface BenchBoard {
  readonly dialect: DialectName
  readonly address: number
  readonly channels: number
}

export interface LineOptions {
  readonly boards: readonly BenchBoard[]
  readonly baudRate: number
  /** On a pseudoterminal of this name; without it behind a TCP gateway. */
  readonly path?: string
}

/** The boards alone: what was sent to them, and which coils went on. */
export class BenchLine {
  readonly live: LiveBus
  readonly coils: CoilChange[] = []
  /** Every frame of the host, latin1. */
  readonly asked: string[] = []
  readonly #options: LineOptions

  constructor(options: LineOptions) {
    this.#options = options
    const { boards, baudRate, path } = options
    this.live = new LiveBus({
      port: path === undefined ? { kind: 'tcp', port: 0 } : { kind: 'pty', path },
      baudRate,
      boards: boards.map(({ dialect, address, channels }, index) => {
        const feedback = 'door-closed'
        const model = SIM_DIALECTS[dialect]?.create({ address, channels, feedback, baudRate })
        if (model === undefined) throw new RangeError(dialect)
        return { id: `B${index + 1}`, model }
      }),
      coilChanged: (change) => this.coils.push(change),
      frameSent: ({ from, bytes }) => {
        if (from === null) this.asked.push(Buffer.from(bytes).toString('latin1'))
      },
    })
  }

  get link(): LinkConfig {
    const { path, baudRate } = this.#options
    if (path !== undefined) return { kind: 'serial', path, baudRate }
    const port = this.live.gateway?.port ?? 0
    return { kind: 'tcp', host: '127.0.0.1', port, baudRate }
  }
}

export class LiveBench {
  readonly folder = mkdtempSync(join(tmpdir(), 'latchkey-bus-'))
  readonly socketPath = join(this.folder, 'control.sock')
  readonly line: BenchLine
  readonly #options: LineOptions
  #runner: BusRunner | null = null
  #control: ControlSocket | null = null

  private constructor(options: LineOptions) {
    this.#options = options
    this.line = new BenchLine(options)
  }

  /** Resolves when all boards are online. */
  static async start(options: LineOptions): Promise<LiveBench> {
    const bench = new LiveBench(options)
    await bench.line.live.plugIn()
    await bench.#run()
    return bench
  }

  get runner(): BusRunner {
    if (this.#runner === null) throw new Error('the bench has not been started')
    return this.#runner
  }

  async end(): Promise<void> {
    await this.#control?.close()
    this.#control = null
    this.#runner?.stop()
    await this.line.live.stop()
    rmSync(this.folder, { recursive: true, force: true })
  }

  async #run(): Promise<void> {
    const boards: readonly BoardConfig[] = this.#options.boards.map((board, index) => ({
      id: `B${index + 1}`,
      ...board,
    }))
    const config: BusConfig = { id: 'east', link: this.line.link, boards }
    const runner = new BusRunner({ config, clock: realClock, createLink, report: () => {} })
    this.#runner = runner
    runner.start()
    const silent = { info: () => {}, warn: () => {}, error: () => {} }
    this.#control = await startControlSocket({
      path: this.socketPath,
      log: silent,
      config: SMALL_KIOSK,
      version: '1.2.3',
      buses: busViewOf(() => [runner]),
      inputs: () => [],
      askStatus: async () => SMALL_STATUS,
      askExplanation: async () => ({ kind: 'refused', code: 'LK-CTL-09' }),
      askAudit: async () => ({ kind: 'refused', code: 'LK-AUDIT-02' }),
      askUplink: async () => ({ kind: 'fact', fact: null }),
      ask: async () => ({ kind: 'inspected' }),
    })
    await until('all boards are online', () =>
      runner.stats.boards.every(({ presence }) => presence === 'online'),
    )
  }
}
