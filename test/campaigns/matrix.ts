// Kills broker, kiosk and central in turn while facts go up and versions come down, and compares
// the two databases afterwards.   npm run campaign:matrix -- [--broker nats] [--kills 60]
import process from 'node:process'
import { parseArgs } from 'node:util'
import { type Outcome, runMatrix } from './matrix/campaign.ts'
import { BROKERS } from './matrix/parties.ts'

const MS_PER_S = 1_000

const { values } = parseArgs({
  options: {
    broker: { type: 'string', multiple: true, default: [...BROKERS] },
    kills: { type: 'string', default: '60' },
    facts: { type: 'string', default: '3000' },
    versions: { type: 'string', default: '2000' },
    'frozen-s': { type: 'string', default: '60' },
    seed: { type: 'string', default: '1' },
  },
})
const known = (name: string) => BROKERS.find((broker) => broker === name)

function median(numbers: readonly number[]): string {
  const middle = numbers.toSorted((a, b) => a - b)[Math.floor(numbers.length / 2)] ?? 0
  const most = Math.max(0, ...numbers)
  return `${(middle / MS_PER_S).toFixed(1)} s, at most ${(most / MS_PER_S).toFixed(1)} s`
}

function tell(name: string, { verdict, kills, backMs, ...outcome }: Outcome): void {
  console.log(`\n${name}: ${kills.broker} + ${kills.kiosk} + ${kills.central} kills of broker,`)
  console.log(`  kiosk and central, and ${outcome.vainKills} that nothing waited at`)
  for (const [victim, times] of Object.entries(backMs)) {
    console.log(`  first new ack after ${victim} was back: ${median(times)}`)
  }
  console.log(`  between: ${outcome.interludes.join(', ')}; the daemon ended ${outcome.ends} times`)
  const { facts, epochs, versions } = verdict
  console.log(`  ${facts} facts of ${epochs} epochs, ${outcome.versionsMade} versions`)
  console.log(`  (with the leaps of a restored central their numbers add up to ${versions}),`)
  console.log(
    `  ${verdict.commandsTaken} commands taken, of which a restored central has forgotten`,
  )
  console.log(`  ${verdict.commandsForgotten}`)
  console.log(`  ${verdict.onlyCentral} facts that the restored kiosk knows no more`)
  console.log(`  ${verdict.violations.length} violations`)
  for (const violation of verdict.violations) console.log(`  ${violation}`)
}

for (const name of values.broker) {
  const broker = known(name)
  if (broker === undefined) throw new Error(`not one of ${BROKERS.join(', ')}: ${name}`)
  const beganMs = performance.now()
  const outcome = await runMatrix({
    broker,
    kills: Number(values.kills),
    facts: Number(values.facts),
    versions: Number(values.versions),
    frozenMs: Number(values['frozen-s']) * MS_PER_S,
    seed: values.seed,
    onProgress: (line) => {
      const seconds = ((performance.now() - beganMs) / MS_PER_S).toFixed(0)
      console.log(`${name}, ${seconds} s: ${line}`)
    },
  })
  tell(name, outcome)
  if (outcome.verdict.violations.length > 0) process.exitCode = 1
}
