// Goal: every wall keeps the contract under every fault, in virtual time. Method: the shared list
// of faults on a virtual serial line and behind a virtual gateway, several seeds each.
import { describe, test } from 'vitest'
import { keepContract } from './contract.ts'
import { FAULTS } from './faults.ts'
import { virtualBench } from './virtual-medium.ts'
import { WALLS } from './walls.ts'

const SEEDS = ['1', '2']
const ROUNDS = { count: 4, moreMax: 0, faultMs: 4_000 }

const walls = WALLS.flatMap((wall) => wall.links.map((kind) => ({ name: wall.name, wall, kind })))

describe.each(walls)('$name on a virtual $kind line', ({ wall, kind }) => {
  const faults = FAULTS.filter((fault) => fault.appliesTo(wall, kind))
  test.each(faults)('keeps the contract under: $name', async (fault) => {
    for (const seed of SEEDS) {
      const bench = virtualBench(wall, { kind, seed: `${wall.name}/${fault.name}/${seed}` })
      await keepContract(bench, fault, ROUNDS).catch((error: Error) => {
        throw new Error(`seed ${seed}: ${error.message}`, { cause: error })
      })
    }
  })
})
