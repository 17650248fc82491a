// What a restored ledger says of a locker counts for nobody's right: src/kiosk/restore.ts.
import type { LockerId } from './config.ts'
import type { Draft } from './draft.ts'
import type { Actor, Purpose } from './facts.ts'

interface Request {
  readonly lockerId: LockerId
  readonly purpose: Purpose
  readonly by: Actor
}

/** Only whoever looks inside on behalf of the operator may open it. */
export function isHeldBack(draft: Draft, { lockerId, purpose, by }: Request): boolean {
  const isLook = purpose === 'technician' || (purpose === 'inspection' && by.role !== 'courier')
  return !isLook && isInDoubt(draft, lockerId)
}

export function isInDoubt({ ledger }: Draft, lockerId: LockerId | null): boolean {
  return lockerId !== null && (ledger.locker(lockerId)?.isInDoubt ?? false)
}
