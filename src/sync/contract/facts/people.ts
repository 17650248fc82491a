// What facts of PINs, entries, sessions and personal data carry. None of it holds a PIN or a code
// in the clear.
import type { StaffRole } from '../../../kiosk/desired.ts'
import { flag, listOf, orNull, type Shape, text, whole, words } from '../shapes.ts'
import type { FactShapes } from './fields.ts'
import * as field from './fields.ts'

const role: Shape<StaffRole> = words('As in the stream `staff`.', {
  courier: '',
  technician: '',
  operator: '',
  'break-glass': '',
})

const parcelIds = listOf('All parcels that wait for this recipient.', field.parcelId)
const end = field.wallMs('When the PIN ends.')
const tokenId = text('The `id` of the token, in hexadecimal.', { pattern: '^[0-9a-f]{32}$' })
const isIdle = flag('The kiosk ended the session, since nobody touched the screen.')

export const PEOPLE_SHAPES = {
  'courier-signed-in': { courierId: field.courierId },
  'courier-signed-out': { courierId: field.courierId, isIdle },
  'staff-signed-in': { staffId: field.staffId, role },
  'staff-signed-out': { staffId: field.staffId, role, isIdle },
  'break-glass-used': {
    codeId: text('The sealed code, by its id in the stream `staff`.', field.ID),
  },
  'session-revoked': { staffId: field.staffId, role },
  'pickup-token-used': {
    tokenId,
    recipientId: field.recipientId,
    parcelIds: listOf('What waited then; of nothing else it is good any more.', field.parcelId),
  },
  'courier-token-used': {
    tokenId,
    courierId: field.courierId,
    notBeforeWallMs: field.wallMs('When the token begins.'),
  },
  'token-refused': {
    tokenId,
    purpose: words('What it is for.', { pickup: '', courier: '' }),
    code: field.code,
  },
  'entry-refused': {
    what: words('What was typed, or scanned.', {
      pin: '',
      'access-code': '',
      badge: '',
      'desk-answer': '',
    }),
    cause: words('Why it was refused.', {
      unknown: '',
      expired: '',
      used: 'spent, or replaced by a newer PIN',
      reference: 'the digits that go with it were wrong',
      'unconfirmed-after-restore': 'the ledger was restored, and central has not confirmed it yet',
    }),
    failures: whole('Wrong entries in all.'),
  },
  'pin-revoked': {
    recipientId: field.recipientId,
    parcelIds,
    by: field.by,
    reason: field.reasonOrNull,
  },
  'pin-reissued': {
    recipientId: field.recipientId,
    parcelId: text('The parcel for which the PIN is sealed.', field.ID),
    parcelIds: listOf('All parcels that the new PIN opens.', field.parcelId),
    sealedPin: field.sealedPin,
    expiresAtWallMs: orNull(end, 'the kiosk believes no clock'),
  },
  'pin-reissue-refused': { recipientId: field.recipientId, code: field.code, by: field.by },
  'pin-extended': {
    recipientId: field.recipientId,
    parcelIds,
    expiresAtWallMs: end,
    by: field.by,
    reason: field.reasonOrNull,
  },
  'pin-expired': { recipientId: field.recipientId, parcelIds, expiresAtWallMs: end },
  'desk-answered': {
    lockerId: field.lockerId,
    parcelId: field.parcelId,
    challenge: text('As the kiosk showed it.', { minLength: 1, maxLength: 64 }),
    wants: words('What it allowed; the fact of that stands before this one.', {
      open: 'the locker is opened once',
      pin: 'what waits there has a new PIN',
    }),
  },
  'personal-data-erased': {
    parcelIds: listOf(
      'Ended parcels of which the kiosk knows only the ids any more.',
      field.parcelId,
    ),
  },
} satisfies Partial<FactShapes>
