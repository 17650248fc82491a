// How often central may open a door from afar. Whoever steals central's key must not empty the
// wall: the kiosk counts by itself, and a restart or a clock gives nothing back.
import type { RemoteBudget } from './command-facts.ts'
import { isProvenOld } from './counted.ts'
import { type Draft, remember } from './draft.ts'

const TEN_MINUTES_MS = 600_000
const DAY_MS = 86_400_000

/** Configurable downwards only. */
export const REMOTE_OPENINGS_IN_10_MIN_MAX = 3
export const REMOTE_OPENINGS_A_DAY_MAX = 10

export function remoteBudget(draft: Draft): RemoteBudget {
  const { remoteOpeningsIn10MinMax, remoteOpeningsADayMax } = draft.config.policy
  const stored = draft.ledger.remoteOpenings(REMOTE_OPENINGS_A_DAY_MAX)
  const counted = draft.records.filter(({ kind }) => kind === 'remote-opening-counted').length
  const within = (ageMs: number): number =>
    counted + stored.filter((each) => !isProvenOld(draft, each, ageMs)).length
  return {
    in10Min: Math.max(0, remoteOpeningsIn10MinMax - within(TEN_MINUTES_MS)),
    today: Math.max(0, remoteOpeningsADayMax - within(DAY_MS)),
  }
}

/** In the step that orders the pulse, and so on disk before it. */
export function spendRemoteOpening(draft: Draft): void {
  const { monoMs, wallMs, isWallBelieved } = draft.now
  const data = { monoMs, wallMs: isWallBelieved ? wallMs : null }
  remember(draft, { kind: 'remote-opening-counted', data })
}
