// What facts of standstills and of restored ledgers carry.
import type { DeadlineMove, StandstillCause } from '../../../kiosk/standstill-facts.ts'
import { listOf, objectOf, orNull, type Shape, text, whole, words } from '../shapes.ts'
import type { FactShapes } from './fields.ts'
import * as field from './fields.ts'

const cause: Shape<StandstillCause> = words('Why nobody could collect.', {
  'door-stuck': 'the door did not open when it was tried last',
  'locker-blocked': 'its lock opens another door',
  'board-silent': 'the locker’s board does not answer',
  'screen-gone': 'no screen is connected',
  'power-out': 'the kiosk, or its daemon, did not run',
})

const place = {
  boardId: orNull(field.boardId, 'not one board; with `lockerId` null as well, the whole kiosk'),
  lockerId: orNull(field.lockerId, 'not one locker alone'),
}

const moved = objectOf<DeadlineMove>('', {
  recipientId: field.recipientId,
  parcelIds: listOf('All parcels that wait for this recipient.', field.parcelId),
  byMs: whole('How far the end moved.'),
  causes: listOf('Why nobody could collect.', cause),
  expiresAtWallMs: field.wallMs('The new end of their PIN.'),
  countedUntilWallMs: field.wallMs('What stood still before this moment is counted.'),
})

const epoch = { pattern: '^[A-Za-z0-9_-]{1,64}$' }

export const OUTAGE_SHAPES = {
  'standstill-began': { ...place, cause, sinceWallMs: field.wallMs('Since when.') },
  'standstill-ended': {
    ...place,
    cause,
    fromWallMs: field.wallMs('From when.'),
    toWallMs: field.wallMs('Until when.'),
  },
  'deadlines-moved': { moved: listOf('For each recipient; at most 100 in one fact.', moved) },
  'ledger-restored': {
    cause: words('How it showed.', {
      'journal-ahead': 'the journal of the newest fact has a later one',
      'journal-differs': 'the journal has another fact under that number',
      'journal-missing': 'there is no journal that can be read, and the ledger is not new',
      'central-ahead': 'central has confirmed a fact that is not here',
      'central-differs': 'central has another fact under a number that it confirmed',
    }),
    epoch: text('The new epoch, which begins with this fact.', epoch),
    previousEpoch: text('The one before.', epoch),
    knownSeq: orNull(
      whole('The newest fact that is known to have been there.'),
      'nobody knows how much is lost',
    ),
    lockerIds: listOf('What the ledger says of these is not believed.', field.lockerId),
  },
  'parcels-confirmed': {
    parcels: listOf(
      'They lie where the ledger says.',
      objectOf('', { parcelId: field.parcelId, lockerId: field.lockerId }),
    ),
    by: field.by,
  },
} satisfies Partial<FactShapes>
