// What facts of returns carry: parcels that a recipient hands in and a courier takes out.
import { orNull, text, words } from '../shapes.ts'
import type { FactShapes } from './fields.ts'
import * as field from './fields.ts'
import { cancelReason, interruption, why } from './parcels.ts'

const handsIn = text('Who hands it in.', field.ID)
const carrierId = orNull(text('Whose couriers take it out.', field.ID), 'any carrier’s')
const end = field.wallMs('When its code ends.')
const place = { parcelId: field.parcelId, lockerId: field.lockerId, recipientId: handsIn }

export const RETURN_SHAPES = {
  'return-expected': {
    parcelId: field.parcelId,
    recipientId: handsIn,
    sealedCode: text(
      'A compact JWE of the code, for central alone: see `sealed-pin`.',
      field.SEALED,
    ),
    expiresAtWallMs: orNull(end, 'the kiosk believes no clock'),
  },
  'return-withdrawn': { parcelId: field.parcelId, recipientId: handsIn },
  'return-expired': { parcelId: field.parcelId, recipientId: handsIn, expiresAtWallMs: end },
  'hand-in-started': { ...place, carrierId, size: field.size, why },
  'hand-in-resumed': place,
  'hand-in-cancelled': { ...place, reason: cancelReason },
  'hand-in-interrupted': {
    parcelId: field.parcelId,
    lockerId: field.lockerId,
    cause: interruption,
  },
  'parcel-handed-in': {
    ...place,
    carrierId,
    proof: words('How it was proven, beside the door that was seen to open and to close.', {
      confirmed: 'the person said that it is inside',
      contents: 'the sensor inside sees it',
      unanswered: 'the person was asked, and went without a word',
      'said-closed': 'by the person, at a door that nobody sees',
      inspected: 'somebody looked, after it had broken off',
    }),
  },
  'parcel-not-handed-in': {
    parcelId: field.parcelId,
    recipientId: handsIn,
    reason: words('Why.', { 'bank-full': 'there was no room' }),
  },
} satisfies Partial<FactShapes>
