// Every read of the ledger, prepared once. Rows become the plain values that the rules know.
import type { Database } from 'better-sqlite3'
import type { Actor, DoorFault, Purpose, WithdrawalCause } from '../kiosk/facts.ts'
import type {
  LockerRow,
  LockerState,
  OpeningRow,
  OutboxRow,
  ParcelRow,
  ParcelState,
  RecipientRow,
  SenseRow,
} from '../kiosk/ledger.ts'
import type { Outcome } from '../kiosk/outcomes.ts'

interface LockerColumns {
  readonly id: string
  readonly state: LockerState
  readonly courier_id: string | null
  readonly return_id: string | null
  readonly is_proven_empty: number
  readonly board_boot: number | null
  readonly opens: number | null
  readonly withdrawn_for: WithdrawalCause | null
  readonly changed_seq: number
  readonly looked_seq: number
  readonly filled_seq: number
  readonly retried: number
  readonly slow: number
  readonly failed: number
  readonly points: number
  readonly is_shaky: number
  readonly distrusted_for: DoorFault | null
  readonly misses: number
  readonly denials: number
  readonly last_outcome: Outcome | null
  readonly is_in_doubt: number
  readonly is_contents_distrusted: number
  readonly has_contents_agreed: number
  readonly contradictions: number
}

export interface ParcelColumns {
  readonly id: string
  readonly state: ParcelState
  readonly tracking: string | null
  readonly size: string
  readonly recipient_id: string
  readonly locker_id: string | null
  readonly courier_id: string | null
  readonly is_announced: number
  readonly carrier_id: string | null
  readonly weight_grams: number | null
  readonly needs_reach: number
  readonly deposit_seq: number | null
  readonly is_return: number
}

interface RecipientColumns {
  readonly id: string
  readonly label: string
  readonly needs_reach: number
}

interface OpeningColumns {
  readonly id: number
  readonly locker_id: string
  readonly purpose: Purpose
  readonly parcel_ids: string
  readonly by_role: Actor['role']
  readonly by_id: string | null
  readonly is_opened: number
  readonly is_left_open: number
  readonly board_boot: number | null
  readonly opens_before: number | null
}

export const PARCEL = `id, state, tracking, size, recipient_id, locker_id, courier_id, is_announced,
  weight_grams, needs_reach, deposit_seq, carrier_id, is_return`
const LOCKER = `id, state, courier_id, return_id, is_proven_empty, board_boot, opens,
  withdrawn_for, distrusted_for, misses, denials, last_outcome, is_in_doubt,
  is_contents_distrusted, has_contents_agreed, contradictions, changed_seq, looked_seq, filled_seq,
  retried, slow, failed, points, is_shaky`

/** What the partial indexes say of themselves: SQLite uses them only for who says the same. */
export const LASTS = `state NOT IN ('collected', 'withdrawn')`

/** The lockers, which of them can be chosen, and who may look into one. */
function prepareWallQueries(db: Database) {
  return {
    locker: db.prepare<[string], LockerColumns>(`SELECT ${LOCKER} FROM lockers WHERE id = ?`),
    lockers: db.prepare<[], LockerColumns>(`SELECT ${LOCKER} FROM lockers`),
    lockersLeftBy: db
      .prepare<[string, string | null], string>(
        `SELECT id FROM lockers WHERE courier_id = ? AND state = 'unverified'
         UNION ALL
         SELECT lockers.id FROM lockers JOIN parcels ON parcels.id = return_id
         WHERE lockers.state = 'unverified' AND return_id IS NOT NULL
           AND (carrier_id IS NULL OR carrier_id IS ?)`,
      )
      .pluck(),
    freeLockers: db
      .prepare<[string, number, number, number], string>(
        `SELECT id FROM lockers
         WHERE group_key = (SELECT ?) AND is_shaky = (SELECT ?) AND place > ?
           AND state = 'free' AND withdrawn_for IS NULL AND distrusted_for IS NULL
         ORDER BY place LIMIT ? + 0`,
      )
      .pluck(),
    freeLockerIds: db
      .prepare<[], string>(
        `SELECT id FROM lockers
         WHERE state = 'free' AND withdrawn_for IS NULL AND distrusted_for IS NULL
           AND group_key IS NOT NULL`,
      )
      .pluck(),
  }
}

export function prepareQueries(db: Database) {
  return {
    meta: db.prepare<[string], { value: string }>('SELECT value FROM meta WHERE name = ?'),
    factHash: db.prepare<[number], string>('SELECT hash FROM facts WHERE seq = ?').pluck(),
    head: db.prepare<[], { seq: number; hash: string }>(
      'SELECT seq, hash FROM facts ORDER BY seq DESC LIMIT 1',
    ),
    ...prepareWallQueries(db),
    factBody: db.prepare<[number], string>('SELECT body FROM facts WHERE seq = ?').pluck(),
    parcel: db.prepare<[string], ParcelColumns>(`SELECT ${PARCEL} FROM parcels WHERE id = ?`),
    announcedByTracking: db.prepare<[string, number, string | null], ParcelColumns>(
      `SELECT ${PARCEL} FROM parcels
       WHERE tracking = ? AND state = 'announced' AND ${LASTS}
         AND (? = 1 OR carrier_id IS NULL OR carrier_id IS ?)
       LIMIT 1`,
    ),
    parcelsAt: db.prepare<[string], ParcelColumns>(
      `SELECT ${PARCEL} FROM parcels WHERE locker_id = (SELECT ?) ORDER BY deposit_seq, id`,
    ),
    parcelsIn: db.prepare<[ParcelState], ParcelColumns>(
      `SELECT ${PARCEL} FROM parcels
       WHERE state = (SELECT ?) AND ${LASTS} ORDER BY place`,
    ),
    // A PIN that is being made anew has not ended.
    retrievable: db.prepare<[string | null, number], ParcelColumns>(
      `SELECT ${PARCEL} FROM parcels
       WHERE state IN ('recalled', 'handed-in', 'deposited')
         AND state NOT IN ('collected', 'withdrawn')
         AND (state <> 'deposited' OR NOT EXISTS
           (SELECT 1 FROM pins WHERE recipient_id = parcels.recipient_id AND pins.state = 'live'
              AND return_id IS NULL
            UNION ALL SELECT 1 FROM owed_pins WHERE recipient_id = parcels.recipient_id))
         AND (carrier_id IS NULL OR carrier_id IS ?)
       ORDER BY place LIMIT ? + 0`,
    ),
    announced: db.prepare<[string | null, number, number], ParcelColumns>(
      `SELECT ${PARCEL} FROM parcels
       WHERE state = 'announced' AND ${LASTS} AND (carrier_id IS NULL OR carrier_id IS ?)
       ORDER BY place LIMIT ? + 0 OFFSET ?`,
    ),
    announcedCount: db.prepare<[string | null], { n: number }>(
      `SELECT count(*) AS n FROM parcels
       WHERE state = 'announced' AND ${LASTS} AND (carrier_id IS NULL OR carrier_id IS ?)`,
    ),
    announcedTotal: db.prepare<[], { n: number }>(
      `SELECT count(*) AS n FROM parcels WHERE state = 'announced' AND ${LASTS}`,
    ),
    recipient: db.prepare<[string], RecipientColumns>(
      'SELECT id, label, needs_reach FROM recipients WHERE id = ?',
    ),
    recipients: db.prepare<[number, number], RecipientColumns>(
      'SELECT id, label, needs_reach FROM recipients ORDER BY label, id LIMIT ? + 0 OFFSET ?',
    ),
    recipientCount: db.prepare<[], { n: number }>('SELECT count(*) AS n FROM recipients'),
    openings: db.prepare<[], OpeningColumns>(
      `SELECT id, locker_id, purpose, parcel_ids, by_role, by_id, is_opened, is_left_open,
              board_boot, opens_before
       FROM openings ORDER BY id`,
    ),
    activeSenses: db.prepare<[], SenseRow>(
      'SELECT board_id AS boardId, channel, what FROM senses ORDER BY id',
    ),
    outboxAfter: db.prepare<[number, number], OutboxRow>(
      'SELECT seq, body FROM facts WHERE seq > ? ORDER BY seq LIMIT ? + 0',
    ),
    streams: db.prepare<[], { stream: string; version: number; hash: string }>(
      'SELECT stream, version, hash FROM streams',
    ),
  }
}

export function toLocker(row: LockerColumns): LockerRow {
  return {
    id: row.id,
    state: row.state,
    courierId: row.courier_id,
    returnId: row.return_id,
    isProvenEmpty: row.is_proven_empty === 1,
    boardBoot: row.board_boot,
    opens: row.opens,
    withdrawnFor: row.withdrawn_for,
    changedSeq: row.changed_seq,
    lookedSeq: row.looked_seq,
    filledSeq: row.filled_seq,
    wear: {
      retried: row.retried,
      slow: row.slow,
      failed: row.failed,
      points: row.points,
      isShaky: row.is_shaky === 1,
    },
    distrustedFor: row.distrusted_for,
    misses: row.misses,
    denials: row.denials,
    lastOutcome: row.last_outcome,
    isInDoubt: row.is_in_doubt === 1,
    isContentsDistrusted: row.is_contents_distrusted === 1,
    hasContentsAgreed: row.has_contents_agreed === 1,
    contradictions: row.contradictions,
  }
}

export function toRecipient({ id, label, needs_reach }: RecipientColumns): RecipientRow {
  return { id, label, needsReach: needs_reach === 1 }
}

export function toParcel(row: ParcelColumns): ParcelRow {
  return {
    id: row.id,
    state: row.state,
    tracking: row.tracking,
    size: row.size,
    recipientId: row.recipient_id,
    lockerId: row.locker_id,
    courierId: row.courier_id,
    isAnnounced: row.is_announced === 1,
    carrierId: row.carrier_id,
    weightGrams: row.weight_grams,
    needsReach: row.needs_reach === 1,
    depositSeq: row.deposit_seq,
    isReturn: row.is_return === 1,
  }
}

export function toOpening(row: OpeningColumns): OpeningRow {
  return {
    id: row.id,
    lockerId: row.locker_id,
    purpose: row.purpose,
    parcelIds: JSON.parse(row.parcel_ids) as string[],
    by: row.by_id === null ? { role: row.by_role } : { role: row.by_role, id: row.by_id },
    isOpened: row.is_opened === 1,
    isLeftOpen: row.is_left_open === 1,
    boardBoot: row.board_boot,
    opensBefore: row.opens_before,
  }
}
