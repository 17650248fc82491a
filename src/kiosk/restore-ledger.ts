// What the rules may look up about a restored ledger; src/kiosk/ledger.ts has the rest.
import type { RestoreCause } from './restore-facts.ts'

/** How it shows that this file is an older copy. */
export interface Restored {
  readonly cause: RestoreCause
  /** The newest fact that was there; null: nobody knows. */
  readonly knownSeq: number | null
}

export interface RestoreLedger {
  /** What the opening of the file has shown and no fact tells yet. */
  restored(): Restored | null
  /** How the present epoch began, if it did so with a restore. */
  restoredFrom(): { readonly previousEpoch: string; readonly knownSeq: number | null } | null
  /** For the next restore; null when this run has used it up. */
  nextEpoch(): string | null
  /** Is any locker left of which only an older copy tells? */
  hasDoubts(): boolean
}
