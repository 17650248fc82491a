// Tables in the papers that a program writes: between two markers, padded as the others are.
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

const DOCS = fileURLToPath(new URL('../../docs/', import.meta.url))

export function tableOf(headings: readonly string[], rows: readonly (readonly string[])[]): string {
  const widths = headings.map((heading, column) =>
    Math.max(heading.length, ...rows.map((row) => row[column]?.length ?? 0)),
  )
  const line = (cells: readonly string[]) =>
    `| ${cells.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join(' | ')} |`
  const rule = `| ${widths.map((width) => '-'.repeat(width)).join(' | ')} |`
  return [line(headings), rule, ...rows.map(line)].join('\n')
}

/** The cells of every table row in a paper. */
export function rowsOfPaper(paper: string): readonly (readonly string[])[] {
  return readFileSync(join(DOCS, paper), 'utf8')
    .split('\n')
    .filter((line) => line.startsWith('|'))
    .map((line) => line.slice(1, -1).split('|'))
    .map((cells) => cells.map((cell) => cell.trim()))
}

/** Writes what stands between the two markers of this name anew. */
export function rewrite(
  paper: string,
  { marker, text }: { readonly marker: string; readonly text: string },
): void {
  const file = join(DOCS, paper)
  const [begin, end] = [`<!-- ${marker}: begin -->`, `<!-- ${marker}: end -->`]
  const before = readFileSync(file, 'utf8')
  const [from, to] = [before.indexOf(begin), before.indexOf(end)]
  if (from < 0 || to < from) throw new Error(`${file} has no markers ${marker}`)
  writeFileSync(file, `${before.slice(0, from + begin.length)}\n\n${text}\n\n${before.slice(to)}`)
}
