// The facts as central has them: a line for each epoch of the kiosk's ledger. One that began with a
// restore goes on from the line before it, at the fact that was the copy's newest.
import { createHash } from 'node:crypto'

const CHAIN_START = '0'.repeat(64)
const RESTORED = 'ledger-restored'

export interface StoredFact {
  readonly seq: number
  readonly kind: string
  readonly data: Record<string, unknown>
  /** As the contract names it. */
  readonly type: string
  /** The text as the kiosk stored it. */
  readonly body: string
}

interface Line {
  readonly epoch: string
  /** The first fact of this epoch; what is before it, the epochs before have told. */
  readonly firstSeq: number
  readonly facts: StoredFact[]
}

export interface LinesHost {
  readonly violated: (what: string) => void
  readonly stored: (fact: StoredFact) => void
}

export class Lines {
  readonly #host: LinesHost
  readonly #lines: Line[] = []

  constructor(host: LinesHost) {
    this.#host = host
  }

  get newest(): Line | null {
    return this.#lines.at(-1) ?? null
  }

  /** Its own alone: what an epoch before says of a parcel may have been undone in what was lost. */
  factsOf(epoch: string): readonly StoredFact[] {
    const line = this.#of(epoch)
    return line === null ? [] : line.facts.slice(line.firstSeq - 1)
  }

  /** @returns the line of which the kiosk is told how far it goes */
  take(epoch: string, texts: readonly string[]): Line | null {
    const facts = texts.map(read)
    const line = this.#of(epoch) ?? this.#begin(epoch, facts[0])
    if (line === null) return this.newest
    for (const fact of facts) {
      // A gap: the ack tells where to go on.
      if (!this.#add(line, fact)) break
    }
    return line
  }

  #of(epoch: string): Line | null {
    return this.#lines.find((line) => line.epoch === epoch) ?? null
  }

  #begin(epoch: string, first: StoredFact | undefined): Line | null {
    if (first === undefined) return null
    const { seq, kind, data } = first
    // What came before it is still on its way.
    if (this.newest !== null && kind !== RESTORED) return null
    const before = this.#of(String(data['previousEpoch']))
    if (this.newest !== null && before === null) {
      this.#host.violated(`${epoch} follows an epoch of which nobody has heard`)
    }
    const kept = before?.facts.slice(0, seq - 1) ?? []
    if (kept.length < seq - 1) return null
    const line = { epoch, firstSeq: seq, facts: kept }
    this.#lines.push(line)
    return line
  }

  /** @returns false when facts before it are missing */
  #add({ facts }: Line, fact: StoredFact): boolean {
    const known = facts[fact.seq - 1]
    if (known !== undefined) {
      if (known.body !== fact.body) {
        this.#host.violated(`fact ${fact.seq} came again with other content`)
      }
      return true
    }
    if (fact.seq !== facts.length + 1) return false
    const last = facts.at(-1)
    const hash = linkOf(last)
    const { ph } = JSON.parse(fact.body) as { readonly ph: string }
    if (ph !== hash) this.#host.violated(`the chain breaks before ${fact.seq}`)
    facts.push(fact)
    this.#host.stored(fact)
    return true
  }
}

/** What the fact after this one carries of it. */
export function linkOf(fact: StoredFact | undefined): string {
  return fact === undefined ? CHAIN_START : createHash('sha256').update(fact.body).digest('hex')
}

function read(body: string): StoredFact {
  const { seq, type, data } = JSON.parse(body) as Pick<StoredFact, 'seq' | 'type' | 'data'>
  return { seq, kind: type.replace(/\/\d+$/, ''), data, type, body }
}
