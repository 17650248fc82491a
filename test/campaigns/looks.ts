// Every screen in every look, drawn by a real browser and judged as in `test/support/looks.ts`.
// npm run campaign:looks [-- --only large,ar,"800 × 480"]
import process from 'node:process'
import { parseArgs } from 'node:util'
import { runLooks } from './looks/campaign.ts'

const MS_PER_S = 1_000

const { values } = parseArgs({ options: { only: { type: 'string', default: '' } } })

const startMs = performance.now()
const { drawn, faults } = await runLooks({
  only: values.only.split(',').filter((part) => part !== ''),
  onProgress: (done, total) => {
    if (process.stdout.isTTY) process.stdout.write(`\r${done}/${total}`)
  },
})
for (const [look, found] of faults) {
  console.log(`\n${look}`)
  for (const fault of found) console.log(`  ${fault}`)
}
const elapsedS = ((performance.now() - startMs) / MS_PER_S).toFixed(0)
console.log(`\n${drawn} looks, ${elapsedS} s, ${faults.size} with faults`)
process.exit(faults.size === 0 ? 0 : 1)
