// The custody chain: each fact's text carries the hash of the text before it, so that a changed,
// removed or inserted fact shows. The text is stored and sent as it was hashed.
import { hash } from 'node:crypto'
import { type Doer, doerOf, whyOf } from '../kiosk/custody.ts'
import type { Fact } from '../kiosk/facts.ts'
import type { Now } from '../kiosk/time.ts'

/** Stands where the first fact has no predecessor. */
export const CHAIN_START = '0'.repeat(64)
/** Version of every fact's shape so far; it is part of the type that is sent. */
const FACT_VERSION = 1

export interface ChainLink {
  readonly body: string
  readonly hash: string
}

/** A fact's text, read. */
export interface FactText {
  readonly seq: number
  /** Kind and version. */
  readonly type: string
  readonly t: number
  readonly mono: number
  readonly boot: number
  readonly clk: 'believed' | 'doubted'
  readonly by: Doer
  /** Absent when no reason is known. */
  readonly why?: string
  readonly ph: string
  readonly data: object
}

export function linkFact(
  fact: Fact,
  place: {
    readonly seq: number
    readonly boot: number
    readonly previousHash: string
    readonly now: Now
  },
): ChainLink {
  const { seq, boot, previousHash, now } = place
  const why = whyOf(fact)
  const text: FactText = {
    seq,
    type: `${fact.kind}/${FACT_VERSION}`,
    t: now.wallMs,
    mono: now.monoMs,
    boot,
    clk: now.isWallBelieved ? 'believed' : 'doubted',
    by: doerOf(fact),
    ...(why === null ? {} : { why }),
    ph: previousHash,
    data: fact.data,
  }
  const body = JSON.stringify(text)
  return { body, hash: hashText(body) }
}

export function hashText(text: string): string {
  return hash('sha256', text)
}

const KIND = /^([a-z][a-z0-9-]{0,47})\/([1-9][0-9]{0,2})$/

/** @returns the kind, or null when the version is not one that this program writes */
export function kindOf({ type }: Pick<FactText, 'type'>): string | null {
  const [, kind = null, version] = KIND.exec(type) ?? []
  return version === String(FACT_VERSION) ? kind : null
}
