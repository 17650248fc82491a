// What facts of guided audits carry.
import type { AuditCounts } from '../../../kiosk/audit-facts.ts'
import { listOf, objectOf, orNull, text, whole, words } from '../shapes.ts'
import type { FactShapes } from './fields.ts'
import * as field from './fields.ts'

const auditId = whole('The `seq` of the `audit-started` that it belongs to.', 1)

const counts = objectOf<AuditCounts>('How many lockers.', {
  lockers: whole('Of the choice.'),
  matches: whole('As the ledger had them.'),
  settled: whole('Of which the ledger had not been sure.'),
  differences: whole('Not as the ledger had them.'),
  unknown: whole('Somebody looked and could not tell.'),
  notOpened: whole('Nobody could look.'),
  left: whole('Not come to.'),
})

export const AUDIT_SHAPES = {
  'audit-started': {
    choice: words('Which lockers are looked into.', {
      all: 'the whole wall, column by column',
      column: 'one of them',
      doubtful: 'those of which the ledger itself is not sure',
      oldest: 'the whole wall, what nobody has looked into for longest first',
    }),
    column: orNull(whole('Counted from 1, from the left.', 1), 'not one column alone'),
    lockerIds: listOf('In the order in which they are opened.', field.lockerId),
    by: field.by,
    reason: field.reasonOrNull,
  },
  'locker-audited': {
    auditId,
    lockerId: field.lockerId,
    believed: words('What the ledger had it for.', {
      empty: '',
      parcel: '',
      unproven: 'nobody could say',
    }),
    state: words('Of the locker, in the ledger.', {
      free: '',
      reserved: '',
      occupied: '',
      clearing: 'held after a pickup',
      unverified: 'not proven empty',
      disputed: 'what lies inside is not what the ledger says',
      'awaiting-courier': 'a courier has to take its parcel out',
    }),
    parcelIds: listOf('What the ledger had there.', field.parcelId),
    answer: words('What somebody saw.', {
      matches: 'what the ledger has there',
      empty: '',
      'other-parcel': '',
      unknown: 'could not tell',
      'not-opened': 'nobody could look',
    }),
    healing: words('What followed.', {
      confirmed: 'it is as the ledger had it',
      freed: 'it is proven empty',
      'parcel-back': 'a parcel that was in doubt can be collected again',
      'parcel-missing': 'it is not there; its right opens nothing until it is found',
      misplaced: 'what lies there belongs into another locker; both are disputed',
      disputed: 'what lies there is not what the ledger says',
      doubted: 'nobody knows any more whether it is empty',
      left: 'nothing',
    }),
    foundParcelId: orNull(text('Another parcel that was found there.', field.ID), 'none is known'),
    otherLockerId: orNull(text('Where the ledger had that one.', field.ID), 'nowhere'),
    openingId: orNull(field.openingId, 'no opening could be tried'),
    code: orNull(field.code, 'it was opened'),
    by: field.by,
  },
  'audit-ended': {
    auditId,
    cause: words('Why.', { completed: '', stopped: '', overdue: 'nobody went on with it' }),
    counts,
    by: field.by,
    reason: field.reasonOrNull,
  },
  'parcel-missed': {
    parcelId: field.parcelId,
    lockerId: field.lockerId,
    recipientId: field.recipientId,
    by: field.by,
    reason: field.reasonOrNull,
  },
} satisfies Partial<FactShapes>
