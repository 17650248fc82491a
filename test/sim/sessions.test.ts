// 64 sessions at once against 40 lockers: no locker for two people, no parcel lost, and each one to
// be had by whoever should. What is shown, and how: sim/README.md. Ten thousand seeds: npm run
// campaign:sessions.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { runMany } from '../../sim/sessions/many.ts'
import { type OpenLedger, runSessions } from '../../sim/sessions/run.ts'
import type { StoreRecord } from '../../src/kiosk/facts.ts'
import { openLedger } from '../../src/store/ledger.ts'

const SEEDS = 24
/** A fault that was put in on purpose is seen within so many. */
const MUTANT_SEEDS = 40
/** More deposits under way at one time than a wall with one courier ever sees. */
const AT_ONCE = 25

/** Met somewhere in all seeds, or the runs prove less than they seem. */
const MUST_HAPPEN = [
  'dies',
  'deposit-cancelled',
  'deposit-interrupted',
  'door-left-open',
  'hand-in-cancelled',
  'hand-in-interrupted',
  'hand-in-resumed',
  'locker-doubted',
  'locker-inspected',
  'opening-failed',
  'parcel-collected',
  'parcel-deposited',
  'parcel-handed-in',
  'parcel-not-handed-in',
  'parcel-recalled',
  'parcel-retrieved',
  'pin-expired',
  'put together',
  'return-expired',
  'shut on several parcels',
  'wanted bigger',
  'wanted smaller',
]

test(`${SEEDS} seeds: no locker is given out twice, and no parcel is lost`, async () => {
  const broken: string[] = []
  const totals: Record<string, number> = {}
  let seen = 0
  let atOnce = 0
  await runMany({
    seed: 1,
    count: SEEDS,
    onOutcome: ({ seed, violations, counts, underWayMax }) => {
      seen += 1
      atOnce = Math.max(atOnce, underWayMax)
      broken.push(...violations.map((violation) => `seed ${seed}: ${violation}`))
      for (const [name, n] of Object.entries(counts)) totals[name] = (totals[name] ?? 0) + n
    },
  })
  expect(broken).toEqual([])
  expect(seen).toBe(SEEDS)
  expect(atOnce).toBeGreaterThanOrEqual(AT_ONCE)
  expect(MUST_HAPPEN.filter((name) => (totals[name] ?? 0) === 0)).toEqual([])
}, 240_000)

/** A choice that goes by what it read before. */
const openStale: OpenLedger = (options) => {
  const ledger = openLedger(options)
  const known = new Map<string, readonly string[]>()
  return {
    ...ledger,
    freeLockers(asked) {
      const key = JSON.stringify(asked)
      const ids = known.get(key) ?? ledger.freeLockers(asked)
      known.set(key, ids)
      return ids
    },
  }
}

/** A ledger that forgets who was interrupted, and takes such a locker for free. */
const openRash: OpenLedger = (options) => {
  const ledger = openLedger(options)
  const by = { role: 'kiosk' } as const
  return {
    ...ledger,
    apply: (records, now) =>
      ledger.apply(
        records.flatMap((record): readonly StoreRecord[] => {
          if (record.kind !== 'deposit-cancelled') return [record]
          const { lockerId } = record.data
          const data = { lockerId, found: 'empty', parcelId: null, by, reason: null } as const
          return [record, { kind: 'locker-inspected', data }]
        }),
        now,
      ),
  }
}

/** A ledger whose PINs open whatever waits. */
const openGenerous: OpenLedger = (options) => {
  const ledger = openLedger(options)
  return { ...ledger, waitingParcels: () => ledger.parcelsIn('deposited') }
}

/** A ledger that has forgotten which carrier a parcel belongs to. */
const openToAll: OpenLedger = (options) => {
  const ledger = openLedger(options)
  const find = (limit: number) => ledger.parcelsIn('handed-in').slice(0, limit)
  return { ...ledger, retrievable: ({ limit }) => find(limit) }
}

test.each([
  ['a choice that goes by what was free before', openStale, 'never holds two assignments', 1],
  ['a locker that is free as soon as its deposit was cancelled', openRash, 'inside', 1],
  ['a PIN that opens what is another one’s', openGenerous, 'opens for {"kind":"recipient"', 1],
  ['a courier who is let at what another carrier fetches', openToAll, 'retrieval of', 1],
])(
  'the checkers see %s',
  (_, open, sign, first) => {
    const folder = mkdtempSync(join(tmpdir(), 'latchkey-sessions-'))
    let seen = ''
    for (let seed = first; seed < first + MUTANT_SEEDS && !seen.includes(sign); seed += 1) {
      seen += runSessions(seed, { folder, open }).violations.join('\n')
    }
    rmSync(folder, { recursive: true })
    expect(seen).toContain(sign)
  },
  60_000,
)
