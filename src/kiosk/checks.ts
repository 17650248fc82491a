// A courier looks into a locker that an own deposit left unproven, or that was just used, and says
// what is there. Technicians do the same at the screen.
import { isBlindlyOpen, say } from './blind.ts'
import type { LockerId } from './config.ts'
import { compareContents } from './contents.ts'
import {
  type CourierSession,
  carrierOf,
  goToStep,
  lastLocker,
  openAsCourier,
  retryAsCourier,
  toMenu,
} from './courier-session.ts'
import { type Draft, record } from './draft.ts'
import type { ParcelId } from './facts.ts'
import { keepFound } from './hand-in.ts'
import type { ParcelRow } from './ledger.ts'
import { goesOnWaiting } from './looks.ts'
import { leaveStuck, proveIfOpen } from './openings.ts'
import { awaitPins } from './settlement.ts'
import type { CourierStep } from './state.ts'
import { notice } from './state.ts'
import { holdsOthers } from './together.ts'
import type { ActionName, IntentResult } from './view.ts'

type CheckStep = Extract<CourierStep, { kind: 'check' }>

/** 9 before 10, as on the doors. */
const BY_LABEL = new Intl.Collator('en', { numeric: true })

/** Lockers that this courier's own deposits left unverified, or returns that the courier takes. */
export function checksOf(draft: Draft, session: CourierSession): readonly string[] {
  const { courierId } = session
  const carrierId = carrierOf(draft, session)
  return draft.ledger.lockersLeftBy({ courierId, carrierId }).toSorted(BY_LABEL.compare)
}

/** What may lie in a locker that somebody has to look into. */
function doubtful(draft: Draft, lockerId: LockerId): readonly ParcelRow[] {
  const inside = draft.ledger.parcelsAt(lockerId)
  const unsure = inside.filter((parcel) => !goesOnWaiting(parcel))
  return unsure.length > 0 ? unsure : inside
}

/** Of the parcel that the courier is asked about now; null when none is known. */
export function askedParcel(draft: Draft, { lockerId, answers }: CheckStep): ParcelId | null {
  const isOpenQuestion = ({ id }: ParcelRow) => !answers.some(({ parcelId }) => parcelId === id)
  return doubtful(draft, lockerId).find(isOpenQuestion)?.id ?? null
}

/** Since it was offered somebody may have looked, and it may hold what is another one's. */
function mayLookInto(draft: Draft, session: CourierSession, lockerId: LockerId): boolean {
  if (session.role !== 'courier' || lastLocker(draft, session) === lockerId) return true
  return checksOf(draft, session).includes(lockerId)
}

function toMenuUnconfirmed(draft: Draft, session: CourierSession, locker: LockerId): IntentResult {
  return toMenu(draft, session, notice('not-confirmed', null, { locker }))
}

export function startCheck(draft: Draft, session: CourierSession, lockerId: string): IntentResult {
  if (!mayLookInto(draft, session, lockerId)) return toMenu(draft, session, null)
  const parcelIds = draft.ledger.parcelsAt(lockerId).map(({ id }) => id)
  const authorised = openAsCourier(draft, session, { lockerId, parcelIds, purpose: 'inspection' })
  if (!authorised.ok) {
    return toMenu(draft, session, notice('bus-down', authorised.code, { locker: lockerId }))
  }
  if (draft.ledger.locker(lockerId)?.state === 'unverified') {
    for (const { id: parcelId, isReturn } of doubtful(draft, lockerId)) {
      if (!isReturn) draft.actions.push({ kind: 'prepare-pin', parcelId })
    }
  }
  const { openingId } = authorised
  const step: CheckStep = { kind: 'check', lockerId, openingId, phase: 'opening', answers: [] }
  goToStep(draft, session, step, null)
  proveIfOpen(draft, lockerId)
  return 'ok'
}

export function pressAtCheck(
  draft: Draft,
  session: CourierSession,
  step: CheckStep,
  action: ActionName,
): IntentResult {
  const { lockerId } = step
  const isUnseen = isBlindlyOpen(draft, lockerId)
  const isAnswer = ['back', 'check', 'found-empty', 'found-parcel'].includes(action)
  if (isUnseen && isAnswer) say(draft, lockerId, 'said-shut')
  if (step.phase === 'stuck') return pressAtStuck(draft, session, step, action)
  if (step.phase !== 'question' && !isUnseen) return 'refused'
  if (action === 'back') return toMenuUnconfirmed(draft, session, lockerId)
  if (action === 'check') return startCheck(draft, session, lockerId)
  if (action !== 'found-empty' && action !== 'found-parcel') return 'refused'
  if (!isStillAsked(draft, step)) {
    return toMenuUnconfirmed(draft, session, lockerId)
  }
  return answer(draft, session, step, action === 'found-empty' ? 'empty' : 'parcel')
}

function pressAtStuck(
  draft: Draft,
  session: CourierSession,
  step: CheckStep,
  action: ActionName,
): IntentResult {
  const { lockerId } = step
  if (say(draft, lockerId, action) !== null) return 'ok'
  if (action === 'back') {
    leaveStuck(draft, lockerId)
    return toMenu(draft, session, null)
  }
  if (action !== 'retry') return 'refused'
  if (!mayLookInto(draft, session, lockerId)) return toMenu(draft, session, null)
  const parcelIds = draft.ledger.parcelsAt(lockerId).map(({ id }) => id)
  const wish = { lockerId, parcelIds, purpose: 'inspection' } as const
  const openingId = retryAsCourier(draft, session, wish)
  if (openingId === null) return 'refused'
  goToStep(draft, session, { ...step, openingId, phase: 'opening' }, null)
  proveIfOpen(draft, lockerId)
  return 'ok'
}

/**
 * An answer counts only for what was looked at: since then somebody else may have looked, and the
 * locker may be in use again.
 */
function isStillAsked(draft: Draft, { lockerId, openingId }: CheckStep): boolean {
  const locker = draft.ledger.locker(lockerId)
  const opening = draft.state.openings[lockerId]
  const isUnused = opening === undefined || opening.id === openingId
  return locker?.state === 'unverified' && locker.changedSeq < openingId && isUnused
}

/** One parcel after another; what was said counts when all has been said. */
function answer(
  draft: Draft,
  session: CourierSession,
  step: CheckStep,
  found: 'empty' | 'parcel',
): IntentResult {
  const { lockerId } = step
  const parcelId = askedParcel(draft, step)
  if (parcelId === null) {
    if (found === 'parcel') return 'refused'
    inspect(draft, session, { lockerId, answers: [{ parcelId: null, found }] })
    return toMenu(draft, session, notice('locker-free', null, { locker: lockerId }))
  }
  const answers = [...step.answers, { parcelId, found }]
  const asked: CheckStep = { ...step, phase: 'question', answers }
  goToStep(draft, session, asked, null)
  if (askedParcel(draft, asked) !== null) return 'ok'
  inspect(draft, session, asked)
  const inside = answers.filter((each) => each.found === 'parcel').map((each) => each.parcelId)
  const forRecipient = inside.filter((id) => !keepFound(draft, { parcelId: id, lockerId }))
  awaitPins(draft, forRecipient)
  if (forRecipient.length > 0) return 'ok'
  const ids = answers.map((each) => each.parcelId)
  const left = holdsOthers(draft, lockerId, ids) ? 'others-stay' : 'locker-free'
  const key = inside.length > 0 ? 'handed-in' : left
  return toMenu(draft, session, notice(key, null, { locker: lockerId }))
}

interface Inspection {
  readonly lockerId: LockerId
  readonly answers: readonly {
    readonly parcelId: ParcelId | null
    readonly found: 'empty' | 'parcel'
  }[]
}

export function inspect(
  draft: Draft,
  session: CourierSession,
  { lockerId, answers }: Inspection,
): void {
  const by = { role: session.role, id: session.courierId }
  const ids = answers.flatMap(({ parcelId }) => parcelId ?? [])
  const isAnythingInside =
    answers.some(({ found }) => found === 'parcel') || holdsOthers(draft, lockerId, ids)
  compareContents(draft, { lockerId, found: isAnythingInside ? 'parcel' : 'empty', by })
  for (const each of answers) {
    record(draft, { kind: 'locker-inspected', data: { lockerId, ...each, by, reason: null } })
  }
}
