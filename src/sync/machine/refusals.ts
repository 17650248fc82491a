// Tells central why a message was refused. Whoever can publish to the kiosk can cause refusals, so
// the reports have a limit; what exceeds it is counted, and the count is reported.
import type { Refusal } from './messages.ts'
import { count, publish, type Turn } from './state.ts'

const DETAIL_CHARS_MAX = 200

export function refuse(turn: Turn, refusal: Refusal): void {
  const { config, now } = turn
  closeWindow(turn)
  const { refusals, counts } = turn.state
  const { [refusal.code]: before = 0 } = counts.refusals
  count(turn, { refusals: { ...counts.refusals, [refusal.code]: before + 1 } })
  const opened = refusals.windowEndsMonoMs ?? now.monoMs + config.refusalWindowMs
  if (refusals.reported < config.refusalsMax) {
    turn.state = {
      ...turn.state,
      refusals: { ...refusals, windowEndsMonoMs: opened, reported: refusals.reported + 1 },
    }
    report(turn, refusal, 0)
    return
  }
  turn.state = {
    ...turn.state,
    refusals: { ...refusals, suppressed: refusals.suppressed + 1, last: refusal },
  }
}

/** Ends the window once its time is over, and reports what it suppressed. */
export function closeWindow(turn: Turn): void {
  const { windowEndsMonoMs, suppressed, last } = turn.state.refusals
  if (windowEndsMonoMs === null || turn.now.monoMs < windowEndsMonoMs) return
  turn.state = {
    ...turn.state,
    refusals: { windowEndsMonoMs: null, reported: 0, suppressed: 0, last: null },
  }
  if (last !== null) report(turn, last, suppressed)
}

function report(turn: Turn, refusal: Refusal, suppressed: number): void {
  publish(turn, 'rej', {
    leaf: refusal.leaf,
    code: refusal.code,
    detail: refusal.detail.slice(0, DETAIL_CHARS_MAX),
    suppressed,
  })
}
