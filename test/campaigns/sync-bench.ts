// What sync costs beside its parts: npm run bench:sync -- [--facts 100000] [--far-facts 10000]
// [--round-trip-ms 100] [--write]
import { mkdtempSync } from 'node:fs'
import { loadavg } from 'node:os'
import { join } from 'node:path'
import process from 'node:process'
import { parseArgs } from 'node:util'
import { writeBetweenMarks } from './custody/table.ts'
import { measureSync } from './sync-bench/measure.ts'
import { tableOf } from './sync-bench/table.ts'

const PAGE = new URL('../../docs/sync-bench.md', import.meta.url)

const { values } = parseArgs({
  options: {
    facts: { type: 'string', default: '100000' },
    'far-facts': { type: 'string', default: '10000' },
    'round-trip-ms': { type: 'string', default: '100' },
    /** On the disk that is to be measured; memory would tell nothing. */
    folder: { type: 'string', default: process.cwd() },
    write: { type: 'boolean', default: false },
  },
})
const [before = 0] = loadavg()
const figures = await measureSync({
  folder: mkdtempSync(join(values.folder, '.sync-bench-')),
  facts: Number(values.facts),
  farFacts: Number(values['far-facts']),
  roundTripMs: Number(values['round-trip-ms']),
  onProgress: (line) => void process.stderr.write(`${line}\n`),
})
const [after = 0] = loadavg()
const loads = [before, after].map((load) => load.toFixed(1)).join(', ')
const text = `${tableOf(figures)}\n\nLoad average of the machine before and after: ${loads}.`
process.stdout.write(`${text}\n`)
if (values.write) writeBetweenMarks(PAGE, { name: 'npm run bench:sync', text })
