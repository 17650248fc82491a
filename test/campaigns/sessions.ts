// 64 sessions at once against 40 lockers, many seeds. npm run campaign:sessions -- --count 10000
import process from 'node:process'
import { parseArgs } from 'node:util'
import { runMany } from '../../sim/sessions/many.ts'

const PROGRESS_EVERY = 500
const MS_PER_S = 1_000

const { values } = parseArgs({
  options: {
    count: { type: 'string', default: '10000' },
    seed: { type: 'string', default: '1' },
  },
})
const beganMs = performance.now()
const totals = new Map<string, number>()
let seen = 0
let broken = 0
let underWayMax = 0
await runMany({
  seed: Number(values.seed),
  count: Number(values.count),
  onOutcome: ({ seed, violations, counts, underWayMax: max }) => {
    seen += 1
    underWayMax = Math.max(underWayMax, max)
    for (const [name, n] of Object.entries(counts)) totals.set(name, (totals.get(name) ?? 0) + n)
    if (violations.length > 0) broken += 1
    for (const violation of violations) console.log(`seed ${seed}: ${violation}`)
    if (seen % PROGRESS_EVERY === 0) console.log(`${seen} seeds, ${broken} broken`)
  },
})
for (const [name, n] of [...totals].sort()) console.log(`${String(n).padStart(10)}  ${name}`)
const seconds = ((performance.now() - beganMs) / MS_PER_S).toFixed(0)
console.log(`${seen} seeds in ${seconds} s, ${broken} broken; ${underWayMax} deposits at once`)
process.exitCode = broken > 0 ? 1 : 0
