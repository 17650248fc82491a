// What an answer at a guided audit means, against what the ledger had. Pure, and careful: a locker
// is free only when the ledger had nothing else and a person saw it empty; a parcel that is not
// where it should be keeps its right. Why so: docs/decisions/guided-audit.md.
import type { AuditAnswer, AuditHealing, Believed } from './audit-facts.ts'
import type { LockerRow, LockerState, ParcelRow } from './ledger.ts'

export type SeenAnswer = Exclude<AuditAnswer, 'not-opened'>

export interface Seen {
  readonly locker: Pick<LockerRow, 'id' | 'state'>
  /** That lie there as far as the ledger knows. */
  readonly parcels: readonly ParcelRow[]
  readonly answer: SeenAnswer
  /** What was found, when it is known and another one. */
  readonly other: ParcelRow | null
  /** The locker that names the other parcel; null: none does. */
  readonly otherLockerId: string | null
}

const BELIEVED: Readonly<Record<LockerState, Believed>> = {
  free: 'empty',
  clearing: 'empty',
  occupied: 'parcel',
  'awaiting-courier': 'parcel',
  reserved: 'unproven',
  unverified: 'unproven',
  disputed: 'unproven',
}

export function believedOf(state: LockerState): Believed {
  return BELIEVED[state]
}

/** The same thing said in another way counts as the same. */
export function plainAnswer({ locker, parcels, answer, other }: Seen): SeenAnswer {
  // A locker may still name what was collected from it: there that parcel is another one.
  if (believedOf(locker.state) === 'empty') return answer === 'empty' ? 'matches' : answer
  const [only, ...more] = parcels
  const isAlone = only !== undefined && more.length === 0
  const isSame = answer === 'other-parcel' && isAlone && other?.id === only.id
  return isSame ? 'matches' : answer
}

/** Of a plain answer. */
export function healingOf(seen: Seen): AuditHealing {
  const { locker, parcels, answer, other, otherLockerId } = seen
  // A deposit is under way: what it ends with counts.
  if (locker.state === 'reserved') return 'left'
  switch (answer) {
    case 'matches':
      return believedOf(locker.state) === 'unproven' ? 'parcel-back' : 'confirmed'
    case 'empty':
      return healingOfEmpty(locker.state, parcels)
    case 'other-parcel':
      if (otherLockerId !== null && otherLockerId !== locker.id && other?.state !== 'missing') {
        return 'misplaced'
      }
      return other?.state === 'missing' && parcels.length === 0 ? 'parcel-back' : 'disputed'
    case 'unknown':
      return believedOf(locker.state) === 'empty' ? 'doubted' : 'left'
  }
}

function healingOfEmpty(state: LockerState, parcels: readonly ParcelRow[]): AuditHealing {
  const has = (wanted: ParcelRow['state']) => parcels.some((parcel) => parcel.state === wanted)
  if (state === 'occupied') return 'parcel-missing'
  if (state === 'awaiting-courier') return 'disputed'
  // It is still not there. Only the operator's word ends its way, never a second look.
  if (has('missing')) return 'left'
  // Somebody may still come for one of several.
  return parcels.length > 1 && has('deposited') ? 'parcel-missing' : 'freed'
}

export type AuditClass = 'matches' | 'settled' | 'differences' | 'unknown' | 'notOpened'

/** How a look is counted. */
export function classOf(look: {
  readonly believed: Believed
  readonly answer: AuditAnswer
  readonly healing: AuditHealing
}): AuditClass {
  if (look.answer === 'not-opened') return 'notOpened'
  if (look.answer === 'unknown') return 'unknown'
  if (look.healing === 'confirmed') return 'matches'
  const isSettled = look.healing === 'freed' || look.healing === 'parcel-back'
  return isSettled && look.believed === 'unproven' ? 'settled' : 'differences'
}
