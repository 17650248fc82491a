// A whole fleet comes back, in virtual time: after a power cut of all, after a broker that was
// restarted, and after one that stayed away for a while.
import { Timeline } from '../../../sim/world/timeline.ts'
import { DEFAULT_UPLINK } from '../../../src/sync/machine/config.ts'
import { MemoryOutbox } from '../../support/memory-outbox.ts'
import { BrokerModel, WAITING_MAX } from './broker-model.ts'
import { type Told, VirtualKiosk } from './virtual-kiosk.ts'

/** What docs/operations.md names as the default of `uplink.connectTimeoutMs`. */
const CONNECT_TIMEOUT_MS = 15_000
/** Nobody counts as a steady connection before; every kiosk is one when the next thing happens. */
const CALM_MS = 2 * DEFAULT_UPLINK.steadyMs
const MS_PER_S = 1_000
const PATIENCE_MS = 4 * 3_600_000
/** Steps of one kiosk in a second; what exceeds this is a machine that spins. */
const STEPS_PER_KIOSK_MAX = 100
/** Of the broker's rate; the rest is for chance, and for whoever comes back for other reasons. */
const LOAD = 0.7

/** @see docs/fleet.md */
export function windowMs(kiosks: number, connectsPerS: number): number {
  return Math.ceil((kiosks / (LOAD * connectsPerS)) * MS_PER_S)
}

export interface VirtualOptions {
  readonly kiosks: number
  readonly connectsPerS: number
  /** `uplink.reconnectSpreadMs` of every kiosk. */
  readonly spreadMs: number
  /** How long the broker stays away in the last part. */
  readonly awayMs: number
  readonly seed: string
  readonly onProgress?: (line: string) => void
}

export interface Return {
  readonly after: string
  readonly attempts: number
  /** Refused or given up although the broker was there. */
  readonly wasted: number
  /** Nobody was there; not even a fleet of one could have spared these. */
  readonly metNobody: number
  /** From the broker's return until the last kiosk was up; null: they were not within hours. */
  readonly allUpMs: number | null
  readonly busiestSecond: number
}

export function runVirtualFleet(options: VirtualOptions): readonly Return[] {
  return new VirtualFleet(options).run()
}

class VirtualFleet {
  readonly #options: VirtualOptions
  readonly #timeline = new Timeline()
  readonly #broker: BrokerModel
  readonly #kiosks: VirtualKiosk[] = []
  readonly #counts: Record<Told, number> = {
    attempt: 0,
    wasted: 0,
    'met nobody': 0,
    up: 0,
    down: 0,
  }
  readonly #attemptsBySecond = new Map<number, number>()

  constructor(options: VirtualOptions) {
    this.#options = options
    this.#broker = new BrokerModel({ connectsPerS: options.connectsPerS, waitingMax: WAITING_MAX })
  }

  run(): readonly Return[] {
    return [
      this.#watch('a power cut of all', () => this.#powerUp()),
      this.#watch('a broker that was restarted', () => this.#restart(0)),
      this.#watch('a broker that stayed away', () => this.#restart(this.#options.awayMs)),
    ]
  }

  #powerUp(): void {
    const { kiosks, seed, spreadMs } = this.#options
    const around = {
      timeline: this.#timeline,
      broker: this.#broker,
      ledger: new MemoryOutbox(),
      config: { ...DEFAULT_UPLINK, retrySpreadMs: spreadMs },
      connectTimeoutMs: CONNECT_TIMEOUT_MS,
      tell: (what: Told): void => this.#tell(what),
    }
    for (let number = 1; number <= kiosks; number += 1) {
      this.#kiosks.push(new VirtualKiosk(`k${number}`, seed, around))
    }
  }

  #restart(awayMs: number): void {
    this.#broker.kill()
    for (const kiosk of this.#kiosks) kiosk.cut()
    this.#runFor(awayMs)
    this.#broker.start()
  }

  #watch(after: string, happen: () => void): Return {
    const before = { ...this.#counts }
    this.#attemptsBySecond.clear()
    happen()
    const beganMs = this.#timeline.nowMs
    let allUpMs: number | null = null
    while (allUpMs === null && this.#timeline.nowMs - beganMs < PATIENCE_MS) {
      this.#runFor(MS_PER_S)
      if (this.#upCount() === this.#options.kiosks) allUpMs = this.#timeline.nowMs - beganMs
    }
    const { attempt, wasted, 'met nobody': metNobody } = this.#counts
    const outcome = {
      after,
      attempts: attempt - before.attempt,
      wasted: wasted - before.wasted,
      metNobody: metNobody - before['met nobody'],
      allUpMs,
      busiestSecond: Math.max(0, ...this.#attemptsBySecond.values()),
    }
    this.#runFor(CALM_MS)
    this.#options.onProgress?.(`${after}: ${this.#upCount()} kiosks are up`)
    return outcome
  }

  #upCount(): number {
    return this.#counts.up - this.#counts.down
  }

  #runFor(durationMs: number): void {
    const stepsMax = this.#options.kiosks * STEPS_PER_KIOSK_MAX
    const endMs = this.#timeline.nowMs + durationMs
    while (this.#timeline.nowMs < endMs) {
      this.#timeline.runUntil(Math.min(endMs, this.#timeline.nowMs + MS_PER_S), stepsMax)
    }
  }

  #tell(what: Told): void {
    this.#counts[what] += 1
    if (what !== 'attempt') return
    const second = Math.floor(this.#timeline.nowMs / MS_PER_S)
    this.#attemptsBySecond.set(second, (this.#attemptsBySecond.get(second) ?? 0) + 1)
  }
}
