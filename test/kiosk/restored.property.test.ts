// Whatever happened since the copy: no door opens for a right that the true history has spent.
// People try all they ever had; then central, which has the true history, confirms, and they try
// again.
import Sqlite from 'better-sqlite3'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { confirmationOf } from '../../sim/central/confirmation.ts'
import { FACT_SCHEMA, FactStore } from '../../sim/central/fact-store.ts'
import { backUp, restore } from '../support/backup.ts'
import { Bench, wallOf } from '../support/bench.ts'

const RUNS = 30
const HOUR_MS = 3_600_000
const PARCELS = ['p-1', 'p-2', 'p-3', 'p-4', 'p-5', 'p-6']
const RETURNS = ['ret-1', 'ret-2', 'ret-3']

type Happens =
  | { readonly kind: 'deposit' | 'collect' | 'hand-in' | 'reissue' | 'recall' | 'retrieve' }
  | { readonly kind: 'hours'; readonly count: number }

const happens = fc.oneof(
  { weight: 4, arbitrary: fc.constant<Happens>({ kind: 'deposit' }) },
  { weight: 4, arbitrary: fc.constant<Happens>({ kind: 'collect' }) },
  { weight: 2, arbitrary: fc.constant<Happens>({ kind: 'hand-in' }) },
  fc.constant<Happens>({ kind: 'reissue' }),
  fc.constant<Happens>({ kind: 'recall' }),
  fc.constant<Happens>({ kind: 'retrieve' }),
  fc.record({ kind: fc.constant('hours' as const), count: fc.integer({ min: 1, max: 4 }) }),
)

/** The wall, and what really lies in it. */
class Hall {
  readonly bench = new Bench(wallOf(['S', 'S', 'S']))
  readonly lying = new Map<string, string>()
  readonly everKnown = new Set<string>()

  constructor() {
    this.bench.prepare(PARCELS.map((id) => ({ id, size: 'S', recipientId: `r-${id}` })))
  }

  happen({ kind, ...rest }: Happens): void {
    const { bench, lying } = this
    // Whoever comes next finds no wait after a wrong entry of the one before.
    bench.pass(60_000)
    const [first] = lying.entries()
    if (kind === 'deposit') this.#deposit()
    if (kind === 'hand-in') this.#handIn()
    if ('count' in rest) bench.pass(rest.count * HOUR_MS)
    if (first !== undefined && kind === 'collect') this.try(bench.pins.get(first[1]) ?? '')
    if (first === undefined) return
    const [lockerId] = first
    if (kind === 'reissue') bench.command({ kind: 'reissue-pin', lockerId, reason: 'lost' })
    if (kind === 'recall') bench.command({ kind, lockerId, reason: 'sent back' })
    if (kind === 'retrieve') this.retrieveAll()
    for (const pin of bench.pins.values()) this.everKnown.add(pin)
  }

  #deposit(): void {
    const { bench, lying } = this
    const id = PARCELS.find((each) => bench.parcelState(each) === 'announced')
    if (id === undefined || bench.ledger.freeLockerIds().length === 0) return
    bench.leaveParcel(id)
    const lockerId = bench.ledger.parcel(id)?.lockerId ?? null
    if (lockerId !== null) lying.set(lockerId, id)
  }

  #handIn(): void {
    const { bench, lying, everKnown } = this
    const id = RETURNS.find((each) => !everKnown.has(`pin of ${each}`))
    if (id === undefined || bench.ledger.freeLockerIds().length === 0) return
    bench.wantReturn({ id })
    everKnown.add(`pin of ${id}`)
    bench.type(`pin of ${id}`)
    lying.set(bench.useDoor(), id)
    bench.press('found-parcel')
    bench.press('back')
  }

  /** @returns the locker that opened, if any did */
  try(pin: string): string | null {
    const { bench, lying } = this
    bench.pass(60_000)
    const before = bench.unlocks.length
    bench.type(pin)
    if (bench.unlocks.length === before) return null
    const lockerId = bench.useDoor()
    expect(pin).toContain(lying.get(lockerId) ?? 'an empty locker')
    lying.delete(lockerId)
    bench.pass(120_000)
    return lockerId
  }

  retrieveAll(): readonly string[] {
    const { bench, lying } = this
    const opened: string[] = []
    bench.signIn()
    bench.press('retrieve')
    while (bench.screen.kind === 'retrieval-opening') {
      const lockerId = bench.useDoor()
      opened.push(lockerId)
      expect(lying.delete(lockerId)).toBe(true)
      bench.press('took-out')
    }
    bench.press('sign-out')
    return opened
  }
}

function send(store: FactStore, bench: Bench): void {
  for (const { seq, body } of bench.ledger.outboxAfter(0, { countMax: 10_000, bytesMax: 1e9 })) {
    const { epoch, firstSeq } = bench.ledger.epochAt(seq)
    const isBegun = store.progress('bench-1', epoch).cum + 1 >= seq || seq === firstSeq
    if (isBegun) store.take({ kioskId: 'bench-1', epoch, first: seq, texts: [body] }, () => {})
  }
}

test('no door opens for a right that the true history has spent', () => {
  const story = fc.array(happens, { maxLength: 16 })
  fc.assert(
    fc.property(story, story, (before, since) => {
      const hall = new Hall()
      const { bench } = hall
      const store = new FactStore(new Sqlite(':memory:').exec(FACT_SCHEMA))
      try {
        for (const what of before) hall.happen(what)
        backUp(bench)
        for (const what of since) hall.happen(what)
        const newest = bench.ledger.headSeq()
        send(store, bench)
        restore(bench)
        const isOlder = bench.ledger.hasDoubts()
        expect(isOlder).toBe(bench.facts().includes('ledger-restored'))
        if (isOlder) {
          expect(bench.told('ledger-restored')).toMatchObject({ knownSeq: newest })
          for (const pin of hall.everKnown) expect(hall.try(pin)).toBeNull()
          expect(hall.retrieveAll()).toEqual([])
        }
        send(store, bench)
        const epoch = bench.ledger.epoch()
        const said = confirmationOf(store, { kioskId: 'bench-1', epoch })
        const parcels = (said?.parcels ?? []).map(({ id: parcelId, ...place }) => ({
          parcelId,
          ...place,
        }))
        if (said !== null) bench.send({ kind: 'parcels-vouched', ...said.after, parcels })
        for (const pin of [...hall.everKnown, ...bench.pins.values()]) hall.try(pin)
        hall.retrieveAll()
      } finally {
        bench.close()
      }
    }),
    { numRuns: RUNS },
  )
}, 60_000)
