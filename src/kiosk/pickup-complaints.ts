// Something is wrong with a pickup, and the person is still there: it is asked about when the door
// is shut, or when it stays shut.
import { isComplaint, recordComplaint } from './complaints.ts'
import { type Draft, goTo, update } from './draft.ts'
import type { ComplaintKind } from './facts.ts'
import { fail } from './openings.ts'
import { openNext } from './recipient.ts'
import type { Session } from './state.ts'
import type { ActionName, IntentResult } from './view.ts'

type PickupSession = Extract<Session, { kind: 'pickup' }>

/** @returns null when this is no complaint, and no answer to one */
export function pressAtComplaint(
  draft: Draft,
  session: PickupSession,
  action: ActionName,
  value: string | null,
): IntentResult | null {
  switch (session.phase) {
    case 'open':
      if (action !== 'problem') return null
      // First the door is shut: what is inside stays there, and the next door opens later.
      update(draft, { session: { ...session, isProblem: true } })
      return 'ok'
    case 'done':
      if (action !== 'problem') return null
      goTo(draft, { ...session, phase: 'problem' }, draft.config.policy.idleMs)
      return 'ok'
    case 'stuck':
      if (action !== 'help') return null
      return askForHelp(draft, session)
    case 'problem':
      if (action === 'back') return leave(draft, session)
      if (action === 'which') return name(draft, session, value)
      if (action !== 'report' || !isComplaint(value) || isAsked(session)) return 'refused'
      complain(draft, session, value)
      return 'ok'
    case 'reported':
      return action === 'back' ? leave(draft, session) : 'refused'
    case 'opening':
      return null
  }
}

/** Several lay together, and nobody has said yet with which of them something is wrong. */
export function isAsked({ parcelIds, wrongIds }: PickupSession): boolean {
  return parcelIds.length > 1 && wrongIds === null
}

/** @param value one of the parcels; null: all of them */
function name(draft: Draft, session: PickupSession, value: string | null): IntentResult {
  const { parcelIds } = session
  const wrongIds = value === null ? parcelIds : parcelIds.filter((id) => id === value)
  if (!isAsked(session) || wrongIds.length === 0) return 'refused'
  goTo(draft, { ...session, wrongIds }, draft.config.policy.idleMs)
  return 'ok'
}

function complain(draft: Draft, session: PickupSession, what: ComplaintKind): void {
  const { lockerId, openingId, recipientId } = session
  const parcelIds = session.wrongIds ?? session.parcelIds
  const about = { parcelIds, lockerId, openingId, recipientId }
  const reference = recordComplaint(draft, { ...about, what, isLate: false })
  const reported = { ...session, phase: 'reported', complaint: { what, reference } } as const
  goTo(draft, reported, draft.config.policy.idleMs)
}

/** The end of the ladder at a stuck door. The PIN stays valid, for this locker alone. */
function askForHelp(draft: Draft, session: PickupSession): IntentResult {
  complain(draft, session, 'door-stuck')
  const opening = draft.state.openings[session.lockerId]
  if (opening?.phase === 'stuck' && !opening.isUnsettled) fail(draft, opening, 'LK-DOOR-01')
  return 'ok'
}

function leave(draft: Draft, session: PickupSession): IntentResult {
  if (!openNext(draft, session)) goTo(draft, { kind: 'welcome' }, null)
  return 'ok'
}
