// The reads about PINs and staff; src/store/queries.ts has the rest.
import type { Database } from 'better-sqlite3'
import type { CountedRow } from '../kiosk/counted.ts'
import type { PickupWish, PinLedger, PinRow, PinUse, StaffRow } from '../kiosk/pin-ledger.ts'
import { PARCEL, type ParcelColumns, toParcel } from './queries.ts'

export const PIN = `recipient_id AS recipientId, return_id AS returnId, state,
  reference_index AS referenceIndex, expires_at AS expiresAtWallMs, is_of_copy AS isOfCopy, uses,
  tokens`
export const STAFF = `id, role, label, carrier_id AS carrierId, reference_index AS referenceIndex,
  valid_from AS validFromWallMs, valid_until AS validUntilWallMs`
const NOT_BURNED =
  'NOT EXISTS (SELECT 1 FROM burned_codes WHERE burned_codes.verifier = staff.verifier)'
const WISH = `id AS recipientId, reissue, expires_at AS expiresAtWallMs,
  reissue_done AS reissueDone, expires_at_done AS expiresAtDoneWallMs`
/** Parcels of one recipient at once: as many as the largest wall has lockers. */
const WAITING_MAX = 2_000

export type PinColumns = Omit<PinRow, 'isOfCopy' | 'uses' | 'tokens'> & {
  readonly isOfCopy: number
  readonly uses: string
  readonly tokens: string
}

function toPin(row: PinColumns): PinRow {
  const uses = JSON.parse(row.uses) as PinUse[]
  const tokens = JSON.parse(row.tokens) as PinRow['tokens']
  return { ...row, isOfCopy: row.isOfCopy === 1, uses, tokens }
}

export function pinOf(row: PinColumns | undefined): PinRow | null {
  return row === undefined ? null : toPin(row)
}

export function pinLookups(db: Database): PinLedger {
  const pin = db.prepare<[string], PinColumns>(`SELECT ${PIN} FROM pins WHERE pin_index = ?`)
  const livePin = db.prepare<[string], PinColumns>(
    `SELECT ${PIN} FROM pins WHERE recipient_id = ? AND state = 'live' AND return_id IS NULL`,
  )
  const waiting = db.prepare<[string], ParcelColumns>(
    `SELECT ${PARCEL} FROM parcels WHERE recipient_id = (SELECT ?) AND state = 'deposited'
     ORDER BY place LIMIT ${WAITING_MAX}`,
  )
  const byExpiry = db.prepare<[number], PinColumns>(
    `SELECT ${PIN} FROM pins WHERE state = 'live' AND return_id IS NULL AND is_held = 0
     ORDER BY expires_at LIMIT ? + 0`,
  )
  const owed = db.prepare<[], { id: string }>('SELECT recipient_id AS id FROM owed_pins')
  const reissues = db.prepare<[string, number], CountedRow>(
    `SELECT boot, mono_ms AS monoMs, wall_ms AS wallMs FROM reissues WHERE recipient_id = (SELECT ?)
     ORDER BY id DESC LIMIT ? + 0`,
  )
  const openWishes = db.prepare<[], PickupWish>(`SELECT ${WISH} FROM pickups WHERE is_open = 1`)
  const wish = db.prepare<[string], PickupWish>(`SELECT ${WISH} FROM pickups WHERE id = ?`)
  const budget = db.prepare<[], { value: string }>(
    `SELECT value FROM meta WHERE name = 'budget-spent'`,
  )
  const byCode = db.prepare<[string], StaffRow>(
    `SELECT ${STAFF} FROM staff WHERE verifier = ? AND ${NOT_BURNED}`,
  )
  const byBadge = db.prepare<[string], StaffRow>(
    `SELECT ${STAFF} FROM staff WHERE badge_verifier = ?`,
  )
  const staff = db.prepare<[string], StaffRow>(`SELECT ${STAFF} FROM staff WHERE id = ?`)
  return {
    pin: (index) => pinOf(pin.get(index)),
    livePin: (recipientId) => pinOf(livePin.get(recipientId)),
    waitingParcels: (recipientId) => waiting.all(recipientId).map(toParcel),
    pinsByExpiry: (limit) => byExpiry.all(limit).map(toPin),
    owedPins: () => owed.all().map(({ id }) => id),
    reissues: (recipientId, limit) => reissues.all(recipientId, limit),
    openPickupWishes: () => openWishes.all(),
    pickupWish: (recipientId) => wish.get(recipientId) ?? null,
    budgetSpent: () => Number(budget.get()?.value ?? 0),
    staffByCode: (index) => byCode.get(index) ?? null,
    staffByBadge: (index) => byBadge.get(index) ?? null,
    staff: (id) => staff.get(id) ?? null,
  }
}
