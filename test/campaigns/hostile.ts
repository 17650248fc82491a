// Messages that nobody should send, into the real uplink, rules and ledger: nothing opens, nothing
// changes, each is refused with a code, and memory stays flat.
// npm run campaign:hostile -- --count 10000 [--seed N]
import process from 'node:process'
import { parseArgs } from 'node:util'
import { runHostile } from './hostile/campaign.ts'

const KIND_WIDTH = 38
const MS_PER_S = 1_000

const { values } = parseArgs({
  options: {
    count: { type: 'string', default: '10000' },
    seed: { type: 'string', default: '1' },
  },
})
const count = Number(values.count)
if (!Number.isInteger(count) || count < 1) throw new Error(`not a count: ${values.count}`)

const startMs = performance.now()
const outcome = await runHostile({
  count,
  seed: values.seed,
  onProgress: (done) => {
    if (process.stdout.isTTY) process.stdout.write(`\r${done}/${count}`)
  },
})
const { codes, memory, violations, ledgerHash } = outcome
console.log(`\n${'kind'.padEnd(KIND_WIDTH)} messages  became`)
for (const [kind, byCode] of codes) {
  const sum = [...byCode.values()].reduce((total, each) => total + each, 0)
  const became = [...byCode].toSorted().map(([code, times]) => `${times} ${code}`)
  console.log(`${kind.padEnd(KIND_WIDTH)} ${String(sum).padStart(8)}  ${became.join(', ')}`)
}
const { warm, end, course } = memory
console.log(`heap ${warm.heapMiB.toFixed(1)} MiB when warm, ${end.heapMiB.toFixed(1)} at the end`)
console.log(`process ${warm.rssMiB.toFixed(0)} MiB when warm, ${end.rssMiB.toFixed(0)} at the end`)
const looks = course.map(({ rssMiB }) => rssMiB.toFixed(0))
console.log(`process at each tenth of the way, MiB: ${looks.join(' ')}`)
console.log(`ledger ${ledgerHash.slice(0, 16)}, as that of a kiosk which heard nothing`)
const elapsedS = ((performance.now() - startMs) / MS_PER_S).toFixed(0)
console.log(
  `seed ${values.seed}, ${count} messages, ${elapsedS} s, ${violations.length} violations`,
)
for (const violation of violations) console.log(`  ${violation}`)
process.exit(violations.length === 0 ? 0 : 1)
