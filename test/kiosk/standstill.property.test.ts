// Whatever falls silent and comes back, in any order: a deadline never moves backwards, and never
// by more than its parcels could not be collected. Where nothing else interferes, by just that.
import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { KioskConfig } from '../../src/kiosk/config.ts'
import type { StoreRecord } from '../../src/kiosk/facts.ts'
import { MOVES_MAX, STANDSTILL_MAX_MS, UNCOUNTED_MAX } from '../../src/kiosk/standstill.ts'
import { Bench, wallOf } from '../support/bench.ts'

const RUNS = 60
const MINUTE_MS = 60_000
const FROM_MS = 10 * MINUTE_MS
const DAY_MS = 86_400_000

type Part = 'a' | 'b' | 'screen'
type Happens =
  | { readonly kind: 'breaks' | 'mends'; readonly part: Part }
  | { readonly kind: 'time'; readonly minutes: number }
  | { readonly kind: 'power'; readonly minutes: number }
  | { readonly kind: 'clock'; readonly isBelieved: boolean }

/** Whose parcels lie behind which boards. */
const RECIPIENTS: Readonly<Record<string, readonly Part[]>> = {
  'r-a': ['a'],
  'r-b': ['b'],
  'r-both': ['a', 'b'],
}

const part = fc.constantFrom<Part>('a', 'b', 'screen')
const minutes = fc.integer({ min: 1, max: 45 })
const breaks = fc.record({ kind: fc.constant('breaks' as const), part })
const mends = fc.record({ kind: fc.constant('mends' as const), part })
const time = fc.record({ kind: fc.constant('time' as const), minutes })
const power = fc.record({ kind: fc.constant('power' as const), minutes })
const clock = fc.record({ kind: fc.constant('clock' as const), isBelieved: fc.boolean() })

function twoBoards(): KioskConfig {
  const config = wallOf(['S', 'S', 'S', 'S'])
  const lockers = config.columns[0]?.lockers ?? []
  const boardOf = (index: number) => (index % 2 === 0 ? 'a' : 'b')
  const spread = lockers.map((locker, index) => ({
    ...locker,
    boardId: boardOf(index),
    channel: Math.floor(index / 2) + 1,
  }))
  return { ...config, columns: [{ lockers: spread }] }
}

function lies(parcelId: string, recipientId: string, lockerId: string): StoreRecord[] {
  const place = { parcelId, lockerId, courierId: 'c-1', recipientId }
  const why = { needs: [], reasons: [], passed: [] }
  return [
    {
      kind: 'deposit-started',
      data: { ...place, size: 'S', isAnnounced: false, isTogether: false, why },
    },
    { kind: 'parcel-deposited', data: { ...place, sealedPin: null, pinExpiresAtWallMs: null } },
  ]
}

/** A kiosk, and beside it what was really out: the rule does not look there. */
class Hall {
  readonly bench = new Bench(twoBoards())
  readonly out = new Set<Part>()
  readonly stoodMs = new Map(Object.keys(RECIPIENTS).map((id) => [id, 0]))
  readonly begin: ReadonlyMap<string, number>

  constructor() {
    const { bench } = this
    for (const each of ['a', 'b', 'screen'] as const) this.mend(each)
    const now = bench.now()
    const dates = { expiresAtWallMs: now.wallMs + 90 * DAY_MS, atWallMs: now.wallMs }
    bench.ledger.begin()
    bench.ledger.apply(
      [
        ...lies('p-1', 'r-a', '1'),
        ...lies('p-2', 'r-b', '2'),
        ...lies('p-3', 'r-both', '3'),
        ...lies('p-4', 'r-both', '4'),
        ...Object.keys(RECIPIENTS).map((recipientId): StoreRecord => {
          const index = `pin of ${recipientId}`
          const data = { recipientId, index, referenceIndex: 'x', sealedPin: '', ...dates }
          return { kind: 'pin-issued', data }
        }),
      ],
      now,
    )
    bench.ledger.commit()
    this.begin = this.ends()
  }

  ends(): ReadonlyMap<string, number> {
    const ids = Object.keys(RECIPIENTS)
    return new Map(ids.map((id) => [id, this.bench.ledger.livePin(id)?.expiresAtWallMs ?? 0]))
  }

  gained(recipientId: string): number {
    return (this.ends().get(recipientId) ?? 0) - (this.begin.get(recipientId) ?? 0)
  }

  mend(each: Part): void {
    this.out.delete(each)
    if (each === 'screen') this.bench.send({ kind: 'screen-changed', isConnected: true })
    else {
      const doors = [
        { state: 'closed', opens: null } as const,
        { state: 'closed', opens: null } as const,
      ]
      this.bench.send({ kind: 'board-read', reading: { boardId: each, boot: 1, doors } })
    }
  }

  happen(what: Happens): void {
    const { bench } = this
    switch (what.kind) {
      case 'breaks':
        this.out.add(what.part)
        if (what.part === 'screen') bench.send({ kind: 'screen-changed', isConnected: false })
        else bench.send({ kind: 'board-lost', boardId: what.part })
        return
      case 'mends':
        return this.mend(what.part)
      case 'clock':
        bench.isWallBelieved = what.isBelieved
        return bench.pass(0)
      case 'time':
        this.#stand(what.minutes)
        return bench.pass(what.minutes * MINUTE_MS)
      case 'power':
        this.#stand(what.minutes, 'all')
        bench.powerOut(what.minutes * MINUTE_MS, 'boards-stay-silent')
        this.out.add('a').add('b')
        return
    }
  }

  #stand(length: number, which?: 'all'): void {
    for (const [id, boards] of Object.entries(RECIPIENTS)) {
      const isOut =
        which === 'all' || [...boards, 'screen' as const].some((each) => this.out.has(each))
      if (isOut) this.stoodMs.set(id, (this.stoodMs.get(id) ?? 0) + length * MINUTE_MS)
    }
  }

  heal(): void {
    this.bench.isWallBelieved = true
    for (const each of ['a', 'b', 'screen'] as const) this.mend(each)
    this.bench.pass(MINUTE_MS)
  }
}

test('never backwards, and never more than nothing could be collected', () => {
  const any = fc.array(fc.oneof(breaks, mends, time, time, power, clock), { maxLength: 30 })
  fc.assert(
    fc.property(any, (story) => {
      const hall = new Hall()
      try {
        for (const what of story) {
          const before = hall.ends()
          hall.happen(what)
          for (const [id, end] of hall.ends())
            expect(end).toBeGreaterThanOrEqual(before.get(id) ?? 0)
        }
        hall.heal()
        for (const [id, stoodMs] of hall.stoodMs)
          expect(hall.gained(id)).toBeLessThanOrEqual(stoodMs)
      } finally {
        hall.bench.close()
      }
    }),
    { numRuns: RUNS },
  )
})

test('exactly the union of what lasted long enough, when the kiosk saw all of it', () => {
  const seen = fc.array(fc.oneof(breaks, mends, time, time), { maxLength: 40 })
  fc.assert(
    fc.property(seen, (story) => {
      const hall = new Hall()
      try {
        const spans = new Map<Part, [number, number][]>([...'ab'].map((each) => [each as Part, []]))
        spans.set('screen', [])
        const since = new Map<Part, number>()
        const over = (each: Part): void => {
          const from = since.get(each)
          since.delete(each)
          const to = hall.bench.nowMs
          if (from !== undefined && to - from >= FROM_MS) spans.get(each)?.push([from, to])
        }
        for (const what of story) {
          if (what.kind === 'breaks' && !since.has(what.part))
            since.set(what.part, hall.bench.nowMs)
          if (what.kind === 'mends') over(what.part)
          hall.happen(what)
        }
        for (const each of ['a', 'b', 'screen'] as const) over(each)
        hall.heal()
        for (const [id, boards] of Object.entries(RECIPIENTS)) {
          const long = [...boards, 'screen' as const].flatMap((each) => spans.get(each) ?? [])
          expect(hall.gained(id)).toBe(unionOf(long))
        }
      } finally {
        hall.bench.close()
      }
    }),
    { numRuns: RUNS },
  )
})

function unionOf(spans: readonly [number, number][]): number {
  let countedTo = 0
  let length = 0
  for (const [from, to] of spans.toSorted((one, other) => one[0] - other[0])) {
    length += Math.max(0, to - Math.max(from, countedTo))
    countedTo = Math.max(countedTo, to)
  }
  return length
}

test('what lasts longer than the longest standstill ends it, and the clock goes on', () => {
  const bench = new Bench(wallOf(['S'], { standstillFromMs: DAY_MS }))
  bench.prepare([{ id: 'p-1', size: 'S' }])
  bench.leaveParcel('p-1')
  const end = bench.ledger.livePin('r-1')?.expiresAtWallMs ?? 0
  bench.send({ kind: 'board-lost', boardId: 'a' })
  bench.pass(STANDSTILL_MAX_MS + DAY_MS)
  expect(bench.ledger.livePin('r-1')?.expiresAtWallMs).toBe(end + STANDSTILL_MAX_MS)
  bench.pass(7 * DAY_MS)
  expect(bench.parcelState('p-1')).toBe('deposited')
  expect(bench.facts()).toContain('pin-expired')
  bench.close()
})

test('a board with a thousand parcels is back: ten facts, and nobody notices', () => {
  const count = 10 * MOVES_MAX
  const bench = new Bench(wallOf(Array.from({ length: count }, () => 'S')))
  const now = bench.now()
  const dates = { expiresAtWallMs: now.wallMs + DAY_MS, atWallMs: now.wallMs }
  bench.readBoard()
  bench.ledger.begin()
  for (let at = 1; at <= count; at += 1) {
    const [id, recipientId] = [`p-${at}`, `r-${at}`]
    const secret = { index: `pin ${at}`, referenceIndex: 'x', sealedPin: '' }
    const data = { recipientId, ...secret, ...dates }
    bench.ledger.apply([...lies(id, recipientId, String(at)), { kind: 'pin-issued', data }], now)
  }
  bench.ledger.commit()
  bench.send({ kind: 'board-lost', boardId: 'a' })
  bench.pass(2 * DAY_MS)
  expect(bench.facts()).not.toContain('pin-expired')
  const beganMs = performance.now()
  bench.readBoard()
  const tookMs = performance.now() - beganMs
  expect(bench.factsOf('deadlines-moved').map(({ moved }) => (moved as object[]).length)).toEqual(
    Array.from({ length: 10 }, () => MOVES_MAX),
  )
  expect(tookMs).toBeLessThan(1_000)
  bench.pass(DAY_MS - MINUTE_MS)
  expect(bench.facts()).not.toContain('pin-expired')
  bench.pass(2 * MINUTE_MS)
  expect(bench.facts()).toContain('pin-expired')
  bench.close()
})

test('a board that comes and goes while no clock is believed fills no memory', () => {
  const bench = new Bench(wallOf(['S']))
  bench.prepare([{ id: 'p-1', size: 'S' }])
  bench.leaveParcel('p-1')
  bench.isWallBelieved = false
  for (let times = 0; times < UNCOUNTED_MAX + 20; times += 1) {
    bench.send({ kind: 'board-lost', boardId: 'a' })
    bench.pass(FROM_MS)
    bench.readBoard()
    bench.pass(MINUTE_MS)
  }
  bench.isWallBelieved = true
  bench.pass(FROM_MS)
  expect(bench.factsOf('standstill-ended')).toHaveLength(UNCOUNTED_MAX)
  bench.close()
})
