// Walks a chain of fact texts from its start, or from where an older part was cut off, and says
// which fact is the first wrong one. It keeps nothing but the last link.
import { doerOf, whyOf } from '../kiosk/custody.ts'
import type { Fact } from '../kiosk/facts.ts'
import { CHAIN_START, type FactText, hashText, kindOf } from './chain.ts'

/** The last link before the walk. */
export interface ChainHead {
  readonly seq: number
  readonly hash: string
  readonly boot: number
}

const CHAIN_BEGIN: ChainHead = { seq: 0, hash: CHAIN_START, boot: 0 }

/** The first wrong fact; 0 when the fault is no single fact's. */
export interface Fault {
  readonly seq: number
  readonly words: string
}

/** As it stands in a file; `seq`, `kind` and `hash` are there where the file keeps them apart. */
export interface ChainRow {
  readonly body: string
  readonly seq?: number
  readonly kind?: string
  readonly hash?: string
}

export type Walked =
  | { readonly isSound: true; readonly fact: Fact; readonly text: FactText; readonly hash: string }
  | { readonly isSound: false; readonly fault: Fault }

export class ChainWalk {
  #head: ChainHead
  #monoMs = 0

  constructor(start: ChainHead = CHAIN_BEGIN) {
    this.#head = start
  }

  get head(): ChainHead {
    return this.#head
  }

  take(row: ChainRow): Walked {
    const seq = this.#head.seq + 1
    const hash = hashText(row.body)
    const text = textOf(row.body)
    const words = this.#complaint(row, { seq, hash, text })
    if (words !== null || text === null) {
      return { isSound: false, fault: { seq, words: words ?? 'it is not JSON' } }
    }
    const fact = { kind: kindOf(text), data: text.data } as unknown as Fact
    this.#head = { seq, hash, boot: text.boot }
    this.#monoMs = text.mono
    return { isSound: true, fact, text, hash }
  }

  #complaint(
    row: ChainRow,
    read: { readonly seq: number; readonly hash: string; readonly text: FactText | null },
  ): string | null {
    const { seq, hash, text } = read
    if (row.seq !== undefined && row.seq !== seq) {
      return row.seq > seq ? `it is missing; fact ${row.seq} follows` : 'its number comes twice'
    }
    if (row.hash !== undefined && row.hash !== hash) return 'its text is not the one it had'
    if (text === null) return 'its text is not JSON'
    if (text.seq !== seq) return `it calls itself ${String(text.seq)}: one is missing or moved`
    if (text.ph !== this.#head.hash) {
      return `it was not stored behind fact ${seq - 1} as that stands now: one of both was changed`
    }
    const kind = kindOf(text)
    if (kind === null) return 'its type is none that this Latchkey knows'
    if (row.kind !== undefined && row.kind !== kind) return 'its kind is not that of its text'
    return this.#contradiction(text, { kind, data: text.data } as unknown as Fact)
  }

  /** What no chain shows when it was linked anew: the text must still agree with itself. */
  #contradiction(text: FactText, fact: Fact): string | null {
    const { boot } = this.#head
    const isStart = fact.kind === 'kiosk-started'
    const expectedBoot = isStart && text.seq > 1 ? boot + 1 : boot
    if (isStart && fact.data.boot !== text.boot)
      return 'its count of starts is not that of its data'
    if (text.seq > 1 && text.boot !== expectedBoot)
      return `it is of start ${text.boot}, not of ${expectedBoot}`
    if (!isStart && text.mono < this.#monoMs)
      return 'its uptime lies before that of the fact before'
    const doer = doerOf(fact)
    if (doer === undefined) return 'its type is none that this Latchkey knows'
    if (JSON.stringify(doer) !== JSON.stringify(text.by)) return 'its actor is not that of its data'
    return whyOf(fact) === (text.why ?? null) ? null : 'its reason is not that of its data'
  }
}

function textOf(body: string): FactText | null {
  try {
    const text = JSON.parse(body) as Partial<FactText> | null
    const isText =
      typeof text?.type === 'string' &&
      Number.isSafeInteger(text.seq) &&
      Number.isSafeInteger(text.boot) &&
      Number.isSafeInteger(text.t) &&
      typeof text.mono === 'number' &&
      (text.clk === 'believed' || text.clk === 'doubted') &&
      typeof text.data === 'object' &&
      text.data !== null
    return isText ? (text as FactText) : null
  } catch {
    return null
  }
}
