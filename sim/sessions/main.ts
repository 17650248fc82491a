// Runs seeds of 64 sessions at once and writes a line of JSON for each.
import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { runSessions } from './run.ts'

/** Real SQLite on memory where there is some: what is shown here needs no disk. */
const MEMORY = '/dev/shm'

const { values } = parseArgs({
  options: {
    seed: { type: 'string', default: '1' },
    count: { type: 'string', default: '1' },
  },
})
const first = Number(values.seed)
for (let seed = first; seed < first + Number(values.count); seed += 1) {
  const folder = mkdtempSync(join(existsSync(MEMORY) ? MEMORY : tmpdir(), 'latchkey-sessions-'))
  console.log(JSON.stringify(runSessions(seed, { folder })))
  rmSync(folder, { recursive: true })
}
