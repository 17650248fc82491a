// Measures every dialect at its rates against what the line could carry, and writes the tables of
// docs/bus-timing.md.   npm run bench:bus [-- --no-live]
import process from 'node:process'
import { parseArgs } from 'node:util'
import { rewrite, tableOf } from '../support/paper.ts'
import { coilLimitMs, cycleLimitMs, FAMILIES, seenLimitMs } from './timing/line-limits.ts'
import { measureLive } from './timing/live-stage.ts'
import type { Timing } from './timing/measure.ts'
import { allSetups, cellsOf, HEADINGS, keptOf, measureVirtual, PAPER } from './timing/table.ts'

const LIVE_RUNS = 3
const LIVE_ORDERS = 3
const LIVE_BOARDS = 10

const { values } = parseArgs({ options: { 'no-live': { type: 'boolean', default: false } } })

function median(numbers: readonly number[]): number {
  return numbers.toSorted((a, b) => a - b)[Math.floor(numbers.length / 2)] ?? Number.NaN
}

async function virtualTable(): Promise<string> {
  const rows: (readonly string[])[] = []
  for (const setup of allSetups()) {
    const cells = cellsOf(setup, await measureVirtual(setup))
    console.log(cells.join('  '))
    rows.push(cells)
  }
  return tableOf(HEADINGS, rows)
}

async function liveTable(): Promise<string> {
  const rows: (readonly string[])[] = []
  for (const family of FAMILIES) {
    const setup = { family, baudRate: 9_600, boards: LIVE_BOARDS }
    const runs: Timing[] = []
    for (let run = 0; run < LIVE_RUNS; run += 1) runs.push(await measureLive(setup, LIVE_ORDERS))
    const cells = [
      family.dialect,
      median(runs.map(({ cycleMs }) => cycleMs)).toFixed(0),
      cycleLimitMs(setup).toFixed(0),
      `${(median(runs.map((run) => keptOf(setup, run))) * 100).toFixed(0)} %`,
      median(runs.flatMap(({ coilsMs }) => coilsMs)).toFixed(0),
      coilLimitMs(setup).toFixed(0),
      median(runs.flatMap(({ seensMs }) => seensMs)).toFixed(0),
      seenLimitMs(setup).toFixed(0),
    ]
    console.log(`pseudoterminal: ${cells.join('  ')}`)
    rows.push(cells)
  }
  const headings = ['dialect', 'poll cycle, ms', 'limit, ms', 'polls kept']
  const orders = ['order → coil on, ms', 'limit, ms', 'order → door seen open, ms', 'limit, ms']
  return tableOf([...headings, ...orders], rows)
}

for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(1))
rewrite(PAPER, { marker: 'bus-timing', text: await virtualTable() })
if (!values['no-live']) rewrite(PAPER, { marker: 'bus-timing-live', text: await liveTable() })
console.log('docs/bus-timing.md is written')
process.exit(0)
