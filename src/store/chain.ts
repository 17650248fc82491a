// The custody chain: each fact's text carries the hash of the text before it, so that a changed,
// removed or inserted fact shows. The text is stored and sent as it was hashed.
import { createHash } from 'node:crypto'
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
  const body = JSON.stringify({
    seq,
    type: `${fact.kind}/${FACT_VERSION}`,
    t: now.wallMs,
    mono: now.monoMs,
    boot,
    clk: now.isWallBelieved ? 'believed' : 'doubted',
    ph: previousHash,
    data: fact.data,
  })
  return { body, hash: hashText(body) }
}

export function hashText(text: string): string {
  return createHash('sha256').update(text).digest('hex')
}
