// Openings that the sensor does not see: the person in front of the door is asked, and what they
// say is written down as theirs.
import type { LockerId } from './config.ts'
import { type Draft, putOpening } from './draft.ts'
import type { DoorReading } from './events.ts'
import { DOOR_REMINDER_MS, endUnproven, pulse, seeClosed, seeOpen } from './openings.ts'
import type { Door, LiveOpening } from './state.ts'
import { countDenial, distrust, isDisprovedByMovement, isDistrusted, trust } from './trust.ts'
import type { ActionName } from './view.ts'

/** The lock was ordered to let go, and the sensor did not see it. */
export function canSayOpen(draft: Draft, lockerId: LockerId): boolean {
  const opening = draft.state.openings[lockerId]
  return opening?.phase === 'stuck' && !opening.isUnsettled && opening.heard !== null
}

/** The sensor calls the door open for long, did so before anybody opened it, or is no help. */
export function canSayShut(draft: Draft, lockerId: LockerId): boolean {
  const opening = draft.state.openings[lockerId]
  if (opening?.phase !== 'open' || opening.isLeftOpen || opening.isInterrupted) return false
  const sinceMonoMs = opening.openSinceMonoMs ?? draft.now.monoMs
  const isLong = draft.now.monoMs - sinceMonoMs >= DOOR_REMINDER_MS
  return opening.isBlind || opening.pulses === 0 || isLong
}

export function isBlindlyOpen(draft: Draft, lockerId: LockerId): boolean {
  const opening = draft.state.openings[lockerId]
  return opening?.phase === 'open' && opening.isBlind
}

/**
 * What a person says of the door.
 *
 * @returns null when nothing of the kind was said, or it cannot be said now; `pulsed` when the lock
 *   is only now ordered to let go, because the sensor had called a shut door open
 */
export function say(
  draft: Draft,
  lockerId: LockerId,
  action: ActionName,
): 'open' | 'shut' | 'pulsed' | null {
  const opening = draft.state.openings[lockerId]
  if (opening === undefined) return null
  if (action === 'said-open' && canSayOpen(draft, lockerId)) {
    sayOpen(draft, opening)
    return 'open'
  }
  if (action !== 'said-shut' || !canSayShut(draft, lockerId)) return null
  if (opening.isBlind) return sayShut(draft, opening)
  distrust(draft, lockerId, 'never-shut')
  const blind = draft.state.openings[lockerId] ?? opening
  if (blind.pulses > 0) return sayShut(draft, blind)
  pulse(draft, { ...blind, phase: 'commanded' })
  return 'pulsed'
}

function sayOpen(draft: Draft, opening: LiveOpening): void {
  const { lockerId } = opening
  if (!isDistrusted(draft, lockerId)) countDenial(draft, lockerId)
  seeOpen(draft, draft.state.openings[lockerId] ?? opening, 'person')
}

function sayShut(draft: Draft, opening: LiveOpening): 'shut' {
  seeClosed(draft, opening, { isWatched: false, witness: 'person' })
  return 'shut'
}

/** A reading of a door that is not believed: it can only win its trust back. */
export function watchDistrusted(
  draft: Draft,
  opening: LiveOpening,
  { before, seen }: { readonly before: Door; readonly seen: DoorReading },
): void {
  if (opening.isUnsettled) return endUnproven(draft, opening)
  if (opening.pulses === 0 || !isDisprovedByMovement(before.distrustedFor)) return
  const { monoMs } = draft.now
  const sinceMonoMs = opening.cycleOpenSinceMonoMs
  if (seen.state === 'open') {
    if (before.reads === 'closed') putOpening(draft, { ...opening, cycleOpenSinceMonoMs: monoMs })
    return
  }
  if (sinceMonoMs === null) return
  const isFull = seen.state === 'closed' && monoMs - sinceMonoMs >= draft.config.policy.openMinMs
  if (!isFull) return putOpening(draft, { ...opening, cycleOpenSinceMonoMs: null })
  const { lockerId, by } = opening
  trust(draft, lockerId, { proof: 'movement', by, reason: null })
  seeOpen(draft, opening, 'sensor')
  const opened = draft.state.openings[lockerId]
  if (opened === undefined) return
  const watched = { ...opened, openSinceMonoMs: sinceMonoMs }
  seeClosed(draft, watched, { isWatched: true, witness: 'sensor' })
}

/** The person was faster than the sensor, or the sensor is dead: seen open it counts again. */
export function watchSaid(draft: Draft, opening: LiveOpening, seen: DoorReading): void {
  if (seen.state === 'open') seeOpen(draft, opening, 'sensor')
}
