// FR-01: the next free locker that is large enough, in one step with the deposit's fact.
import { afterEach, describe, expect, test } from 'vitest'
import type { KioskConfig } from '../../../src/kiosk/config.ts'
import { Bench, wallOf } from '../../support/bench.ts'

let bench: Bench

interface Parcel {
  readonly id: string
  readonly size: string
  readonly weightGrams?: number
  readonly needsReach?: boolean
}

function start(config: KioskConfig, parcels: readonly Parcel[]): void {
  bench = new Bench(config)
  bench.prepare(parcels)
  bench.signIn()
}

afterEach(() => bench.close())

/** Lockers by size and height: `S low`. */
function wall(lockers: readonly string[]): KioskConfig {
  const words = lockers.map((text) => text.split(' '))
  const plain = wallOf(words.map(([size = '']) => size))
  const own = plain.columns[0]?.lockers ?? []
  const bottomMm = (index: number): number => (words[index]?.[1] === 'low' ? 700 : 1_300)
  const placed = own.map((locker, index) => ({ ...locker, bottomMm: bottomMm(index) }))
  return { ...plain, columns: [{ lockers: placed }] }
}

/** @returns where the parcel goes, or the code that says why it goes nowhere */
function bring(id: string): string | undefined {
  bench.deposit(id)
  const { screen } = bench
  if (screen.kind !== 'deposit-opening') return bench.view?.notice?.code ?? undefined
  bench.useDoor()
  return screen.lockerId
}

const parcels = (count: number, size = 'S', more: Partial<Parcel> = {}): Parcel[] =>
  Array.from({ length: count }, (_, index) => ({ id: `p-${index + 1}`, size, ...more }))

describe('FR-01 assign', () => {
  test('FR-01: the smallest free size that fits comes first, then larger ones', () => {
    start(wallOf(['L', 'M', 'S']), parcels(4))
    expect([bring('p-1'), bring('p-2'), bring('p-3')]).toEqual(['3', '2', '1'])
    expect(bring('p-4')).toBe('LK-ASSIGN-01')
  })

  test('FR-01: a parcel never gets a locker that is too small', () => {
    start(wallOf(['S', 'S', 'M']), parcels(1, 'L'))
    expect(bring('p-1')).toBe('LK-ASSIGN-01')
  })

  test('FR-01: the locker is reserved in the very step that stores the deposit', () => {
    start(wallOf(['S']), parcels(2))
    bench.press('deposit', 'p-1')
    expect(bench.lockerState('1')).toBe('reserved')
    expect(bench.facts().slice(-2)).toEqual(['deposit-started', 'opening-authorised'])
    bench.restart()
    expect(bench.parcelState('p-1')).toBe('unconfirmed')
    expect(bench.lockerState('1')).toBe('unverified')
  })

  test('FR-01: two wishes that lie in the mailbox together never get one locker', () => {
    start(wallOf(['S']), parcels(2))
    const rev = bench.view?.rev ?? 0
    const wish = (id: string) => ({
      kind: 'intent-sent' as const,
      intentId: id,
      rev,
      intent: { kind: 'press', action: 'deposit', value: id } as const,
    })
    bench.send(wish('p-1'), wish('p-2'))
    expect(bench.parcelState('p-1')).toBe('depositing')
    expect(bench.parcelState('p-2')).toBe('announced')
    expect(bench.facts().filter((kind) => kind === 'deposit-started')).toHaveLength(1)
  })

  test('FR-01: lockers within reach stay free of ordinary parcels while others are free', () => {
    start(wall(['S low', 'S high', 'S low', 'M high']), parcels(4))
    // High first; then the second low one; then a larger one rather than the last low one.
    expect([bring('p-1'), bring('p-2'), bring('p-3'), bring('p-4')]).toEqual(['2', '1', '4', '3'])
  })

  test('FR-01: a recipient who needs it gets a locker within reach, or none', () => {
    start(wall(['S high', 'S low', 'M high']), parcels(2, 'S', { needsReach: true }))
    expect(bring('p-1')).toBe('2')
    expect(bring('p-2')).toBe('LK-ASSIGN-03')
    expect(bench.parcelState('p-2')).toBe('announced')
  })

  test('FR-01: heavy parcels go low, into a larger locker if need be', () => {
    start(wall(['S high', 'M low', 'M low']), parcels(3, 'S', { weightGrams: 12_000 }))
    expect([bring('p-1'), bring('p-2'), bring('p-3')]).toEqual(['2', '1', '3'])
  })

  test('FR-01: a door that made trouble is tried last, until it has been mended', () => {
    start(wallOf(['S', 'S', 'M']), parcels(2))
    bench.press('deposit', 'p-1')
    bench.jam()
    // Its parcel has gone into the next locker meanwhile.
    expect(bench.useDoor()).toBe('2')
    expect(bench.ledger.locker('1')?.wear).toMatchObject({ failed: 1, isShaky: true })
    bench.restart()
    const looked = { kind: 'inspect', lockerId: '1', found: 'empty', reason: 'looked' } as const
    bench.command(looked)
    bench.signIn()
    expect(bring('p-2')).toBe('3')
    bench.command({ kind: 'disable', lockerId: '1', reason: 'a new lock' })
    bench.command({ kind: 'enable', lockerId: '1', reason: 'a new lock' })
    expect(bench.ledger.locker('1')?.wear.isShaky).toBe(false)
  })

  test('FR-01: one locker of each size that there are many of stays free for faults', () => {
    start(wallOf(['S', 'S', 'S', 'M'], { spareFromLockers: 3 }), parcels(4))
    expect([bring('p-1'), bring('p-2'), bring('p-3')]).toEqual(['1', '2', '4'])
    expect(bring('p-4')).toBe('LK-ASSIGN-01')
  })

  test('FR-01: a parcel whose door did not open gets the spare one', () => {
    start(wallOf(['S', 'S', 'S'], { spareFromLockers: 3 }), parcels(3))
    expect(bring('p-1')).toBe('1')
    bench.deposit('p-2')
    bench.press('cancel')
    bench.obeyUnlock('expired', 'stays-closed')
    bench.press('back')
    expect(bring('p-3')).toBe('LK-ASSIGN-01')
    expect(bring('p-2')).toBe('3')
  })

  test('FR-01: what the choice went by is stored with the deposit', () => {
    start(wallOf(['M', 'S']), parcels(2, 'S', { weightGrams: 500 }))
    bring('p-1')
    bring('p-2')
    const started = bench.ledger
      .outboxAfter(0, { countMax: 100, bytesMax: 1e9 })
      .map(({ body }) => JSON.parse(body))
      .filter(({ type }) => type === 'deposit-started/1')
      .map(({ data }) => data.why)
    expect(started).toEqual([
      { needs: [], reasons: ['fits', 'steady', 'leaves-reach-free'], passed: [] },
      {
        needs: [],
        reasons: ['larger', 'steady', 'leaves-reach-free'],
        passed: [{ size: 'S', reach: 'far', why: 'none-free' }],
      },
    ])
  })
})
