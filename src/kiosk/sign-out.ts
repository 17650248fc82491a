// The end of a session of somebody who works here.
import type { CourierSession } from './courier-session.ts'
import { type Draft, goTo, record } from './draft.ts'
import { leaveStuck } from './openings.ts'
import { depositIds } from './together.ts'

/** Ends the session, whatever it stood at; each deposit was stored on its own. */
export function signOut(
  draft: Draft,
  session: CourierSession,
  why: { readonly isIdle: boolean },
): void {
  const { courierId, role, step } = session
  goTo(draft, { kind: 'welcome' }, null)
  const isUndecided =
    step.kind === 'deposit' && (step.phase === 'stuck' || step.phase === 'question')
  if (isUndecided && !step.isCancelled) {
    const { lockerId } = step
    for (const parcelId of depositIds(step)) {
      const data = { parcelId, lockerId, cause: 'session-ended' } as const
      record(draft, { kind: 'deposit-interrupted', data })
    }
    leaveStuck(draft, lockerId)
  }
  const isAtDoor = step.kind === 'check' || step.kind === 'retrieval' || step.kind === 'audit'
  if (isAtDoor && step.phase === 'stuck') leaveStuck(draft, step.lockerId)
  if (role === 'courier') record(draft, { kind: 'courier-signed-out', data: { courierId, ...why } })
  else record(draft, { kind: 'staff-signed-out', data: { staffId: courierId, role, ...why } })
}
