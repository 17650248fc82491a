// What facts of deposits, pickups and retrievals carry.
import type { AssignmentWhy, CancelReason } from '../../../kiosk/facts.ts'
import { REASONS } from '../../../kiosk/reasons.ts'
import { flag, listOf, objectOf, orNull, type Shape, text, words } from '../shapes.ts'
import type { FactShapes } from './fields.ts'
import * as field from './fields.ts'

const passed = objectOf<AssignmentWhy['passed'][number]>('', {
  size: field.size,
  reach: words('', { near: 'within reach from a wheelchair', far: 'not so' }),
  why: words('', {
    'too-small': REASONS['too-small'],
    'out-of-reach': REASONS['out-of-reach'],
    'kept-for-reach': REASONS['kept-for-reach'],
    'kept-spare': REASONS['kept-spare'],
    'none-free': 'all are taken',
  }),
})

export const why = objectOf<AssignmentWhy>('Why the parcel got this locker.', {
  needs: listOf(
    'What the parcel needs.',
    words('', {
      heavy: 'a low locker',
      reach: 'a locker within reach from a wheelchair',
      replacement: 'another locker, since the door of its first one did not open',
    }),
  ),
  reasons: listOf('What speaks for the locker, and what against it.', words('', REASONS)),
  passed: listOf('What would have come first and could not be had, in its order.', passed),
})

export const cancelReason: Shape<CancelReason> = words(
  'Why. The locker that was left is unverified.',
  {
    'changed-mind': '',
    bigger: 'a bigger locker follows, with a start of its own',
    smaller: 'a smaller one follows',
    'door-stuck': 'another one follows, without anybody asking',
    'not-inside': 'somebody looked, and it was empty',
    apart: 'it gets a locker of its own, with a start of its own',
  },
)

export const interruption = words('Why. The parcel may lie inside or not.', {
  restart: 'the kiosk started anew',
  'left-open': 'the door stayed open',
  'session-ended': 'the person’s session ended',
  unseen: 'nobody sees the door',
})

const sealedPin = orNull(field.sealedPin, 'the PIN that the recipient has opens this parcel too')
const pinEnd = orNull(field.wallMs('When that PIN ends.'), 'the kiosk believes no clock')

export const PARCEL_SHAPES = {
  'deposit-started': {
    parcelId: field.parcelId,
    lockerId: field.lockerId,
    courierId: field.courierId,
    recipientId: field.recipientId,
    size: field.size,
    isAnnounced: flag('Central had announced it; else the courier chose size and recipient.'),
    isTogether: flag('Into a locker that holds parcels of the same recipient already.'),
    why,
  },
  'deposit-cancelled': {
    parcelId: field.parcelId,
    lockerId: field.lockerId,
    courierId: field.courierId,
    reason: cancelReason,
  },
  'parcel-not-deposited': {
    parcelId: field.parcelId,
    recipientId: field.recipientId,
    courierId: field.courierId,
    reason: words('Why the courier took it along again.', {
      'too-big': '',
      damaged: '',
      'bank-full': 'no locker is left; the kiosk itself may say so',
      'wrong-address': '',
      refused: '',
    }),
  },
  'deposit-interrupted': {
    parcelId: field.parcelId,
    lockerId: field.lockerId,
    cause: interruption,
  },
  'parcel-deposited': {
    parcelId: field.parcelId,
    lockerId: field.lockerId,
    courierId: text('The courier; empty when nobody knows any more who put it in.', {
      pattern: '^[A-Za-z0-9_-]{0,64}$',
    }),
    recipientId: field.recipientId,
    sealedPin,
    pinExpiresAtWallMs: pinEnd,
  },
  'parcel-collected': {
    parcelId: field.parcelId,
    lockerId: field.lockerId,
    openingId: field.openingId,
    rule: words('Why it counts as collected.', {
      closed: 'the door was seen open, then closed',
      'left-open': 'the door stood open until its time was over',
      'said-closed': 'the person said so, at a door that nobody sees',
      unseen: 'the time was over, at a door that nobody sees',
    }),
  },
  'parcel-complained': {
    parcelId: field.parcelId,
    lockerId: field.lockerId,
    openingId: field.openingId,
    recipientId: field.recipientId,
    what: words('What the recipient says. This fact’s `seq` is the reference on the screen.', {
      missing: 'the locker was empty',
      wrong: 'another parcel lay there',
      damaged: '',
      'door-stuck': 'the door did not open',
    }),
    isLate: flag('Said at a later visit, with the PIN that had opened the door.'),
  },
  'reach-refused': {
    parcelId: field.parcelId,
    lockerId: field.lockerId,
    recipientId: field.recipientId,
  },
  'parcel-recalled': {
    parcelId: field.parcelId,
    lockerId: field.lockerId,
    by: field.by,
    reason: field.reasonOrNull,
  },
  'parcel-retrieved': {
    parcelId: field.parcelId,
    lockerId: field.lockerId,
    by: field.by,
    isProvenEmpty: flag('False: the sensor inside says otherwise, so somebody has to look.'),
  },
  'reminder-due': {
    parcelId: field.parcelId,
    recipientId: field.recipientId,
    lockerId: field.lockerId,
    pinExpiresAtWallMs: pinEnd,
  },
} satisfies Partial<FactShapes>
