// Waiting for the world to move, and the kill that may come meanwhile. Whoever waits looks again
// whenever something was seen, and is torn out of it by the daemon's death.
import type { PlannedKill, Step } from './steps.ts'

const LOOK_MS = 20
const WAIT_MAX_MS = 15_000

/** The daemon died while somebody was busy with it. */
export class KilledError extends Error {}

interface Waiting {
  readonly isTrue: () => boolean
  readonly resolve: () => void
  readonly reject: (error: Error) => void
}

export class Signals {
  readonly #waiting = new Set<Waiting>()
  #ended: Error | null = null

  /** Something was seen. */
  poke(): void {
    for (const waiting of this.#waiting) {
      try {
        if (waiting.isTrue()) waiting.resolve()
      } catch (error) {
        waiting.reject(error instanceof Error ? error : new Error(String(error)))
      }
    }
  }

  /** Ends every wait, and every new one until `resume`. */
  interrupt(error: Error): void {
    this.#ended = error
    for (const waiting of this.#waiting) waiting.reject(error)
  }

  resume(): void {
    this.#ended = null
  }

  /** @throws what ended the waits */
  check(): void {
    if (this.#ended !== null) throw this.#ended
  }

  async until(what: string, isTrue: () => boolean, waitMaxMs = WAIT_MAX_MS): Promise<void> {
    this.check()
    if (isTrue()) return
    const { promise, resolve, reject } = Promise.withResolvers<void>()
    const waiting = { isTrue, resolve, reject }
    this.#waiting.add(waiting)
    const look = setInterval(() => this.poke(), LOOK_MS)
    const limit = setTimeout(() => reject(new Error(`waited in vain: ${what}`)), waitMaxMs)
    try {
      await promise
    } finally {
      clearInterval(look)
      clearTimeout(limit)
      this.#waiting.delete(waiting)
    }
  }
}

/** Fires once, a planned delay after its step was reached. */
export class Trigger {
  readonly #fire: () => void
  #armed: PlannedKill | null = null
  #isPending = false

  constructor(fire: () => void) {
    this.#fire = fire
  }

  arm(kill: PlannedKill): void {
    this.#armed = kill
  }

  disarm(): void {
    this.#armed = null
  }

  get armedStep(): Step | null {
    return this.#armed?.step ?? null
  }

  /** The step was reached, and the kill is on its way: nobody goes on before it. */
  get isPending(): boolean {
    return this.#isPending
  }

  reached(step: Step): void {
    if (this.#armed?.step !== step) return
    const { delayMs } = this.#armed
    this.#armed = null
    this.#isPending = true
    const fire = (): void => {
      this.#isPending = false
      this.#fire()
    }
    if (delayMs < 1) fire()
    else setTimeout(fire, delayMs)
  }
}
