// What records about PINs and staff change in the tables; src/store/projection.ts has the rest.
import type { Database } from 'better-sqlite3'
import type { DesiredPickup, DesiredStaff } from '../kiosk/desired.ts'
import type { Fact, Note } from '../kiosk/facts.ts'
import type { PinFactData, PinNoteData } from '../kiosk/pin-facts.ts'
import { tokenSubject } from './token-subject.ts'

export type PinFact = Extract<Fact, { kind: keyof PinFactData }>
export type PinNote = Extract<Note, { kind: keyof PinNoteData }>

/** Dead PINs that are remembered: about what a large wall uses up in a month. */
const DEAD_PINS_MAX = 1_000
/** Of one PIN: the newest openings, each of which may be complained of. */
const USES_MAX = 16
/** Of all recipients together. */
const REISSUES_MAX = 10_000

export const NEXT_END =
  '(SELECT coalesce(max(ended_place), 0) + 1 FROM pins WHERE ended_place IS NOT NULL)'

interface Complaint {
  readonly openingId: number
  readonly recipientId: string
  readonly what: string
  readonly reference: number
}

export function preparePinProjection(db: Database) {
  const statements = prepareStatements(db)
  return {
    fact: (fact: PinFact) => projectPinFact(statements, fact),
    note: (note: PinNote, boot: number) => projectPinNote(statements, note, boot),
    /** With it the door was opened. */
    use: (openingId: number) => void statements.use.run({ openingId }),
    complained: (complaint: Complaint) => void statements.complained.run(complaint),
    /** A parcel's right is spent; the last one ends the PIN. */
    spend: (parcelId: string) => void statements.spend.run(parcelId),
    putStaff: (row: DesiredStaff) =>
      void statements.staffPut.run({
        ...staffColumns(row),
        tokenSubject: tokenSubject('courier', row.id),
      }),
    dropStaff: (id: string) => void statements.staffDrop.run(id),
    staffIds: () => statements.staffIds.all().map(({ id }) => id),
    putPickup: (row: DesiredPickup) => void statements.pickupPut.run(row),
    dropPickup: (id: string) => void statements.pickupDrop.run(id),
    pickupIds: () => statements.pickupIds.all().map(({ id }) => id),
  }
}

export type PinProjection = ReturnType<typeof preparePinProjection>
type Statements = ReturnType<typeof prepareStatements>

function prepareStatements(db: Database) {
  const run = (sql: string) => db.prepare(sql)
  const ids = (table: 'staff' | 'pickups') =>
    db.prepare<[], { id: string }>(`SELECT id FROM ${table}`)
  return {
    meta: run(`INSERT INTO meta (name, value) VALUES (?, ?)
               ON CONFLICT (name) DO UPDATE SET value = excluded.value`),
    end: run(`UPDATE pins SET state = ?, ended_place = ${NEXT_END}, is_held = 0
      WHERE recipient_id = ? AND state = 'live' AND return_id IS NULL`),
    spend: run(`UPDATE pins SET state = 'spent', ended_place = ${NEXT_END}, is_held = 0
      WHERE state = 'live' AND return_id IS NULL
        AND recipient_id = (SELECT recipient_id FROM parcels WHERE id = ?)
        AND NOT EXISTS (SELECT 1 FROM parcels
          WHERE parcels.recipient_id = pins.recipient_id AND parcels.state = 'deposited')
        AND NOT EXISTS (SELECT 1 FROM parcels
          WHERE parcels.recipient_id = pins.recipient_id AND parcels.state = 'missing')`),
    add: run(`INSERT INTO pins
      (pin_index, recipient_id, state, reference_index, expires_at, counted_until, token_subject)
      VALUES (@index, @recipientId, 'live', @referenceIndex, @expiresAtWallMs, @atWallMs,
              @tokenSubject)`),
    date: run(`UPDATE pins SET expires_at = @expiresAtWallMs, counted_until = @atWallMs,
        is_held = 0
      WHERE recipient_id = @recipientId AND state = 'live' AND return_id IS NULL`),
    extend: run(`UPDATE pins SET expires_at = ?, is_held = 0
      WHERE recipient_id = ? AND state = 'live' AND return_id IS NULL`),
    use: run(`UPDATE pins SET uses = json_insert(
        iif(json_array_length(uses) < ${USES_MAX}, uses, json_remove(uses, '$[0]')),
        '$[#]', json((SELECT json_object('openingId', id, 'lockerId', locker_id,
          'parcelIds', json(parcel_ids), 'complaint', NULL)
          FROM openings WHERE id = @openingId)))
      WHERE state = 'live' AND return_id IS NULL
        AND recipient_id = (SELECT recipient_id FROM parcels WHERE id =
          (SELECT parcel_ids ->> 0 FROM openings WHERE id = @openingId AND purpose = 'pickup'))`),
    // What was said first stays.
    complained: run(`UPDATE pins SET uses = (
        SELECT json_group_array(json(iif(
          value ->> 'openingId' = @openingId AND value ->> 'complaint' IS NULL,
          json_set(value, '$.complaint', json_object('what', @what, 'reference', @reference)),
          value))) FROM json_each(uses))
      WHERE recipient_id = @recipientId AND uses <> '[]'`),
    prune: run(`DELETE FROM pins WHERE ended_place <= ${NEXT_END} - 1 - ${DEAD_PINS_MAX}`),
    owe: run('INSERT OR IGNORE INTO owed_pins VALUES (?)'),
    paid: run('DELETE FROM owed_pins WHERE recipient_id = ?'),
    reissue: run(`INSERT INTO reissues (recipient_id, boot, mono_ms, wall_ms)
      VALUES (@recipientId, @boot, @monoMs, @wallMs)`),
    reissuePrune: run(
      `DELETE FROM reissues WHERE id <= (SELECT max(id) FROM reissues) - ${REISSUES_MAX}`,
    ),
    pickupPut: run(`INSERT INTO pickups (id, reissue, expires_at)
      VALUES (@id, @reissue, @expiresAtMs)
      ON CONFLICT (id) DO UPDATE SET reissue = excluded.reissue, expires_at = excluded.expires_at,
        is_open = excluded.reissue > reissue_done
          OR excluded.expires_at IS NOT expires_at_done`),
    pickupSettled: run(`UPDATE pickups
      SET reissue_done = max(reissue, reissue_done), expires_at_done = expires_at, is_open = 0
      WHERE id = ?`),
    pickupDrop: run('DELETE FROM pickups WHERE id = ?'),
    pickupIds: ids('pickups'),
    staffPut: run(`INSERT INTO staff
      VALUES (@id, @role, @label, @verifier, @badgeVerifier, @referenceVerifier, @carrierId,
              @validFromMs, @validUntilMs, @tokenSubject)
      ON CONFLICT (id) DO UPDATE SET role = excluded.role, label = excluded.label,
        verifier = excluded.verifier, badge_verifier = excluded.badge_verifier,
        reference_index = excluded.reference_index, carrier_id = excluded.carrier_id,
        valid_from = excluded.valid_from, valid_until = excluded.valid_until`),
    staffDrop: run('DELETE FROM staff WHERE id = ?'),
    staffIds: ids('staff'),
    burn: run('INSERT OR IGNORE INTO burned_codes SELECT verifier FROM staff WHERE id = ?'),
  }
}

function projectPinFact(to: Statements, fact: PinFact): void {
  switch (fact.kind) {
    case 'pin-revoked':
      to.end.run('replaced', fact.data.recipientId)
      to.owe.run(fact.data.recipientId)
      return
    case 'pin-expired':
      to.end.run('expired', fact.data.recipientId)
      return
    case 'pin-extended':
      to.extend.run(fact.data.expiresAtWallMs, fact.data.recipientId)
      return
    case 'break-glass-used':
      to.burn.run(fact.data.codeId)
      return
    case 'entry-refused':
    case 'guessing-suspected':
    case 'pin-reissued':
    case 'pin-reissue-refused':
    case 'staff-signed-in':
    case 'staff-signed-out':
    case 'session-revoked':
      return
  }
}

function projectPinNote(to: Statements, note: PinNote, boot: number): void {
  switch (note.kind) {
    case 'pin-issued':
      to.end.run('replaced', note.data.recipientId)
      to.add.run({ ...note.data, tokenSubject: tokenSubject('pickup', note.data.sealedPin) })
      to.paid.run(note.data.recipientId)
      to.prune.run()
      return
    case 'pin-dated':
      to.date.run(note.data)
      return
    case 'guesses-counted':
      to.meta.run('failures', String(note.data.failures))
      to.meta.run('budget-spent', String(note.data.budgetSpent))
      return
    case 'pickup-wish-settled':
      to.pickupSettled.run(note.data.recipientId)
      return
    case 'reissue-counted':
      to.reissue.run({ ...note.data, boot })
      to.reissuePrune.run()
      return
  }
}

function staffColumns(row: DesiredStaff): Required<DesiredStaff> {
  return {
    badgeVerifier: null,
    referenceVerifier: null,
    carrierId: null,
    validFromMs: null,
    validUntilMs: null,
    ...row,
  }
}
