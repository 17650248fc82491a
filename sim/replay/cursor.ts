// Follows a host through the exchanges of a recording and says at once where it leaves them. A host
// that starts later than the recording did is let in where its first request stands. Nobody can
// repeat the moment at which a person wanted a door: unless it is to be strict, an order may come
// some questions earlier, and before it the questions of then may be asked again. Pure.
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

/** Among so many exchanges before an order stands what every board was asked. */
const QUESTIONS_BACK_MAX = 256

export class Cursor {
  readonly #exchanges: readonly RecordedExchange[]
  readonly #isStrict: boolean
  #next = 0
  #isIn = false
  /** The next order; -1: it has not been looked for. */
  #order = -1

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
    if (this.#order < next) {
      const order = this.#exchanges.findIndex(({ isOrder }, at) => at >= next && isOrder)
      this.#order = order < 0 ? Number.POSITIVE_INFINITY : order
    }
    if (this.#order > next) return [next, this.#order]
    const back = Array.from({ length: QUESTIONS_BACK_MAX }, (_, index) => next - 1 - index)
    return [next, ...back.filter((index) => this.#exchanges[index]?.isOrder === false)]
  }
}
