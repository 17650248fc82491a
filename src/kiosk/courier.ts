// What a courier can do: choose a parcel, leave it, change the mind, look into a locker
// that an own deposit left unproven.
import { isBlindlyOpen, say } from './blind.ts'
import type { LockerId } from './config.ts'
import { compareContents, contentsOf } from './contents.ts'
import { type CourierSession, carrierOf, goToStep, toMenu } from './courier-session.ts'
import { cancelDeposit, changeSize, type DepositStep, startDeposit } from './deposits.ts'
import { type Draft, record, update } from './draft.ts'
import type { NotDepositedReason, ParcelId } from './facts.ts'
import { pressAtAudit, pressAtAuditChoice, pressAtAuditOffer, scanAtAudit } from './guided-audit.ts'
import { keepFound } from './hand-in.ts'
import type { ParcelRow } from './ledger.ts'
import { type Authorised, authorise, leaveStuck, proveIfOpen, tryAgain } from './openings.ts'
import { pressAtRetrieval, retrieveNext } from './retrieval.ts'
import { awaitPin } from './settlement.ts'
import { signOut } from './sign-out.ts'
import type { CourierStep } from './state.ts'
import { notice } from './state.ts'
import type { ActionName, IntentResult } from './view.ts'

export const LIST_LENGTH = 6

/** 9 before 10, as on the doors. */
const BY_LABEL = new Intl.Collator('en', { numeric: true })
type CheckStep = Extract<CourierStep, { kind: 'check' }>

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
      return isSeen ? startDeposit(draft, session, parcel) : 'refused'
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

/** The locker just used, as long as its parcel waits there. */
export function lastLocker(draft: Draft, { last }: CourierSession): LockerId | null {
  const parcel = last === null ? null : draft.ledger.parcel(last.parcelId)
  const isThere = parcel?.state === 'deposited' && parcel.lockerId === last?.lockerId
  return isThere && last !== null ? last.lockerId : null
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
    return parcel === null ? toMenu(draft, session, unknown) : startDeposit(draft, session, parcel)
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
  // Unique for ever: the epoch names the database, and the number is that of the deposit's fact.
  const id = `${draft.ledger.epoch().slice(0, 8)}-${draft.nextSeq}`
  const unknown = { weightGrams: null, needsReach: false, depositSeq: null }
  return startDeposit(draft, session, { id, size, recipientId, isAnnounced: false, ...unknown })
}

interface CourierWish {
  readonly lockerId: string
  readonly parcelId: ParcelId | null
  readonly purpose: 'deposit' | 'inspection'
}

function openAsCourier(draft: Draft, session: CourierSession, wish: CourierWish) {
  return authorise(draft, {
    ...wish,
    by: { role: session.role, id: session.courierId },
    reason: null,
    requestId: null,
  })
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
  if (step.phase === 'question') return answerEmptyLook(draft, session, step, action)
  if (isBlindlyOpen(draft, step.lockerId)) return answerUnseen(draft, session, step, action)
  const said = say(draft, step.lockerId, action)
  if (said === 'pulsed') goToStep(draft, session, { ...step, phase: 'opening' }, null)
  if (said !== null) return 'ok'
  if (action !== 'retry' || step.phase !== 'stuck') return 'refused'
  return openAgain(draft, session, step)
}

function openAgain(draft: Draft, session: CourierSession, step: DepositStep): IntentResult {
  const openingId = retry(draft, session, { ...step, purpose: 'deposit' })
  if (openingId === null) return 'refused'
  goToStep(draft, session, { ...step, openingId, phase: 'opening' }, null)
  proveIfOpen(draft, step.lockerId)
  return 'ok'
}

/** The door is shut and the locker looks empty: is the parcel inside? */
function answerEmptyLook(
  draft: Draft,
  session: CourierSession,
  step: DepositStep,
  action: ActionName,
): IntentResult {
  const { lockerId, parcelId } = step
  const { courierId } = session
  switch (action) {
    case 'retry':
      return openAgain(draft, session, step)
    case 'found-parcel':
      compareContents(draft, { lockerId, found: 'parcel', by: { role: 'courier', id: courierId } })
      goToStep(draft, session, { ...step, phase: 'finishing' }, null)
      awaitPin(draft, parcelId)
      return 'ok'
    case 'found-empty': {
      const cancelled = { parcelId, lockerId, courierId, reason: 'not-inside' } as const
      record(draft, { kind: 'deposit-cancelled', data: cancelled })
      // The courier, the sensor inside and the one of the door say the same. It may have gone on.
      if (contentsOf(draft, lockerId) !== 'absent') {
        return toMenu(draft, session, notice('cancelled', null, { locker: lockerId }))
      }
      recordInspection(draft, session, { lockerId, parcelId: null, found: 'empty' })
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

/** @returns the opening that now goes on, or null when its board is silent */
function retry(draft: Draft, session: CourierSession, wish: CourierWish): number | null {
  const opening = draft.state.openings[wish.lockerId]
  if (opening?.phase === 'stuck' && !opening.isUnsettled) {
    tryAgain(draft, wish.lockerId)
    return opening.id
  }
  const authorised: Authorised =
    opening === undefined ? openAsCourier(draft, session, wish) : { ok: false, code: 'LK-BUS-01' }
  if (authorised.ok) return authorised.openingId
  update(draft, { notice: notice('bus-down', authorised.code, { locker: wish.lockerId }) })
  return null
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
  const { id: parcelId, recipientId } = parcel
  const data = { parcelId, recipientId, courierId: session.courierId, reason: value }
  record(draft, { kind: 'parcel-not-deposited', data })
  update(draft, { session: { ...session, step: { ...step, isReasonTold: true } } })
  return 'ok'
}

function isReason(value: string | null): value is NotDepositedReason {
  return value !== null && Object.hasOwn(REASONS, value)
}

/** Lockers that this courier's own deposits left unverified, or returns that the courier takes. */
export function checksOf(draft: Draft, session: CourierSession): readonly string[] {
  const { courierId } = session
  const carrierId = carrierOf(draft, session)
  return draft.ledger.lockersLeftBy({ courierId, carrierId }).toSorted(BY_LABEL.compare)
}

export function startCheck(draft: Draft, session: CourierSession, lockerId: string): IntentResult {
  const locker = draft.ledger.locker(lockerId)
  const parcelId = locker?.parcelId ?? null
  const authorised = openAsCourier(draft, session, { lockerId, parcelId, purpose: 'inspection' })
  if (!authorised.ok) {
    return toMenu(draft, session, notice('bus-down', authorised.code, { locker: lockerId }))
  }
  const isReturn = draft.ledger.parcel(parcelId ?? '')?.isReturn === true
  const mayFindParcel = locker?.state === 'unverified' && parcelId !== null
  if (mayFindParcel && !isReturn) draft.actions.push({ kind: 'prepare-pin', parcelId })
  const { openingId } = authorised
  const step: CheckStep = { kind: 'check', lockerId, openingId, phase: 'opening' }
  goToStep(draft, session, step, null)
  proveIfOpen(draft, lockerId)
  return 'ok'
}

function pressAtCheck(
  draft: Draft,
  session: CourierSession,
  step: CheckStep,
  action: ActionName,
): IntentResult {
  const { lockerId } = step
  const isUnseen = isBlindlyOpen(draft, lockerId)
  const isAnswer = ['back', 'check', 'found-empty', 'found-parcel'].includes(action)
  if (isUnseen && isAnswer) say(draft, lockerId, 'said-shut')
  if (step.phase === 'stuck') {
    if (say(draft, lockerId, action) !== null) return 'ok'
    if (action === 'back') {
      leaveStuck(draft, lockerId)
      return toMenu(draft, session, null)
    }
    const parcelId = draft.ledger.locker(lockerId)?.parcelId ?? null
    if (action !== 'retry') return 'refused'
    const openingId = retry(draft, session, { lockerId, parcelId, purpose: 'inspection' })
    if (openingId === null) return 'refused'
    goToStep(draft, session, { ...step, openingId, phase: 'opening' }, null)
    proveIfOpen(draft, lockerId)
    return 'ok'
  }
  if (step.phase !== 'question' && !isUnseen) return 'refused'
  if (action === 'back')
    return toMenu(draft, session, notice('not-confirmed', null, { locker: lockerId }))
  if (action === 'check') return startCheck(draft, session, lockerId)
  if (action !== 'found-empty' && action !== 'found-parcel') return 'refused'
  if (!isStillAsked(draft, step)) {
    return toMenu(draft, session, notice('not-confirmed', null, { locker: lockerId }))
  }
  if (action === 'found-empty') return reportEmpty(draft, session, lockerId)
  return reportParcel(draft, session, lockerId)
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

function reportEmpty(draft: Draft, session: CourierSession, lockerId: string): IntentResult {
  const parcelId = draft.ledger.locker(lockerId)?.parcelId ?? null
  recordInspection(draft, session, { lockerId, parcelId, found: 'empty' })
  return toMenu(draft, session, notice('locker-free', null, { locker: lockerId }))
}

function reportParcel(draft: Draft, session: CourierSession, lockerId: string): IntentResult {
  const parcelId = draft.ledger.locker(lockerId)?.parcelId ?? null
  if (parcelId === null) return 'refused'
  recordInspection(draft, session, { lockerId, parcelId, found: 'parcel' })
  if (keepFound(draft, { parcelId, lockerId })) {
    return toMenu(draft, session, notice('handed-in', null, { locker: lockerId }))
  }
  awaitPin(draft, parcelId)
  return 'ok'
}

interface Inspection {
  readonly lockerId: string
  readonly parcelId: ParcelId | null
  readonly found: 'empty' | 'parcel'
}

function recordInspection(draft: Draft, session: CourierSession, seen: Inspection): void {
  const by = { role: session.role, id: session.courierId }
  compareContents(draft, { ...seen, by })
  record(draft, { kind: 'locker-inspected', data: { ...seen, by, reason: null } })
}
