// The table of docs/bus-timing.md: one row for each line.
import { readFileSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import {
  coilLimitMs,
  cycleLimitMs,
  FAMILIES,
  type LineSetup,
  roundMs,
  seenLimitMs,
} from './line-limits.ts'
import { measure, type Timing } from './measure.ts'
import { virtualStage } from './virtual-stage.ts'

const FILE = fileURLToPath(new URL('../../../docs/bus-timing.md', import.meta.url))
export const ORDERS = 12
const COUNTS = [1, 10]

export const HEADINGS = [
  'dialect',
  'baud',
  'boards',
  'poll cycle, ms',
  'line-time limit, ms',
  'polls kept',
  'order → coil on, worst, ms',
  'limit, ms',
  'ratio',
  'order → door seen open, worst, ms',
  'limit, ms',
  'ratio',
]

/** Every line of the table. */
export function allSetups(): readonly LineSetup[] {
  return FAMILIES.flatMap((family) =>
    family.baudRates.flatMap((baudRate) => COUNTS.map((boards) => ({ family, baudRate, boards }))),
  )
}

export function measureVirtual(setup: LineSetup): Promise<Timing> {
  return measure(virtualStage(setup), setup, ORDERS)
}

/** The share of the possible polls that really take place. */
export function keptOf(setup: LineSetup, { cycleMs }: Timing): number {
  return cycleLimitMs(setup) / cycleMs
}

export function worstOf(samples: readonly number[]): number {
  return Math.max(...samples)
}

export function cellsOf(setup: LineSetup, timing: Timing): readonly string[] {
  const { family, baudRate, boards } = setup
  const coilMs = worstOf(timing.coilsMs)
  const seenMs = worstOf(timing.seensMs)
  const isRhythm = cycleLimitMs(setup) > roundMs(setup)
  const limit = roundMs(setup).toFixed(1)
  return [
    family.dialect,
    `${baudRate}`,
    `${boards}`,
    timing.cycleMs.toFixed(1),
    isRhythm ? `${limit}, rhythm ${cycleLimitMs(setup)}` : limit,
    `${(keptOf(setup, timing) * 100).toFixed(1)} %`,
    coilMs.toFixed(1),
    coilLimitMs(setup).toFixed(1),
    (coilMs / coilLimitMs(setup)).toFixed(2),
    seenMs.toFixed(0),
    seenLimitMs(setup).toFixed(0),
    (seenMs / seenLimitMs(setup)).toFixed(2),
  ]
}

/** Padded as the papers are. */
export function tableOf(headings: readonly string[], rows: readonly (readonly string[])[]): string {
  const widths = headings.map((heading, column) =>
    Math.max(heading.length, ...rows.map((row) => row[column]?.length ?? 0)),
  )
  const line = (cells: readonly string[]) =>
    `| ${cells.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join(' | ')} |`
  const rule = `| ${widths.map((width) => '-'.repeat(width)).join(' | ')} |`
  return [line(headings), rule, ...rows.map(line)].join('\n')
}

/** The cells of every table row in the paper. */
export function rowsOfPaper(): readonly (readonly string[])[] {
  return readFileSync(FILE, 'utf8')
    .split('\n')
    .filter((line) => line.startsWith('|'))
    .map((line) =>
      line
        .slice(1, -1)
        .split('|')
        .map((cell) => cell.trim()),
    )
}

/** Writes a part of the paper anew: what stands between its two markers. */
export function rewrite(marker: string, text: string): void {
  const [begin, end] = [`<!-- ${marker}: begin -->`, `<!-- ${marker}: end -->`]
  const paper = readFileSync(FILE, 'utf8')
  const [from, to] = [paper.indexOf(begin), paper.indexOf(end)]
  if (from < 0 || to < from) throw new Error(`${FILE} has no markers ${marker}`)
  writeFileSync(FILE, `${paper.slice(0, from + begin.length)}\n\n${text}\n\n${paper.slice(to)}`)
}
