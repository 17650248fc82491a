// The lives of the daemon, one after another, each in a data folder of its own: what is left of one
// is where the next begins. After a kill that is all that was written, after a power cut what was
// synced; and somebody may put an older copy of the database back.
import { mkdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import type { BusConfig } from '../../src/bus/config.ts'
import { type KioskConfig, lockersOf } from '../../src/kiosk/config.ts'
import type { KioskEvent } from '../../src/kiosk/events.ts'
import type { CoreOutput } from '../../src/runtime/core.ts'
import type { Ledger } from '../../src/store/ledger.ts'
import { PROMPT_UPLINK } from '../../src/sync/machine/config.ts'
import type { Cable } from './cable.ts'
import type { Central } from './central.ts'
import type { Checkers } from './checkers.ts'
import { copyDurable, copyPresent, putBack } from './disk-image.ts'
import type { Faults } from './faults.ts'
import { Life } from './life.ts'
import type { Parts } from './parts.ts'
import { hexOf, type Random } from './random.ts'
import type { Timeline } from './timeline.ts'

export type Death = 'power' | 'kill' | 'restore'

export interface LivesParts {
  readonly timeline: Timeline
  readonly random: Random
  readonly parts: Parts
  readonly folder: string
  /** Ends the name of each epoch of the ledger. */
  readonly name: string
  readonly kiosk: KioskConfig
  readonly bus: BusConfig
  readonly faults: Faults
  readonly cable: Cable
  readonly central: Central
  readonly checkers: Checkers
  readonly isTroubled: () => boolean
  readonly host: {
    readonly performed: (output: CoreOutput) => void
    readonly told: (event: KioskEvent) => void
    readonly died: () => void
    readonly log: (who: string, what: string) => void
  }
}

export class Lives {
  /** Of the newest life, whether it lasts or not. */
  ledger: Ledger | null = null
  /** Null: no daemon is alive. */
  life: Life | null = null
  readonly #parts: LivesParts
  #count = 0
  /** Of the database, of an earlier time. */
  #copyFolder: string | null = null

  constructor(parts: LivesParts) {
    this.#parts = parts
  }

  /** Where the newest life has its data. */
  get folder(): string {
    return this.#folderOf(this.#count - 1)
  }

  tell(event: KioskEvent): void {
    this.life?.tell(event)
  }

  start(): void {
    const { checkers, kiosk, parts, name, host } = this.#parts
    const folder = this.#folderOf(this.#count)
    mkdirSync(folder, { recursive: true })
    const before = this.ledger
    const ledger = parts.openLedger({
      path: join(folder, 'ledger.db'),
      lockerIds: lockersOf(kiosk).map(({ id }) => id),
      // Parcels that nobody announced are named after its beginning.
      newEpoch: `${String(this.#count).padStart(3, '0')}-${name}`,
    })
    this.ledger = ledger
    checkers.survived(ledger)
    checkers.lifeBegan(ledger)
    before?.close()
    this.#count += 1
    this.life = this.#createLife(ledger)
    host.log('life', String(this.#count))
    this.life.start()
  }

  #createLife(ledger: Ledger): Life {
    const { timeline, parts, kiosk, bus, faults, cable, central, checkers, host } = this.#parts
    const random = this.#parts.random.fork(`life ${this.#count}`)
    return new Life({
      timeline,
      kiosk,
      bus,
      uplink: { ...PROMPT_UPLINK, kioskId: kiosk.kioskId },
      ledger,
      seed: hexOf(random),
      createBusLink: parts.createLink(cable),
      createUplinkLink: (linkHost) => central.createLink(linkHost),
      crashPoint: (outputs) => {
        if (!this.#parts.isTroubled() || !random.chance(faults.crashAtTurn)) return null
        return random.between(0, outputs.length)
      },
      hear: (event) => parts.hear(event, kiosk),
      atStart: () => parts.atStart(ledger, kiosk),
      died: () => this.die(random.chance(0.5) ? 'power' : 'kill'),
      watch: {
        stored: () => checkers.stored(ledger),
        performed: (output) => {
          checkers.performed(ledger)
          host.performed(output)
        },
        told: host.told,
      },
    })
  }

  /** Somebody keeps a copy of the database as it is now. */
  keepCopy(): void {
    if (this.life === null) return
    const { folder } = this.#parts
    this.#dropCopy()
    this.#copyFolder = join(folder, 'copy')
    copyPresent(this.folder, this.#copyFolder)
    this.#parts.host.log('copy', String(this.ledger?.headSeq()))
  }

  #dropCopy(): void {
    if (this.#copyFolder !== null) rmSync(this.#copyFolder, { recursive: true, force: true })
    this.#copyFolder = null
  }

  /**
   * `power`: what was not synced is gone, and the boards restart too. `restore`: switched off, and
   * the older copy is put back, if there is one.
   */
  die(cause: Death): void {
    if (this.life === null || (cause === 'restore' && this.#copyFolder === null)) return
    const { timeline, random, cable, checkers, host } = this.#parts
    host.log('dies', cause)
    checkers.died(cause)
    this.life.end()
    this.life = null
    host.died()
    const from = this.folder
    const to = this.#folderOf(this.#count)
    if (cause === 'power') {
      copyDurable(from, to)
      cable.powerCycle()
    } else copyPresent(from, to)
    if (cause === 'restore' && this.#copyFolder !== null) {
      putBack(this.#copyFolder, to)
      // What is older than an earlier restore is another story.
      this.#dropCopy()
    }
    timeline.after(random.between(300, 6_000), () => {
      this.start()
      rmSync(from, { recursive: true, force: true })
    })
  }

  #folderOf(life: number): string {
    return join(this.#parts.folder, `life-${life}`)
  }
}
