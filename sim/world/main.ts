// The process in which the world runs, a line of JSON per seed. It must be under the disk shim, or
// a power cut would lose nothing: ./run.ts starts it so.
import { mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import process from 'node:process'
import { parseArgs } from 'node:util'
import { faultsIn } from './faults.ts'
import { MUTANTS } from './mutants.ts'
import { SOUND_PARTS } from './parts.ts'
import { runSeed } from './world.ts'

const { values } = parseArgs({
  options: {
    seed: { type: 'string', default: '1' },
    count: { type: 'string', default: '1' },
    mutant: { type: 'string' },
    fault: { type: 'string', multiple: true, default: [] },
    trace: { type: 'boolean', default: false },
  },
})
const parts = values.mutant === undefined ? SOUND_PARTS : MUTANTS[values.mutant]
if (parts === undefined) throw new Error(`no mutant ${values.mutant}`)
const base = process.env['LATCHKEY_DISK_DIR'] ?? mkdtempSync(join(tmpdir(), 'latchkey-world-'))
const faults = faultsIn(values.fault)
const first = Number(values.seed)
for (let seed = first; seed < first + Number(values.count); seed += 1) {
  const trace: string[] = []
  const outcome = runSeed(seed, {
    folder: join(base, `seed-${seed}`),
    parts,
    faults,
    ...(values.trace ? { trace } : {}),
  })
  for (const line of trace) console.log(line)
  console.log(JSON.stringify(outcome))
}
