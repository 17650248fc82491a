// One life of the daemon in the world: the real core, the real ledger and the real bus master,
// until it is stopped or dies. Afterwards nothing of it can act any more.
import { BusRunner } from '../../src/bus/bus-runner.ts'
import type { BusConfig } from '../../src/bus/config.ts'
import type { LinkFactory } from '../../src/bus/links/link.ts'
import type { KioskConfig } from '../../src/kiosk/config.ts'
import type { KioskEvent } from '../../src/kiosk/events.ts'
import { Core, type CoreInput, type CoreOutput, TIME_PASSED } from '../../src/runtime/core.ts'
import type { Ledger } from '../../src/store/ledger.ts'
import { type LinkHost, performOnLink, type UplinkLink } from '../../src/sync/links/link.ts'
import type { UplinkConfig } from '../../src/sync/machine/config.ts'
import type { Timeline } from './timeline.ts'

/** Messages between the two threads take a moment. */
const THREAD_HOP_MS = 0.2

export interface LifeParts {
  readonly timeline: Timeline
  readonly kiosk: KioskConfig
  readonly bus: BusConfig
  readonly uplink: UplinkConfig
  readonly ledger: Ledger
  readonly seed: string
  readonly createBusLink: LinkFactory
  readonly createUplinkLink: (host: LinkHost) => UplinkLink
  /** May end this life: before the turn, or after some of its outputs. Null: it lives on. */
  readonly crashPoint: (outputs: readonly CoreOutput[]) => number | null
  readonly hear: (event: KioskEvent) => readonly KioskEvent[]
  readonly atStart: () => readonly CoreOutput[]
  readonly died: () => void
  readonly watch: {
    readonly stored: (ledger: Ledger) => void
    readonly performed: (output: CoreOutput) => void
    readonly told: (event: KioskEvent) => void
  }
}

export class Life {
  isAlive = true
  readonly #parts: LifeParts
  readonly #core: Core
  readonly #bus: BusRunner
  readonly #link: UplinkLink
  readonly #alarm
  readonly #mailbox: CoreInput[] = []
  #isTurnDue = false

  constructor(parts: LifeParts) {
    this.#parts = parts
    const { timeline, kiosk, ledger, uplink, seed, bus: config } = parts
    const clock = timeline.clock(() => this.isAlive)
    this.#core = new Core({ ledger, kiosk, uplink, seed, version: 'sim', now: timeline.now() })
    this.#bus = new BusRunner({
      config,
      clock,
      createLink: parts.createBusLink,
      report: (event) => {
        parts.watch.told(event)
        for (const heard of parts.hear(event)) this.tell(heard)
      },
    })
    this.#link = parts.createUplinkLink((event) => this.#send({ kind: 'uplink', event }))
    this.#alarm = clock.alarm(() => this.#turn(TIME_PASSED))
  }

  start(): void {
    const outputs = this.#core.start(this.#parts.timeline.now())
    this.#after([...outputs, ...this.#parts.atStart()])
    if (this.isAlive) this.#bus.start()
  }

  tell(event: KioskEvent): void {
    this.#send({ kind: 'kiosk', event })
  }

  /** The process is gone; its file handles are the caller's to close. */
  end(): void {
    this.isAlive = false
    this.#bus.stop()
    this.#link.disconnect()
    this.#alarm.set(null)
  }

  #send(input: CoreInput): void {
    if (!this.isAlive) return
    this.#mailbox.push(input)
    if (this.#isTurnDue) return
    this.#isTurnDue = true
    this.#parts.timeline.after(THREAD_HOP_MS, () => {
      this.#isTurnDue = false
      if (this.isAlive) this.#turn(this.#mailbox.splice(0))
    })
  }

  #turn(inputs: readonly CoreInput[]): void {
    if (this.isAlive) this.#after(this.#core.take(inputs, this.#parts.timeline.now()))
  }

  #after(outputs: readonly CoreOutput[]): void {
    const { watch, crashPoint, ledger, timeline, died } = this.#parts
    watch.stored(ledger)
    const crashAt = crashPoint(outputs)
    for (const [index, output] of outputs.entries()) {
      if (index === crashAt) break
      this.#perform(output)
    }
    if (crashAt !== null) {
      died()
      return
    }
    this.#alarm.set(this.#core.nextWake(timeline.now()))
  }

  #perform(output: CoreOutput): void {
    this.#parts.watch.performed(output)
    if (output.kind === 'uplink') {
      performOnLink(this.#link, output.action)
      return
    }
    if (output.kind !== 'kiosk') return
    const { action } = output
    if (action.kind === 'unlock') this.#bus.unlock(action)
    if (action.kind === 'attend') this.#bus.attend(action.isAttended)
  }
}
