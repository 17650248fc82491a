// What may happen only so often is counted over restarts, and no clock and no plug gives it back.
import type { Draft } from './draft.ts'

/** When something that is limited happened, by both clocks. */
export interface CountedRow {
  readonly boot: number
  readonly monoMs: number
  /** Null when the clock was not believed. */
  readonly wallMs: number | null
}

/**
 * Whether it is proven to be so long ago: by uptime; over a restart by the wall clock, if it was
 * believed then and is now; else only by the uptime since.
 */
export function isProvenOld(draft: Draft, each: CountedRow, ageMs: number): boolean {
  const { now, ledger, state } = draft
  if (each.boot === ledger.boot()) return now.monoMs - each.monoMs >= ageMs
  if (now.isWallBelieved && each.wallMs !== null) return now.wallMs - each.wallMs >= ageMs
  return now.monoMs - state.startedAtMonoMs >= ageMs
}
