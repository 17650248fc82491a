// What an assignment, a look-up and a refusal cost, beside a bare commit on the same disk.
// npm run bench:custody -- [--rounds 1000] [--lockers 15,60] [--past 0,10000] [--write]
import { mkdtempSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import process from 'node:process'
import { parseArgs } from 'node:util'
import { type Cell, measureCell } from './custody/measure.ts'
import { writePast } from './custody/past.ts'
import { summaryOf, tableOf, writeBetweenMarks } from './custody/table.ts'

const PAGE = new URL('../../docs/custody-bench.md', import.meta.url)

const { values } = parseArgs({
  options: {
    rounds: { type: 'string', default: '1000' },
    lockers: { type: 'string', default: '15,60,500,2000' },
    past: { type: 'string', default: '0,10000,1000000' },
    /** On the disk that is to be measured; memory would tell nothing. */
    folder: { type: 'string', default: process.cwd() },
    write: { type: 'boolean', default: false },
  },
})
const numbers = (text: string): readonly number[] => text.split(',').map(Number)
const folder = mkdtempSync(join(values.folder, '.custody-bench-'))
const cells: Cell[] = []
try {
  for (const pastCount of numbers(values.past)) {
    const ledgerPath = join(folder, `ledger-${pastCount}.db`)
    writePast(ledgerPath, pastCount)
    for (const lockerCount of numbers(values.lockers)) {
      const barePath = join(folder, 'bare.db')
      const rounds = Number(values.rounds)
      cells.push(measureCell({ ledgerPath, barePath, lockerCount, pastCount, rounds }))
      process.stderr.write(`${lockerCount} lockers, ${pastCount} past parcels: done\n`)
    }
    rmSync(ledgerPath)
  }
} finally {
  rmSync(folder, { recursive: true, force: true })
}
const text = [tableOf(cells), '', ...summaryOf(cells).map((line) => `- ${line}`)].join('\n')
process.stdout.write(`${text}\n`)
if (values.write) writeBetweenMarks(PAGE, text)
