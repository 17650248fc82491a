// Noise and near-miss frames for every dialect: what is taken for doors, whether memory grows,
// whether the event loop is held up.   npm run campaign:noise -- --mib 100 --seed 1
// [--dialect NAME] [--port-mib N] [--write: the tables of docs/noise.md]
import process from 'node:process'
import { parseArgs } from 'node:util'
import { rewrite, tableOf } from '../support/paper.ts'
import { blockedPorts, type NoiseResult, runNoise } from './noise/campaign.ts'
import { KINDS } from './noise/kinds.ts'
import { LAYOUTS } from './noise/layouts.ts'
import { sealOdds } from './noise/odds.ts'

const MS_PER_S = 1_000
const KIB = 1_024

const { values } = parseArgs({
  options: {
    mib: { type: 'string', default: '100' },
    'port-mib': { type: 'string', default: '8' },
    seed: { type: 'string', default: '1' },
    dialect: { type: 'string' },
    write: { type: 'boolean', default: false },
  },
})
const [mib, portMib] = [Number(values.mib), Number(values['port-mib'])]
if (!(mib > 0 && portMib > 0)) throw new Error('--mib and --port-mib are numbers above 0')
const layouts = LAYOUTS.filter(({ dialect }) => (values.dialect ?? dialect) === dialect)
if (layouts.length === 0) throw new Error(`no dialect ${values.dialect}`)

const startMs = performance.now()

let toldQuarters = 0

function showProgress(dialect: string, doneMib: number): void {
  const seconds = ((performance.now() - startMs) / MS_PER_S).toFixed(0)
  const line = `${dialect}: ${doneMib.toFixed(0)} of ${mib} MiB, ${seconds} s`
  if (process.stdout.isTTY) process.stdout.write(`\r${line.padEnd(60)}`)
  else if (Math.floor((4 * doneMib) / mib) !== toldQuarters) {
    toldQuarters = Math.floor((4 * doneMib) / mib)
    console.log(line)
  }
}

function sums({ kinds }: NoiseResult) {
  return kinds.reduce(
    (sum, { pieces, taken, expected }) => ({
      pieces: sum.pieces + pieces,
      taken: sum.taken + taken,
      expected: sum.expected + expected,
    }),
    { pieces: 0, taken: 0, expected: 0 },
  )
}

function machineTable(results: readonly NoiseResult[]): string {
  const headings = ['dialect', 'MiB', 'bad pieces', 'seal fits by accident', 'false doors expected']
  return tableOf(
    [...headings, 'seen', 'real replies understood'],
    results.map((result) => {
      const { pieces, taken, expected } = sums(result)
      const layout = layouts.find(({ dialect }) => dialect === result.dialect)
      const odds = layout === undefined ? '' : `1 in ${(1 / sealOdds(layout)).toLocaleString('en')}`
      return [
        result.dialect,
        result.mib.toFixed(0),
        pieces.toLocaleString('en'),
        odds,
        expected.toFixed(1),
        `${taken}`,
        `all ${result.soundSent.toLocaleString('en')}`,
      ]
    }),
  )
}

function memoryTable(results: readonly NoiseResult[]): string {
  return tableOf(
    ['dialect', 'MiB', 'heap, KiB per MiB', 'outside the heap, KiB per MiB'],
    results.map(({ dialect, mib: doneMib, memory: { heapSlope, outsideSlope } }) => [
      dialect,
      doneMib.toFixed(0),
      heapSlope.toFixed(2),
      outsideSlope.toFixed(1),
    ]),
  )
}

/** False doors seen, of those expected at most; and how many would be too many. */
function kindTable(results: readonly NoiseResult[]): string {
  return tableOf(
    ['seen / expected (bound)', ...results.map(({ dialect }) => dialect)],
    KINDS.map((kind) => [
      kind,
      ...results.map(({ kinds }) => {
        const found = kinds.find((each) => each.kind === kind)
        if (found === undefined) return ''
        const { taken, expected, bound } = found
        return `${taken} / ${expected.toFixed(expected < 10 ? 1 : 0)} (${bound})`
      }),
    ]),
  )
}

function portTable(results: readonly NoiseResult[]): string {
  const headings = [
    'dialect',
    'port',
    'MiB',
    'replies taken',
    'false doors',
    'own time at once, ms',
  ]
  return tableOf(
    [...headings, 'longest delay, ms', 'processor given to others'],
    results.flatMap(({ dialect, ports }) =>
      ports.map(({ port, bytes, replies, falseReadings, loop }) => [
        dialect,
        port,
        (bytes / KIB ** 2).toFixed(0),
        `${replies}`,
        `${falseReadings}`,
        loop.ownMs.toFixed(1),
        loop.longestMs.toFixed(0),
        `${loop.stolen} times over 50 ms`,
      ]),
    ),
  )
}

for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(1))
const results: NoiseResult[] = []
for (const layout of layouts) {
  const onProgress = (doneMib: number) => showProgress(layout.dialect, doneMib)
  results.push(await runNoise(layout, { mib, portMib, seed: values.seed, onProgress }))
}
const tables = {
  'noise-machine': machineTable(results),
  'noise-kinds': kindTable(results),
  'noise-memory': memoryTable(results),
  'noise-ports': portTable(results),
}
for (const [marker, text] of Object.entries(tables)) {
  console.log(`\n${text}`)
  if (values.write) rewrite('noise.md', { marker, text })
}
const wrong = results.flatMap((result) =>
  [...result.violations, ...blockedPorts(result)].map((text) => `${result.dialect}: ${text}`),
)
const seconds = ((performance.now() - startMs) / MS_PER_S).toFixed(0)
console.log(`\nseed ${values.seed}, ${seconds} s, ${wrong.length} violations`)
for (const text of wrong) console.log(`  ${text}`)
process.exit(wrong.length === 0 ? 0 : 1)
