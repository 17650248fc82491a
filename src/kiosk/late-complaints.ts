// Somebody types a PIN that was used: it opens nothing, and the answer is the one that it always
// was. But the parcel may have been missing, and whoever has the PIN may say so. Each opening has
// one such complaint; whoever comes again is told its number again.
import { isComplaint, recordComplaint } from './complaints.ts'
import type { LockerId } from './config.ts'
import { type Draft, goTo } from './draft.ts'
import type { PinRow, PinUse } from './pin-ledger.ts'
import type { Session } from './state.ts'
import type { ActionName, IntentResult } from './view.ts'

type UsedSession = Extract<Session, { kind: 'used' }>

/** Called when the refusal is counted and its notice is up; a code of a return was no pickup. */
export function hearLate(draft: Draft, { recipientId, uses }: PinRow): void {
  if (uses.length === 0) return
  const { idleMs } = draft.config.policy
  const session = { kind: 'used', recipientId, uses, use: null, phase: 'told' } as const
  goTo(draft, session, idleMs, draft.state.notice)
}

/** The newest opening of each door: which one it was, the person says by its number. */
export function lockersUsed({ uses }: UsedSession): readonly LockerId[] {
  return [...new Set(uses.map(({ lockerId }) => lockerId))]
}

export function pressAtUsed(
  draft: Draft,
  session: UsedSession,
  action: ActionName,
  value: string | null,
): IntentResult {
  if (action === 'back') {
    goTo(draft, { kind: 'welcome' }, null)
    return 'ok'
  }
  const { phase, use } = session
  if (phase === 'told' && action === 'problem') return ask(draft, session)
  if (phase === 'problem' && use === null && action === 'which')
    return choose(draft, session, value)
  const isSaid = phase === 'problem' && use !== null && action === 'report'
  if (!isSaid || !isComplaint(value)) return 'refused'
  const { openingId, lockerId, parcelIds } = use
  const about = { openingId, lockerId, parcelIds, recipientId: session.recipientId }
  const reference = recordComplaint(draft, { ...about, what: value, isLate: true })
  return show(draft, session, { ...use, complaint: { what: value, reference } })
}

function ask(draft: Draft, session: UsedSession): IntentResult {
  const [first, second] = lockersUsed(session)
  if (second === undefined) return choose(draft, session, first ?? null)
  goTo(draft, { ...session, phase: 'problem' }, draft.config.policy.idleMs)
  return 'ok'
}

function choose(draft: Draft, session: UsedSession, lockerId: LockerId | null): IntentResult {
  const use = session.uses.findLast((each) => each.lockerId === lockerId)
  return use === undefined ? 'refused' : show(draft, session, use)
}

function show(draft: Draft, session: UsedSession, use: PinUse): IntentResult {
  const phase = use.complaint === null ? 'problem' : 'reported'
  goTo(draft, { ...session, use, phase }, draft.config.policy.idleMs)
  return 'ok'
}
