// What each record changes in the tables. The rules decided already; here is no decision, only
// bookkeeping, and SQLite's own constraints as the last guard.
import type { Database } from 'better-sqlite3'
import type { DesiredPickup, DesiredStaff, StreamChange, StreamRows } from '../kiosk/desired.ts'
import type { Fact, Note, StoreRecord } from '../kiosk/facts.ts'
import { isRestoreFact, type RestoreFact } from '../kiosk/restore-facts.ts'
import { isReturnFact, type ReturnFact } from '../kiosk/return-facts.ts'
import { isStandstillFact, type StandstillFact } from '../kiosk/standstill-facts.ts'
import { isTokenFact, type TokenFact } from '../kiosk/token-facts.ts'
import { prepareAnnouncements } from './announcements.ts'
import { type AuditProjection, isAuditFact, prepareAuditProjection } from './audit-projection.ts'
import {
  type CommandFact,
  type CommandProjection,
  isOrder,
  prepareCommandProjection,
} from './commands.ts'
import { type LockerProjection, prepareLockerProjection } from './locker-projection.ts'
import { prepareLockerWishes } from './locker-wishes.ts'
import { type PinProjection, preparePinProjection } from './pin-projection.ts'
import { prepareRestores } from './restores.ts'
import { prepareReturnProjection, type ReturnProjection } from './return-projection.ts'
import { prepareSenseProjection } from './sense-projection.ts'
import { prepareStandstills } from './standstills.ts'
import { prepareStreamHashes } from './stream-hash.ts'
import { prepareTokenProjection, type TokenProjection } from './tokens.ts'
import { prepareUpkeep } from './upkeep.ts'
import { prepareWallProjection } from './wall-projection.ts'

type DataOf<K extends StoreRecord['kind']> = Extract<StoreRecord, { kind: K }>['data']

export function prepareProjection(db: Database) {
  const pins = preparePinProjection(db)
  const lockers = prepareLockerProjection(db)
  const returns = prepareReturnProjection(db, lockers)
  const audits = prepareAuditProjection(db)
  const commands = prepareCommandProjection(db)
  const tokens = prepareTokenProjection(db)
  const areas = { pins, lockers, returns, audits, commands, tokens }
  const statements = { ...prepareStatements(db), ...areas }
  return {
    fact(fact: Fact, seq: number) {
      const { data } = fact
      if ('outcome' in data) statements.lockerOutcome.run(data.outcome, data.lockerId)
      if (isReturnFact(fact)) statements.returns.fact(fact, seq)
      else if (isStandstillFact(fact)) statements.standstills.fact(fact)
      else if (isOrder(fact)) statements.commands.fact(fact)
      else if (isTokenFact(fact)) statements.tokens.fact(fact)
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
  readonly lockers: LockerProjection
  readonly returns: ReturnProjection
  readonly audits: AuditProjection
  readonly commands: CommandProjection
  readonly tokens: TokenProjection
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
      VALUES (@seq, @lockerId, @purpose, @parcelIds, @role, @byId, 0, 0,
              @boardBoot, @opensBefore)`),
    openingOpened: run('UPDATE openings SET is_opened = 1 WHERE id = ?'),
    openingLeftOpen: run('UPDATE openings SET is_left_open = 1 WHERE id = ?'),
    openingEnd: run('DELETE FROM openings WHERE id = ?'),
    parcelSpent: run(`UPDATE parcels SET state = 'collecting'
      WHERE id = ? AND state = 'deposited'`),
    pickedUp: db
      .prepare<[number], string>(
        `SELECT value FROM openings, json_each(parcel_ids)
         WHERE openings.id = ? AND purpose = 'pickup'`,
      )
      .pluck(),
    lockerUnverified: run(`UPDATE lockers SET state = 'unverified' WHERE id = ?`),
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
    // Not one that holds another parcel by now, or did, or into which somebody has looked since.
    lockerComplained: run(`UPDATE lockers SET state = 'disputed'
      WHERE id = @lockerId AND state IN ('clearing', 'unverified', 'free') AND is_in_doubt = 0
        AND filled_seq < @openingId AND looked_seq < @openingId`),
    lockerForced: run(`UPDATE lockers SET state = 'unverified'
      WHERE id = ? AND state IN ('free', 'clearing')`),
    sense: prepareSenseProjection(db),
    wishes: prepareLockerWishes(db),
    upkeep: prepareUpkeep(db),
    announcedEnded: run('UPDATE ended_parcels SET at_wall_ms = 0 WHERE parcel_id = ?'),
    waitsDated: run('UPDATE waits SET since_wall_ms = ? WHERE since_wall_ms IS NULL'),
    endsDated: run('UPDATE ended_parcels SET at_wall_ms = ? WHERE at_wall_ms IS NULL'),
    parcelErase: run(`DELETE FROM parcels WHERE id = ? AND state IN ('collected', 'withdrawn')`),
    ...prepareDesired(db),
  }
}

/** What central wants. */
function prepareDesired(db: Database) {
  const run = (sql: string) => db.prepare(sql)
  return {
    stream: prepareStreamHashes(db),
    announced: prepareAnnouncements(db),
    recipientPut: run(`INSERT INTO recipients VALUES (@id, @label, @needsReach)
      ON CONFLICT (id) DO UPDATE SET label = excluded.label, needs_reach = excluded.needs_reach`),
    recipientDrop: run('DELETE FROM recipients WHERE id = ?'),
    recipientIds: db.prepare<[], { id: string }>('SELECT id FROM recipients'),
  }
}

type OwnFact = Exclude<Fact, ReturnFact | StandstillFact | RestoreFact | CommandFact | TokenFact>

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
    case 'configuration-applied':
    case 'firmware-compared':
      return to.upkeep.fact(fact, seq)
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
      return to.sense(fact)
    case 'locker-withdrawn':
    case 'locker-returned':
    case 'locker-disputed':
    case 'locker-inspected':
    case 'locker-released':
    case 'locker-doubted':
    case 'parcel-recalled':
    case 'parcel-retrieved':
    case 'parcel-complained':
      return projectService(to, fact, seq)
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
      return to.lockers.deposit(fact, seq)
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
  to.lockers.collected(data)
  to.pins.spend(data.parcelId)
}

function projectInspected(to: Statements, data: DataOf<'locker-inspected'>): void {
  to.lockers.inspected(data)
  if (data.found === 'empty' && data.parcelId !== null) to.pins.spend(data.parcelId)
}

function projectOpened(to: Statements, openingId: number): void {
  to.openingOpened.run(openingId)
  to.pins.use(openingId)
  for (const parcelId of to.pickedUp.all(openingId)) {
    to.parcelSpent.run(parcelId)
    to.pins.spend(parcelId)
  }
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

function projectService(to: Statements, fact: ServiceFact, seq: number): void {
  switch (fact.kind) {
    case 'locker-inspected':
      return projectInspected(to, fact.data)
    case 'locker-released':
      return to.lockers.released(fact.data)
    case 'locker-doubted':
      to.lockerUnverified.run(fact.data.lockerId)
      return
    case 'parcel-retrieved':
      to.lockers.retrieved(fact.data)
      to.pins.spend(fact.data.parcelId)
      return
    case 'parcel-complained':
      return projectComplained(to, fact.data, seq)
    case 'locker-withdrawn':
      to.lockerWithdrawn.run(fact.data.cause, fact.data.lockerId)
      return
    case 'locker-returned':
      to.lockerWithdrawn.run(null, fact.data.lockerId)
      // Somebody saw to it: what its door did before counts no more.
      to.wall.mended(fact.data.lockerId)
      return
    case 'locker-disputed':
      to.lockers.disputed(fact.data)
      return
    case 'parcel-recalled':
      to.lockers.recalled(fact.data)
      to.pins.spend(fact.data.parcelId)
      return
  }
}

function projectComplained(to: Statements, data: DataOf<'parcel-complained'>, seq: number): void {
  const { lockerId, openingId, recipientId, what } = data
  if (CONTENTS_IN_DOUBT.has(what)) to.lockerComplained.run({ lockerId, openingId })
  to.pins.complained({ openingId, recipientId, what, reference: seq })
}

function eraseParcels(to: Statements, ids: readonly string[]): void {
  for (const id of ids) to.parcelErase.run(id)
}

function addOpening(to: Statements, data: DataOf<'opening-authorised'>, seq: number): void {
  const { lockerId, purpose, by, boardBoot, opensBefore } = data
  const { role, id: byId = null } = by
  const parcelIds = JSON.stringify(data.parcelIds)
  to.openingAdd.run({ seq, lockerId, purpose, parcelIds, role, byId, boardBoot, opensBefore })
}

function projectNote(to: Statements, note: Note, boot: number): void {
  switch (note.kind) {
    case 'pin-issued':
    case 'pin-dated':
    case 'guesses-counted':
    case 'pickup-wish-settled':
    case 'reissue-counted':
      return to.pins.note(note, boot)
    case 'command-taken':
    case 'command-settled':
    case 'remote-opening-counted':
      return to.commands.note(note, boot)
    case 'courier-tokens-forgotten':
      return to.tokens.note(note)
    case 'alive-noted':
    case 'pin-held':
    case 'pins-released':
      return to.standstills.note(note, boot)
    case 'return-code-issued':
    case 'return-code-dated':
      return to.returns.note(note)
    case 'locker-wish-settled':
      return to.wishes.settled(note.data.lockerId)
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
  to.stream.applied(change)
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
    case 'locker':
      return {
        put: (row) => to.wishes.put(row as StreamRows['locker']),
        drop: to.wishes.drop,
        ids: to.wishes.ids,
      }
    case 'configuration':
      return {
        ...to.upkeep.settings,
        put(row) {
          const { id, value } = row as StreamRows['configuration']
          to.upkeep.settings.put(id, JSON.stringify(value))
        },
      }
    case 'firmware':
      return {
        ...to.upkeep.firmware,
        put(row) {
          const { id, version } = row as StreamRows['firmware']
          to.upkeep.firmware.put(id, version)
        },
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
