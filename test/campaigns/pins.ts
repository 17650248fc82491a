// `npm run bench:pins`: does the kiosk's time to answer tell a guesser anything? The real rules on
// the real ledger, from the typed number to the answer after its commit, interleaved, so that a
// busy machine spoils all alike. Ends with 1 when two kinds of answer can be told apart.
import process from 'node:process'
import { parseArgs } from 'node:util'
import Sqlite from 'better-sqlite3'
import { openDraft } from '../../src/kiosk/draft.ts'
import { findPin } from '../../src/kiosk/pins.ts'
import { createKiosk } from '../../src/kiosk/state.ts'
import { Bench, wallOf } from '../support/bench.ts'

/** Medians of two kinds of answer may differ by this. */
const DIFFERENCE_MAX_MS = 1
/** Longer than any wait of the brake, so that each try is looked up. */
const PAUSE_MS = 31_000
const WEEK_MS = 7 * 86_400_000
const KINDS = ['hit', 'miss', 'expired', 'used'] as const
type Kind = (typeof KINDS)[number]
const PIN: Readonly<Record<Kind, string>> = {
  hit: 'pin of hit',
  miss: 'nobody has it',
  expired: 'pin of expired',
  used: 'pin of used',
}

const { values } = parseArgs({
  options: { tries: { type: 'string', default: '10000' } },
})
const tries = Number(values.tries)
const times: Record<string, number[]> = {}

function timed(name: string, work: () => void): void {
  const beganMs = performance.now()
  work()
  const list = times[name] ?? []
  list.push(performance.now() - beganMs)
  times[name] = list
}

function quantile(name: string, share: number): number {
  const sorted = (times[name] ?? []).toSorted((a, b) => a - b)
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN
}

/** Further recipients with a living PIN and a waiting parcel each. */
function crowd(bench: Bench, count: number): void {
  bench.ledger.begin()
  for (let n = 1; n <= count; n += 1) {
    const ids = { parcelId: `crowd-${n}`, recipientId: `crowd-${n}` }
    const why = { needs: [], reasons: ['fits'], passed: [] } as const
    const place = { lockerId: `crowd-${n}`, courierId: 'c', size: 'S' }
    const started = { ...ids, ...place, isAnnounced: false, isTogether: false, why }
    const deposited = { ...ids, lockerId: `crowd-${n}`, courierId: 'c', sealedPin: null }
    const secret = { index: `crowd ${n}`, referenceIndex: 'x', sealedPin: '' }
    const pin = { recipientId: ids.recipientId, ...secret }
    const expiresAtWallMs = bench.now().wallMs + 100 * WEEK_MS
    bench.ledger.apply(
      [
        { kind: 'deposit-started', data: started },
        { kind: 'parcel-deposited', data: { ...deposited, pinExpiresAtWallMs: null } },
        { kind: 'pin-issued', data: { ...pin, expiresAtWallMs, atWallMs: null } },
      ],
      bench.now(),
    )
  }
  bench.ledger.commit()
}

function prepared(): Bench {
  // The budget has a test of its own; here every try must be looked up.
  const bench = new Bench(wallOf(['S', 'S', 'S'], { guessesADayMax: 1_000_000_000 }))
  const parcel = (id: string) => ({ id, size: 'S', recipientId: `r-${id}` })
  bench.prepare(['expired', 'used', 'hit'].map(parcel))
  bench.leaveParcel('expired')
  bench.pass(WEEK_MS + PAUSE_MS)
  bench.leaveParcel('used')
  bench.type(PIN.used)
  bench.useDoor()
  bench.pass(2 * PAUSE_MS)
  bench.leaveParcel('hit')
  return bench
}

function answer(bench: Bench, kind: Kind): void {
  bench.nowMs += PAUSE_MS
  timed(kind, () => bench.type(PIN[kind]))
  if (kind !== 'hit') return
  // The door stays shut: the PIN stays valid for the next try.
  const openingId = bench.unlocks.at(-1)?.openingId ?? 0
  bench.unlocks.length = 0
  bench.send({ kind: 'unlock-ended', openingId, outcome: 'refused' })
  bench.press('back')
}

/** Rotates: whoever comes first after a commit finds the processor's caches cold. */
function rotated(n: number): readonly Kind[] {
  const first = n % KINDS.length
  return [...KINDS.slice(first), ...KINDS.slice(0, first)]
}

function lookUp(bench: Bench, { live, n }: { readonly live: number; readonly n: number }): void {
  const { ledger, config } = bench
  const draft = openDraft({ state: createKiosk(config), now: bench.now(), ledger, config })
  for (const kind of rotated(n)) {
    timed(`look-up ${kind}, ${live} live`, () => findPin(draft, PIN[kind]))
  }
}

const bench = prepared()
const bare = new Sqlite(`${bench.folder}/bare.db`)
bare.pragma('journal_mode = WAL')
bare.pragma('synchronous = FULL')
bare.exec('CREATE TABLE rows (id INTEGER PRIMARY KEY, text TEXT)')
const insert = bare.prepare('INSERT INTO rows (text) VALUES (?)')
for (let n = 0; n < tries; n += 1) {
  timed('bare commit', () => insert.run('one row'))
  for (const kind of rotated(n)) answer(bench, kind)
  lookUp(bench, { live: 1, n })
}
crowd(bench, 1_000)
for (let n = 0; n < tries; n += 1) lookUp(bench, { live: 1_001, n })
bare.close()
bench.close()

const out = (line: string): void => void process.stdout.write(`${line}\n`)
out(`${tries} tries of each kind, milliseconds`)
for (const name of Object.keys(times)) {
  const [p50, p99] = [quantile(name, 0.5), quantile(name, 0.99)]
  out(`${name.padEnd(28)} p50 ${p50.toFixed(4)}  p99 ${p99.toFixed(4)}`)
}
const medians = KINDS.map((kind) => quantile(kind, 0.5))
const difference = Math.max(...medians) - Math.min(...medians)
const isAlike = difference < DIFFERENCE_MAX_MS
out(
  `largest difference of medians ${difference.toFixed(4)} ms: ${isAlike ? 'alike' : 'TOLD APART'}`,
)
process.exitCode = isAlike ? 0 : 1
