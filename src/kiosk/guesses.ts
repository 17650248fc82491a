// The brake on guessing: a growing wait, never a lock-out. The count is stored before the answer is
// shown, so that pulling the plug frees nothing, and it fades with uptime, so that a clock cannot.
import { type Draft, record, remember, update } from './draft.ts'
import type { EntryKind } from './facts.ts'
import { notice } from './state.ts'

/** Wait after the k-th failure, in milliseconds; the last one holds for all that follow. */
const GUESS_WAITS_MS = [0, 0, 0, 0, 2_000, 4_000, 8_000, 15_000, 30_000] as const

const REFUSALS = {
  pin: { key: 'pin-refused', code: 'LK-PIN-01' },
  'access-code': { key: 'access-code-refused', code: 'LK-STAFF-01' },
  'desk-answer': { key: 'desk-refused', code: 'LK-DESK-03' },
} as const

function guessWaitMs(failures: number): number {
  return GUESS_WAITS_MS[Math.min(failures, GUESS_WAITS_MS.length - 1)] ?? 0
}

export function isBlocked(draft: Draft): boolean {
  return draft.state.blockedUntilMonoMs > draft.now.monoMs
}

export function countFailure(draft: Draft, what: EntryKind): void {
  const failures = draft.state.failures + 1
  record(draft, { kind: 'entry-refused', data: { what, failures } })
  remember(draft, { kind: 'guesses-counted', data: { failures } })
  const { monoMs } = draft.now
  update(draft, {
    failures,
    blockedUntilMonoMs: monoMs + guessWaitMs(failures),
    forgetGuessAtMonoMs: monoMs + draft.config.policy.guessDecayMs,
    // With its number, so that a second refusal is shown and said again.
    notice: notice(REFUSALS[what].key, REFUSALS[what].code, { failures }),
  })
}

/** After a start the wait runs anew: the plug was no way around it. */
export function restoreGuesses(draft: Draft): void {
  const failures = draft.ledger.failures()
  const { monoMs } = draft.now
  update(draft, {
    failures,
    blockedUntilMonoMs: monoMs + guessWaitMs(failures),
    forgetGuessAtMonoMs: monoMs + draft.config.policy.guessDecayMs,
  })
}

export function guessesOverdue(draft: Draft): void {
  const { failures, forgetGuessAtMonoMs } = draft.state
  const { monoMs } = draft.now
  if (failures === 0 || forgetGuessAtMonoMs > monoMs) return
  remember(draft, { kind: 'guesses-counted', data: { failures: failures - 1 } })
  update(draft, {
    failures: failures - 1,
    forgetGuessAtMonoMs: monoMs + draft.config.policy.guessDecayMs,
  })
}
