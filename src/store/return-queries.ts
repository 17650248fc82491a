// The reads about returns; src/store/queries.ts has the rest.
import type { Database } from 'better-sqlite3'
import type { ParcelState } from '../kiosk/ledger.ts'
import type { ReturnEnd, ReturnLedger, ReturnRow, ReturnState } from '../kiosk/return-ledger.ts'

interface ReturnColumns {
  readonly id: string
  readonly state: ReturnState
  readonly tracking: string | null
  readonly size: string | null
  readonly recipientId: string
  readonly carrierId: string | null
  readonly weightGrams: number | null
  readonly needsReach: number
  readonly expiresAtWallMs: number | null
  readonly isWanted: number
  readonly parcelState: ParcelState | null
  readonly lockerId: string | null
  readonly depositSeq: number | null
}

/** Its parcel is not in a locker, nor on its way into one. */
const IS_OUT = `(parcels.state IS NULL OR parcels.state IN ('collected', 'withdrawn'))`

export function prepareReturnQueries(db: Database) {
  return {
    returnOf: db.prepare<[string], ReturnColumns>(
      `SELECT returns.id, returns.state, returns.tracking, returns.size,
              returns.recipient_id AS recipientId, returns.carrier_id AS carrierId,
              returns.weight_grams AS weightGrams, returns.needs_reach AS needsReach,
              returns.expires_at AS expiresAtWallMs, is_wanted AS isWanted,
              parcels.state AS parcelState, locker_id AS lockerId, deposit_seq AS depositSeq
       FROM returns LEFT JOIN parcels ON parcels.id = returns.id AND is_return = 1
       WHERE returns.id = ?`,
    ),
    withoutCode: db
      .prepare<[number], string>(
        `SELECT id FROM returns WHERE state = 'announced' ORDER BY id LIMIT ? + 0`,
      )
      .pluck(),
    byExpiry: db.prepare<[number], ReturnEnd>(
      `SELECT return_id AS id, pins.recipient_id AS recipientId, expires_at AS expiresAtWallMs
       FROM pins LEFT JOIN parcels ON parcels.id = return_id AND is_return = 1
       WHERE pins.state = 'live' AND return_id IS NOT NULL AND ${IS_OUT}
       ORDER BY expires_at LIMIT ? + 0`,
    ),
    unwanted: db.prepare<[number], ReturnEnd>(
      `SELECT returns.id, returns.recipient_id AS recipientId, expires_at AS expiresAtWallMs
       FROM returns LEFT JOIN parcels ON parcels.id = returns.id AND is_return = 1
       WHERE is_wanted = 0 AND ${IS_OUT} LIMIT ? + 0`,
    ),
    expectedReturnCount: db
      .prepare<[], number>(
        `SELECT count(*) FROM pins WHERE state = 'live' AND return_id IS NOT NULL`,
      )
      .pluck(),
  }
}

export function returnLookups(db: Database): ReturnLedger {
  const queries = prepareReturnQueries(db)
  return {
    returnOf(id) {
      const row = queries.returnOf.get(id)
      return row === undefined ? null : toReturn(row)
    },
    returnsWithoutCode: (limit) => queries.withoutCode.all(limit),
    returnsByExpiry: (limit) => queries.byExpiry.all(limit),
    unwantedReturns: (limit) => queries.unwanted.all(limit),
    expectedReturnCount: () => queries.expectedReturnCount.get() ?? 0,
  }
}

function toReturn(row: ReturnColumns): ReturnRow {
  return { ...row, needsReach: row.needsReach === 1, isWanted: row.isWanted === 1 }
}
