// A courier takes parcels out, all in one run: those that were handed in, those that were recalled
// or refused, and those that nobody has collected in time. Each is taken out by its own proven
// opening and the courier's word.
import { isBlindlyOpen, say } from './blind.ts'
import { compareContents, contentsOf } from './contents.ts'
import {
  type CourierSession,
  carrierOf,
  goToStep,
  openAsCourier,
  retryAsCourier,
  toMenu,
} from './courier-session.ts'
import { type Draft, record } from './draft.ts'
import type { ParcelId } from './facts.ts'
import type { ParcelRow } from './ledger.ts'
import { leaveStuck, proveIfOpen } from './openings.ts'
import { type CourierStep, notice } from './state.ts'
import { holdsOthers } from './together.ts'
import type { ActionName, IntentResult } from './view.ts'

/** Looked at in one step: whoever has taken so many out starts again. */
const RETRIEVALS_MAX = 100

export type RetrievalStep = Extract<CourierStep, { kind: 'retrieval' }>

/** In order of their arrival; what somebody could not find there is for the operator. */
export function retrievalsFor(draft: Draft, session: CourierSession): readonly ParcelRow[] {
  const carrierId = carrierOf(draft, session)
  return draft.ledger.retrievable({ carrierId, limit: RETRIEVALS_MAX }).filter(({ lockerId }) => {
    const locker = draft.ledger.locker(lockerId ?? '')
    return locker?.state !== 'disputed' && locker?.isInDoubt !== true
  })
}

/** Opens the next door, for all behind it; back at the list when there is none left. */
export function retrieveNext(
  draft: Draft,
  session: CourierSession,
  tried: readonly ParcelId[],
): IntentResult {
  const left = retrievalsFor(draft, session).filter(({ id }) => !tried.includes(id))
  for (const lockerId of new Set(left.flatMap((parcel) => parcel.lockerId ?? []))) {
    const parcels = left.filter((parcel) => parcel.lockerId === lockerId)
    const parcelIds = parcels.map(({ id }) => id)
    const wish = { lockerId, parcelIds, purpose: 'retrieval' } as const
    const authorised = openAsCourier(draft, session, wish)
    const [parcelId, ...others] = parcelIds
    if (!authorised.ok || parcelId === undefined) continue
    for (const { id, state } of parcels)
      if (state === 'deposited') recall(draft, session, id, lockerId)
    const { openingId } = authorised
    const place = { parcelId, others, lockerId, openingId, tried: [...tried, ...parcelIds] }
    goToStep(draft, session, { kind: 'retrieval', ...place, phase: 'opening' }, null)
    proveIfOpen(draft, lockerId)
    return 'ok'
  }
  return toMenu(draft, session, notice('retrieval-over', null))
}

/** From here on it is the courier's: no new PIN is made for it any more. */
function recall(
  draft: Draft,
  { role, courierId: id }: CourierSession,
  parcelId: ParcelId,
  lockerId: string,
): void {
  const data = { parcelId, lockerId, by: { role, id }, reason: 'not collected in time' }
  record(draft, { kind: 'parcel-recalled', data })
}

export function pressAtRetrieval(
  draft: Draft,
  session: CourierSession,
  step: RetrievalStep,
  action: ActionName,
): IntentResult {
  const { lockerId } = step
  const isUnseen = isBlindlyOpen(draft, lockerId)
  if (step.phase === 'question' || isUnseen) return answer(draft, session, step, action)
  const said = say(draft, lockerId, action)
  if (said === 'pulsed') goToStep(draft, session, { ...step, phase: 'opening' }, null)
  if (said !== null) return 'ok'
  if (step.phase !== 'stuck') return 'refused'
  if (action === 'retry') return retry(draft, session, step)
  if (action !== 'skip' && action !== 'back') return 'refused'
  leaveStuck(draft, lockerId)
  return action === 'skip' ? retrieveNext(draft, session, step.tried) : toMenu(draft, session, null)
}

function retry(draft: Draft, session: CourierSession, step: RetrievalStep): IntentResult {
  const { lockerId } = step
  const parcelIds = [step.parcelId, ...step.others]
  const wish = { lockerId, parcelIds, purpose: 'retrieval' } as const
  const openingId = retryAsCourier(draft, session, wish)
  if (openingId === null) return 'refused'
  goToStep(draft, session, { ...step, openingId, phase: 'opening' }, null)
  proveIfOpen(draft, lockerId)
  return 'ok'
}

/** The door is shut: did the parcels come out? One after another is asked about. */
function answer(
  draft: Draft,
  session: CourierSession,
  step: RetrievalStep,
  action: ActionName,
): IntentResult {
  const { lockerId, parcelId, others, tried } = step
  if (action !== 'took-out' && action !== 'found-parcel' && action !== 'found-empty') {
    return 'refused'
  }
  if (isBlindlyOpen(draft, lockerId)) say(draft, lockerId, 'said-shut')
  // Somebody else may have looked meanwhile, and settled it.
  const parcel = draft.ledger.parcel(parcelId)
  const isOurs = parcel?.state === 'recalled' || parcel?.state === 'handed-in'
  const isStillThere = isOurs && parcel.lockerId === lockerId
  const by = { role: session.role, id: session.courierId }
  if (isStillThere && action === 'took-out') {
    const isLast = !holdsOthers(draft, lockerId, [parcelId])
    if (isLast) compareContents(draft, { lockerId, found: 'empty', by })
    const isProvenEmpty = contentsOf(draft, lockerId) !== 'present'
    record(draft, { kind: 'parcel-retrieved', data: { parcelId, lockerId, by, isProvenEmpty } })
  }
  if (isStillThere && action === 'found-empty') {
    // It is not where the ledger has it, and nobody knows since when.
    const reason = 'not there at its retrieval'
    record(draft, { kind: 'locker-disputed', data: { lockerId, parcelId, by, reason } })
  }
  const [next, ...rest] = others
  if (next === undefined) return retrieveNext(draft, session, tried)
  const asked = { ...step, parcelId: next, others: rest, phase: 'question' } as const
  goToStep(draft, session, asked, null)
  return 'ok'
}
