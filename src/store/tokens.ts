// Tokens that were used: how records change the tables, and what is asked of them. Those of a
// pickup are kept with their PIN and die with it.
import type { Database } from 'better-sqlite3'
import type { StaffRow } from '../kiosk/pin-ledger.ts'
import type { TokenFact, TokenLedger, TokenNote } from '../kiosk/token-facts.ts'
import { PIN, type PinColumns, pinOf, STAFF } from './pin-queries.ts'

/** What a large wall uses up in a week. One that is forgotten is not accepted any more either. */
export const COURIER_TOKENS_MAX = 2_000

const KNOWN_FROM = 'courier-tokens-known-from'
const UNKNOWN = 'unknown'

export function prepareTokenProjection(db: Database) {
  const pickup = db.prepare(`UPDATE pins SET tokens = json_insert(tokens, '$[#]',
      json_object('tokenId', @tokenId, 'parcelIds', json(@parcelIds)))
    WHERE recipient_id = @recipientId AND state = 'live' AND return_id IS NULL`)
  const courier = db.prepare(
    'INSERT OR IGNORE INTO courier_tokens VALUES (@tokenId, @notBeforeWallMs)',
  )
  const surplus = db
    .prepare<[], number>(
      `SELECT not_before FROM courier_tokens ORDER BY not_before DESC, id
       LIMIT 1 OFFSET ${COURIER_TOKENS_MAX}`,
    )
    .pluck()
  const drop = db.prepare('DELETE FROM courier_tokens WHERE not_before <= ?')
  const keep = db.prepare(`INSERT INTO meta (name, value) VALUES ('${KNOWN_FROM}', ?)
    ON CONFLICT (name) DO UPDATE SET value = excluded.value`)
  const raise = db.prepare(`INSERT INTO meta (name, value) VALUES ('${KNOWN_FROM}', @from)
    ON CONFLICT (name) DO UPDATE SET value = excluded.value
      WHERE value <> '${UNKNOWN}' AND CAST(value AS INTEGER) < CAST(excluded.value AS INTEGER)`)

  return {
    fact({ kind, data }: TokenFact): void {
      if (kind === 'pickup-token-used') {
        pickup.run({ ...data, parcelIds: JSON.stringify(data.parcelIds) })
      }
      if (kind !== 'courier-token-used') return
      courier.run(data)
      const last = surplus.get()
      if (last === undefined) return
      drop.run(last)
      raise.run({ from: String(last + 1) })
    },
    note({ data }: TokenNote): void {
      keep.run(data.untilWallMs === null ? UNKNOWN : String(data.untilWallMs))
    },
  }
}

export type TokenProjection = ReturnType<typeof prepareTokenProjection>

export function tokenLookups(db: Database): TokenLedger {
  const pin = db.prepare<[string], PinColumns>(`SELECT ${PIN} FROM pins WHERE token_subject = ?`)
  const courier = db.prepare<[string], StaffRow>(
    `SELECT ${STAFF} FROM staff WHERE token_subject = ? AND role = 'courier'`,
  )
  const used = db.prepare<[string]>('SELECT 1 FROM courier_tokens WHERE id = ?')
  const knownFrom = db
    .prepare<[], string>(`SELECT value FROM meta WHERE name = '${KNOWN_FROM}'`)
    .pluck()
  return {
    pinOfToken: (subject) => pinOf(pin.get(subject)),
    courierOfToken: (subject) => courier.get(subject) ?? null,
    isCourierTokenUsed: (tokenId) => used.get(tokenId) !== undefined,
    courierTokensKnownFromWallMs() {
      const value = knownFrom.get() ?? '0'
      return value === UNKNOWN ? null : Number(value)
    },
  }
}
