// Goal: a bus that is dead, an adapter that is pulled out and a gateway that is gone slow no other
// bus of the wall down, on real ports. Method: unlocks on a sound bus, by turns with and without
// the dead ones beside it, in the same process and run.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { until } from '../../support/until.ts'
import type { Bench } from './bench.ts'
import { liveBench } from './live-medium.ts'
import { startAll } from './stall.ts'
import { WALLS, type Wall } from './walls.ts'

const TURNS = 4
const UNLOCKS = 5
const LIVE_MS = 5_000
const RATIO_MAX = 1.2
/** Of an event loop on a busy machine: below this, no ratio tells anything. */
const JITTER_MS = 2
/** A machine that gives its time to others for a while spoils a whole run. */
const RUNS_MAX = 3
const TEST_MAX_MS = 120_000

let folder: string
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'latchkey-latency-'))
})
afterAll(() => rmSync(folder, { recursive: true }))

interface Group {
  readonly sound: Bench
  readonly others: readonly Bench[]
  readonly ratios: number[]
}

test('a bus keeps its latency beside a dead bus, a pulled adapter and a gateway that is gone', {
  timeout: TEST_MAX_MS,
}, async () => {
  const groups = await Promise.all(['kerong-cu16', 'modbus-rtu'].map(groupOf))
  const all = groups.flatMap(({ sound, others }) => [sound, ...others])
  try {
    await Promise.all(all.map(startAll))
    for (const { sound } of groups) sound.medium.bus.attend(true)
    const isSlowed = ({ ratios }: Group) => Math.min(...ratios) > RATIO_MAX
    for (let run = 0; run < RUNS_MAX && groups.some(isSlowed); run += 1) await compare(groups)
    for (const { ratios } of groups) {
      expect(Math.min(...ratios), ratios.join()).toBeLessThanOrEqual(RATIO_MAX)
    }
  } finally {
    await Promise.all(all.map(({ medium }) => medium.stop()))
  }
})

async function groupOf(name: string): Promise<Group> {
  const wall = wallOf(name)
  const bench = (kind: 'serial' | 'tcp', id: string) =>
    liveBench(wall, { kind, seed: id, path: join(folder, `${name}-${id}`) })
  const sound = await bench('serial', 'sound')
  const others = await Promise.all([
    bench('serial', 'dead'),
    bench('serial', 'pulled'),
    bench('tcp', 'gone'),
  ])
  return { sound, others, ratios: [] }
}

/** In step, so that what breaks down in one group is no noise in the other's calm. */
async function compare(groups: readonly Group[]): Promise<void> {
  const calmMs = groups.map((): number[] => [])
  const besideMs = groups.map((): number[] => [])
  const measure = (into: readonly number[][]) =>
    Promise.all(groups.map(async ({ sound }, at) => into[at]?.push(...(await unlocksMs(sound)))))
  for (let turn = 0; turn < TURNS; turn += 1) {
    await measure(calmMs)
    await Promise.all(groups.map(({ others }) => breakDown(others)))
    await measure(besideMs)
    await Promise.all(groups.map(({ others }) => mend(others)))
  }
  for (const [at, { ratios }] of groups.entries()) {
    const calm = Math.max(medianOf(calmMs[at] ?? []), JITTER_MS)
    ratios.push(medianOf(besideMs[at] ?? []) / calm)
  }
}

async function unlocksMs(bench: Bench): Promise<readonly number[]> {
  const { witness } = bench
  const taken: number[] = []
  for (let index = 0; index < UNLOCKS; index += 1) {
    const order = bench.order({ board: index % 2 === 0 ? 'A' : 'B', channel: 1 + index }, LIVE_MS)
    const coil = () =>
      witness.coils.find(({ board, channel, onAtMs }) => {
        return board === order.board && channel === order.channel && onAtMs >= order.atMs
      })
    const isOver = () => order.ends.length > 0 && (coil()?.offAtMs ?? null) !== null
    await until('the pulse is over', isOver)
    taken.push((coil()?.onAtMs ?? 0) - order.atMs)
    bench.shutDoors()
  }
  return taken
}

async function breakDown(others: readonly Bench[]): Promise<void> {
  const [dead, pulled, gone] = others
  dead?.changeAll({ isDead: true })
  await pulled?.medium.unplug()
  await gone?.medium.unplug()
  const isLost = ({ witness }: Bench) => witness.doorOf({ board: 'A', channel: 1 }) === null
  await until('all of them are lost', () => others.every(isLost))
}

async function mend(others: readonly Bench[]): Promise<void> {
  const [dead, pulled, gone] = others
  dead?.changeAll({ isDead: false })
  await pulled?.medium.plug()
  await gone?.medium.plug()
  const isBack = ({ witness }: Bench) => witness.doorOf({ board: 'A', channel: 1 }) !== null
  await until('all of them are back', () => others.every(isBack))
}

function medianOf(samples: readonly number[]): number {
  return [...samples].sort((one, other) => one - other)[samples.length >> 1] ?? 0
}

function wallOf(name: string): Wall {
  const found = WALLS.find((wall) => wall.name === name)
  if (found === undefined) throw new RangeError(name)
  return found
}
