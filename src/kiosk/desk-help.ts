// Help without a network: the kiosk shows a challenge for one locker, the operator's desk tells the
// answer on the telephone. It opens that locker once, for the parcel that lay there when the desk
// was asked, and dies with the session: by time, by three wrong answers, by a restart.
import { lockersOf } from './config.ts'
import { type Draft, goTo, record, update } from './draft.ts'
import type { KioskEvent } from './events.ts'
import { countFailure, isBlocked, refuseGuess } from './guesses.ts'
import { authorise, proveIfOpen } from './openings.ts'
import { FRESH_PICKUP } from './recipient.ts'
import { notice, type Session } from './state.ts'
import type { IntentResult } from './view.ts'

/** Of an answer, whatever the configured PINs have. */
export const DESK_ANSWER_DIGITS = 8
/** On the uptime's clock; long enough for a call, and nobody can prolong it. */
const DESK_LASTS_MS = 300_000
const DESK_TRIES_MAX = 3

type DeskSession = Extract<Session, { kind: 'desk' }>

/** Whether the locker is empty is not told: the challenge looks the same. */
export function askDesk(draft: Draft, lockerId: string | null): IntentResult {
  const locker = lockersOf(draft.config).find(({ id }) => id === lockerId)
  if (locker === undefined) return 'refused'
  const { id } = locker
  const parcelId = draft.ledger.parcelsAt(id)[0]?.id ?? null
  const session = { kind: 'desk', lockerId: id, parcelId, asked: null } as const
  goTo(draft, { ...session, triesLeft: DESK_TRIES_MAX }, DESK_LASTS_MS)
  draft.actions.push({ kind: 'prepare-challenge', lockerId: id })
  return 'ok'
}

export function takeChallenge(
  draft: Draft,
  { lockerId, ...asked }: Extract<KioskEvent, { kind: 'challenge-prepared' }>,
): void {
  const { session } = draft.state
  if (session.kind !== 'desk' || session.lockerId !== lockerId || session.asked !== null) return
  const { challenge, answerIndex } = asked
  // The session ends when it would have ended: it is the challenge's life.
  update(draft, { session: { ...session, asked: { challenge, answerIndex } } })
}

/** @param typedIndex of the digits, under the same key as the right answer's */
export function enterAnswer(draft: Draft, session: DeskSession, typedIndex: string): IntentResult {
  const { asked, triesLeft } = session
  if (asked === null) return 'refused'
  if (isBlocked(draft)) return refuseGuess(draft)
  if (typedIndex === asked.answerIndex) return openAnswered(draft, session, asked.challenge)
  if (triesLeft > 1) update(draft, { session: { ...session, triesLeft: triesLeft - 1 } })
  else goTo(draft, { kind: 'welcome' }, null)
  countFailure(draft, { what: 'desk-answer', cause: 'unknown' })
  return 'ok'
}

function openAnswered(draft: Draft, session: DeskSession, challenge: string): IntentResult {
  const { lockerId, parcelId } = session
  const parcel = parcelId === null ? null : draft.ledger.parcel(parcelId)
  if (parcel?.state !== 'deposited' || parcel.lockerId !== lockerId) {
    goTo(
      draft,
      { kind: 'welcome' },
      null,
      notice('desk-nothing', 'LK-DESK-04', { locker: lockerId }),
    )
    return 'ok'
  }
  const { recipientId } = parcel
  const waiting = draft.ledger.waitingParcels(recipientId)
  const parcelIds = waiting.filter((each) => each.lockerId === lockerId).map(({ id }) => id)
  const authorised = authorise(draft, {
    lockerId,
    purpose: 'pickup',
    parcelIds,
    by: { role: 'operator' },
    reason: `challenge ${challenge}`,
    requestId: null,
  })
  if (!authorised.ok) {
    // Nothing was opened, so the answer still holds as long as the challenge does.
    update(draft, { notice: notice('bus-down', authorised.code, { locker: lockerId }) })
    return 'ok'
  }
  const { openingId } = authorised
  record(draft, { kind: 'desk-answered', data: { lockerId, parcelId: parcel.id, challenge } })
  // The answer is good for one locker: what else waits for the person stays shut.
  const tried = waiting.map(({ id }) => id)
  const place = { parcelIds, lockerId, openingId, recipientId, tried, isRevoked: false }
  goTo(draft, { kind: 'pickup', ...place, ...FRESH_PICKUP }, null)
  proveIfOpen(draft, lockerId)
  return 'ok'
}
