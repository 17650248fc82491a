// What an opening means for the parcel and the locker behind the door. A right is spent by its own
// proven opening; a locker is free again only when it is proven empty.
import type { Code } from './codes.ts'
import { agreeOnParcel, contentsOf, looksProvenEmpty, releaseIfEmpty } from './contents.ts'
import { type CourierSession, goToStep, toMenu } from './courier-session.ts'
import { replaceStuck, saidOfCancelled, startNext, startWanted } from './deposits.ts'
import {
  type Draft,
  dropClearing,
  goTo,
  type Happening,
  putClearing,
  record,
  remember,
  update,
} from './draft.ts'
import type { ParcelId } from './facts.ts'
import { settleHandIn } from './hand-in-doors.ts'
import type { ParcelRow } from './ledger.ts'
import { pinForDeposit } from './pins.ts'
import { openNext } from './recipient.ts'
import type { CourierStep, LiveOpening, Session } from './state.ts'
import { notice } from './state.ts'
import { depositIds, holdsOthers } from './together.ts'
import type { Notice } from './view.ts'

type DepositStep = Extract<CourierStep, { kind: 'deposit' }>

export function settle(draft: Draft, happening: Happening): void {
  doubtAfterRemote(draft, happening)
  if (happening.opening.purpose === 'hand-in') {
    const said = happening.kind === 'stuck' ? stuckNotice(happening.opening, happening.code) : null
    return settleHandIn(draft, happening, said)
  }
  switch (happening.kind) {
    case 'stuck':
      return showStuck(draft, happening.opening, happening.code)
    case 'failed':
      return afterFailure(draft, happening.opening)
    case 'opened':
      return showOpen(draft, happening.opening)
    case 'closed':
      return afterClosing(draft, happening.opening, happening.openMs)
    case 'left-open':
      return afterLeftOpen(draft, happening.opening)
  }
}

/** Codes of an opening whose door may have stood open all the same. */
const MAYBE_OPEN: ReadonlySet<Code> = new Set(['LK-BUS-01', 'LK-DOOR-03', 'LK-DOOR-06'])

/**
 * Nobody of the trade stood there: a locker that counted as empty is not proven to be so any more,
 * as soon as its door may have been open.
 */
function doubtAfterRemote(draft: Draft, happening: Happening): void {
  const { purpose, lockerId } = happening.opening
  if (purpose !== 'remote') return
  if ('code' in happening && !MAYBE_OPEN.has(happening.code)) return
  const state = draft.ledger.locker(lockerId)?.state
  const isDoubted = draft.records.some(
    ({ kind, data }) => kind === 'locker-doubted' && data.lockerId === lockerId,
  )
  if (isDoubted || (state !== 'free' && state !== 'clearing')) return
  dropClearing(draft, lockerId)
  record(draft, { kind: 'locker-doubted', data: { lockerId, cause: 'remote' } })
}

/** The session, if it is the one that waits for this opening. */
function waitingFor(draft: Draft, opening: LiveOpening): Session | null {
  const { session } = draft.state
  if (session.kind === 'pickup') return session.openingId === opening.id ? session : null
  if (session.kind !== 'courier') return null
  const { step } = session
  const isWaiting = 'openingId' in step && step.openingId === opening.id
  return isWaiting ? session : null
}

function showStuck(draft: Draft, opening: LiveOpening, code: Code): void {
  const session = waitingFor(draft, opening)
  if (session?.kind === 'courier' && replaceStuck(draft, session, { opening, code })) return
  setPhase(draft, opening, 'stuck', stuckNotice(opening, code))
}

function stuckNotice({ lockerId }: LiveOpening, code: Code): Notice {
  return notice(STUCK_NOTICES[code] ?? 'bus-down', code, { locker: lockerId })
}

const STUCK_NOTICES: Partial<Record<Code, Notice['key']>> = {
  'LK-DOOR-01': 'door-stuck',
  'LK-DOOR-05': 'door-stuck',
  'LK-DOOR-06': 'door-unseen',
}

function showOpen(draft: Draft, opening: LiveOpening): void {
  setPhase(draft, opening, 'open', null)
}

function setPhase(
  draft: Draft,
  opening: LiveOpening,
  phase: 'open' | 'stuck',
  said: Notice | null,
): void {
  const session = waitingFor(draft, opening)
  const { idleMs, courierIdleMs } = draft.config.policy
  if (session?.kind === 'pickup') {
    goTo(draft, { ...session, phase }, phase === 'open' ? null : idleMs, said)
  }
  if (session?.kind !== 'courier') return
  const { step } = session
  if (!('phase' in step)) return
  const lastsMs = phase === 'open' ? null : courierIdleMs
  goTo(draft, { ...session, step: { ...step, phase } }, lastsMs, said)
}

function afterFailure(draft: Draft, opening: LiveOpening): void {
  const session = waitingFor(draft, opening)
  if (session?.kind !== 'courier' || session.step.kind !== 'deposit') return
  if (session.step.isCancelled) {
    // The deposit is undone. Otherwise the person may try again.
    afterCancelled(draft, session, session.step)
  }
}

/** The locker waits for a look, unless others lie there. */
function afterCancelled(draft: Draft, session: CourierSession, step: DepositStep): void {
  const { lockerId } = step
  const isShared = holdsOthers(draft, lockerId, depositIds(step))
  if (isShared) toMenu(draft, session, saidOfCancelled(draft, step))
  else goToStep(draft, session, { kind: 'check-offer', lockerId }, null)
}

function afterClosing(draft: Draft, opening: LiveOpening, openMs: number | null): void {
  // A door that stood open before any pulse may be a contact that was stuck: it proves nothing.
  const isMoved = opening.pulses > 0 && openMs !== null
  const isLong = isMoved && openMs >= draft.config.policy.openMinMs
  const { lockerId } = opening
  const isEmpty = !opening.isBlind && looksProvenEmpty(draft, lockerId)
  const isFull = contentsOf(draft, lockerId) === 'present'
  const provesEmpty = isEmpty || (isLong && !opening.isInterrupted && !isFull)
  switch (opening.purpose) {
    case 'pickup':
      return afterPickup(draft, opening, { provesEmpty })
    case 'reopen':
      return afterReopen(draft, opening, { provesEmpty })
    case 'deposit':
      return afterDeposit(draft, opening)
    case 'retrieval':
      return afterRetrieval(draft, opening)
    case 'inspection':
      return afterInspection(draft, opening)
    // Settled on its own, in hand-in-doors.ts.
    case 'hand-in':
      return
    case 'technician':
    case 'remote':
      if (!opening.isBlind) releaseIfEmpty(draft, lockerId)
      return
  }
}

function afterPickup(draft: Draft, opening: LiveOpening, seen: { provesEmpty: boolean }): void {
  if (opening.isLeftOpen) return
  collect(draft, opening, opening.isBlind ? 'said-closed' : 'closed')
  // While something is left there for somebody else, nothing is proven.
  if (!holdsOthers(draft, opening.lockerId, opening.parcelIds)) hold(draft, opening, seen)
  showDone(draft, opening)
}

/** Each parcel has its own fact, and its own end. */
function collect(
  draft: Draft,
  { lockerId, parcelIds, id: openingId }: LiveOpening,
  rule: 'closed' | 'left-open' | 'said-closed' | 'unseen',
): void {
  for (const parcelId of parcelIds) {
    record(draft, { kind: 'parcel-collected', data: { parcelId, lockerId, openingId, rule } })
  }
}

function afterReopen(draft: Draft, opening: LiveOpening, seen: { provesEmpty: boolean }): void {
  const before = draft.state.clearing[opening.lockerId]
  if (opening.isLeftOpen) return
  // It is not held any more when its sensor was found wrong meanwhile: then somebody has to look.
  if (before !== undefined) {
    hold(draft, opening, { provesEmpty: seen.provesEmpty || before.isProvenEmpty })
  }
  showDone(draft, opening)
}

function hold(draft: Draft, opening: LiveOpening, seen: { provesEmpty: boolean }): void {
  const { lockerId } = opening
  if (seen.provesEmpty) remember(draft, { kind: 'emptiness-proven', data: { lockerId } })
  putClearing(draft, lockerId, {
    untilMonoMs: draft.now.monoMs + draft.config.policy.reopenMs,
    isProvenEmpty: seen.provesEmpty,
  })
}

function showDone(draft: Draft, opening: LiveOpening): void {
  const session = waitingFor(draft, opening)
  if (session?.kind !== 'pickup') return
  const { idleMs, thanksMs } = draft.config.policy
  // What lies there for somebody else is not for this person to take.
  const isFull =
    contentsOf(draft, opening.lockerId) === 'present' &&
    !holdsOthers(draft, opening.lockerId, opening.parcelIds)
  if (session.isProblem) {
    goTo(draft, { ...session, phase: 'problem', isProblem: false }, idleMs)
    return
  }
  // Whoever forgot something is told before the next door opens.
  if (opening.purpose === 'pickup' && !isFull && openNext(draft, session)) return
  const said = isFull ? notice('still-inside', null, { locker: opening.lockerId }) : null
  goTo(draft, { ...session, phase: 'done' }, isFull ? idleMs : thanksMs, said)
}

function afterDeposit(draft: Draft, opening: LiveOpening): void {
  const session = waitingFor(draft, opening)
  if (session?.kind !== 'courier' || session.step.kind !== 'deposit') return
  const { step } = session
  const { lockerId } = step
  if (step.isCancelled) {
    const isFree = !opening.isBlind && releaseIfEmpty(draft, lockerId)
    if (startWanted(draft, session, step)) return
    if (isFree) return goToMenu(draft, session, lockerId)
    return afterCancelled(draft, session, step)
  }
  // It may be small, flat or black, or it may still lie on the counter: only a person can tell.
  if (!opening.isBlind && contentsOf(draft, lockerId) === 'absent') {
    goToStep(draft, session, { ...step, phase: 'question' }, null)
    return
  }
  agreeOnParcel(draft, lockerId)
  goToStep(draft, session, { ...step, phase: 'finishing' }, null)
  awaitPins(draft, depositIds(step))
}

function goToMenu(draft: Draft, session: CourierSession, lockerId: string): void {
  const said = notice('locker-free', null, { locker: lockerId })
  goToStep(draft, session, { kind: 'menu', page: 0 }, said)
}

/** Shut again: only the courier knows whether the parcel is out. */
function afterRetrieval(draft: Draft, opening: LiveOpening): void {
  const session = waitingFor(draft, opening)
  if (session?.kind !== 'courier' || session.step.kind !== 'retrieval') return
  goToStep(draft, session, { ...session.step, phase: 'question' }, null)
}

function afterInspection(draft: Draft, opening: LiveOpening): void {
  const session = waitingFor(draft, opening)
  if (session?.kind === 'courier' && session.step.kind === 'audit') {
    // Whoever stands there says what is inside, before a sensor does.
    const { step } = session
    if (step.phase !== 'other') goToStep(draft, session, { ...step, phase: 'question' }, null)
    return
  }
  const isFree = !opening.isBlind && releaseIfEmpty(draft, opening.lockerId)
  if (session?.kind !== 'courier' || session.step.kind !== 'check') return
  if (isFree) return goToMenu(draft, session, opening.lockerId)
  // Of a locker whose contents are known nothing is asked.
  const isUnverified = draft.ledger.locker(opening.lockerId)?.state === 'unverified'
  const asked: CourierStep = { ...session.step, phase: 'question' }
  goToStep(draft, session, isUnverified ? asked : { kind: 'menu', page: 0 }, null)
}

/**
 * Parcels of one recipient lie in their locker: they are deposited as soon as there is a PIN, which
 * is one for all of them.
 */
export function awaitPins(draft: Draft, parcelIds: readonly ParcelId[]): void {
  const [first] = parcelIds
  if (first === undefined) return
  update(draft, { awaitingPin: [...draft.state.awaitingPin, ...parcelIds] })
  finishDeposits(draft, first)
}

/** Completes what waited for a PIN of this parcel's recipient, if there is one now. */
export function finishDeposits(draft: Draft, parcelId: ParcelId): void {
  const { awaitingPin, preparedPins } = draft.state
  const recipientId = draft.ledger.parcel(parcelId)?.recipientId
  const waiting = awaitingPin
    .flatMap((id) => draft.ledger.parcel(id) ?? [])
    .filter((parcel) => parcel.recipientId === recipientId && parcel.lockerId !== null)
  // The seal names the parcel for which the PIN was made, so that one comes first.
  const isSealedFor = ({ id }: ParcelRow) => preparedPins[id] !== undefined
  const ready = waiting.toSorted((a, b) => Number(isSealedFor(b)) - Number(isSealedFor(a)))
  const [first] = ready
  if (first === undefined || recipientId === undefined) return
  const pin = pinForDeposit(draft, recipientId, preparedPins[first.id])
  if (pin === null) return
  const { expiresAtWallMs: pinExpiresAtWallMs } = pin
  for (const [index, { id, lockerId, courierId }] of ready.entries()) {
    if (lockerId === null) continue
    const place = { parcelId: id, lockerId, courierId: courierId ?? '', recipientId }
    // It opens the others, too.
    const sealedPin = index === 0 ? pin.sealedPin : null
    record(draft, { kind: 'parcel-deposited', data: { ...place, sealedPin, pinExpiresAtWallMs } })
  }
  const doneIds = new Set(ready.map(({ id }) => id))
  const kept = Object.entries(preparedPins).filter(([id]) => !doneIds.has(id))
  update(draft, {
    preparedPins: Object.fromEntries(kept),
    awaitingPin: awaitingPin.filter((id) => !doneIds.has(id)),
  })
  for (const { id, lockerId } of ready) {
    const count = ready.filter((parcel) => parcel.lockerId === lockerId).length
    if (lockerId !== null && goOn(draft, { parcelId: id, lockerId }, count)) return
  }
}

interface Left {
  readonly parcelId: ParcelId
  readonly lockerId: string
}

/** @returns true when the session had waited for it */
function goOn(draft: Draft, last: Left, count: number): boolean {
  const { session } = draft.state
  if (session.kind !== 'courier' || !isAbout(session.step, last)) return false
  const said = notice('deposited', null, { locker: last.lockerId })
  const done = { ...session, depositedCount: session.depositedCount + count, last }
  if (!startNext(draft, done, said)) goToStep(draft, done, { kind: 'menu', page: 0 }, said)
  return true
}

function isAbout(step: CourierStep, { parcelId, lockerId }: Left): boolean {
  if (step.kind === 'deposit') return step.parcelId === parcelId && step.phase === 'finishing'
  return step.kind === 'check' && step.lockerId === lockerId && step.phase === 'question'
}

function afterLeftOpen(draft: Draft, opening: LiveOpening): void {
  const { lockerId } = opening
  const session = waitingFor(draft, opening)
  const { isBlind } = opening
  const said = isBlind
    ? notice('make-sure', 'LK-DOOR-06', { locker: lockerId })
    : notice('door-left-open', 'LK-DOOR-02', { locker: lockerId })
  if (opening.purpose === 'pickup') collect(draft, opening, isBlind ? 'unseen' : 'left-open')
  if (opening.purpose === 'pickup' || opening.purpose === 'reopen') {
    const cause = isBlind ? 'unseen' : 'left-open'
    record(draft, { kind: 'locker-doubted', data: { lockerId, cause } })
    dropClearing(draft, lockerId)
  }
  if (session?.kind === 'pickup') goTo(draft, { kind: 'welcome' }, null, said)
  if (session?.kind !== 'courier') return
  const { step } = session
  if (step.kind === 'deposit' && !step.isCancelled) {
    for (const parcelId of depositIds(step)) {
      const cause = isBlind ? 'unseen' : 'left-open'
      record(draft, { kind: 'deposit-interrupted', data: { parcelId, lockerId, cause } })
    }
  }
  goToStep(draft, session, { kind: 'menu', page: 0 }, said)
}

/** Lockers held after a pickup whose time is over. */
export function clearingsOverdue(draft: Draft): void {
  for (const [lockerId, clearing] of Object.entries(draft.state.clearing)) {
    const isOpen = draft.state.openings[lockerId] !== undefined
    if (isOpen || clearing.untilMonoMs > draft.now.monoMs) continue
    dropClearing(draft, lockerId)
    const isFull = contentsOf(draft, lockerId) === 'present'
    const cause = isFull ? 'contents' : 'not-proven'
    if (clearing.isProvenEmpty && !isFull) {
      record(draft, { kind: 'locker-released', data: { lockerId } })
    } else record(draft, { kind: 'locker-doubted', data: { lockerId, cause } })
  }
}
