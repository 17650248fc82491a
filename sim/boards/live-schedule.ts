// Real time as a schedule: what is due runs in its order and is told its own due time, not the
// moment at which the machine got round to it. So the timing of bytes on a simulated wire stays
// exact however late a timer fires.
import type { Schedule } from './schedule.ts'

interface Entry {
  readonly atMs: number
  readonly run: () => void
}

export class LiveSchedule implements Schedule {
  nowMs = performance.now()
  readonly #due: Entry[] = []
  readonly #afterwards: () => void
  #timer: NodeJS.Timeout | undefined
  #isRunning = false

  /** @param afterwards runs after each time that something has run */
  constructor(afterwards: () => void = () => {}) {
    this.#afterwards = afterwards
  }

  at(atMs: number, run: () => void): void {
    const entry = { atMs: Math.max(atMs, this.nowMs), run }
    const after = this.#due.findLastIndex((other) => other.atMs <= entry.atMs)
    this.#due.splice(after + 1, 0, entry)
    if (after < 0) this.#arm()
  }

  /** Something happens from outside: all that was due before it runs first. */
  happens(run: () => void): void {
    // What is running already has its place in time, and so has what it causes at once.
    if (this.#isRunning) return run()
    this.#catchUp()
    this.nowMs = Math.max(this.nowMs, performance.now())
    this.#isRunning = true
    run()
    this.#isRunning = false
    this.#afterwards()
  }

  stop(): void {
    clearTimeout(this.#timer)
    this.#due.length = 0
  }

  #catchUp(): void {
    const untilMs = performance.now()
    this.#isRunning = true
    for (let next = this.#due[0]; next !== undefined && next.atMs <= untilMs; next = this.#due[0]) {
      this.#due.shift()
      this.nowMs = next.atMs
      next.run()
    }
    this.#isRunning = false
    this.#arm()
  }

  #arm(): void {
    clearTimeout(this.#timer)
    const next = this.#due[0]
    if (next === undefined) return
    const waitMs = Math.max(0, Math.ceil(next.atMs - performance.now()))
    this.#timer = setTimeout(() => {
      this.#catchUp()
      this.#afterwards()
    }, waitMs)
  }
}
