// The figures as a page shows them, between two marks so that a new run replaces the old one.
import { readFileSync, writeFileSync } from 'node:fs'
import type { Cell, Measured } from './measure.ts'

const END = '<!-- end -->'

function quantile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b)
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0
}

const p50 = (cell: Cell, what: Measured): number => quantile(cell.timesMs[what], 0.5)
const p99 = (cell: Cell, what: Measured): number => quantile(cell.timesMs[what], 0.99)

interface Column {
  readonly head: string
  readonly text: (cell: Cell) => string
}

const ms = (value: number): string => value.toFixed(3)
const ratio = (value: number): string => value.toFixed(2)
const ratioOf = (what: Measured, bare: Measured, at: typeof p50) => (cell: Cell) =>
  ratio(at(cell, what) / at(cell, bare))

const BARE = 'bare beside assigning'
const COLUMNS: readonly Column[] = [
  { head: 'lockers', text: ({ lockerCount }) => lockerCount.toLocaleString('en') },
  { head: 'past', text: ({ pastCount }) => pastCount.toLocaleString('en') },
  { head: 'bare p50', text: (cell) => ms(p50(cell, BARE)) },
  { head: 'p99', text: (cell) => ms(p99(cell, BARE)) },
  { head: 'assigned p50', text: (cell) => ms(p50(cell, 'assigned')) },
  { head: 'p99', text: (cell) => ms(p99(cell, 'assigned')) },
  { head: '× p50', text: ratioOf('assigned', BARE, p50) },
  { head: '× p99', text: ratioOf('assigned', BARE, p99) },
  { head: 'wrong PIN p50', text: (cell) => ms(p50(cell, 'wrong PIN')) },
  { head: '× p50', text: ratioOf('wrong PIN', 'bare beside refusing', p50) },
  { head: 'hit p50', text: (cell) => ms(p50(cell, 'hit')) },
  { head: 'miss p50', text: (cell) => ms(p50(cell, 'miss')) },
  { head: 'malformed p50', text: (cell) => ms(p50(cell, 'malformed')) },
]

export function tableOf(cells: readonly Cell[]): string {
  const rows = [COLUMNS.map(({ head }) => head), ...cells.map((c) => COLUMNS.map((k) => k.text(c)))]
  const widths = COLUMNS.map((_, at) => Math.max(...rows.map((row) => row[at]?.length ?? 0)))
  const line = (row: readonly string[]) =>
    `| ${row.map((word, at) => word.padStart(widths[at] ?? 0)).join(' | ')} |`
  const rule = `| ${widths.map((width) => `${'-'.repeat(width - 1)}:`).join(' | ')} |`
  return [line(rows[0] ?? []), rule, ...rows.slice(1).map(line)].join('\n')
}

/** How far the largest median lies above the smallest, over the whole table. */
function spreadOf(cells: readonly Cell[], of: (cell: Cell) => number): number {
  const values = cells.map(of)
  return Math.max(...values) / Math.min(...values)
}

export function summaryOf(cells: readonly Cell[]): readonly string[] {
  const worst = (at: typeof p50) =>
    Math.max(...cells.map((cell) => at(cell, 'assigned') / at(cell, BARE)))
  const lookups = cells.flatMap((cell) => [p50(cell, 'hit'), p50(cell, 'miss')])
  const flat = (what: Measured) => ratio(spreadOf(cells, (cell) => p50(cell, what)))
  const relative = spreadOf(cells, (cell) => p50(cell, 'assigned') / p50(cell, BARE))
  return [
    `assigned / bare: at most ${ratio(worst(p50))} × at p50, ${ratio(worst(p99))} × at p99`,
    `look-up without its commit: at most ${ms(Math.max(...lookups))} ms at p50`,
    `largest to smallest median over the table: bare ${flat(BARE)} ×,` +
      ` assigned ${flat('assigned')} × (against the bare commit beside it ${ratio(relative)} ×),` +
      ` wrong PIN ${flat('wrong PIN')} ×, hit ${flat('hit')} ×, miss ${flat('miss')} ×`,
  ]
}

export function writeBetweenMarks(
  page: URL,
  { name, text }: { readonly name: string; readonly text: string },
): void {
  const begin = `<!-- begin: ${name} -->`
  const old = readFileSync(page, 'utf8')
  const [from, to] = [old.indexOf(begin), old.indexOf(END)]
  if (from < 0 || to < from) throw new Error(`${page.pathname} has no marks for the table`)
  writeFileSync(page, `${old.slice(0, from + begin.length)}\n\n${text}\n\n${old.slice(to)}`)
}
