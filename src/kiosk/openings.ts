// One opening, from its authorisation to its end. The sensor is the truth: a pulse that a board
// acknowledged proves nothing, a door that moved proves everything.
import type { Code } from './codes.ts'
import { endOpenCommand } from './command-answers.ts'
import type { LockerId } from './config.ts'
import { isHeldBack } from './doubt.ts'
import {
  answer,
  type Draft,
  dropOpening,
  happen,
  isBoardOnline,
  lockerConfig,
  putDoor,
  putOpening,
  record,
} from './draft.ts'
import type { Answer, UnlockOutcome } from './events.ts'
import {
  type Actor,
  BLOCKING,
  type OpeningId,
  type ParcelId,
  type Purpose,
  type Witness,
} from './facts.ts'
import { failureOf } from './outcomes.ts'
import { lightUp } from './signals.ts'
import { standStill } from './standstill.ts'
import { type LiveOpening, openingOfSession } from './state.ts'
import { countMiss, forgetEvidence } from './trust.ts'

/**
 * If the bus never says how an unlock ended, this long after its expiry the kiosk stops waiting.
 */
const UNLOCK_SILENCE_MS = 2_000
/** A door open longer than this gets a reminder on the screen. */
export const DOOR_REMINDER_MS = 30_000
/** Codes that say no more than that nobody saw the door move. */
const UNSEEN: ReadonlySet<Code> = new Set(['LK-DOOR-01', 'LK-DOOR-03', 'LK-DOOR-06'])

export interface OpeningRequest {
  readonly lockerId: LockerId
  readonly purpose: Purpose
  readonly parcelIds: readonly ParcelId[]
  readonly by: Actor
  readonly reason: string | null
  readonly requestId: string | null
  /** Of central. */
  readonly commandId?: string
}

export type Authorised =
  | { readonly ok: true; readonly openingId: OpeningId }
  | { readonly ok: false; readonly code: Code }

/** Records why a door may open and orders the first pulse; or says why it may not be tried. */
export function authorise(draft: Draft, request: OpeningRequest): Authorised {
  const { lockerId } = request
  const locker = lockerConfig(draft, lockerId)
  if (locker === undefined) return { ok: false, code: 'LK-CTL-02' }
  if (!isBoardOnline(draft, locker.boardId)) return { ok: false, code: 'LK-BUS-01' }
  if (request.purpose !== 'technician' && isBlocked(draft, lockerId)) {
    return { ok: false, code: 'LK-LOCKER-02' }
  }
  if (isHeldBack(draft, request)) return { ok: false, code: 'LK-LOCKER-05' }
  if (draft.state.openings[lockerId] !== undefined) return { ok: false, code: 'LK-DOOR-04' }
  const door = draft.state.doors[lockerId]
  const counters = {
    boardBoot: door?.boardBoot ?? null,
    opensBefore: door?.opens ?? null,
  }
  const { purpose, parcelIds, by, reason, requestId, commandId = null } = request
  // One by one: whatever else a caller's object holds is no part of the fact.
  const basis = draft.ledger.streamVersions()
  const data = { lockerId, purpose, parcelIds, by, reason, ...counters, basis }
  const id = record(draft, { kind: 'opening-authorised', data })
  const opening: LiveOpening = {
    id,
    lockerId,
    purpose,
    parcelIds,
    by,
    phase: 'commanded',
    pulses: 0,
    isUnsettled: false,
    isInterrupted: false,
    isBlind: (door?.distrustedFor ?? null) !== null,
    isOpened: false,
    heard: null,
    cycleOpenSinceMonoMs: null,
    isAbandoned: false,
    isLeftOpen: false,
    seenByMonoMs: 0,
    openSinceMonoMs: null,
    ...counters,
    requestId,
    commandId,
  }
  putOpening(draft, opening)
  if (door?.state !== 'open') pulse(draft, opening)
  lightUp(draft, opening)
  return { ok: true, openingId: id }
}

/** Tells whoever ordered the opening how it ended; once. */
export function reply(
  draft: Draft,
  { requestId, commandId }: Pick<LiveOpening, 'requestId' | 'commandId'>,
  said: Answer,
): void {
  if (requestId !== null) answer(draft, requestId, said)
  if (commandId !== null) endOpenCommand(draft, commandId, said)
}

/** Its lock may open somebody else's door, or whoever opens it may come to harm. */
function isBlocked(draft: Draft, lockerId: LockerId): boolean {
  return BLOCKING.has(draft.ledger.locker(lockerId)?.withdrawnFor ?? null)
}

/**
 * A door that stood open already needs no pulse: its opening is proven as it is authorised. Called
 * after the caller has put its session in place.
 */
export function proveIfOpen(draft: Draft, lockerId: LockerId): void {
  const opening = draft.state.openings[lockerId]
  if (opening?.phase !== 'commanded' || draft.state.doors[lockerId]?.state !== 'open') return
  seeOpen(draft, opening, 'already-open')
}

/** A person asked to try again: new pulses under the same authorisation. */
export function tryAgain(draft: Draft, lockerId: LockerId): void {
  const opening = draft.state.openings[lockerId]
  if (opening?.phase !== 'stuck' || opening.isUnsettled) return
  pulse(draft, { ...opening, phase: 'commanded', pulses: 0 })
}

export function pulse(draft: Draft, opening: LiveOpening): void {
  const locker = lockerConfig(draft, opening.lockerId)
  if (locker === undefined) return
  const { pulseMs, unlockExpiryMs, openSeenMs } = draft.config.policy
  const expiresAtMonoMs = draft.now.monoMs + unlockExpiryMs
  const door = draft.state.doors[opening.lockerId]
  // It may move again: what moved until now is no sign of a sensor that flutters.
  if (door !== undefined) putDoor(draft, opening.lockerId, { ...door, changesAtMonoMs: [] })
  putOpening(draft, {
    ...opening,
    pulses: opening.pulses + 1,
    heard: null,
    cycleOpenSinceMonoMs: null,
    seenByMonoMs: expiresAtMonoMs + openSeenMs + UNLOCK_SILENCE_MS,
  })
  draft.actions.push({
    kind: 'unlock',
    openingId: opening.id,
    boardId: locker.boardId,
    channel: locker.channel,
    pulseMs,
    expiresAtMonoMs,
  })
}

export function endUnlock(draft: Draft, openingId: OpeningId, outcome: UnlockOutcome): void {
  const opening = Object.values(draft.state.openings).find(({ id }) => id === openingId)
  if (opening?.phase !== 'commanded' || opening.isUnsettled) return
  switch (outcome) {
    case 'acknowledged':
    case 'unanswered': {
      const heard = { ...opening, heard: outcome }
      // Where nobody will see it, the person is asked at once.
      if (opening.isBlind) return giveUp(draft, heard, 'LK-DOOR-06')
      const seenByMonoMs = draft.now.monoMs + draft.config.policy.openSeenMs
      putOpening(draft, { ...heard, seenByMonoMs })
      return
    }
    case 'expired':
      return giveUp(draft, opening, 'LK-BUS-02')
    case 'refused':
      return giveUp(draft, opening, 'LK-BUS-03')
    case 'board-offline':
      return giveUp(draft, opening, 'LK-BUS-01')
  }
}

/** The pulses did not move the door, or none could be sent. */
function giveUp(draft: Draft, opening: LiveOpening, code: Code): void {
  const isAwaited = openingOfSession(draft.state.session) === opening.id && !opening.isAbandoned
  if (!isAwaited) return fail(draft, opening, code)
  putOpening(draft, { ...opening, phase: 'stuck' })
  happen(draft, { kind: 'stuck', opening, code })
}

/** Ends an opening whose door was not seen to move. */
export function fail(draft: Draft, opening: LiveOpening, code: Code): void {
  const { id: openingId, lockerId, pulses } = opening
  if (opening.isBlind && UNSEEN.has(code)) return endUnproven(draft, opening)
  const outcome = failureOf(code, opening.heard)
  const isClosed = draft.state.doors[lockerId]?.state === 'closed'
  if (code === 'LK-DOOR-01' && opening.heard !== null && isClosed) countMiss(draft, lockerId)
  record(draft, { kind: 'opening-failed', data: { openingId, lockerId, code, outcome, pulses } })
  dropOpening(draft, lockerId)
  reply(draft, opening, { kind: 'refused', code, outcome })
  happen(draft, { kind: 'failed', opening, code })
}

/** Whoever waited for it goes: what did not open until now counts as failed. */
export function leaveStuck(draft: Draft, lockerId: LockerId): void {
  const opening = draft.state.openings[lockerId]
  if (opening?.phase === 'stuck' && !opening.isUnsettled) fail(draft, opening, 'LK-DOOR-01')
}

/** Ends an opening at a door that nobody could see, so that nobody knows what it did. */
export function endUnproven(draft: Draft, opening: LiveOpening): void {
  const { id: openingId, lockerId, pulses } = opening
  const outcome = opening.isOpened ? 'opened' : failureOf('LK-DOOR-06', opening.heard)
  record(draft, { kind: 'opening-unproven', data: { openingId, lockerId, outcome, pulses } })
  dropOpening(draft, lockerId)
  reply(draft, opening, { kind: 'unproven', openingId, outcome })
  const isStillOpen = opening.isOpened && !opening.isLeftOpen
  if (isStillOpen) happen(draft, { kind: 'left-open', opening })
  else happen(draft, { kind: 'failed', opening, code: 'LK-DOOR-06' })
}

/**
 * Another door opened than the one that was pulsed. No second pulse follows, and neither locker is
 * used again before somebody has looked at the wires.
 */
export function seeCrossed(draft: Draft, opening: LiveOpening, openedLockerId: LockerId): void {
  const { id: openingId, lockerId } = opening
  record(draft, {
    kind: 'door-crossed',
    data: { openingId, lockerId, openedLockerId, outcome: 'wrong-door' },
  })
  for (const id of [lockerId, openedLockerId]) {
    record(draft, {
      kind: 'locker-withdrawn',
      data: { lockerId: id, cause: 'crossed-wiring', by: { role: 'kiosk' }, reason: null },
    })
    standStill(draft, 'locker-blocked', { lockerId: id })
  }
  happen(draft, { kind: 'stuck', opening, code: 'LK-DOOR-05' })
  fail(draft, opening, 'LK-DOOR-05')
}

export function seeOpen(draft: Draft, opening: LiveOpening, witness: Witness): void {
  const { id: openingId, lockerId } = opening
  const outcome = witness === 'already-open' ? witness : 'opened'
  if (!opening.isOpened) {
    record(draft, { kind: 'door-opened', data: { openingId, lockerId, witness, outcome } })
  }
  if (witness === 'sensor' || witness === 'counter') forgetEvidence(draft, lockerId)
  putOpening(draft, {
    ...opening,
    phase: 'open',
    isOpened: true,
    isBlind: witness === 'person',
    isUnsettled: false,
    openSinceMonoMs: witness === 'counter' ? null : draft.now.monoMs,
    requestId: null,
    commandId: null,
  })
  reply(draft, opening, { kind: 'opened', openingId, outcome })
  happen(draft, { kind: 'opened', opening })
}

interface Watch {
  /** False when readings were missing while the door stood open. */
  readonly isWatched: boolean
  readonly witness: 'sensor' | 'counter' | 'person'
}

export function seeClosed(draft: Draft, opening: LiveOpening, watch: Watch): void {
  const { id: openingId, lockerId, openSinceMonoMs } = opening
  const { isWatched, witness } = watch
  const isTimed = isWatched && openSinceMonoMs !== null
  const openMs = isTimed ? draft.now.monoMs - openSinceMonoMs : null
  record(draft, { kind: 'door-closed', data: { openingId, lockerId, openMs, witness } })
  dropOpening(draft, lockerId)
  happen(draft, { kind: 'closed', opening, openMs })
}

/** What is due by now on the openings that wait for something. */
export function openingsOverdue(draft: Draft): void {
  for (const opening of Object.values(draft.state.openings)) {
    const { policy } = draft.config
    const { monoMs } = draft.now
    if (opening.phase === 'commanded' && !opening.isUnsettled && opening.seenByMonoMs <= monoMs) {
      const mayPulse = opening.pulses < policy.pulsesMax && !opening.isAbandoned
      // The board is polled all the time: it answered since the pulse, and the door was closed.
      if (mayPulse && draft.state.doors[opening.lockerId]?.state === 'closed') pulse(draft, opening)
      else giveUp(draft, opening, opening.isBlind ? 'LK-DOOR-06' : 'LK-DOOR-01')
    }
    const leftOpenAtMonoMs = leftOpenAt(opening, policy.leftOpenMs)
    const isOverdue = leftOpenAtMonoMs !== null && leftOpenAtMonoMs <= monoMs
    if (opening.isBlind && opening.phase === 'open') {
      if (isOverdue || !isAsked(draft, opening)) endUnproven(draft, opening)
    } else if (isOverdue) {
      record(draft, {
        kind: 'door-left-open',
        data: { openingId: opening.id, lockerId: opening.lockerId, outcome: 'left-open' },
      })
      putOpening(draft, { ...opening, isLeftOpen: true })
      happen(draft, { kind: 'left-open', opening })
    }
  }
}

/** Somebody stands at the screen who can say what the door does. */
function isAsked(draft: Draft, { id, isLeftOpen }: LiveOpening): boolean {
  const { session } = draft.state
  const step = session.kind === 'courier' ? session.step : session
  const isUndone = 'isCancelled' in step && step.isCancelled
  return openingOfSession(session) === id && !isUndone && !isLeftOpen
}

function leftOpenAt(opening: LiveOpening, leftOpenMs: number): number | null {
  if (opening.phase !== 'open' || opening.isLeftOpen || opening.openSinceMonoMs === null)
    return null
  return opening.openSinceMonoMs + leftOpenMs
}

/** Deadlines of one opening, for the next wake-up. */
export function openingDeadlines(opening: LiveOpening, leftOpenMs: number): readonly number[] {
  if (opening.phase === 'commanded' && !opening.isUnsettled) return [opening.seenByMonoMs]
  const leftOpenAtMonoMs = leftOpenAt(opening, leftOpenMs)
  return leftOpenAtMonoMs === null ? [] : [leftOpenAtMonoMs]
}
