// Whether the event loop was held up, by whom, and whether memory grows.
import { monitorEventLoopDelay } from 'node:perf_hooks'
import process from 'node:process'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'

const LOOK_MS = 5
export const BLOCKED_MAX_MS = 50
const US_PER_MS = 1_000
const NS_PER_MS = 1e6
const KIB = 1_024
/** What is compiled, and pools that fill, at the start. */
const WARM_UP_SHARE = 0.25

setFlagsFromString('--expose-gc')
const collectGarbage = runInNewContext('gc') as () => void

export interface LoopDelays {
  /** The longest time in which the loop did not come round, for whatever reason. */
  readonly longestMs: number
  /** The most time that this thread itself computed between two looks. */
  readonly ownMs: number
  /** How often it did not come round for BLOCKED_MAX_MS, and it was not this thread's doing. */
  readonly stolen: number
  /** As Node's own monitor has it. */
  readonly monitorMs: number
}

/**
 * Looks at two clocks every few milliseconds: that of the wall, and the processor time of this
 * thread. A loop that we block uses processor time for as long as it is late. Where a look comes
 * late and the thread has hardly computed meanwhile, the machine gave the processor to others.
 */
export class LoopWatch {
  readonly #monitor = monitorEventLoopDelay({ resolution: LOOK_MS })
  readonly #timer: NodeJS.Timeout
  #lookedAtMs = performance.now()
  #computedMs = computedMs()
  #longestMs = 0
  #ownMs = 0
  #stolen = 0

  constructor() {
    this.#monitor.enable()
    this.#timer = setInterval(() => this.#look(), LOOK_MS)
  }

  stop(): LoopDelays {
    clearInterval(this.#timer)
    this.#monitor.disable()
    const monitorMs = this.#monitor.max / NS_PER_MS
    return { longestMs: this.#longestMs, ownMs: this.#ownMs, stolen: this.#stolen, monitorMs }
  }

  #look(): void {
    const [nowMs, nowComputedMs] = [performance.now(), computedMs()]
    const lateMs = nowMs - this.#lookedAtMs - LOOK_MS
    const ownMs = nowComputedMs - this.#computedMs
    this.#lookedAtMs = nowMs
    this.#computedMs = nowComputedMs
    this.#longestMs = Math.max(this.#longestMs, lateMs)
    this.#ownMs = Math.max(this.#ownMs, ownMs)
    if (lateMs > BLOCKED_MAX_MS && ownMs <= BLOCKED_MAX_MS) this.#stolen += 1
  }
}

function computedMs(): number {
  const { user, system } = process.threadCpuUsage()
  return (user + system) / US_PER_MS
}

interface Sample {
  readonly mib: number
  readonly heapKib: number
  /** Resident, without what V8 has set aside for its heap: that grows in steps of 16 MiB, to 48. */
  readonly outsideKib: number
}

export interface Growth {
  /** In KiB for each MiB of noise, after a collection of garbage; by least squares. */
  readonly heapSlope: number
  readonly outsideSlope: number
}

export class MemoryWatch {
  readonly #samples: Sample[] = []

  sample(mib: number): void {
    collectGarbage()
    const { heapUsed, heapTotal, rss } = process.memoryUsage()
    const outsideKib = (rss - heapTotal) / KIB
    this.#samples.push({ mib, heapKib: heapUsed / KIB, outsideKib })
  }

  get growth(): Growth {
    const last = this.#samples.at(-1)
    const from = (last?.mib ?? 0) * WARM_UP_SHARE
    const warm = this.#samples.filter(({ mib }) => mib >= from)
    return {
      heapSlope: slopeOf(warm.map(({ mib, heapKib }) => [mib, heapKib])),
      outsideSlope: slopeOf(warm.map(({ mib, outsideKib }) => [mib, outsideKib])),
    }
  }
}

function slopeOf(points: readonly (readonly [number, number])[]): number {
  const mean = (values: readonly number[]) =>
    values.reduce((sum, value) => sum + value, 0) / values.length
  const meanX = mean(points.map(([x]) => x))
  const meanY = mean(points.map(([, y]) => y))
  const over = points.reduce((sum, [x, y]) => sum + (x - meanX) * (y - meanY), 0)
  const under = points.reduce((sum, [x]) => sum + (x - meanX) ** 2, 0)
  return under === 0 ? 0 : over / under
}
