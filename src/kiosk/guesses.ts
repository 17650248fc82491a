// The brake on guessing: a growing wait, then a second part, never a lock-out. The counts are
// stored before the answer is shown, so that pulling the plug frees nothing, and they fade with
// uptime, so that a clock cannot. The arithmetic is in docs/pins.md.
import { type Draft, record, remember, update } from './draft.ts'
import type { EntryKind } from './facts.ts'
import type { RefusalCause } from './pin-facts.ts'
import { notice } from './state.ts'
import type { IntentResult, Notice } from './view.ts'

/** Wait after the k-th failure, in milliseconds; the last one holds for all that follow. */
const GUESS_WAITS_MS = [0, 0, 0, 0, 2_000, 4_000, 8_000, 15_000, 30_000] as const
const DAY_MS = 86_400_000
const HOUR_MS = 3_600_000
/** So many failures within an hour are an alarm; once an hour. */
const ALARM_FAILURES = 10

const REFUSALS = {
  pin: { key: 'pin-refused', code: 'LK-PIN-01' },
  'access-code': { key: 'access-code-refused', code: 'LK-STAFF-01' },
  badge: { key: 'access-code-refused', code: 'LK-STAFF-01' },
  'desk-answer': { key: 'desk-refused', code: 'LK-DESK-03' },
} as const

function guessWaitMs(failures: number): number {
  return GUESS_WAITS_MS[Math.min(failures, GUESS_WAITS_MS.length - 1)] ?? 0
}

export function isBlocked(draft: Draft): boolean {
  return draft.state.blockedUntilMonoMs > draft.now.monoMs
}

/** While the wait runs nothing is looked up, and nothing is counted. */
export function refuseGuess(draft: Draft): IntentResult {
  update(draft, { notice: notice('please-wait', 'LK-PIN-02') })
  return 'refused'
}

/** The day's budget is spent: from now on an entry opens something with its second part only. */
export function needsReference(draft: Draft): boolean {
  return draft.state.budgetSpent >= draft.config.policy.guessesADayMax
}

export interface Failure {
  readonly what: EntryKind
  readonly cause: RefusalCause
}

export function countFailure(draft: Draft, failure: Failure): void {
  const { guessesADayMax, guessDecayMs } = draft.config.policy
  const { monoMs } = draft.now
  const failures = draft.state.failures + 1
  // Entries with two parts are no danger to the budget, and must not keep it spent for ever.
  const budgetSpent = Math.min(guessesADayMax, draft.state.budgetSpent + 1)
  record(draft, { kind: 'entry-refused', data: { ...failure, failures } })
  remember(draft, { kind: 'guesses-counted', data: { failures, budgetSpent } })
  update(draft, {
    failures,
    budgetSpent,
    blockedUntilMonoMs: monoMs + guessWaitMs(failures),
    forgetGuessAtMonoMs: monoMs + guessDecayMs,
    refundAtMonoMs:
      draft.state.budgetSpent === 0 ? monoMs + refundMs(draft) : draft.state.refundAtMonoMs,
    notice: refusal(failure, failures),
  })
  raiseAlarm(draft)
}

/** One wrong entry comes back into the budget in this time. */
function refundMs(draft: Draft): number {
  return Math.ceil(DAY_MS / draft.config.policy.guessesADayMax)
}

/** With its number, so that a second refusal is shown and said again. */
function refusal({ what, cause }: Failure, failures: number): Notice {
  if (cause === 'expired') return notice('pin-expired', 'LK-PIN-04', { failures })
  if (cause === 'used') return notice('pin-used', 'LK-PIN-05', { failures })
  return notice(REFUSALS[what].key, REFUSALS[what].code, { failures })
}

function raiseAlarm(draft: Draft): void {
  const { monoMs } = draft.now
  const recent = [...draft.state.recentFailuresAtMonoMs, monoMs].filter(
    (atMonoMs) => atMonoMs > monoMs - HOUR_MS,
  )
  update(draft, { recentFailuresAtMonoMs: recent.slice(-ALARM_FAILURES) })
  const { alarmedAtMonoMs } = draft.state
  const isToldAlready = alarmedAtMonoMs !== null && alarmedAtMonoMs > monoMs - HOUR_MS
  if (recent.length < ALARM_FAILURES || isToldAlready) return
  record(draft, { kind: 'guessing-suspected', data: { failures: recent.length } })
  update(draft, { alarmedAtMonoMs: monoMs })
}

/** A right PIN ends the wait that its own owner's slips have caused; the budget stays as it is. */
export function clearWait(draft: Draft): void {
  const { failures, budgetSpent } = draft.state
  if (failures === 0) return
  remember(draft, { kind: 'guesses-counted', data: { failures: 0, budgetSpent } })
  update(draft, { failures: 0, blockedUntilMonoMs: 0 })
}

/** After a start the waits run anew: the plug was no way around them. */
export function restoreGuesses(draft: Draft): void {
  const failures = draft.ledger.failures()
  const { monoMs } = draft.now
  update(draft, {
    failures,
    budgetSpent: draft.ledger.budgetSpent(),
    blockedUntilMonoMs: monoMs + guessWaitMs(failures),
    forgetGuessAtMonoMs: monoMs + draft.config.policy.guessDecayMs,
    refundAtMonoMs: monoMs + refundMs(draft),
    // When they happened is not known any more: all of them count as just now.
    recentFailuresAtMonoMs: Array.from(
      { length: Math.min(failures, ALARM_FAILURES - 1) },
      () => monoMs,
    ),
    startedAtMonoMs: monoMs,
  })
}

export function guessesOverdue(draft: Draft): void {
  const { monoMs } = draft.now
  const before = draft.state
  const isForgotten = before.failures > 0 && before.forgetGuessAtMonoMs <= monoMs
  const isRefunded = before.budgetSpent > 0 && before.refundAtMonoMs <= monoMs
  if (!isForgotten && !isRefunded) return
  const failures = before.failures - (isForgotten ? 1 : 0)
  const budgetSpent = before.budgetSpent - (isRefunded ? 1 : 0)
  remember(draft, { kind: 'guesses-counted', data: { failures, budgetSpent } })
  update(draft, { failures, budgetSpent })
  if (isForgotten) update(draft, { forgetGuessAtMonoMs: monoMs + draft.config.policy.guessDecayMs })
  if (isRefunded) update(draft, { refundAtMonoMs: monoMs + refundMs(draft) })
}

/** When the counts fade next, for the wake-up. */
export function guessDeadlines(state: Draft['state']): readonly number[] {
  const { failures, budgetSpent } = state
  return [
    ...(failures === 0 ? [] : [state.forgetGuessAtMonoMs, state.blockedUntilMonoMs]),
    ...(budgetSpent === 0 ? [] : [state.refundAtMonoMs]),
  ]
}
