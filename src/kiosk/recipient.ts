// What a recipient can do: type a PIN, open again, say that the door is stuck.
import { say } from './blind.ts'
import { type Draft, goTo, update } from './draft.ts'
import { countFailure, isBlocked } from './guesses.ts'
import { authorise, fail, proveIfOpen, tryAgain } from './openings.ts'
import type { Session } from './state.ts'
import { notice } from './state.ts'
import type { ActionName, IntentResult } from './view.ts'

type PickupSession = Extract<Session, { kind: 'pickup' }>

export function enterPin(draft: Draft, pinIndex: string): IntentResult {
  if (isBlocked(draft)) return refuseGuess(draft)
  const parcel = draft.ledger.parcelByPin(pinIndex)
  if (parcel === null || parcel.lockerId === null) {
    countFailure(draft, 'pin')
    return 'ok'
  }
  openFor(draft, { parcelId: parcel.id, lockerId: parcel.lockerId, purpose: 'pickup' })
  return 'ok'
}

/** While the wait runs nothing is looked up, and nothing is counted. */
export function refuseGuess(draft: Draft): IntentResult {
  update(draft, { notice: notice('please-wait', 'LK-PIN-02') })
  return 'refused'
}

interface Wish {
  readonly parcelId: string
  readonly lockerId: string
  readonly purpose: 'pickup' | 'reopen'
}

function openFor(draft: Draft, { parcelId, lockerId, purpose }: Wish): void {
  const authorised = authorise(draft, {
    lockerId,
    purpose,
    parcelId,
    by: { role: 'recipient' },
    reason: null,
    requestId: null,
  })
  if (!authorised.ok) {
    // The PIN stays valid: nothing was opened, and the board's fault is not the person's.
    const said = notice('bus-down', authorised.code, { locker: lockerId })
    goTo(draft, { kind: 'welcome' }, null, said)
    return
  }
  const { openingId } = authorised
  goTo(draft, { kind: 'pickup', parcelId, lockerId, openingId, phase: 'opening' }, null)
  proveIfOpen(draft, lockerId)
}

export function pressAtPickup(
  draft: Draft,
  session: PickupSession,
  action: ActionName,
): IntentResult {
  if (session.phase === 'stuck' && action === 'retry') return retryPickup(draft, session)
  const said = say(draft, session.lockerId, action)
  if (said === 'pulsed') goTo(draft, { ...session, phase: 'opening' }, null)
  if (said !== null) return 'ok'
  if (session.phase === 'stuck' && action === 'back') {
    leavePickup(draft, session)
    return 'ok'
  }
  if (session.phase === 'done' && action === 'back') {
    goTo(draft, { kind: 'welcome' }, null)
    return 'ok'
  }
  if (session.phase === 'done' && action === 'reopen' && canReopen(draft, session.lockerId)) {
    openFor(draft, { ...session, purpose: 'reopen' })
    return 'ok'
  }
  return 'refused'
}

export function canReopen(draft: Draft, lockerId: string): boolean {
  return draft.state.clearing[lockerId] !== undefined
}

function retryPickup(draft: Draft, session: PickupSession): IntentResult {
  const opening = draft.state.openings[session.lockerId]
  if (opening === undefined) {
    const parcel = draft.ledger.parcel(session.parcelId)
    const purpose = parcel?.state === 'deposited' ? 'pickup' : 'reopen'
    openFor(draft, { ...session, purpose })
    return 'ok'
  }
  if (opening.isUnsettled) {
    update(draft, { notice: notice('bus-down', 'LK-BUS-01', { locker: session.lockerId }) })
    return 'refused'
  }
  goTo(draft, { ...session, phase: 'opening' }, null)
  tryAgain(draft, session.lockerId)
  return 'ok'
}

/** The person goes: what did not open until now counts as failed, and the PIN stays valid. */
export function leavePickup(draft: Draft, session: PickupSession): void {
  goTo(draft, { kind: 'welcome' }, null)
  const opening = draft.state.openings[session.lockerId]
  if (opening?.phase === 'stuck' && !opening.isUnsettled) fail(draft, opening, 'LK-DOOR-01')
}
