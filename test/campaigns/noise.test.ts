// Goal: noise crashes nothing, and passes for doors no more often than checksums let it. Method: a
// small share of the noise campaign; the whole one is `npm run campaign:noise`.
import { describe, expect, test } from 'vitest'
import { rowsOfPaper } from '../support/paper.ts'
import { runNoise } from './noise/campaign.ts'
import { KINDS } from './noise/kinds.ts'
import { LAYOUTS } from './noise/layouts.ts'
import { boundOf, oddsOf } from './noise/odds.ts'

const MIB = 0.3
const PORT_MIB = 0.25

describe.each(LAYOUTS)('noise on a line of $dialect', (layout) => {
  test('is no reply, but as often as its checksum cannot tell', async () => {
    const result = await runNoise(layout, { mib: MIB, portMib: PORT_MIB, seed: 'short' })
    expect(result.violations).toEqual([])
    expect(result.soundSent).toBeGreaterThan(100)
    expect(result.kinds.map(({ kind }) => kind)).toEqual(KINDS)
    expect(result.kinds.filter(({ pieces }) => pieces === 0)).toEqual([])
    expect(result.ports.map(({ port }) => port)).toEqual(['pty', 'tcp'])
  }, 30_000)
})

describe('the odds', () => {
  test('let one in 256 pass where only the checksum is left, or one in 65,536', () => {
    const odds = LAYOUTS.map((layout) => 1 / oddsOf('content at random', layout))
    expect(odds).toEqual([65_536, 256, 256, 256, 256, 65_536])
  })

  test('have a bound that is above what is expected, and none where nothing may pass', () => {
    expect(boundOf(0)).toBe(0)
    for (const expected of [0.01, 1, 50, 150, 500]) {
      expect(boundOf(expected)).toBeGreaterThan(expected)
      expect(boundOf(expected)).toBeLessThan(2 * expected + 30)
    }
  })

  test('are in the papers, and the seen ones are within them', () => {
    const cells = rowsOfPaper('noise.md')
      .flat()
      .map((cell) => /^(\d+) \/ [\d.]+ \((\d+)\)$/.exec(cell))
      .filter((match) => match !== null)
      .map(([, seen, bound]) => [Number(seen), Number(bound)] as const)
    expect(cells).toHaveLength(LAYOUTS.length * KINDS.length)
    expect(cells.filter(([seen, bound]) => seen > bound)).toEqual([])
  })
})
