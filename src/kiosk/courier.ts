// What a courier can do: choose a parcel, leave it, change the mind.
import { isBlindlyOpen, say } from './blind.ts'
import { checksOf, inspect, pressAtCheck, startCheck } from './checks.ts'
import { compareContents, contentsOf } from './contents.ts'
import {
  type CourierSession,
  carrierOf,
  goToStep,
  lastLocker,
  retryAsCourier,
  toMenu,
} from './courier-session.ts'
import {
  addNext,
  cancelDeposit,
  changeSize,
  type DepositStep,
  idOfUnannounced,
  offerDeposit,
  pressAtOffer,
  takeApart,
} from './deposits.ts'
import { type Draft, record, update } from './draft.ts'
import type { NotDepositedReason } from './facts.ts'
import { pressAtAudit, pressAtAuditChoice, pressAtAuditOffer, scanAtAudit } from './guided-audit.ts'
import type { ParcelRow } from './ledger.ts'
import { proveIfOpen } from './openings.ts'
import { pressAtRetrieval, retrieveNext } from './retrieval.ts'
import { awaitPins } from './settlement.ts'
import { signOut } from './sign-out.ts'
import { notice } from './state.ts'
import { depositIds, holdsOthers } from './together.ts'
import type { ActionName, IntentResult } from './view.ts'

export const LIST_LENGTH = 6

/** A record, so that the compiler misses a reason that is not listed here. */
const REASONS: Readonly<Record<NotDepositedReason, true>> = {
  'too-big': true,
  damaged: true,
  'bank-full': true,
  'wrong-address': true,
  refused: true,
}

export function pressAsCourier(
  draft: Draft,
  session: CourierSession,
  action: ActionName,
  value: string | null,
): IntentResult {
  const { step } = session
  switch (step.kind) {
    case 'menu':
      return pressAtMenu(draft, session, action, value)
    case 'recipients':
      return pressAtRecipients(draft, session, action, value)
    case 'sizes':
      return pressAtSizes(draft, session, step.recipientId, action, value)
    case 'deposit':
      return step.isCancelled
        ? tellReason(draft, session, step, action, value)
        : pressAtDeposit(draft, session, step, action)
    case 'together-offer':
      return pressAtOffer(draft, session, step, action)
    case 'check-offer':
      if (action === 'check') return startCheck(draft, session, step.lockerId)
      return action === 'back' ? toMenu(draft, session, null) : 'refused'
    case 'check':
      return pressAtCheck(draft, session, step, action)
    case 'retrieval':
      return pressAtRetrieval(draft, session, step, action)
    case 'audit-offer':
      return pressAtAuditOffer(draft, session, action)
    case 'audit-choice':
      return pressAtAuditChoice(draft, session, action, value)
    case 'audit':
      return pressAtAudit(draft, session, step, action, value)
  }
}

function pressAtMenu(
  draft: Draft,
  session: CourierSession,
  action: ActionName,
  value: string | null,
): IntentResult {
  switch (action) {
    case 'page':
      goToStep(draft, session, { kind: 'menu', page: pageNumber(value) }, null)
      return 'ok'
    case 'walk-in':
      goToStep(draft, session, { kind: 'recipients', page: 0 }, null)
      return 'ok'
    case 'check':
      return checksOf(draft, session).includes(value ?? '')
        ? startCheck(draft, session, value ?? '')
        : 'refused'
    case 'deposit': {
      const parcel = value === null ? null : draft.ledger.parcel(value)
      const isSeen = parcel?.state === 'announced' && isOwn(draft, session, parcel)
      return isSeen ? offerDeposit(draft, session, parcel) : 'refused'
    }
    case 'reopen': {
      const lockerId = lastLocker(draft, session)
      return lockerId === null ? 'refused' : startCheck(draft, session, lockerId)
    }
    case 'retrieve':
      return retrieveNext(draft, session, [])
    case 'sign-out':
      signOut(draft, session, { isIdle: false })
      return 'ok'
    default:
      return 'refused'
  }
}

function isOwn(draft: Draft, session: CourierSession, { carrierId }: ParcelRow): boolean {
  return carrierId === null || carrierId === carrierOf(draft, session)
}

export function pageNumber(value: string | null): number {
  const page = Number(value)
  return Number.isInteger(page) && page >= 0 && page < 10_000 ? page : 0
}

/** While a door stands open the next scan is taken, and waits until that door is shut. */
export function scan(draft: Draft, session: CourierSession, code: string): IntentResult {
  const { step } = session
  if (step.kind === 'audit') return scanAtAudit(draft, session, step, code)
  // A technician leaves no parcels.
  if (session.role !== 'courier') return 'refused'
  const isWaiting = step.kind === 'deposit' && !step.isCancelled && step.phase !== 'question'
  if (step.kind !== 'menu' && !isWaiting) return 'refused'
  const parcel = draft.ledger.announcedByTracking(code, {
    carrierId: carrierOf(draft, session),
  })
  const unknown = notice('scan-unknown', 'LK-SCAN-01')
  if (step.kind === 'menu') {
    return parcel === null ? toMenu(draft, session, unknown) : offerDeposit(draft, session, parcel)
  }
  if (parcel === null) update(draft, { notice: unknown })
  else {
    const said = notice('scan-waits', null, { locker: step.lockerId })
    update(draft, { session: { ...session, nextParcelId: parcel.id }, notice: said })
  }
  return 'ok'
}

function pressAtRecipients(
  draft: Draft,
  session: CourierSession,
  action: ActionName,
  value: string | null,
): IntentResult {
  if (action === 'back') return toMenu(draft, session, null)
  if (action === 'page') {
    goToStep(draft, session, { kind: 'recipients', page: pageNumber(value) }, null)
    return 'ok'
  }
  const recipient = action === 'recipient' && value !== null ? draft.ledger.recipient(value) : null
  if (recipient === null) return 'refused'
  goToStep(draft, session, { kind: 'sizes', recipientId: recipient.id }, null)
  return 'ok'
}

function pressAtSizes(
  draft: Draft,
  session: CourierSession,
  recipientId: string,
  action: ActionName,
  value: string | null,
): IntentResult {
  if (action === 'back') {
    goToStep(draft, session, { kind: 'recipients', page: 0 }, null)
    return 'ok'
  }
  const size = draft.config.sizes.find(({ name }) => name === value)?.name
  if (action !== 'size' || size === undefined) return 'refused'
  const id = idOfUnannounced(draft)
  const unknown = { weightGrams: null, needsReach: false, depositSeq: null }
  return offerDeposit(draft, session, { id, size, recipientId, isAnnounced: false, ...unknown })
}

function pressAtDeposit(
  draft: Draft,
  session: CourierSession,
  step: DepositStep,
  action: ActionName,
): IntentResult {
  if (step.phase === 'finishing') return 'refused'
  if (action === 'cancel' && step.phase !== 'question') {
    cancelDeposit(draft, session, step, { reason: 'changed-mind' })
    return 'ok'
  }
  if ((action === 'bigger' || action === 'smaller') && step.phase === 'open') {
    return changeSize(draft, session, step, action)
  }
  if (action === 'together' && step.phase === 'open') return addNext(draft, session, step)
  if (action === 'apart') return takeApart(draft, session, step)
  if (step.phase === 'question') return answerEmptyLook(draft, session, step, action)
  if (isBlindlyOpen(draft, step.lockerId)) return answerUnseen(draft, session, step, action)
  const said = say(draft, step.lockerId, action)
  if (said === 'pulsed') goToStep(draft, session, { ...step, phase: 'opening' }, null)
  if (said !== null) return 'ok'
  if (action !== 'retry' || step.phase !== 'stuck') return 'refused'
  return openAgain(draft, session, step)
}

function openAgain(draft: Draft, session: CourierSession, step: DepositStep): IntentResult {
  const { lockerId } = step
  const wish = { lockerId, parcelIds: depositIds(step), purpose: 'deposit' } as const
  const openingId = retryAsCourier(draft, session, wish)
  if (openingId === null) return 'refused'
  goToStep(draft, session, { ...step, openingId, phase: 'opening' }, null)
  proveIfOpen(draft, lockerId)
  return 'ok'
}

/** The door is shut and the locker looks empty: is the parcel inside? */
function answerEmptyLook(
  draft: Draft,
  session: CourierSession,
  step: DepositStep,
  action: ActionName,
): IntentResult {
  const { lockerId } = step
  const { courierId } = session
  const parcelIds = depositIds(step)
  switch (action) {
    case 'retry':
      return openAgain(draft, session, step)
    case 'found-parcel':
      compareContents(draft, { lockerId, found: 'parcel', by: { role: 'courier', id: courierId } })
      goToStep(draft, session, { ...step, phase: 'finishing' }, null)
      awaitPins(draft, parcelIds)
      return 'ok'
    case 'found-empty': {
      for (const parcelId of parcelIds) {
        const cancelled = { parcelId, lockerId, courierId, reason: 'not-inside' } as const
        record(draft, { kind: 'deposit-cancelled', data: cancelled })
      }
      if (holdsOthers(draft, lockerId, parcelIds)) {
        return toMenu(draft, session, notice('others-stay', null, { locker: lockerId }))
      }
      // The courier, the sensor inside and the one of the door say the same. It may have gone on.
      if (contentsOf(draft, lockerId) !== 'absent') {
        return toMenu(draft, session, notice('cancelled', null, { locker: lockerId }))
      }
      inspect(draft, session, { lockerId, answers: [{ parcelId: null, found: 'empty' }] })
      return toMenu(draft, session, notice('locker-free', null, { locker: lockerId }))
    }
    default:
      return 'refused'
  }
}

/** Nobody saw the door: the courier says whether the parcel is behind it. */
function answerUnseen(
  draft: Draft,
  session: CourierSession,
  step: DepositStep,
  action: ActionName,
): IntentResult {
  if (action !== 'found-parcel' && action !== 'found-empty') return 'refused'
  if (action === 'found-empty') cancelDeposit(draft, session, step, { reason: 'not-inside' })
  say(draft, step.lockerId, 'said-shut')
  return 'ok'
}

/** Why the parcel goes on with the courier: told once, while its door still stands open. */
function tellReason(
  draft: Draft,
  session: CourierSession,
  step: DepositStep,
  action: ActionName,
  value: string | null,
): IntentResult {
  const parcel = draft.ledger.parcel(step.parcelId)
  const isAsked = step.wantedSize === null && !step.isReasonTold
  if (action !== 'reason' || !isAsked || parcel === null || !isReason(value)) return 'refused'
  const { recipientId } = parcel
  for (const parcelId of depositIds(step)) {
    const data = { parcelId, recipientId, courierId: session.courierId, reason: value }
    record(draft, { kind: 'parcel-not-deposited', data })
  }
  update(draft, { session: { ...session, step: { ...step, isReasonTold: true } } })
  return 'ok'
}

function isReason(value: string | null): value is NotDepositedReason {
  return value !== null && Object.hasOwn(REASONS, value)
}
