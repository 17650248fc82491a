// Follows a host through the exchanges of a recording and says at once where it leaves them. A host
// that starts later than the recording did is let in where its first request stands. Nobody can
// repeat the moment at which a person wanted a door, nor the rhythm of all questions: unless it is
// to be strict, the orders alone have to come as they came then. Pure.
import type { RecordedExchange } from './exchanges.ts'

export type Step =
  /** Part of a request, so far. */
  | { readonly kind: 'unfinished' }
  | {
      readonly kind: 'exchange'
      readonly exchange: RecordedExchange
      /** Exchanges of the recording that were left out before it. */
      readonly leftOut: number
      /** Its answers were given before; the recording waits for an order. */
      readonly isRepeated: boolean
    }
  /** Null: the recording has ended. */
  | { readonly kind: 'departed'; readonly expected: RecordedExchange | null }

/** All that the boards of a bus are asked in one round. */
const QUESTIONS_AHEAD_MAX = 64
/** Among so many exchanges before the next one stands what every board was asked last. */
const QUESTIONS_BACK_MAX = 256

export class Cursor {
  readonly #exchanges: readonly RecordedExchange[]
  readonly #isStrict: boolean
  #next = 0
  #isIn = false
  /** The next exchange that may not be left out; -1: it has not been looked for. */
  #turn = -1

  constructor(
    exchanges: readonly RecordedExchange[],
    { isStrict }: { readonly isStrict: boolean },
  ) {
    this.#exchanges = exchanges
    this.#isStrict = isStrict
  }

  /** How many exchanges lie behind. */
  get position(): number {
    return this.#next
  }

  get isAtEnd(): boolean {
    return this.#next >= this.#exchanges.length
  }

  /** @param key of everything from the host since the last whole request */
  take(key: Buffer): Step {
    const candidates = this.#candidates()
    const found = candidates.find((index) => this.#exchanges[index]?.key.equals(key))
    const exchange = found === undefined ? undefined : this.#exchanges[found]
    if (found !== undefined && exchange !== undefined) {
      const isRepeated = found < this.#next
      const leftOut = isRepeated ? 0 : found - this.#next
      if (!isRepeated) this.#next = found + 1
      this.#isIn = true
      return { kind: 'exchange', exchange, leftOut, isRepeated }
    }
    const isBeginning = candidates.some((index) => {
      return this.#exchanges[index]?.key.subarray(0, key.length).equals(key)
    })
    if (isBeginning) return { kind: 'unfinished' }
    return { kind: 'departed', expected: this.#exchanges[this.#next] ?? null }
  }

  /** Where the host may go on, the likeliest first. */
  #candidates(): readonly number[] {
    const next = this.#next
    if (!this.#isIn) return [...this.#exchanges.keys()]
    if (this.#isStrict) return [next]
    if (this.#turn < next) this.#turn = this.#turnFrom(next)
    const aheadCount = Math.min(QUESTIONS_AHEAD_MAX, this.#turn - next)
    const ahead = Array.from({ length: aheadCount }, (_, index) => next + index)
    const back = Array.from({ length: QUESTIONS_BACK_MAX }, (_, index) => next - 1 - index)
    const asked = back.filter((index) => this.#exchanges[index]?.isOrder === false)
    // A cable is pulled at its place among the questions, and not because they are left out.
    const turn = this.#exchanges[this.#turn]
    const isReached = turn?.isOrder === true || aheadCount < QUESTIONS_AHEAD_MAX
    return [...ahead, ...(isReached ? [this.#turn] : []), ...asked]
  }

  /** The next exchange that nobody may leave out. */
  #turnFrom(next: number): number {
    const turn = this.#exchanges.findIndex(
      ({ isOrder, pulledAfterMs }, at) => at >= next && (isOrder || pulledAfterMs !== null),
    )
    return turn < 0 ? this.#exchanges.length : turn
  }
}
