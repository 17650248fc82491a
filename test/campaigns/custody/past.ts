// A ledger with a past: so many parcels that came and went, each with its row and with facts in the
// chain, and a wall that is half full now.
import Database from 'better-sqlite3'
import { DEFAULT_POLICY, type KioskConfig } from '../../../src/kiosk/config.ts'
import type { StoreRecord } from '../../../src/kiosk/facts.ts'
import { CHAIN_START, linkFact } from '../../../src/store/chain.ts'
import { type Ledger, openLedger } from '../../../src/store/ledger.ts'

const SIZES = ['S', 'M', 'L'] as const
const CHANNELS = 16
const BATCH = 20_000
export const NOW = { monoMs: 1_000_000, wallMs: 1_800_000_000_000, isWallBelieved: true }

/** Columns of four lockers on boards of sixteen channels, sizes in turn. */
export function wallOf(lockerCount: number): KioskConfig {
  const lockers = Array.from({ length: lockerCount }, (_, index) => ({
    id: String(index + 1),
    size: SIZES[index % SIZES.length] ?? 'S',
    boardId: `b${Math.floor(index / CHANNELS)}`,
    channel: (index % CHANNELS) + 1,
    bottomMm: 250 + 400 * (index % 4),
  }))
  const columns = Array.from({ length: Math.ceil(lockerCount / 4) }, (_, column) => ({
    lockers: lockers.slice(column * 4, column * 4 + 4).reverse(),
  }))
  return {
    kioskId: 'bench',
    siteName: 'Bench',
    helpPhone: '000',
    sizes: SIZES.map((name, index) => ({
      name,
      widthMm: 400,
      heightMm: 120 * (index + 1),
      depthMm: 600,
    })),
    columns,
    policy: { ...DEFAULT_POLICY, courierIdleMs: 1_800_000 },
  }
}

/** Fills a new file. Two facts for each parcel name it: that it came, and that it went. */
export function writePast(path: string, parcelCount: number): void {
  openLedger({ path, lockerIds: [], newEpoch: 'bench-epoch' }).close()
  const db = new Database(path)
  // Only for the filling: a quarter of a gigabyte, in KiB and so written negative.
  db.pragma('cache_size = -262144')
  const addParcel = db.prepare(
    `INSERT INTO parcels (id, state, tracking, size, recipient_id, courier_id,
       is_announced, place, needs_reach, deposit_seq)
     VALUES (?, 'collected', ?, 'S', 'r-1', 'c-1', 1, ?, 0, ?)`,
  )
  const addFact = db.prepare('INSERT INTO facts (seq, kind, body, hash) VALUES (?, ?, ?, ?)')
  let head = { seq: 0, hash: CHAIN_START }
  const add = (fact: Extract<StoreRecord, { kind: 'deposit-started' | 'parcel-collected' }>) => {
    const seq = head.seq + 1
    const { body, hash } = linkFact(fact, { seq, boot: 1, previousHash: head.hash, now: NOW })
    addFact.run(seq, fact.kind, body, hash)
    head = { seq, hash }
  }
  const addBatch = db.transaction((from: number, to: number) => {
    for (let n = from; n < to; n += 1) {
      // Ids of central come in no order.
      const parcelId = `past-${((n * 2_654_435_761) % 2 ** 32).toString(16)}-${n}`
      const lockerId = String((n % 15) + 1)
      const why = { needs: [], reasons: ['fits', 'steady'], passed: [] } as const
      const deposit = { parcelId, lockerId, courierId: 'c-1', recipientId: 'r-1', size: 'S' }
      add({
        kind: 'deposit-started',
        data: { ...deposit, isAnnounced: true, isTogether: false, why },
      })
      const openingId = head.seq
      add({ kind: 'parcel-collected', data: { parcelId, lockerId, openingId, rule: 'closed' } })
      addParcel.run(parcelId, `T${n}`, n, openingId)
    }
  })
  for (let from = 0; from < parcelCount; from += BATCH) {
    addBatch(from, Math.min(parcelCount, from + BATCH))
  }
  db.close()
}

/** Takes the old wall out of the file and puts another one in: half full, and all is still. */
export function openWall(
  path: string,
  config: KioskConfig,
  pinIndexOf: (n: number) => string,
): Ledger {
  const db = new Database(path)
  for (const table of ['lockers', 'pins', 'openings']) db.exec(`DELETE FROM ${table}`)
  db.exec(`DELETE FROM parcels WHERE state NOT IN ('collected', 'withdrawn')`)
  db.exec('DELETE FROM assignments')
  db.close()
  const lockerIds = config.columns.flatMap(({ lockers }) => lockers.map(({ id }) => id))
  const ledger = openLedger({ path, lockerIds, newEpoch: 'bench-epoch' })
  ledger.begin()
  // Central has all of it: what is not confirmed would stop deposits.
  const confirmed = { kind: 'facts-confirmed', data: { upToSeq: ledger.headSeq() } } as const
  ledger.apply([...streams(), confirmed, ...lockerIds.flatMap(fill)], NOW)
  ledger.commit()
  return ledger

  function fill(lockerId: string, index: number): readonly StoreRecord[] {
    const by = { role: 'technician' } as const
    const looked = { lockerId, found: 'empty', parcelId: null, by, reason: null } as const
    const empty = { kind: 'locker-inspected', data: looked } as const
    if (index % 2 === 0) return [empty]
    const parcelId = `here-${config.columns.length}-${index}`
    const recipientId = `r-${parcelId}`
    const courier = { courierId: 'c-1', recipientId }
    const why = { needs: [], reasons: ['fits', 'steady'], passed: [] } as const
    const kinds = { isAnnounced: false, isTogether: false }
    const deposit = { parcelId, lockerId, ...courier, size: 'S', ...kinds, why }
    const sealed = { sealedPin: 'x'.repeat(400), pinExpiresAtWallMs: null }
    const undated = { expiresAtWallMs: null, atWallMs: null }
    const pin = { index: pinIndexOf(index), referenceIndex: 'x', sealedPin: '', ...undated }
    return [
      empty,
      { kind: 'deposit-started', data: deposit },
      { kind: 'parcel-deposited', data: { parcelId, lockerId, ...courier, ...sealed } },
      { kind: 'pin-issued', data: { recipientId, ...pin } },
    ]
  }
}

function streams(): readonly StoreRecord[] {
  const change = { version: 1, isSnapshot: true, deletes: [] } as const
  const staff = { id: 'c-1', role: 'courier', label: 'Courier', verifier: 'code' } as const
  const parcel = { id: 'next', tracking: 'T-next', size: 'S', recipientId: 'r-1' }
  const recipient = { id: 'r-1', label: 'Flat 1' }
  return [
    { kind: 'stream-applied', data: { stream: 'staff', ...change, puts: [staff] } },
    { kind: 'stream-applied', data: { stream: 'directory', ...change, puts: [recipient] } },
    { kind: 'stream-applied', data: { stream: 'parcel', ...change, puts: [parcel] } },
  ]
}
