// One kiosk of a fleet in virtual time: the real uplink machine, over a link that ends at a model
// of a broker, with a central behind it that only says that it has heard.
import { createHash } from 'node:crypto'
import type { Timeline } from '../../../sim/world/timeline.ts'
import type { Alarm } from '../../../src/kiosk/time.ts'
import type { UplinkConfig } from '../../../src/sync/machine/config.ts'
import type { UplinkAction, UplinkEvent, UplinkState } from '../../../src/sync/machine/state.ts'
import { createUplink, nextUplinkWake, stepUplink } from '../../../src/sync/machine/uplink.ts'
import type { MemoryOutbox } from '../../support/memory-outbox.ts'
import type { BrokerModel } from './broker-model.ts'

/** From a request to central's answer. */
const ANSWER_MS = 50
const SEED_DIGITS = 32

export type Told = 'attempt' | 'wasted' | 'met nobody' | 'up' | 'down'

export interface Surroundings {
  readonly timeline: Timeline
  readonly broker: BrokerModel
  /** Shared by all: nobody writes a fact here. */
  readonly ledger: MemoryOutbox
  readonly config: Omit<UplinkConfig, 'kioskId'>
  /** After so long the link gives a handshake up. */
  readonly connectTimeoutMs: number
  readonly tell: (what: Told) => void
}

export class VirtualKiosk {
  readonly #around: Surroundings
  readonly #config: UplinkConfig
  readonly #alarm: Alarm
  #state: UplinkState

  constructor(id: string, seed: string, around: Surroundings) {
    this.#around = around
    this.#config = { ...around.config, kioskId: id }
    const digits = createHash('sha256').update(`${seed}/${id}`).digest('hex').slice(0, SEED_DIGITS)
    this.#state = createUplink(this.#config, { seed: digits, now: around.timeline.now() })
    const clock = around.timeline.clock(() => true)
    this.#alarm = clock.alarm(() => this.#step({ kind: 'time-passed' }))
    this.#alarm.set(nextUplinkWake(this.#state, this.#config))
  }

  /** The broker is gone from one moment to the next. */
  cut(): void {
    const { link } = this.#state
    if (link.kind === 'up') this.#end(link.session)
  }

  #step(event: UplinkEvent): void {
    const { timeline, ledger, tell } = this.#around
    const wasUp = this.#state.link.kind === 'up'
    const step = stepUplink(this.#state, event, timeline.now(), ledger, this.#config)
    this.#state = step.state
    const isUp = step.state.link.kind === 'up'
    if (isUp !== wasUp) tell(isUp ? 'up' : 'down')
    for (const action of step.actions) this.#perform(action)
    this.#alarm.set(nextUplinkWake(this.#state, this.#config))
  }

  #perform(action: UplinkAction): void {
    if (action.kind === 'connect') this.#connect(action)
    if (action.kind === 'publish' && action.leaf === 'sync') {
      this.#around.timeline.after(ANSWER_MS, () => this.#hear())
    }
  }

  #connect({ session, protocol }: UplinkAction & { readonly kind: 'connect' }): void {
    const { timeline, broker, connectTimeoutMs, tell } = this.#around
    tell('attempt')
    const offer = broker.offer(timeline.nowMs)
    if (offer.kind !== 'queued') {
      tell(offer.kind === 'down' ? 'met nobody' : 'wasted')
      timeline.after(1, () => this.#end(session))
      return
    }
    const givenUpMs = timeline.nowMs + connectTimeoutMs
    timeline.at(Math.min(offer.atMs, givenUpMs), () => {
      if (!broker.isAlive(offer.life)) {
        tell('met nobody')
        this.#end(session)
      } else if (offer.atMs > givenUpMs) {
        tell('wasted')
        this.#end(session)
      } else this.#step({ kind: 'link-up', session, protocol })
    })
  }

  #end(session: string): void {
    this.#step({ kind: 'link-down', session, cause: 'closed', detail: '' })
  }

  #hear(): void {
    if (this.#state.link.kind !== 'up') return
    const head = this.#around.ledger.streamVersions()
    const { kioskId: k } = this.#config
    const body = { v: 1, k, t: 0, head } as const
    this.#step({ kind: 'message', message: { leaf: 'head', body }, receipt: 'r' })
  }
}
