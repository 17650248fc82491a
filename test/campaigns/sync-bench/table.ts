// The figures as the page shows them, each beside its goal.
import { DEFAULT_UPLINK } from '../../../src/sync/machine/config.ts'
import type { SyncFigures } from './measure.ts'

const MS_PER_S = 1_000
const SHARE_MIN = 0.5
const FAR_FACTS_PER_S_MIN = 1_000
const DRAIN_MAX_MS = 600_000
const ANSWER_MAX_MS = 2

type Row = readonly [what: string, figure: string, goal: string]

function quantile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b)
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0
}

const rate = (factsPerS: number): string => `${Math.round(factsPerS).toLocaleString('en')} /s`
const seconds = (ms: number): string => `${(ms / MS_PER_S).toFixed(1)} s`
const judged = (goal: string, isMet: boolean): string => `${goal}: ${isMet ? 'met' : '**missed**'}`

export function tableOf(figures: SyncFigures): string {
  const { facts, farFacts, roundTripMs, alone, near, far, answerMs } = figures
  const slowest = Math.min(alone.mqtt, alone.kiosk, alone.central)
  const share = near.factsPerS / slowest
  const median = quantile(answerMs, 0.5)
  const batch = DEFAULT_UPLINK.batchEventsMax
  const rows: readonly Row[] = [
    ['of', 'figure', 'goal'],
    [`MQTT.js and Mosquitto alone, batches of ${batch}`, rate(alone.mqtt), ''],
    [`the kiosk’s commits alone, one for ${batch} facts`, rate(alone.kiosk), ''],
    [`central’s commits alone, one for ${batch} facts`, rate(alone.central), ''],
    [
      'end to end, loopback',
      rate(near.factsPerS),
      judged(`≥ ${SHARE_MIN} × the slowest; ${share.toFixed(2)} ×`, share >= SHARE_MIN),
    ],
    [
      `end to end, ${roundTripMs} ms round trip, ${farFacts.toLocaleString('en')} facts`,
      rate(far.factsPerS),
      judged(`≥ ${rate(FAR_FACTS_PER_S_MIN)}`, far.factsPerS >= FAR_FACTS_PER_S_MIN),
    ],
    [
      `${facts.toLocaleString('en')} facts of an offline time, from the daemon’s start`,
      seconds(near.wholeMs),
      judged('≤ 10 min', near.wholeMs <= DRAIN_MAX_MS),
    ],
    [
      'a `status` command to its answer, loopback, median',
      `${median.toFixed(2)} ms`,
      judged(`≤ ${ANSWER_MAX_MS} ms`, median <= ANSWER_MAX_MS),
    ],
    ['the same, slowest tenth from', `${quantile(answerMs, 0.9).toFixed(2)} ms`, ''],
  ]
  const widths = [0, 1, 2].map((at) => Math.max(...rows.map((row) => row[at]?.length ?? 0)))
  const line = (row: readonly string[]): string =>
    `| ${row.map((word, at) => word.padEnd(widths[at] ?? 0)).join(' | ')} |`
  const [head = [], ...body] = rows
  const rule = `| ${widths.map((width) => '-'.repeat(width)).join(' | ')} |`
  return [line(head), rule, ...body.map(line)].join('\n')
}
