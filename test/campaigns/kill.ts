// Kills the real daemon with SIGKILL at every step of deposits and pickups, and checks after every
// restart that ledger, doors and central agree.   npm run campaign:kill -- --count 200 [--seed N]
import process from 'node:process'
import { parseArgs } from 'node:util'
import { type KillRecord, type Outcome, runCampaign } from './kill/campaign.ts'
import { STEPS } from './kill/steps.ts'

const STEP_WIDTH = 30
const MS_PER_S = 1_000

const { values } = parseArgs({
  options: {
    count: { type: 'string', default: '200' },
    seed: { type: 'string', default: '1' },
  },
})
const count = Number(values.count)
if (!Number.isInteger(count) || count < 1) throw new Error(`not a count: ${values.count}`)

const startMs = performance.now()
const elapsedS = (): string => ((performance.now() - startMs) / MS_PER_S).toFixed(0)

function showProgress(kills: readonly KillRecord[]): void {
  const newest = kills.at(-1)
  const ofStep = kills.filter(({ step }) => step === newest?.step).length
  const line = `${kills.length}/${count} kills, ${elapsedS()} s: ${newest?.step} (${ofStep})`
  if (process.stdout.isTTY) process.stdout.write(`\r${line.padEnd(70)}`)
  else if (kills.length % 10 === 0) console.log(line)
}

function median(numbers: readonly number[]): number {
  return numbers.toSorted((a, b) => a - b)[Math.floor(numbers.length / 2)] ?? 0
}

/** How far the visits had come on disk: kills fall before, within and after a step. */
function landings(kills: readonly KillRecord[]): string {
  const counts = new Map<string, number>()
  for (const { newestFact } of kills) {
    const fact = newestFact ?? 'nothing'
    counts.set(fact, (counts.get(fact) ?? 0) + 1)
  }
  return [...counts].map(([fact, times]) => `${times} ${fact}`).join(', ')
}

function tell(outcome: Outcome): void {
  const { kills, recoveryKills, readyMs, violations } = outcome
  console.log(`\n\n${'killed at'.padEnd(STEP_WIDTH)} kills  the visit’s newest fact on disk`)
  for (const step of STEPS) {
    const ofStep = kills.filter((kill) => kill.step === step)
    console.log(
      `${step.padEnd(STEP_WIDTH)} ${String(ofStep.length).padStart(5)}  ${landings(ofStep)}`,
    )
  }
  console.log(`${'all'.padEnd(STEP_WIDTH)} ${String(kills.length).padStart(5)}\n`)
  const { deposits, pickups, looks, openings } = outcome
  console.log(
    `undisturbed: ${deposits} deposits, ${pickups} pickups, ${looks} looks; ${openings} openings`,
  )
  console.log(`killed again while recovering: ${recoveryKills}, not counted above`)
  const medianMs = median(readyMs).toFixed(0)
  console.log(`restart to all doors read: median ${medianMs} ms, ${readyMs.length} restarts`)
  console.log(`seed ${values.seed}, ${elapsedS()} s, ${violations.length} violations`)
  for (const violation of violations) console.log(`  ${violation}`)
}

for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(1))
const outcome = await runCampaign({ count, seed: values.seed, onKill: showProgress })
tell(outcome)
process.exit(outcome.violations.length === 0 && outcome.kills.length === count ? 0 : 1)
