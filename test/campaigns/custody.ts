// What an assignment, a look-up and a refusal cost, beside a bare commit on the same disk.
// npm run bench:custody -- [--rounds 100] [--passes 10] [--lockers 15,60] [--past 0,10000]
// [--write]
import { mkdtempSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import process from 'node:process'
import { parseArgs } from 'node:util'
import { type Cell, emptyCell, measureCell } from './custody/measure.ts'
import { writePast } from './custody/past.ts'
import { summaryOf, tableOf, writeBetweenMarks } from './custody/table.ts'

const PAGE = new URL('../../docs/custody-bench.md', import.meta.url)

const { values } = parseArgs({
  options: {
    /** In each pass over the whole table. */
    rounds: { type: 'string', default: '100' },
    passes: { type: 'string', default: '10' },
    lockers: { type: 'string', default: '15,60,500,2000' },
    past: { type: 'string', default: '0,10000,1000000' },
    /** On the disk that is to be measured; memory would tell nothing. */
    folder: { type: 'string', default: process.cwd() },
    write: { type: 'boolean', default: false },
  },
})
const numbers = (text: string): readonly number[] => text.split(',').map(Number)
const folder = mkdtempSync(join(values.folder, '.custody-bench-'))
const cells: Cell[] = numbers(values.past).flatMap((pastCount) =>
  numbers(values.lockers).map((lockerCount) => emptyCell({ lockerCount, pastCount })),
)
const ledgerPath = (pastCount: number): string => join(folder, `ledger-${pastCount}.db`)
try {
  for (const pastCount of numbers(values.past)) writePast(ledgerPath(pastCount), pastCount)
  for (let pass = 1; pass <= Number(values.passes); pass += 1) {
    for (const cell of cells) {
      const barePath = join(folder, 'bare.db')
      const rounds = Number(values.rounds)
      measureCell(cell, { ledgerPath: ledgerPath(cell.pastCount), barePath, rounds })
    }
    process.stderr.write(`pass ${pass} of ${values.passes}\n`)
  }
} finally {
  rmSync(folder, { recursive: true, force: true })
}
const text = [tableOf(cells), '', ...summaryOf(cells).map((line) => `- ${line}`)].join('\n')
process.stdout.write(`${text}\n`)
if (values.write) writeBetweenMarks(PAGE, { name: 'npm run bench:custody', text })
