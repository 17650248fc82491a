// Help without a network: the kiosk shows a challenge for one locker, the operator's desk tells the
// answer on the telephone. It opens that locker once, or makes the PIN anew of whoever has a parcel
// there: what lay there when the desk was asked. It dies with the session: by time, by three wrong
// answers, by a restart. A new PIN follows from the challenge and the key, so that the desk knows
// it and no screen shows it.
import { lockersOf } from './config.ts'
import { isInDoubt } from './doubt.ts'
import { type Draft, goTo, record, update } from './draft.ts'
import type { KioskEvent } from './events.ts'
import type { DeskWish } from './facts.ts'
import { countFailure, isBlocked, refuseGuess } from './guesses.ts'
import type { ParcelRow } from './ledger.ts'
import { authorise, proveIfOpen } from './openings.ts'
import type { PreparedPin } from './pin-facts.ts'
import { reissuePin } from './pins.ts'
import { FRESH_PICKUP } from './recipient.ts'
import { notice, type Session } from './state.ts'
import type { IntentResult } from './view.ts'

/** Of an answer, whatever the configured PINs have. */
export const DESK_ANSWER_DIGITS = 8
/** On the uptime's clock; long enough for a call, and nobody can prolong it. */
const DESK_LASTS_MS = 300_000
const DESK_TRIES_MAX = 3

type DeskSession = Extract<Session, { kind: 'desk' }>
type Asked = NonNullable<DeskSession['asked']>

/** Whether the locker is empty is not told: the challenge looks the same. */
export function askDesk(draft: Draft, wants: DeskWish, lockerId: string | null): IntentResult {
  const locker = lockersOf(draft.config).find(({ id }) => id === lockerId)
  if (locker === undefined) return 'refused'
  const { id } = locker
  const inside = draft.ledger.parcelsAt(id)
  const parcel = inside.find(({ state }) => state === 'deposited') ?? inside[0]
  const parcelId = parcel?.id ?? null
  const session = { kind: 'desk', lockerId: id, parcelId, wants, asked: null } as const
  goTo(draft, { ...session, triesLeft: DESK_TRIES_MAX }, DESK_LASTS_MS)
  draft.actions.push({ kind: 'prepare-challenge', wants, lockerId: id, parcelId })
  return 'ok'
}

export function takeChallenge(
  draft: Draft,
  { lockerId, wants, ...asked }: Extract<KioskEvent, { kind: 'challenge-prepared' }>,
): void {
  const { session } = draft.state
  if (session.kind !== 'desk' || session.lockerId !== lockerId || session.wants !== wants) return
  if (session.asked !== null) return
  const { challenge, answerIndex, pin } = asked
  if (isTaken(draft, pin)) return drawAgain(draft, session)
  // The session ends when it would have ended: it is the challenge's life.
  update(draft, { session: { ...session, asked: { challenge, answerIndex, pin } } })
}

/** Somebody has this PIN, or had it lately. */
function isTaken(draft: Draft, pin: PreparedPin | null): boolean {
  return pin !== null && draft.ledger.pin(pin.index) !== null
}

function drawAgain(draft: Draft, session: DeskSession): void {
  const { wants, lockerId, parcelId } = session
  update(draft, { session: { ...session, asked: null } })
  draft.actions.push({ kind: 'prepare-challenge', wants, lockerId, parcelId })
}

/** @param typedIndex of the digits, under the same key as the right answer's */
export function enterAnswer(draft: Draft, session: DeskSession, typedIndex: string): IntentResult {
  const { asked, triesLeft } = session
  if (asked === null) return 'refused'
  if (isBlocked(draft)) return refuseGuess(draft)
  if (typedIndex === asked.answerIndex) return useAnswer(draft, session, asked)
  if (triesLeft > 1) update(draft, { session: { ...session, triesLeft: triesLeft - 1 } })
  else goTo(draft, { kind: 'welcome' }, null)
  countFailure(draft, { what: 'desk-answer', cause: 'unknown' })
  return 'ok'
}

function useAnswer(draft: Draft, session: DeskSession, asked: Asked): IntentResult {
  const { lockerId, parcelId, wants } = session
  const { challenge, pin } = asked
  const parcel = parcelId === null ? null : draft.ledger.parcel(parcelId)
  const isLying = parcel?.state === 'deposited' && parcel.lockerId === lockerId
  const isThere = isLying && !isInDoubt(draft, lockerId)
  if (!isThere || (wants === 'pin' && pin === null)) {
    const said = notice('desk-nothing', 'LK-DESK-04', { locker: lockerId })
    goTo(draft, { kind: 'welcome' }, null, said)
    return 'ok'
  }
  return pin === null
    ? openAnswered(draft, { lockerId, parcel, challenge })
    : reissueAnswered(draft, session, { parcel, challenge, pin })
}

interface Answered {
  readonly parcel: ParcelRow
  readonly challenge: string
}

/** The desk has told the new PIN, and the screen never does. */
function reissueAnswered(
  draft: Draft,
  session: DeskSession,
  { parcel, challenge, pin }: Answered & { readonly pin: PreparedPin },
): IntentResult {
  if (isTaken(draft, pin)) {
    drawAgain(draft, session)
    return 'ok'
  }
  const { id: parcelId, recipientId } = parcel
  const order = { recipientId, by: { role: 'operator' }, reason: reasonOf(challenge) } as const
  const refusal = reissuePin(draft, order, pin)
  if (refusal === null) {
    const { lockerId, wants } = session
    record(draft, { kind: 'desk-answered', data: { lockerId, parcelId, challenge, wants } })
  }
  const said = refusal === null ? notice('desk-pin', null) : notice('desk-no-pin', refusal)
  goTo(draft, { kind: 'welcome' }, null, said)
  return 'ok'
}

function reasonOf(challenge: string): string {
  return `challenge ${challenge}`
}

function openAnswered(
  draft: Draft,
  { lockerId, parcel, challenge }: Answered & { readonly lockerId: string },
): IntentResult {
  const { recipientId } = parcel
  const waiting = draft.ledger.waitingParcels(recipientId)
  const parcelIds = waiting.filter((each) => each.lockerId === lockerId).map(({ id }) => id)
  const authorised = authorise(draft, {
    lockerId,
    purpose: 'pickup',
    parcelIds,
    by: { role: 'operator' },
    reason: reasonOf(challenge),
    requestId: null,
  })
  if (!authorised.ok) {
    // Nothing was opened, so the answer still holds as long as the challenge does.
    update(draft, { notice: notice('bus-down', authorised.code, { locker: lockerId }) })
    return 'ok'
  }
  const { openingId } = authorised
  const data = { lockerId, parcelId: parcel.id, challenge, wants: 'open' } as const
  record(draft, { kind: 'desk-answered', data })
  // The answer is good for one locker: what else waits for the person stays shut.
  const tried = waiting.map(({ id }) => id)
  const place = { parcelIds, lockerId, openingId, recipientId, tried, isRevoked: false }
  goTo(draft, { kind: 'pickup', ...place, ...FRESH_PICKUP }, null)
  proveIfOpen(draft, lockerId)
  return 'ok'
}
