// Goal: every wall keeps the contract under every fault on real ports too. Method: the shared list
// of faults on real pseudoterminals and behind real TCP gateways, many benches at a time, each with
// its own port; one seed each.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { keepContract } from './contract.ts'
import { FAULTS } from './faults.ts'
import { liveBench } from './live-medium.ts'
import { stallDuringUnlock, startAll, unlockAfterwards } from './stall.ts'
import { WALLS } from './walls.ts'

const ROUNDS = { count: 2, moreMax: 2, faultMs: 2_500 }
const TEST_MAX_MS = 120_000
const SEED = '1'
const PLACES = { serial: 'a real pseudoterminal', tcp: 'a real TCP gateway' } as const

let folder: string
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'latchkey-contract-'))
})
afterAll(() => rmSync(folder, { recursive: true }))

const gateways = WALLS.filter(({ links }) => links.includes('tcp')).flatMap((wall) =>
  (['order', 'pulse'] as const).map((at) => {
    const name = `${wall.name} on ${PLACES.tcp} is not pulsed after it hung for 60 s at the ${at}`
    return [name, { wall, at }] as const
  }),
)

// The longest ones first: the others pass meanwhile.
test.concurrent.each(gateways)('%s', { timeout: TEST_MAX_MS }, async (name, { wall, at }) => {
  const bench = await liveBench(wall, { kind: 'tcp', seed: name, path: '' })
  try {
    await startAll(bench)
    expect(await stallDuringUnlock(bench, at)).toEqual([])
    await unlockAfterwards(bench)
    expect(bench.witness.complaints(bench.medium.lagMs).join(', ')).toBe('')
  } finally {
    await bench.medium.stop()
  }
})

const cases = WALLS.flatMap((wall) =>
  wall.links.flatMap((kind) =>
    FAULTS.filter((fault) => fault.appliesTo(wall, kind)).map((fault) => {
      const name = `${wall.name} on ${PLACES[kind]} keeps the contract under: ${fault.name}`
      return [`${name}, seed ${SEED}`, { wall, kind, fault }] as const
    }),
  ),
)

test.concurrent.each(cases)('%s', { timeout: TEST_MAX_MS }, async (name, each) => {
  const { wall, kind, fault } = each
  const path = join(folder, name.replaceAll(/\W+/g, '-'))
  const bench = await liveBench(wall, { kind, seed: name, path })
  try {
    await keepContract(bench, fault, ROUNDS)
  } finally {
    await bench.medium.stop()
  }
})
