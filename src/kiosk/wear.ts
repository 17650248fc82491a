// What openings tell about a door: those that need a second pulse, or come late, or not at all are
// tried last until they have done well again. Counted in the ledger: a restart forgets none.
import { type Draft, type Happening, remember } from './draft.ts'
import type { DoorManner } from './facts.ts'
import type { LiveOpening } from './state.ts'

/** A smooth opening takes one point back. */
const POINTS: Readonly<Record<DoorManner, number>> = { smooth: -1, retried: 2, slow: 2, failed: 4 }
/** A door that failed for weeks is trusted again after so many smooth openings. */
const POINTS_MAX = 40

export function judgeDoor(draft: Draft, happening: Happening): void {
  const manner = mannerOf(draft, happening)
  if (manner === null) return
  const { lockerId } = happening.opening
  const before = draft.ledger.locker(lockerId)?.wear.points ?? 0
  if (manner === 'smooth' && before === 0) return
  const points = Math.min(POINTS_MAX, Math.max(0, before + POINTS[manner]))
  const isShaky = points >= draft.config.policy.shakyFromPoints
  remember(draft, { kind: 'door-judged', data: { lockerId, manner, points, isShaky } })
}

/** Null: it tells nothing about the door. */
function mannerOf(draft: Draft, happening: Happening): DoorManner | null {
  const { kind, opening } = happening
  if (kind === 'failed') return happening.code === 'LK-DOOR-01' ? 'failed' : null
  if (kind !== 'opened' || opening.pulses === 0 || opening.isUnsettled) return null
  if (opening.pulses > 1) return 'retried'
  return opening.phase === 'stuck' || isSlow(draft, opening) ? 'slow' : 'smooth'
}

/** The pulse was acknowledged when the wait for the door began. */
function isSlow(draft: Draft, opening: LiveOpening): boolean {
  const { openSeenMs, slowOpenMs } = draft.config.policy
  return draft.now.monoMs - (opening.seenByMonoMs - openSeenMs) > slowOpenMs
}
