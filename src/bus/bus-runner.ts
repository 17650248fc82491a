// Drives the pure bus master with a clock and a link: the same in the daemon and in a virtual
// world. Nothing here depends on real time. It is synchronous: an event and all its actions are one
// turn.
import type { KioskEvent } from '../kiosk/events.ts'
import type { Alarm, Clock } from '../kiosk/time.ts'
import { type BusConfig, framingOfBus } from './config.ts'
import type { BusLink, LinkFactory, LinkHost } from './links/link.ts'
import type { Signal } from './master/signals.ts'
import {
  type BusAction,
  type BusCounters,
  type BusEvent,
  type BusState,
  createBus,
  type Unlock,
} from './master/state.ts'
import { nextBusWake, stepBus } from './master/step.ts'
import { type BusStats, statsOf } from './stats.ts'
import { type TraceEntry, traceAction, traceEvent, traceStart } from './trace.ts'

export interface BusParts {
  readonly config: BusConfig
  readonly clock: Clock
  readonly createLink: LinkFactory
  /** Called within a turn; it may call back, and its event waits for the end of the turn. */
  readonly report: (event: KioskEvent) => void
  /** Why the link closed, for the log. */
  readonly linkClosed?: (cause: string) => void
}

export class BusRunner {
  readonly #parts: BusParts
  readonly #alarm: Alarm
  readonly #waiting: BusEvent[] = []
  #state: BusState
  #link: BusLink | null = null
  #traced: ((entry: TraceEntry) => void) | null = null
  #phase: 'new' | 'running' | 'stopped' = 'new'
  #isInTurn = false

  /** @throws RangeError when the configuration cannot be run */
  constructor(parts: BusParts) {
    this.#parts = parts
    this.#state = createBus(parts.config)
    this.#alarm = parts.clock.alarm(() => this.#take({ kind: 'time-passed' }))
  }

  get id(): string {
    return this.#state.config.id
  }

  get counters(): BusCounters {
    return this.#state.counters
  }

  get stats(): BusStats {
    return statsOf(this.#state)
  }

  start(): void {
    if (this.#phase !== 'new') return
    this.#phase = 'running'
    this.#take({ kind: 'time-passed' })
  }

  /** Ends in exactly one `unlock-ended`, unless the bus is stopped before. */
  unlock(unlock: Unlock): void {
    // The kind comes last: what is handed in may carry one of its own.
    this.#take({ ...unlock, kind: 'unlock-requested' })
  }

  /** Nothing comes back, and perhaps nothing happens. */
  signal(signal: Signal): void {
    this.#take({ ...signal, kind: 'signal-requested' })
  }

  attend(isAttended: boolean): void {
    this.#take({ kind: 'attended', isAttended })
  }

  /** What a trace begins with. */
  get traceStart(): TraceEntry {
    return traceStart(this.#state, this.#parts.clock.now().monoMs)
  }

  /**
   * Every frame in both directions from now on, and what else happens; null: no more. Costs nothing
   * when nobody does.
   */
  listen(traced: ((entry: TraceEntry) => void) | null): void {
    this.#traced = traced
  }

  /** Nothing leaves or is reported any more; boards switch their outputs off themselves. */
  stop(): void {
    this.#phase = 'stopped'
    this.#alarm.set(null)
    this.#waiting.length = 0
    this.#dropLink()
  }

  #take(event: BusEvent): void {
    if (this.#phase !== 'running') return
    this.#waiting.push(event)
    if (this.#isInTurn) return
    this.#isInTurn = true
    try {
      for (let next = this.#waiting.shift(); next !== undefined; next = this.#waiting.shift()) {
        this.#turn(next)
      }
    } finally {
      this.#isInTurn = false
    }
    if (this.#phase === 'running') this.#alarm.set(nextBusWake(this.#state))
  }

  #turn(event: BusEvent): void {
    const nowMonoMs = this.#parts.clock.now().monoMs
    const before = this.#state
    const isAlarm = event.kind === 'time-passed'
    if (this.#traced !== null && !isAlarm) {
      traceEvent(before, { what: event, nowMonoMs }, this.#traced)
    }
    const step = stepBus(before, event, nowMonoMs)
    this.#state = step.state
    if (this.#traced !== null && isAlarm && step.state !== before) {
      traceEvent(before, { what: event, nowMonoMs }, this.#traced)
    }
    for (const action of step.actions) {
      if (this.#phase !== 'running') return
      if (this.#traced !== null) traceAction(step.state, { what: action, nowMonoMs }, this.#traced)
      this.#perform(action)
    }
  }

  #perform(action: BusAction): void {
    switch (action.kind) {
      case 'open-link':
        this.#openLink()
        break
      case 'close-link':
        this.#dropLink()
        break
      case 'send':
        this.#link?.send(action.text)
        break
      case 'report':
        this.#parts.report(action.event)
        break
    }
  }

  /** A new link each time; whatever an old one still says is not heard. */
  #openLink(): void {
    this.#dropLink()
    const isCurrent = () => this.#link === link
    const { config } = this.#state
    const host: LinkHost = {
      opened: () => {
        if (isCurrent()) this.#take({ kind: 'link-opened' })
      },
      frame: (text) => {
        if (isCurrent()) this.#take({ kind: 'frame-received', text })
      },
      closed: (cause) => {
        if (!isCurrent()) return
        this.#link = null
        this.#parts.linkClosed?.(cause)
        this.#take({ kind: 'link-closed', cause })
      },
    }
    const link = this.#parts.createLink(config.link, host, framingOfBus(config))
    this.#link = link
    link.open()
  }

  #dropLink(): void {
    const link = this.#link
    this.#link = null
    link?.close()
  }
}
