// The seeded world: many seeds of a whole kiosk's life with every fault there is, the same trace
// for the same seed, and proof that the world sees: bugs put in on purpose are caught.
import { expect, test } from 'vitest'
import type { Outcome } from '../../sim/world/outcome.ts'
import { runWorld } from '../../sim/world/run.ts'

/** As many as the other tests leave time for; 200 and more: `npm run sim -- world`. */
const SEEDS = 100
const HALF = SEEDS / 2
/** Contacts that fail often: doors that nobody sees are rare where every fault has its turn. */
const BLIND = { seed: 1_001, count: 8, faults: { sensorFaultsPerMinute: 8 } }
/** An audit finds a parcel where another one should be: once in a hundred seeds or two. */
const MISPLACED = { seed: 196, count: 1 }
/** Each bug is seen in the seed that is named with it, or soon after when the world has changed. */
const MUTANT_SEEDS = 12

/** States that must have been met somewhere in all seeds, or the runs prove less than they seem. */
const MUST_HAPPEN = [
  'audited freed',
  'audited misplaced',
  'audited parcel-back',
  'audited parcel-missing',
  'dies of power',
  'dies of kill',
  'dies of restore',
  'deadlines-moved',
  'deposit-cancelled',
  'deposit-interrupted',
  'door-forced',
  'door-distrusted',
  'door-left-open',
  'door-trusted',
  'entry-refused',
  'grabbed at deposit-open',
  'grabbed at hand-in-open',
  'grabbed at pickup-open',
  'hand-in-cancelled',
  'hand-in-interrupted',
  'hand-in-resumed',
  'locker-doubted',
  'locker-inspected',
  'ledger-restored',
  'locker-released',
  'opening-failed',
  'parcel-collected',
  'parcel-deposited',
  'parcel-handed-in',
  'parcel-not-handed-in',
  'parcels-confirmed',
  'parcel-retrieved',
  'return-withdrawn',
  'parcel-missed',
  'screen audit-offer',
  'screen audit-other',
  'screen cancel-open',
  'screen check-question',
  'screen deposit-stuck',
  'screen deposit-question',
  'screen deposit-offer',
  'put together',
  'shut on several parcels',
  'screen hand-in-stuck',
  'screen hand-in-undone',
  'screen pickup-blind',
  'screen pickup-reported',
  'screen pickup-stuck',
  'screen pickup-used',
  'screen reference',
  'standstill-began',
]

function brokenSeeds(outcomes: readonly Outcome[]): string[] {
  return outcomes.flatMap(({ seed, violations }) =>
    violations.map((violation) => `seed ${seed}: ${violation}`),
  )
}

test(`${SEEDS} seeds keep every promise, and meet every state that matters`, async () => {
  const halves = await Promise.all([
    runWorld({ seed: 1, count: HALF }),
    runWorld({ seed: 1 + HALF, count: HALF }),
    runWorld(BLIND),
    runWorld(MISPLACED),
  ])
  const outcomes = halves.flat()
  expect(outcomes).toHaveLength(SEEDS + BLIND.count + MISPLACED.count)
  expect(brokenSeeds(outcomes)).toEqual([])
  const met = MUST_HAPPEN.filter((name) => outcomes.some(({ counts }) => (counts[name] ?? 0) > 0))
  expect(met).toEqual(MUST_HAPPEN)
}, 480_000)

test('the same seed gives the same trace, in another process too', async () => {
  const [first, second] = await Promise.all([
    runWorld({ seed: 11, count: 3 }),
    runWorld({ seed: 11, count: 3 }),
  ])
  const hashes = (outcomes: readonly Outcome[]) => outcomes.map(({ traceHash }) => traceHash)
  expect(hashes(first)).toEqual(hashes(second))
  expect(new Set(hashes(first)).size).toBe(3)
}, 60_000)

test.each([
  ['ghost-unlock', 'was pulsed after its order had expired', 1],
  ['normal-commit', 'had effects', 3],
  ['guesses-in-memory', 'wrong entries were counted', 5],
  ['remote-openings-uncounted', 'were opened from afar', 2],
  ['trusts-a-stuck-sensor', 'whose sensor is distrusted', 222],
  ['counts-outages-twice', 'a moment counts twice', 12],
  ['strangers-together', 'somebody else’s lies', 1],
  ['copy-not-noticed', 'an older copy is taken for the present', 5],
  ['copy-believed', 'of which only a copy tells', 28],
  ['code-good-for-ever', 'is spent, and opened again', 4],
  ['refire-at-start', 'from before the start', 3],
  ['ack-is-open', 'the sensor says closed', 1],
])(
  'the world catches %s when it is put in on purpose',
  async (mutant, sign, seed) => {
    const caught = new AbortController()
    await runWorld({
      seed,
      count: MUTANT_SEEDS,
      mutant,
      signal: caught.signal,
      onOutcome: (outcome) => {
        if (brokenSeeds([outcome]).some((line) => line.includes(sign))) caught.abort()
      },
    })
    expect(caught.signal.aborted).toBe(true)
  },
  90_000,
)
