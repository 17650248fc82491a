// A cluster of three NATS nodes loses one, and then another.
// npm run campaign:cluster -- [--kiosks 200] [--facts 300] [--down-s 10] [--watch-s 30]
import process from 'node:process'
import { parseArgs } from 'node:util'
import { runCluster } from './cluster/campaign.ts'

const MS_PER_S = 1_000
const inSeconds = (ms: number): string => `${(ms / MS_PER_S).toFixed(1)} s`

const { values } = parseArgs({
  options: {
    kiosks: { type: 'string', default: '200' },
    /** Of each kiosk. */
    facts: { type: 'string', default: '300' },
    'down-s': { type: 'string', default: '10' },
    /** Who is not back by then, fails. */
    'watch-s': { type: 'string', default: '30' },
  },
})
const beganMs = performance.now()
const { startMs, kills, verdict, wholeMs } = await runCluster({
  kiosks: Number(values.kiosks),
  factsEach: Number(values.facts),
  downMs: Number(values['down-s']) * MS_PER_S,
  watchMs: Number(values['watch-s']) * MS_PER_S,
  onProgress: (line) => console.log(`${inSeconds(performance.now() - beganMs)}: ${line}`),
})
console.log(`${values.kiosks} kiosks were heard after ${inSeconds(startMs)}`)
for (const { victim, node, backMs, missing } of kills) {
  console.log(`${victim} (${node}) killed: connected and acknowledged again after`)
  console.log(`  ${inSeconds(backMs.median)}, the last after ${inSeconds(backMs.most)};`)
  console.log(`  ${missing} not by the end of the watch`)
}
const { made, lost, doubled, otherOrder, problems } = verdict
console.log(`${made} facts in ${inSeconds(wholeMs)}: ${lost} lost, ${doubled} doubled,`)
console.log(`  ${otherOrder} kiosks in another order, ${problems} found wrong by central`)
const isFlawless = lost + doubled + otherOrder + problems === 0
if (!isFlawless || kills.some(({ missing }) => missing > 0)) process.exitCode = 1
