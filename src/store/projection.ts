// What each record changes in the tables. The rules decided already; here is no decision, only
// bookkeeping, and SQLite's own constraints as the last guard.
import type { Database } from 'better-sqlite3'
import type { DesiredPickup, DesiredStaff, StreamChange, StreamRows } from '../kiosk/desired.ts'
import type { Fact, Note, StoreRecord } from '../kiosk/facts.ts'
import type { SenseRow } from '../kiosk/ledger.ts'
import { isRestoreFact, type RestoreFact } from '../kiosk/restore-facts.ts'
import { isReturnFact, type ReturnFact } from '../kiosk/return-facts.ts'
import { senseKey } from '../kiosk/senses.ts'
import { isStandstillFact, type StandstillFact } from '../kiosk/standstill-facts.ts'
import { prepareAnnouncements } from './announcements.ts'
import { type AuditProjection, isAuditFact, prepareAuditProjection } from './audit-projection.ts'
import { type PinProjection, preparePinProjection } from './pin-projection.ts'
import { prepareRestores } from './restores.ts'
import { prepareReturnProjection, type ReturnProjection } from './return-projection.ts'
import { prepareStandstills } from './standstills.ts'
import { prepareWallProjection } from './wall-projection.ts'

type DataOf<K extends StoreRecord['kind']> = Extract<StoreRecord, { kind: K }>['data']

export function prepareProjection(db: Database) {
  const pins = preparePinProjection(db)
  const returns = prepareReturnProjection(db)
  const audits = prepareAuditProjection(db)
  const statements = { ...prepareStatements(db), pins, returns, audits }
  return {
    fact(fact: Fact, seq: number) {
      const { data } = fact
      if ('outcome' in data) statements.lockerOutcome.run(data.outcome, data.lockerId)
      if (isReturnFact(fact)) statements.returns.fact(fact, seq)
      else if (isStandstillFact(fact)) statements.standstills.fact(fact)
      else if (!isRestoreFact(fact)) projectFact(statements, fact, seq)
      statements.restores(fact, seq)
      statements.wall.told(fact, seq)
    },
    note: (note: Note, boot: number) => projectNote(statements, note, boot),
  }
}

const CONTENTS_IN_DOUBT: ReadonlySet<string> = new Set(['missing', 'wrong'])

type Statements = ReturnType<typeof prepareStatements> & {
  readonly pins: PinProjection
  readonly returns: ReturnProjection
  readonly audits: AuditProjection
}

function prepareStatements(db: Database) {
  const run = (sql: string) => db.prepare(sql)
  return {
    wall: prepareWallProjection(db),
    restores: prepareRestores(db),
    standstills: prepareStandstills(db),
    meta: run(`INSERT INTO meta (name, value) VALUES (?, ?)
               ON CONFLICT (name) DO UPDATE SET value = excluded.value`),
    openingAdd: run(`INSERT INTO openings
      VALUES (@seq, @lockerId, @purpose, @parcelId, @role, @byId, 0, 0, @boardBoot, @opensBefore)`),
    openingOpened: run('UPDATE openings SET is_opened = 1 WHERE id = ?'),
    openingLeftOpen: run('UPDATE openings SET is_left_open = 1 WHERE id = ?'),
    openingEnd: run('DELETE FROM openings WHERE id = ?'),
    parcelSpent: run(`UPDATE parcels SET state = 'collecting'
      WHERE state = 'deposited'
        AND id = (SELECT parcel_id FROM openings WHERE id = ? AND purpose = 'pickup')`),
    pickedUp: db.prepare<[number], { id: string }>(
      `SELECT parcel_id AS id FROM openings WHERE id = ? AND purpose = 'pickup'`,
    ),
    parcelAdd: run(`INSERT INTO parcels
      VALUES (@parcelId, 'announced', NULL, @size, @recipientId, NULL, NULL, 0, @seq, NULL, 0, NULL,
              NULL, 0)
      ON CONFLICT (id) DO NOTHING`),
    parcelDepositing: run(`UPDATE parcels
      SET state = 'depositing', locker_id = @lockerId, courier_id = @courierId, deposit_seq = @seq
      WHERE id = @parcelId`),
    parcelState: run('UPDATE parcels SET state = ? WHERE id = ?'),
    parcelOut: run(`UPDATE parcels
      SET state = CASE WHEN is_announced = 1 AND state IN ('depositing', 'unconfirmed')
                       THEN 'announced' ELSE 'withdrawn' END,
          locker_id = NULL
      WHERE id = ? AND state IN ('depositing', 'unconfirmed', 'missing', 'recalled', 'handed-in',
                                 'deposited', 'collecting')`),
    parcelRetrieved: run(`UPDATE parcels SET state = 'withdrawn', locker_id = NULL
      WHERE id = ? AND state IN ('recalled', 'handed-in')`),
    lockerSet: run(`UPDATE lockers
      SET state = @state, parcel_id = @parcelId, courier_id = @courierId, return_id = NULL,
          is_proven_empty = 0
      WHERE id = @lockerId`),
    lockerUnverified: run(`UPDATE lockers SET state = 'unverified' WHERE id = ?`),
    lockerState: run('UPDATE lockers SET state = ? WHERE id = ?'),
    lockerProven: run(`UPDATE lockers SET is_proven_empty = 1 WHERE id = ?`),
    lockerWithdrawn: run('UPDATE lockers SET withdrawn_for = ? WHERE id = ?'),
    lockerDistrusted: run(`UPDATE lockers
      SET distrusted_for = ?, misses = 0, denials = 0 WHERE id = ?`),
    contentsAgreed: run(`UPDATE lockers
      SET has_contents_agreed = 1, contradictions = 0 WHERE id = ?`),
    contentsContradicted: run(`UPDATE lockers
      SET has_contents_agreed = 0, contradictions = contradictions + 1 WHERE id = ?`),
    contentsDistrusted: run(`UPDATE lockers
      SET is_contents_distrusted = ?, has_contents_agreed = 0, contradictions = 0 WHERE id = ?`),
    lockerOutcome: run('UPDATE lockers SET last_outcome = ? WHERE id = ?'),
    lockerEvidence: run('UPDATE lockers SET misses = ?, denials = ? WHERE id = ?'),
    lockerCounted: run('UPDATE lockers SET board_boot = ?, opens = ? WHERE id = ?'),
    // Not one that holds another parcel by now.
    lockerComplained: run(`UPDATE lockers SET state = 'disputed'
      WHERE id = ? AND state IN ('clearing', 'unverified', 'free')`),
    lockerForced: run(`UPDATE lockers SET state = 'unverified'
      WHERE id = ? AND state IN ('free', 'clearing')`),
    senseActive: run(`INSERT INTO senses VALUES (@id, @boardId, @channel, @what)
      ON CONFLICT (id) DO NOTHING`),
    senseIdle: run('DELETE FROM senses WHERE id = ?'),
    announcedEnded: run('UPDATE ended_parcels SET at_wall_ms = 0 WHERE parcel_id = ?'),
    waitsDated: run('UPDATE waits SET since_wall_ms = ? WHERE since_wall_ms IS NULL'),
    endsDated: run('UPDATE ended_parcels SET at_wall_ms = ? WHERE at_wall_ms IS NULL'),
    parcelErase: run(`DELETE FROM parcels WHERE id = ? AND state IN ('collected', 'withdrawn')`),
    ...prepareFound(db),
    ...prepareDesired(db),
  }
}

/** Somebody has looked inside. */
function prepareFound(db: Database) {
  const run = (sql: string) => db.prepare(sql)
  return {
    parcelHere: run(`UPDATE parcels SET state = 'unconfirmed', locker_id = @lockerId
      WHERE id = @parcelId`),
    lockerUnnamed: run(`UPDATE lockers SET parcel_id = NULL
      WHERE parcel_id = @parcelId AND id <> @lockerId`),
    lockerNamed: run(`UPDATE lockers SET parcel_id = @parcelId,
        state = CASE WHEN state IN ('free', 'clearing') THEN 'unverified' ELSE state END
      WHERE id = @lockerId`),
    lockerDisputed: run(`UPDATE lockers
      SET state = 'disputed', parcel_id = coalesce(parcel_id, ?) WHERE id = ?`),
  }
}

/** What central wants. */
function prepareDesired(db: Database) {
  const run = (sql: string) => db.prepare(sql)
  return {
    stream: run(`INSERT INTO streams (stream, version) VALUES (?, ?)
                 ON CONFLICT (stream) DO UPDATE SET version = excluded.version`),
    announced: prepareAnnouncements(db),
    recipientPut: run(`INSERT INTO recipients VALUES (@id, @label, @needsReach)
      ON CONFLICT (id) DO UPDATE SET label = excluded.label, needs_reach = excluded.needs_reach`),
    recipientDrop: run('DELETE FROM recipients WHERE id = ?'),
    recipientIds: db.prepare<[], { id: string }>('SELECT id FROM recipients'),
  }
}

type OwnFact = Exclude<Fact, ReturnFact | StandstillFact | RestoreFact>

function projectFact(to: Statements, fact: OwnFact, seq: number): void {
  if (isAuditFact(fact)) return to.audits.fact(fact, seq)
  switch (fact.kind) {
    case 'kiosk-started':
      to.meta.run('boot', String(fact.data.boot))
      return to.audits.started()
    case 'courier-signed-in':
    case 'courier-signed-out':
    case 'parcel-not-deposited':
    case 'reach-refused':
    case 'reminder-due':
    case 'desk-answered':
    case 'history-cut':
      return
    case 'opening-authorised':
      return addOpening(to, fact.data, seq)
    case 'opening-failed':
    case 'opening-unproven':
    case 'door-closed':
      to.openingEnd.run(fact.data.openingId)
      return
    case 'door-opened':
      return projectOpened(to, fact.data.openingId)
    case 'door-left-open':
      to.openingLeftOpen.run(fact.data.openingId)
      return
    case 'door-forced':
    case 'door-crossed':
      to.lockerForced.run(
        fact.kind === 'door-forced' ? fact.data.lockerId : fact.data.openedLockerId,
      )
      return
    case 'cabinet-opened':
    case 'cabinet-closed':
    case 'mains-lost':
    case 'mains-returned':
      return projectSense(to, fact)
    case 'locker-withdrawn':
    case 'locker-returned':
    case 'locker-disputed':
    case 'locker-inspected':
    case 'locker-released':
    case 'locker-doubted':
    case 'parcel-recalled':
    case 'parcel-retrieved':
    case 'parcel-complained':
      return projectService(to, fact)
    case 'contents-contradicted':
    case 'contents-distrusted':
    case 'contents-trusted':
    case 'door-distrusted':
    case 'door-trusted':
      return projectSensor(to, fact)
    case 'deposit-started':
    case 'deposit-cancelled':
    case 'deposit-interrupted':
    case 'parcel-deposited':
      return projectDeposit(to, fact, seq)
    case 'parcel-collected':
      return projectCollected(to, fact.data)
    case 'personal-data-erased':
      return eraseParcels(to, fact.data.parcelIds)
    // What is left concerns PINs and staff.
    default:
      return to.pins.fact(fact)
  }
}

function projectCollected(to: Statements, data: DataOf<'parcel-collected'>): void {
  const { parcelId, lockerId } = data
  to.parcelState.run('collected', parcelId)
  to.pins.spend(parcelId)
  // It keeps the parcel's name: should it still lie inside, whoever looks can say so.
  setLocker(to, lockerId, { state: 'clearing', parcelId })
}

function projectOpened(to: Statements, openingId: number): void {
  to.openingOpened.run(openingId)
  const parcel = to.pickedUp.get(openingId)
  if (parcel === undefined) return
  to.parcelSpent.run(openingId)
  to.pins.spend(parcel.id)
}

type SensorFact = Extract<Fact, { kind: `contents-${string}` | `door-${string}trusted` }>

function projectSensor(to: Statements, fact: SensorFact): void {
  const { lockerId } = fact.data
  switch (fact.kind) {
    case 'contents-contradicted':
      to.contentsContradicted.run(lockerId)
      return
    case 'contents-distrusted':
    case 'contents-trusted':
      to.contentsDistrusted.run(Number(fact.kind === 'contents-distrusted'), lockerId)
      return
    case 'door-distrusted':
      to.lockerDistrusted.run(fact.data.cause, lockerId)
      // Nobody can say any more that it stayed shut, so nobody can say that it is empty.
      to.lockerForced.run(lockerId)
      return
    case 'door-trusted':
      to.lockerDistrusted.run(null, lockerId)
      return
  }
}

type SenseFact = Extract<Fact, { kind: `cabinet-${string}` | `mains-${string}` }>

function projectSense(to: Statements, { kind, data }: SenseFact): void {
  const isCabinet = kind === 'cabinet-opened' || kind === 'cabinet-closed'
  const row: SenseRow = { ...data, what: isCabinet ? 'cabinet-door' : 'mains' }
  const id = senseKey(row)
  if (kind === 'cabinet-opened' || kind === 'mains-lost') to.senseActive.run({ ...row, id })
  else to.senseIdle.run(id)
}

type ServiceFact = Extract<
  Fact,
  {
    kind:
      | 'locker-withdrawn'
      | 'locker-returned'
      | `locker-${'disputed' | 'inspected' | 'released' | 'doubted'}`
      | `parcel-${'recalled' | 'retrieved' | 'complained'}`
  }
>

function projectService(to: Statements, fact: ServiceFact): void {
  switch (fact.kind) {
    case 'locker-inspected':
      return inspect(to, fact.data)
    case 'locker-released':
      return setLocker(to, fact.data.lockerId, { state: 'free' })
    case 'locker-doubted':
      to.lockerUnverified.run(fact.data.lockerId)
      return
    case 'parcel-retrieved':
      return retrieve(to, fact.data)
    case 'parcel-complained':
      if (CONTENTS_IN_DOUBT.has(fact.data.what)) to.lockerComplained.run(fact.data.lockerId)
      return
    case 'locker-withdrawn':
      to.lockerWithdrawn.run(fact.data.cause, fact.data.lockerId)
      return
    case 'locker-returned':
      to.lockerWithdrawn.run(null, fact.data.lockerId)
      // Somebody saw to it: what its door did before counts no more.
      to.wall.mended(fact.data.lockerId)
      return
    case 'locker-disputed':
      to.lockerDisputed.run(fact.data.parcelId, fact.data.lockerId)
      return
    case 'parcel-recalled':
      to.parcelState.run('recalled', fact.data.parcelId)
      to.pins.spend(fact.data.parcelId)
      to.lockerState.run('awaiting-courier', fact.data.lockerId)
      return
  }
}

function eraseParcels(to: Statements, ids: readonly string[]): void {
  for (const id of ids) to.parcelErase.run(id)
}

function addOpening(to: Statements, data: DataOf<'opening-authorised'>, seq: number): void {
  const { lockerId, purpose, parcelId, by, boardBoot, opensBefore } = data
  const { role, id: byId = null } = by
  to.openingAdd.run({ seq, lockerId, purpose, parcelId, role, byId, boardBoot, opensBefore })
}

type DepositFact = Extract<Fact, { kind: `deposit-${string}` | 'parcel-deposited' }>

function projectDeposit(to: Statements, fact: DepositFact, seq: number): void {
  const { parcelId, lockerId } = fact.data
  switch (fact.kind) {
    case 'deposit-started': {
      const { size, recipientId, courierId } = fact.data
      to.parcelAdd.run({ parcelId, size, recipientId, seq })
      to.parcelDepositing.run({ parcelId, lockerId, courierId, seq })
      return setLocker(to, lockerId, { state: 'reserved', parcelId, courierId })
    }
    case 'deposit-cancelled':
      to.parcelOut.run(parcelId)
      return setLocker(to, lockerId, { state: 'unverified', courierId: fact.data.courierId })
    case 'deposit-interrupted':
      // The parcel may lie inside: the locker keeps both names until somebody looks.
      to.parcelState.run('unconfirmed', parcelId)
      to.lockerUnverified.run(lockerId)
      return
    case 'parcel-deposited':
      to.parcelState.run('deposited', parcelId)
      return setLocker(to, lockerId, { state: 'occupied', parcelId })
  }
}

function inspect(to: Statements, data: DataOf<'locker-inspected'>): void {
  if (data.found === 'parcel') {
    // A parcel-deposited follows as soon as its new PIN is there.
    if (data.parcelId !== null) nameParcel(to, { ...data, parcelId: data.parcelId })
    return
  }
  if (data.parcelId !== null) {
    to.parcelOut.run(data.parcelId)
    to.pins.spend(data.parcelId)
  }
  setLocker(to, data.lockerId, { state: 'free' })
}

/** It may have been found in another locker than the ledger had it in. */
function nameParcel(to: Statements, place: { lockerId: string; parcelId: string }): void {
  const { lockerId, parcelId } = place
  to.lockerUnnamed.run({ lockerId, parcelId })
  to.parcelHere.run({ lockerId, parcelId })
  to.lockerNamed.run({ lockerId, parcelId })
}

function retrieve(to: Statements, data: DataOf<'parcel-retrieved'>): void {
  const { parcelId, lockerId, isProvenEmpty } = data
  to.parcelRetrieved.run(parcelId)
  to.pins.spend(parcelId)
  setLocker(to, lockerId, { state: isProvenEmpty ? 'free' : 'unverified' })
}

interface LockerChange {
  readonly state: string
  readonly parcelId?: string
  readonly courierId?: string
}

function setLocker(to: Statements, lockerId: string, change: LockerChange): void {
  to.lockerSet.run({ parcelId: null, courierId: null, ...change, lockerId })
}

function projectNote(to: Statements, note: Note, boot: number): void {
  switch (note.kind) {
    case 'pin-issued':
    case 'pin-dated':
    case 'guesses-counted':
    case 'pickup-wish-settled':
    case 'reissue-counted':
      return to.pins.note(note, boot)
    case 'alive-noted':
    case 'pin-held':
    case 'pins-released':
      return to.standstills.note(note, boot)
    case 'return-code-issued':
    case 'return-code-dated':
      return to.returns.note(note)
    case 'emptiness-proven':
      to.lockerProven.run(note.data.lockerId)
      return
    case 'door-judged':
      to.wall.judged(note.data)
      return
    case 'wall-arranged':
      to.wall.arranged(note.data.lockers)
      return
    case 'openings-counted':
      to.lockerCounted.run(note.data.boardBoot, note.data.opens, note.data.lockerId)
      return
    case 'contents-agreed':
      to.contentsAgreed.run(note.data.lockerId)
      return
    case 'evidence-counted':
      to.lockerEvidence.run(note.data.misses, note.data.denials, note.data.lockerId)
      return
    case 'facts-confirmed':
      to.meta.run('confirmed', String(note.data.upToSeq))
      return
    case 'stream-applied':
      return applyStream(to, note.data)
    case 'waits-dated':
      to.waitsDated.run(note.data.wallMs)
      return
    case 'ends-dated':
      to.endsDated.run(note.data.wallMs)
      return
  }
}

interface StreamTable {
  readonly put: (row: StreamRows[keyof StreamRows]) => void
  readonly drop: (id: string) => void
  readonly ids: () => readonly string[]
}

function applyStream(to: Statements, change: StreamChange): void {
  const table = tableOf(to, change.stream)
  // What central no longer wants goes first: a courier's code may have moved to another courier.
  const kept = new Set(change.puts.map(({ id }) => id))
  const gone = change.isSnapshot ? table.ids().filter((id) => !kept.has(id)) : change.deletes
  for (const id of gone) table.drop(id)
  for (const row of change.puts) table.put(row)
  to.stream.run(change.stream, change.version)
}

function putRecipient(to: Statements, row: StreamRows['directory']): void {
  to.recipientPut.run({ ...row, needsReach: row.needsReach === true ? 1 : 0 })
}

function tableOf(to: Statements, stream: StreamChange['stream']): StreamTable {
  const idsOf = (rows: readonly { id: string }[]) => rows.map(({ id }) => id)
  switch (stream) {
    case 'parcel':
      return {
        put: (row) => to.announced.put(row as StreamRows['parcel']),
        drop: (id) => {
          to.announced.drop(id)
          // What has ended is erased at the next occasion, before its time.
          to.announcedEnded.run(id)
        },
        ids: () => to.announced.ids(),
      }
    case 'staff':
      return {
        put: (row) => to.pins.putStaff(row as DesiredStaff),
        drop: to.pins.dropStaff,
        ids: to.pins.staffIds,
      }
    case 'directory':
      return {
        put: (row) => putRecipient(to, row as StreamRows['directory']),
        drop: (id) => to.recipientDrop.run(id),
        ids: () => idsOf(to.recipientIds.all()),
      }
    case 'pickup':
      return {
        put: (row) => to.pins.putPickup(row as DesiredPickup),
        drop: to.pins.dropPickup,
        ids: to.pins.pickupIds,
      }
    case 'return':
      return {
        put: (row) => to.returns.put(row as StreamRows['return']),
        drop: (id) => {
          to.returns.drop(id)
          to.announcedEnded.run(id)
        },
        ids: to.returns.ids,
      }
  }
}
