// Goal: one dead board does not slow the others on its line down. Method: the time from an unlock
// to its coil and the poll cycle of the living boards, in virtual time, with all boards alive and
// with one dead, in the same run.
import { describe, expect, test } from 'vitest'
import { createRandom, type Random } from '../../../sim/world/random.ts'
import type { Bench } from './bench.ts'
import { virtualBench } from './virtual-medium.ts'
import { wallsOf } from './walls.ts'

const IDS = ['A', 'B', 'C', 'D', 'E', 'F']
const LIVING = ['B', 'C', 'D', 'E', 'F']
const UNLOCKS = 50
const LIVE_MS = 5_000
const RATIO_MAX = 1.2
const TEST_MAX_MS = 60_000

const walls = wallsOf(IDS).flatMap((wall) =>
  wall.links.map((kind) => ({ name: wall.name, wall, kind })),
)

describe.each(walls)('$name on a virtual $kind line', ({ wall, kind }) => {
  const faults: readonly (readonly [string, string])[] = [
    ['a dead board', 'A'],
    ...(wall.contactsOf['A'] === undefined ? [] : [['dead inputs', 'A-inputs'] as const]),
  ]
  test.each(faults)('keeps its latency beside %s', { timeout: TEST_MAX_MS }, async (_, device) => {
    const bench = virtualBench(wall, { kind, seed: wall.name })
    const { medium, witness } = bench
    medium.bus.start()
    medium.bus.attend(true)
    await medium.until('all are read', () => witness.readings.length >= IDS.length, 10_000)
    const before = await measure(bench, createRandom(wall.name))
    medium.line.change(device, { isDead: true })
    await medium.until('it is lost', () => witness.losses.length > 0, 20_000)
    const after = await measure(bench, createRandom(wall.name))
    const slower = ratios(before, after)
    expect(slower.unlockP50).toBeLessThanOrEqual(RATIO_MAX)
    expect(slower.cycleP50).toBeLessThanOrEqual(RATIO_MAX)
  })
})

interface Measured {
  readonly unlockP50: number
  readonly cycleP50: number
}

async function measure(bench: Bench, random: Random): Promise<Measured> {
  const { medium, witness } = bench
  const unlocksMs: number[] = []
  for (let index = 0; index < UNLOCKS; index += 1) {
    const atMs = medium.nowMs() + random.between(0, 500)
    await medium.until('somebody comes', () => medium.nowMs() >= atMs, 1_000)
    const order = bench.order({ board: random.pick(LIVING), channel: 1 + (index % 8) }, LIVE_MS)
    const coil = () =>
      witness.coils.find(({ board, channel, onAtMs }) => {
        return board === order.board && channel === order.channel && onAtMs >= order.atMs
      })
    const isOver = () => order.ends.length > 0 && (coil()?.offAtMs ?? null) !== null
    await medium.until('the pulse is over', isOver, 2 * LIVE_MS)
    unlocksMs.push((coil()?.onAtMs ?? 0) - order.atMs)
    bench.shutDoors()
  }
  const stats = medium.bus.stats.boards.filter(({ id }) => LIVING.includes(id))
  return {
    unlockP50: medianOf(unlocksMs),
    cycleP50: Math.max(...stats.map(({ cycle }) => cycle?.p50Ms ?? 0)),
  }
}

function ratios(before: Measured, after: Measured): Measured {
  const ratio = (what: keyof Measured) => Math.round((after[what] / before[what]) * 100) / 100
  return {
    unlockP50: ratio('unlockP50'),
    cycleP50: ratio('cycleP50'),
  }
}

function medianOf(samples: readonly number[]): number {
  return [...samples].sort((one, other) => one - other)[samples.length >> 1] ?? 0
}
