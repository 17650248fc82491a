// Whether a person can get at a door. Nobody who needs a low one has a high one opened unasked: it
// could not be shut again.
import type { Draft } from './draft.ts'
import type { ParcelRow } from './ledger.ts'
import { planOf } from './wall-plan.ts'

export function isOutOfReach(
  draft: Draft,
  { lockerId, needsReach, recipientId }: ParcelRow,
): boolean {
  const isNeeded = needsReach || (draft.ledger.recipient(recipientId)?.needsReach ?? false)
  const planned = lockerId === null ? undefined : planOf(draft.config).byId.get(lockerId)
  return isNeeded && planned?.group.isWithinReach === false
}
