// What the door of a hand-in tells: how the person at the screen goes on, and what becomes of the
// locker when nobody stands there any more.
import { assignLocker } from './assignment.ts'
import type { Code } from './codes.ts'
import { agreeOnParcel, contentsOf, releaseIfEmpty } from './contents.ts'
import { LOCKERS_TRIED_MAX } from './deposits.ts'
import { type Draft, goTo, type Happening, record } from './draft.ts'
import { complete, interrupt, isHandedIn, needsFor, startHandIn, toWelcome } from './hand-in.ts'
import { fail } from './openings.ts'
import { type HandInSession, type LiveOpening, notice } from './state.ts'
import type { Notice } from './view.ts'

/** @param said what a door that does not open is called on the screen */
export function settleHandIn(draft: Draft, happening: Happening, said: Notice | null): void {
  const { opening } = happening
  const { session } = draft.state
  const isWaiting = session.kind === 'hand-in' && session.openingId === opening.id
  if (!isWaiting) return settleAlone(draft, happening)
  switch (happening.kind) {
    case 'stuck':
      if (replaceStuck(draft, session, { opening, code: happening.code })) return
      return goTo(draft, { ...session, phase: 'stuck' }, draft.config.policy.idleMs, said)
    case 'failed':
      if (session.isCancelled) toWelcome(draft, notice('hand-in-cancelled', null))
      return
    case 'opened':
      takeUpAgain(draft, session)
      return goTo(draft, { ...session, phase: 'open' }, null)
    case 'closed':
      return afterClosing(draft, session, opening)
    case 'left-open':
      return afterLeftOpen(draft, session, opening)
  }
}

/** It may be taken out now: nothing is handed in until somebody says that it is inside. */
function takeUpAgain(draft: Draft, session: HandInSession): void {
  if (!isHandedIn(draft, session)) return
  const { parcelId, lockerId, recipientId } = session
  record(draft, { kind: 'hand-in-resumed', data: { parcelId, lockerId, recipientId } })
}

/** What was handed in may be gone again behind a door that opened later than anybody waited. */
function settleAlone(draft: Draft, { kind, opening }: Happening): void {
  const { parcelIds, lockerId } = opening
  if (kind === 'closed' && !opening.isBlind) releaseIfEmpty(draft, lockerId)
  if (kind !== 'opened') return
  for (const parcelId of parcelIds) {
    if (!isHandedIn(draft, { parcelId, lockerId })) continue
    interrupt(draft, { parcelId, lockerId }, 'session-ended')
  }
}

function afterClosing(draft: Draft, session: HandInSession, opening: LiveOpening): void {
  const { lockerId } = session
  if (session.isCancelled) {
    if (!opening.isBlind) releaseIfEmpty(draft, lockerId)
    if (startWanted(draft, session)) return
    return toWelcome(draft, notice('hand-in-cancelled', null))
  }
  if (opening.isBlind) return complete(draft, session, 'said-closed')
  if (contentsOf(draft, lockerId) === 'present') {
    agreeOnParcel(draft, lockerId)
    return complete(draft, session, 'contents')
  }
  goTo(draft, { ...session, phase: 'question' }, draft.config.policy.idleMs)
}

/** The door that was not wanted is shut: the one that is comes next. */
function startWanted(draft: Draft, { parcelId, wantedSize }: HandInSession): boolean {
  const found = draft.ledger.returnOf(parcelId)
  if (wantedSize === null || found === null) return false
  startHandIn(draft, found, { size: wantedSize })
  return true
}

function afterLeftOpen(draft: Draft, session: HandInSession, opening: LiveOpening): void {
  const { lockerId, isCancelled } = session
  const { isBlind } = opening
  if (!isCancelled) interrupt(draft, session, isBlind ? 'unseen' : 'left-open')
  const said = isBlind
    ? notice('make-sure', 'LK-DOOR-06', { locker: lockerId })
    : notice('door-left-open', 'LK-DOOR-02', { locker: lockerId })
  toWelcome(draft, said)
}

/**
 * The door was not seen to move, and it is seen shut: another locker opens without anybody being
 * asked, and this one waits for a look.
 *
 * @returns false when the person has to decide
 */
function replaceStuck(
  draft: Draft,
  session: HandInSession,
  { opening, code }: { readonly opening: LiveOpening; readonly code: Code },
): boolean {
  const { parcelId, lockerId, recipientId, size, triedCount, isCancelled, isReopened } = session
  const isShut = draft.state.doors[lockerId]?.state === 'closed'
  if (code !== 'LK-DOOR-01' || !isShut || isCancelled || isReopened) return false
  const found = draft.ledger.returnOf(parcelId)
  if (found === null || triedCount >= LOCKERS_TRIED_MAX) return false
  if (assignLocker(draft, needsFor(draft, found, size)) === null) return false
  fail(draft, opening, code)
  const data = { parcelId, lockerId, recipientId, reason: 'door-stuck' } as const
  record(draft, { kind: 'hand-in-cancelled', data })
  const said = notice('other-locker', code, { locker: lockerId })
  startHandIn(draft, found, { size, triedCount: triedCount + 1, said })
  return true
}
