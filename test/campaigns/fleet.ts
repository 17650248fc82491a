// A fleet comes back.
// npm run fleet -- --virtual [--kiosks 100000] [--connects 400] [--spread-s 358] [--away-s 60]
// [--seed fleet]: real uplink machines in virtual time, against a model of a broker
// npm run fleet -- [--kiosks 2000] [--facts 50] [--spread-s 5]: against a real Mosquitto
import process from 'node:process'
import { parseArgs } from 'node:util'
import { runLiveFleet } from './fleet/live.ts'
import { type Return, runVirtualFleet, windowMs } from './fleet/virtual.ts'

const MS_PER_S = 1_000

const { values } = parseArgs({
  options: {
    virtual: { type: 'boolean', default: false },
    kiosks: { type: 'string' },
    /** Of each kiosk; not in virtual time. */
    facts: { type: 'string', default: '50' },
    /** Handshakes that the broker completes in a second. */
    connects: { type: 'string', default: '400' },
    /** `uplink.reconnectSpreadMs`; absent: as docs/fleet.md recommends. */
    'spread-s': { type: 'string' },
    'away-s': { type: 'string', default: '60' },
    seed: { type: 'string', default: 'fleet' },
  },
})

function tell({ after, attempts, wasted, metNobody, allUpMs, busiestSecond }: Return): void {
  const seconds = allUpMs === null ? 'never' : `${(allUpMs / MS_PER_S).toFixed(0)} s`
  console.log(`after ${after}: all up in ${seconds}; ${attempts} attempts, ${wasted} wasted,`)
  console.log(`  ${metNobody} while nobody was there; busiest second ${busiestSecond} attempts`)
}

function runVirtual(): void {
  const [kiosks, connectsPerS] = [Number(values.kiosks ?? 100_000), Number(values.connects)]
  const { 'spread-s': spread } = values
  const spreadMs = spread === undefined ? windowMs(kiosks, connectsPerS) : Number(spread) * MS_PER_S
  console.log(`${kiosks} kiosks, ${connectsPerS} connects/s, spread over ${spreadMs} ms`)
  const awayMs = Number(values['away-s']) * MS_PER_S
  const { seed } = values
  const onProgress = (line: string): void => void process.stderr.write(`${line}\n`)
  const options = { kiosks, connectsPerS, spreadMs, awayMs, seed, onProgress }
  const returns = runVirtualFleet(options)
  for (const each of returns) tell(each)
  if (returns.some(({ wasted, allUpMs }) => wasted > 0 || allUpMs === null)) process.exitCode = 1
}

async function runLive(): Promise<void> {
  const kiosks = Number(values.kiosks ?? 2_000)
  const spreadMs = Number(values['spread-s'] ?? 5) * MS_PER_S
  const { connectsPerS, failedAttempts, brokerBytes, factsPerS, verdict } = await runLiveFleet({
    ...{ kiosks, spreadMs, factsEach: Number(values.facts) },
    onProgress: (line) => void process.stderr.write(`${line}\n`),
  })
  const { made, lost, doubled, otherOrder, problems } = verdict
  const perConnection = (brokerBytes.perConnection / 1_024).toFixed(1)
  console.log(`${kiosks} kiosks: ${connectsPerS.toFixed(0)} connects/s, ${failedAttempts} failed;`)
  console.log(`  the broker takes ${perConnection} KiB for each connection`)
  console.log(`${made} facts of all kiosks at once: ${factsPerS.toFixed(0)} /s acknowledged`)
  console.log(`  ${lost} lost, ${doubled} doubled, ${otherOrder} kiosks in another order,`)
  console.log(`  ${problems} found wrong by central`)
  if (lost + doubled + otherOrder + problems > 0) process.exitCode = 1
}

if (values.virtual) runVirtual()
else await runLive()
