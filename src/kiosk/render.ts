// From the state to what a screen may show. Nothing is shown that the ledger has not stored and the
// sensors do not say.
import { freeBySize } from './assignment.ts'
import { auditChoiceScreen, auditOfferScreen, auditOnMenu, auditScreen } from './audit-screens.ts'
import { canSayOpen, canSayShut, isBlindlyOpen } from './blind.ts'
import { askedParcel, checksOf } from './checks.ts'
import { lockersOf } from './config.ts'
import { LIST_LENGTH } from './courier.ts'
import { carrierOf, lastLocker } from './courier-session.ts'
import { canPart } from './deposits.ts'
import { DESK_ANSWER_DIGITS } from './desk-help.ts'
import type { Draft } from './draft.ts'
import type { ComplaintKind } from './facts.ts'
import { canReopenReturn } from './hand-in.ts'
import { lockersUsed } from './late-complaints.ts'
import type { ParcelRow } from './ledger.ts'
import { DOOR_REMINDER_MS } from './openings.ts'
import { isAsked } from './pickup-complaints.ts'
import { REFERENCE_DIGITS } from './pin-policy.ts'
import { SLOW_FACTOR } from './preferences.ts'
import { receiptOf } from './receipt.ts'
import { canReopen, parcelsLeft } from './recipient.ts'
import { type RetrievalStep, retrievalsFor } from './retrieval.ts'
import type { CourierStep, HandInSession, KioskState, Session } from './state.ts'
import { mayAdd } from './together.ts'
import { isDistrusted } from './trust.ts'
import type { ListPage, ParcelLine, ScreenView, SizeLine, View } from './view.ts'

/** Lockers on one page of a technician's list. */
const STAFF_LIST_LENGTH = 12

export function screenOf(draft: Draft): ScreenView {
  const { session } = draft.state
  switch (session.kind) {
    case 'welcome':
      return {
        kind: 'welcome',
        digits: draft.config.policy.pinDigits,
        waitMs: waitMs(draft),
        leftOpen: leftOpen(draft),
      }
    case 'help':
      return { kind: 'help' }
    case 'desk':
      return {
        kind: 'desk',
        lockerId: session.lockerId,
        wants: session.wants,
        challenge: session.asked?.challenge ?? null,
        digits: DESK_ANSWER_DIGITS,
        waitMs: waitMs(draft),
      }
    case 'courier-code':
      return {
        kind: 'courier-code',
        digits: draft.config.policy.accessCodeDigits,
        waitMs: waitMs(draft),
      }
    case 'reference':
      return {
        kind: 'reference',
        what: session.what,
        digits: REFERENCE_DIGITS,
        waitMs: waitMs(draft),
      }
    case 'reach':
      return { kind: 'pickup-reach', lockerId: session.lockerId }
    case 'pickup':
      return pickupScreen(draft, session)
    case 'used':
      return usedScreen(draft, session)
    case 'hand-in-size':
      return { kind: 'hand-in-size', sizes: sizeLines(draft) }
    case 'hand-in':
      return handInScreen(draft, session)
    case 'courier':
      return courierScreen(draft, session)
  }
}

/** On the screen that ends a deposit, a pickup or a hand-in, for its locker, and nowhere else. */
function receiptNow({ state, ledger }: Draft): View['receipt'] {
  const { receiptFact, session, notice } = state
  const isRecipient = session.kind === 'pickup' || session.kind === 'hand-in'
  const isDone = isRecipient && session.phase === 'done'
  const isDeposited = session.kind === 'courier' && notice?.key === 'deposited'
  const lockerId = isDone ? session.lockerId : isDeposited ? notice.params['locker'] : null
  if (receiptFact === null || receiptFact.lockerId !== lockerId) return null
  const hash = ledger.factHash(receiptFact.seq)
  return hash === null ? null : { code: receiptOf(hash), parcels: receiptFact.count }
}

function waitMs(draft: Draft): number {
  return Math.max(0, draft.state.blockedUntilMonoMs - draft.now.monoMs)
}

function leftOpen(draft: Draft): readonly string[] {
  const { openings } = draft.state
  return Object.values(openings)
    .filter(({ phase }) => phase === 'open')
    .map(({ lockerId }) => lockerId)
}

function pickupScreen(draft: Draft, session: Extract<Session, { kind: 'pickup' }>): ScreenView {
  const { lockerId } = session
  const left = parcelsLeft(draft, session).length
  switch (session.phase) {
    case 'opening':
      return { kind: 'pickup-opening', lockerId, isRetry: isRetry(draft, lockerId) }
    case 'open':
      if (isBlindlyOpen(draft, lockerId)) return { kind: 'pickup-blind', lockerId }
      return {
        kind: 'pickup-open',
        isLong: isLong(draft, lockerId),
        isProblem: session.isProblem,
        ...seenOpen(draft, lockerId),
        inside: session.parcelIds.length,
        left,
      }
    case 'stuck':
      return { kind: 'pickup-stuck', ...stuck(draft, lockerId), left }
    case 'problem':
      return { kind: 'pickup-problem', lockerId, parcels: parcelsAsked(draft, session) }
    case 'reported': {
      const { what = 'missing', reference = 0 } = session.complaint ?? {}
      return { ...reported(draft, { lockerId, what, reference }), left }
    }
    case 'done':
      return { kind: 'pickup-done', lockerId, canReopen: canReopen(draft, lockerId), left }
  }
}

function usedScreen(draft: Draft, session: Extract<Session, { kind: 'used' }>): ScreenView {
  const { use, phase } = session
  if (phase === 'told') return { kind: 'pickup-used' }
  if (use === null) return { kind: 'pickup-which-door', lockers: lockersUsed(session) }
  const { lockerId, complaint } = use
  if (complaint === null) return { kind: 'pickup-problem', lockerId, parcels: [] }
  return { ...reported(draft, { lockerId, ...complaint }), left: 0 }
}

interface Reported {
  readonly lockerId: string
  readonly what: ComplaintKind
  readonly reference: number
}

function reported(draft: Draft, told: Reported) {
  const isPutAside = draft.ledger.locker(told.lockerId)?.state === 'disputed'
  return { kind: 'pickup-reported', ...told, isPutAside } as const
}

function parcelsAsked(draft: Draft, session: Extract<Session, { kind: 'pickup' }>): ParcelLine[] {
  return isAsked(session) ? linesOf(draft, session.parcelIds) : []
}

function seenOpen(draft: Draft, lockerId: string) {
  return { lockerId, canSayShut: canSayShut(draft, lockerId) }
}

function stuck(draft: Draft, lockerId: string) {
  const isBlind = isDistrusted(draft, lockerId)
  return { lockerId, isBlind, canSayOpen: canSayOpen(draft, lockerId) }
}

function isRetry(draft: Draft, lockerId: string): boolean {
  return (draft.state.openings[lockerId]?.pulses ?? 0) > 1
}

function isLong(draft: Draft, lockerId: string): boolean {
  const since = draft.state.openings[lockerId]?.openSinceMonoMs ?? null
  return since !== null && draft.now.monoMs - since >= DOOR_REMINDER_MS
}

function courierScreen(draft: Draft, session: Extract<Session, { kind: 'courier' }>): ScreenView {
  const { step } = session
  switch (step.kind) {
    case 'menu':
      return session.role === 'courier'
        ? menuScreen(draft, session, step.page)
        : staffScreen(draft, session, step.page)
    case 'recipients':
      return recipientsScreen(draft, step.page)
    case 'sizes':
      return sizesScreen(draft, step.recipientId)
    case 'deposit':
      return depositScreen(draft, session, step)
    case 'retrieval':
      return retrievalScreen(draft, step)
    case 'together-offer':
      return {
        kind: 'deposit-offer',
        lockerId: step.lockerId,
        parcel: newLine(draft, step.parcel),
        inside: draft.ledger.parcelsAt(step.lockerId).length,
      }
    case 'audit-offer':
      return auditOfferScreen(draft)
    case 'audit-choice':
      return auditChoiceScreen(draft)
    case 'audit':
      return auditScreen(draft, step)
    case 'check-offer':
      return { kind: 'check-offer', lockerId: step.lockerId }
    case 'check':
      return checkScreen(draft, step)
  }
}

function menuScreen(
  draft: Draft,
  session: Extract<Session, { kind: 'courier' }>,
  page: number,
): ScreenView {
  const carrierId = carrierOf(draft, session)
  const list = listPage(page, draft.ledger.announcedCount({ carrierId }))
  const offset = list.page * LIST_LENGTH
  const parcels = draft.ledger.announced({ limit: LIST_LENGTH, offset, carrierId })
  return {
    kind: 'courier-menu',
    courier: draft.ledger.staff(session.courierId)?.label ?? '',
    parcels: parcels.map((parcel) => parcelLine(draft, parcel)),
    list,
    free: freeBySize(draft),
    checks: checksOf(draft, session),
    depositedCount: session.depositedCount,
    retrievals: retrievalsFor(draft, session).length,
    last: lastLocker(draft, session),
  }
}

function staffScreen(
  draft: Draft,
  session: Extract<Session, { kind: 'courier' }>,
  page: number,
): ScreenView {
  const lockers = lockersOf(draft.config)
  const list = listPage(page, lockers.length, STAFF_LIST_LENGTH)
  const first = list.page * STAFF_LIST_LENGTH
  return {
    kind: 'staff-menu',
    person: draft.ledger.staff(session.courierId)?.label ?? '',
    lockers: lockers.slice(first, first + STAFF_LIST_LENGTH).map(({ id }) => ({
      lockerId: id,
      isUnverified: draft.ledger.locker(id)?.state === 'unverified',
    })),
    list,
    audit: auditOnMenu(draft, session),
  }
}

function recipientsScreen(draft: Draft, page: number): ScreenView {
  const list = listPage(page, draft.ledger.recipientCount())
  const recipients = draft.ledger.recipients({
    limit: LIST_LENGTH,
    offset: list.page * LIST_LENGTH,
  })
  return { kind: 'walk-in-recipient', recipients, list }
}

function sizesScreen(draft: Draft, recipientId: string): ScreenView {
  const recipient = draft.ledger.recipient(recipientId)?.label ?? ''
  return { kind: 'walk-in-size', recipient, sizes: sizeLines(draft) }
}

function sizeLines(draft: Draft): readonly SizeLine[] {
  const free = freeBySize(draft)
  return draft.config.sizes.map(({ name, widthMm, heightMm, depthMm }) => ({
    size: name,
    free: free.find(({ size }) => size === name)?.free ?? 0,
    widthMm,
    heightMm,
    depthMm,
  }))
}

function handInScreen(draft: Draft, session: HandInSession): ScreenView {
  const { lockerId, phase, isCancelled, isReopened, wantedSize } = session
  if (isCancelled && phase === 'open') {
    return { kind: 'hand-in-undone', lockerId, isReplaced: wantedSize !== null }
  }
  switch (phase === 'open' && isBlindlyOpen(draft, lockerId) ? 'question' : phase) {
    case 'opening':
      return { kind: 'hand-in-opening', lockerId, isRetry: isRetry(draft, lockerId) }
    case 'open': {
      const open = { isReopened, isLong: isLong(draft, lockerId), ...seenOpen(draft, lockerId) }
      return { kind: 'hand-in-open', ...open }
    }
    case 'stuck':
      return { kind: 'hand-in-stuck', isReopened, ...stuck(draft, lockerId) }
    case 'question':
      return { kind: 'hand-in-question', lockerId, isSeenShut: phase === 'question' }
    case 'done': {
      const canReopen = canReopenReturn(draft, session.parcelId)
      return { kind: 'hand-in-done', lockerId, canReopen }
    }
  }
}

function depositScreen(
  draft: Draft,
  session: Extract<Session, { kind: 'courier' }>,
  step: Extract<CourierStep, { kind: 'deposit' }>,
): ScreenView {
  const { lockerId, isReasonTold } = step
  if (step.isCancelled && step.phase === 'open') {
    return { kind: 'cancel-open', lockerId, isReplaced: step.wantedSize !== null, isReasonTold }
  }
  const parcel = lineOf(draft, step.parcelId)
  if (step.phase === 'finishing' || parcel === null) return { kind: 'deposit-finishing', lockerId }
  if (step.phase === 'stuck') return { kind: 'deposit-stuck', parcel, ...stuck(draft, lockerId) }
  const looksEmpty = step.phase === 'question'
  if (looksEmpty || isBlindlyOpen(draft, lockerId)) {
    return { kind: 'deposit-question', lockerId, parcel, looksEmpty }
  }
  if (step.phase === 'opening') {
    return { kind: 'deposit-opening', lockerId, parcel, isRetry: isRetry(draft, lockerId) }
  }
  const { nextParcelId } = session
  const next = nextParcelId === null ? null : draft.ledger.parcel(nextParcelId)
  return {
    kind: 'deposit-open',
    parcel,
    withParcels: linesOf(draft, step.withIds),
    next: next === null ? null : parcelLine(draft, next),
    canAdd: next !== null && mayAdd(draft, session, step, next),
    canPart: canPart(session, step),
    canResize: !step.isTogether && step.withIds.length === 0,
    isLong: isLong(draft, lockerId),
    ...seenOpen(draft, lockerId),
  }
}

function checkScreen(draft: Draft, step: Extract<CourierStep, { kind: 'check' }>): ScreenView {
  const { lockerId } = step
  const isUnseen = step.phase === 'open' && isBlindlyOpen(draft, lockerId)
  switch (isUnseen ? 'question' : step.phase) {
    case 'opening':
      return { kind: 'check-opening', lockerId, isRetry: isRetry(draft, lockerId) }
    case 'open':
      return { kind: 'check-open', lockerId }
    case 'stuck':
      return { kind: 'check-stuck', ...stuck(draft, lockerId) }
    case 'question': {
      const parcelId = askedParcel(draft, step)
      return {
        kind: 'check-question',
        lockerId,
        parcel: parcelId === null ? null : lineOf(draft, parcelId),
      }
    }
  }
}

function retrievalScreen(draft: Draft, step: RetrievalStep): ScreenView {
  const { lockerId, phase } = step
  const parcel = lineOf(draft, step.parcelId)
  if (phase === 'opening' || parcel === null) {
    return { kind: 'retrieval-opening', lockerId, isRetry: isRetry(draft, lockerId) }
  }
  if (phase === 'stuck') return { kind: 'retrieval-stuck', ...stuck(draft, lockerId) }
  return phase === 'question' || isBlindlyOpen(draft, lockerId)
    ? { kind: 'retrieval-question', lockerId, parcel }
    : { kind: 'retrieval-open', lockerId, parcel, others: linesOf(draft, step.others) }
}

function listPage(page: number, count: number, length: number = LIST_LENGTH): ListPage {
  const pages = Math.max(1, Math.ceil(count / length))
  return { page: Math.min(page, pages - 1), pages }
}

function lineOf(draft: Draft, parcelId: string): ParcelLine | null {
  const parcel = draft.ledger.parcel(parcelId)
  return parcel === null ? null : parcelLine(draft, parcel)
}

function linesOf(draft: Draft, parcelIds: readonly string[]): ParcelLine[] {
  return parcelIds.flatMap((id) => lineOf(draft, id) ?? [])
}

function parcelLine(draft: Draft, parcel: ParcelRow): ParcelLine {
  return newLine(draft, parcel)
}

function newLine(
  draft: Draft,
  parcel: Pick<ParcelRow, 'id' | 'recipientId' | 'size'> & { readonly tracking?: string | null },
): ParcelLine {
  return {
    parcelId: parcel.id,
    tracking: parcel.tracking ?? null,
    recipient: draft.ledger.recipient(parcel.recipientId)?.label ?? '',
    size: parcel.size,
  }
}

/** The whole view but its revision. */
export function renderView(draft: Draft): Omit<View, 'rev'> {
  const { state, now, config } = draft
  const endInMs =
    state.sessionEndsAtMonoMs === null ? null : Math.max(0, state.sessionEndsAtMonoMs - now.monoMs)
  const warningMs = config.policy.idleWarningMs * (state.preferences.isSlow ? SLOW_FACTOR : 1)
  return {
    screen: screenOf(draft),
    notice: state.notice,
    receipt: receiptNow(draft),
    doors: notClosed(state),
    idle:
      endInMs === null || !isWarned(state.session)
        ? null
        : { warnInMs: Math.max(0, endInMs - warningMs), endInMs },
    isOnline: state.isUplinkOnline,
    preferences: state.preferences,
  }
}

function notClosed({ doors, notShut }: KioskState): View['doors'] {
  const entries = notShut.flatMap((id) => {
    const state = doors[id]?.state ?? 'unknown'
    return state === 'closed' ? [] : [[id, state] as const]
  })
  return Object.fromEntries(entries)
}

/** The thanks after a pickup go without asking, and a challenge’s time cannot be prolonged. */
function isWarned(session: Session): boolean {
  const isDone = 'phase' in session && session.phase === 'done'
  return session.kind !== 'desk' && !isDone
}
