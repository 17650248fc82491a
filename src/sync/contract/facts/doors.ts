// What facts of doors, sensors and the kiosk itself carry.
import type { Witness } from '../../../kiosk/facts.ts'
import type { Shape } from '../shapes.ts'
import { amount, listOf, orNull, text, whole, words } from '../shapes.ts'
import type { FactShapes } from './fields.ts'
import * as field from './fields.ts'

const witness: Shape<Witness> = words('How it was seen.', {
  sensor: 'at once',
  counter: 'by the board’s own count, after a gap',
  'found-open': 'open after a restart',
  'already-open': 'open before',
  person: 'said by the person in front, where no sensor sees',
})

const fault = words('Why its sensor is not believed.', {
  'never-open': 'people found the door open, and the sensor said closed',
  'no-movement': 'openings in a row moved nothing',
  'never-shut': 'a person found the door shut, or it has read open for a whole day',
  flutters: 'it changes more often than a door can move',
  'against-counter': 'the board’s count of openings contradicts it',
})

const sense = { boardId: field.boardId, channel: field.channel }

export const DOOR_SHAPES = {
  'kiosk-started': {
    boot: whole('How many times it has started with this database.', 1),
    version: text('Of the program.', { minLength: 1, maxLength: 64 }),
  },
  'opening-authorised': {
    lockerId: field.lockerId,
    purpose: words('What it is for.', {
      deposit: '',
      pickup: '',
      reopen: 'once more after a pickup, within the re-open time',
      'hand-in': 'a recipient hands a return in',
      inspection: 'somebody looks inside',
      retrieval: 'a courier takes a parcel back',
      technician: '',
      remote: 'central ordered it, for no parcel’s recipient',
    }),
    parcelIds: listOf('What it is for: parcels of one recipient.', field.parcelId),
    by: field.by,
    reason: orNull(field.reason, 'only technicians and central give one'),
    boardBoot: orNull(whole('The board’s own count of its starts.'), 'the board does not count'),
    opensBefore: orNull(whole('The board’s count of openings.'), 'the board does not count'),
    basis: field.basis,
  },
  'opening-failed': {
    openingId: field.openingId,
    lockerId: field.lockerId,
    code: field.code,
    outcome: field.outcome('no-ack', 'bus-down', 'open-not-detected', 'wrong-door'),
    pulses: field.pulses,
  },
  'opening-unproven': {
    openingId: field.openingId,
    lockerId: field.lockerId,
    outcome: field.outcome('no-ack', 'bus-down', 'open-not-detected', 'wrong-door', 'opened'),
    pulses: field.pulses,
  },
  'door-opened': {
    openingId: field.openingId,
    lockerId: field.lockerId,
    witness,
    outcome: field.outcome('opened', 'already-open'),
  },
  'door-closed': {
    openingId: field.openingId,
    lockerId: field.lockerId,
    openMs: orNull(amount('How long it stood open.'), 'it was not watched the whole time'),
    witness: words('How it was seen.', { sensor: '', counter: '', person: '' }),
  },
  'door-left-open': {
    openingId: field.openingId,
    lockerId: field.lockerId,
    outcome: field.outcome('left-open'),
  },
  'door-forced': { lockerId: field.lockerId, witness, outcome: field.outcome('forced') },
  'door-crossed': {
    openingId: field.openingId,
    lockerId: field.lockerId,
    openedLockerId: text('The one that opened instead.', field.ID),
    outcome: field.outcome('wrong-door'),
  },
  'door-distrusted': { lockerId: field.lockerId, cause: fault },
  'door-trusted': {
    lockerId: field.lockerId,
    cause: fault,
    proof: words('Why it is believed again.', {
      technician: 'somebody put it right',
      movement: 'it moved in step with an opening',
    }),
    by: field.by,
    reason: field.reasonOrNull,
  },
  'contents-contradicted': {
    lockerId: field.lockerId,
    says: words('What the sensor inside says.', { present: '', absent: '' }),
    found: words('What somebody found.', { empty: '', parcel: '' }),
    by: field.by,
  },
  'contents-distrusted': {
    lockerId: field.lockerId,
    cause: words('Why.', { contradicted: 'people found otherwise too often' }),
  },
  'contents-trusted': { lockerId: field.lockerId, by: field.by, reason: field.reason },
  'cabinet-opened': sense,
  'cabinet-closed': sense,
  'mains-lost': sense,
  'mains-returned': sense,
  'locker-withdrawn': {
    lockerId: field.lockerId,
    cause: words('Why.', {
      'crossed-wiring': 'its lock opens another door, so that nothing may be unlocked there',
      central: 'by the stream `locker`; what lies inside can be collected',
      unsafe: 'by the stream `locker`; nobody but a technician opens it',
      technician: 'no new parcel goes in; one that lies inside can be collected',
    }),
    by: field.by,
    reason: field.reasonOrNull,
  },
  'locker-returned': { lockerId: field.lockerId, by: field.by, reason: field.reason },
  'locker-inspected': {
    lockerId: field.lockerId,
    found: words('What lies inside.', { empty: '', parcel: '' }),
    parcelId: field.parcelIdOrNull,
    by: field.by,
    reason: field.reasonOrNull,
  },
  'locker-disputed': {
    lockerId: field.lockerId,
    parcelId: field.parcelIdOrNull,
    by: field.by,
    reason: field.reasonOrNull,
  },
  'locker-released': { lockerId: field.lockerId },
  'locker-doubted': {
    lockerId: field.lockerId,
    cause: words('Why it is not proven empty.', {
      'not-proven': 'its door did not stand open long enough',
      'left-open': 'its door stayed open',
      unseen: 'nobody sees its door',
      contents: 'the sensor inside sees something',
      audit: 'somebody looked and could not tell',
      remote: 'central had it opened, and nobody of the trade stood there',
    }),
  },
  'history-cut': {
    upToSeq: whole('The newest fact that the kiosk does not keep any more.', 1),
    hash: text('SHA-256 of that fact’s text, hexadecimal; central has that fact, too.', field.HASH),
    rowsHash: text('Of what those facts made of the tables, which is kept instead.', field.HASH),
  },
  'guessing-suspected': { failures: whole('Wrong entries within an hour.', 1) },
} satisfies Partial<FactShapes>
