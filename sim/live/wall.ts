// A wall in real time: the cabinet's doors and locks behind line boards on pseudoterminals. What
// lies where is kept in a file, so that the next start finds the same parcels.
import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'
import { collectLines } from '../../firmware-protocol/line.ts'
import type { BusConfig } from '../../src/bus/config.ts'
import type { KioskConfig } from '../../src/kiosk/config.ts'
import { lineBoard } from '../boards/line-board.ts'
import { LiveBus } from '../boards/live-bus.ts'
import { Cabinet, type Compartment } from '../cabinet.ts'

/** From the coil's first current until the spring has pushed the door. */
const SPRING_MS = 60
const FIRMWARE = '1.0.0'

interface StoredWall {
  readonly boot: number
  readonly doors: Readonly<
    Record<string, Pick<Compartment, 'door' | 'contents' | 'isJammed'> | undefined>
  >
}

/** For whoever looks on: what the kiosk says on the wire, and what it does to locks and doors. */
export interface WallWatch {
  readonly lineHeard: (line: string) => void
  /** A lock's output went on. */
  readonly fired: (compartment: Compartment) => void
  readonly doorMoved: (compartment: Compartment, cause: 'lock' | 'hand') => void
}

export interface LiveWallOptions {
  readonly kiosk: KioskConfig
  readonly buses: readonly BusConfig[]
  /** Where the wall is kept between runs; null: it is new each time. */
  readonly file: string | null
  readonly watch?: WallWatch
}

/** Pseudoterminals stand for serial ports; a gateway has no path. */
function portOf({ id, link }: BusConfig): string {
  if (link.kind !== 'serial') throw new RangeError(`bus ${id} is no serial line`)
  return link.path
}

export class LiveWall {
  readonly cabinet: Cabinet
  readonly #options: LiveWallOptions
  readonly #buses: readonly { readonly bus: LiveBus; readonly config: BusConfig }[]
  readonly #listeners: (() => void)[] = []
  readonly #boot: number

  constructor(options: LiveWallOptions) {
    this.#options = options
    const stored = read(options.file)
    this.#boot = (stored?.boot ?? 0) + 1
    this.cabinet = new Cabinet(options.kiosk, {
      doorMoved: (compartment, cause) => {
        this.#doorMoved(compartment)
        options.watch?.doorMoved(compartment, cause)
      },
    })
    for (const [id, compartment] of this.cabinet.compartments) {
      Object.assign(compartment, stored?.doors[id])
    }
    this.#buses = options.buses.map((config) => ({ config, bus: this.#createBus(config) }))
    this.#save()
  }

  #createBus(config: BusConfig): LiveBus {
    let heard = ''
    return new LiveBus({
      port: { kind: 'pty', path: portOf(config) },
      baudRate: config.link.baudRate,
      boards: config.boards.map(({ id, address, channels }) => ({
        id,
        model: lineBoard({
          address,
          channels,
          firmware: FIRMWARE,
          serial: `SIM-${id}`,
          boot: this.#boot,
          doors: Array.from(
            { length: channels },
            (_, index) => this.cabinet.on(id, index + 1)?.door ?? 'closed',
          ),
        }),
      })),
      coilChanged: ({ board, channel, isOn }) => {
        const compartment = this.cabinet.on(board, channel)
        if (isOn && compartment !== undefined) this.#fire(compartment)
      },
      frameSent: ({ from, bytes }) => {
        if (from !== null) return
        const { held, lines } = collectLines(heard, Buffer.from(bytes).toString('latin1'))
        heard = held
        for (const line of lines) this.#options.watch?.lineHeard(line)
      },
    })
  }

  #fire(compartment: Compartment): void {
    compartment.pulses += 1
    this.#options.watch?.fired(compartment)
    setTimeout(() => this.cabinet.spring(compartment), SPRING_MS)
  }

  async plugIn(): Promise<void> {
    for (const { bus, config } of this.#buses) {
      mkdirSync(dirname(portOf(config)), { recursive: true })
      await bus.plugIn()
    }
  }

  async unplug(): Promise<void> {
    await Promise.all(this.#buses.map(({ bus }) => bus.unplug()))
  }

  async stop(): Promise<void> {
    this.#save()
    await Promise.all(this.#buses.map(({ bus }) => bus.stop()))
  }

  /** Puts characters on every bus that no board has sent. @param text latin1 */
  disturb(text: string): void {
    for (const { bus } of this.#buses) bus.disturb(Buffer.from(text, 'latin1'))
  }

  onChange(changed: () => void): void {
    this.#listeners.push(changed)
  }

  /** Contents or a jam were changed by hand. */
  changed(): void {
    this.#save()
    for (const listener of this.#listeners) listener()
  }

  #doorMoved({ locker, door }: Compartment): void {
    const { boardId, channel } = locker
    for (const { bus, config } of this.#buses) {
      if (!config.boards.some(({ id }) => id === boardId)) continue
      bus.moveDoor({ board: boardId, channel, door })
    }
    this.changed()
  }

  #save(): void {
    const { file } = this.#options
    if (file === null) return
    const doors = Object.fromEntries(
      [...this.cabinet.compartments].map(([id, { door, contents, isJammed }]) => [
        id,
        { door, contents, isJammed },
      ]),
    )
    const stored: StoredWall = { boot: this.#boot, doors }
    mkdirSync(dirname(file), { recursive: true })
    writeFileSync(`${file}.new`, JSON.stringify(stored))
    renameSync(`${file}.new`, file)
  }
}

function read(file: string | null): StoredWall | null {
  if (file === null || !existsSync(file)) return null
  return JSON.parse(readFileSync(file, 'utf8')) as StoredWall
}
