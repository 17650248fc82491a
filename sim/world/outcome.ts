// What came of one seed.
import type { Faults } from './faults.ts'

export interface Outcome {
  readonly seed: number
  readonly violations: readonly string[]
  readonly counts: Readonly<Record<string, number>>
  readonly faults: Faults
  /** SHA-256 over every effect outside the daemon, in order. */
  readonly traceHash: string
  /** Of this machine's time, for people who wait; not part of the trace. */
  readonly ms: number
}
