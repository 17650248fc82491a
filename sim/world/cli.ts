// `latchkey-sim world`: runs seeds and says what came of them; ends with 1 when a promise was
// broken.
import process from 'node:process'
import { parseArgs } from 'node:util'
import { faultsIn } from './faults.ts'
import { runWorld } from './run.ts'

const { values } = parseArgs({
  options: {
    seed: { type: 'string', default: '1' },
    count: { type: 'string', default: '20' },
    mutant: { type: 'string' },
    /** A fault’s name and strength, in place of what the seeds draw. */
    fault: { type: 'string', multiple: true, default: [] },
    trace: { type: 'boolean', default: false },
  },
})
const stop = new AbortController()
// `latchkey-sim world | head` has seen enough.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code !== 'EPIPE') throw error
  stop.abort()
})
let broken = 0
const totals = new Map<string, number>()
await runWorld({
  seed: Number(values.seed),
  count: Number(values.count),
  signal: stop.signal,
  ...(values.mutant === undefined ? {} : { mutant: values.mutant }),
  faults: faultsIn(values.fault),
  ...(values.trace ? { onTrace: (line: string) => console.log(line) } : {}),
  onOutcome: ({ seed, violations, counts, faults, traceHash, ms }) => {
    for (const [name, n] of Object.entries(counts)) totals.set(name, (totals.get(name) ?? 0) + n)
    const isBroken = violations.length > 0
    if (isBroken) broken += 1
    console.log(`seed ${seed}  ${ms} ms  ${traceHash.slice(0, 12)}  ${isBroken ? 'BROKEN' : 'ok'}`)
    for (const violation of violations) console.log(`  ${violation}`)
    if (isBroken) console.log(`  faults ${JSON.stringify(faults)}`)
  },
})
for (const [name, n] of [...totals].sort()) console.log(`${String(n).padStart(8)}  ${name}`)
console.log(`${values.count} seeds, ${broken} broken`)
process.exitCode = broken > 0 ? 1 : 0
