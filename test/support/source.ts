// The repository's own files as text, for tests that check how the house is built. What git ignores
// is not looked at; a new file is, before it is added.
import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { dirname, join } from 'node:path/posix'

export const REPO = new URL('../..', import.meta.url).pathname.replace(/\/$/, '')

export interface SourceFile {
  /** From the root of the repository. */
  readonly path: string
  readonly text: string
}

const CODE = /\.(ts|tsx|mjs)$/
const TEXT = /\.(ts|tsx|mjs|c|py|sql|css|html|json|md|yaml|svg)$|\/LICENSE$/

const paths = execFileSync('git', ['ls-files', '-z', '-co', '--exclude-standard'], {
  cwd: REPO,
  encoding: 'utf8',
})
  .split('\0')
  .filter((path) => path !== '')

export const ALL_PATHS: readonly string[] = paths

export const TEXTS: readonly SourceFile[] = paths
  .filter((path) => TEXT.test(path) && path !== 'package-lock.json')
  .map((path) => ({ path, text: readFileSync(join(REPO, path), 'utf8') }))

export const CODE_FILES: readonly SourceFile[] = TEXTS.filter(({ path }) => CODE.test(path))

export function filesUnder(...folders: readonly string[]): readonly SourceFile[] {
  return CODE_FILES.filter(({ path }) => folders.some((folder) => path.startsWith(`${folder}/`)))
}

export interface Import {
  readonly from: string
  /** As it is written. */
  readonly specifier: string
  /** The file in the repository, or null for a package or a module of Node. */
  readonly target: string | null
  readonly isType: boolean
}

const STATEMENT = /^\s*(?:import|export)\s[^'"`;=]*?\bfrom\s*['"]([^'"]+)['"]/gm
const BARE = /^\s*import\s*['"]([^'"]+)['"]/gm
const DYNAMIC = /\bimport\(\s*['"]([^'"]+)['"]/g

export function importsOf({ path, text }: SourceFile): readonly Import[] {
  return [STATEMENT, BARE, DYNAMIC].flatMap((pattern) =>
    [...text.matchAll(pattern)].map(([statement, specifier = '']) => ({
      from: path,
      specifier,
      target: specifier.startsWith('.') ? join(dirname(path), specifier) : null,
      isType: /^\s*(?:import|export)\s+type\b/.test(statement),
    })),
  )
}

/** The code alone: comments, and what stands inside quotes, become blanks. Lines stay lines. */
export function codeOf(text: string): string {
  const blank = (found: string): string => found.replaceAll(/[^\n]/g, ' ')
  return text.replaceAll(
    /\/\*[\s\S]*?\*\/|\/\/[^\n]*|'(?:\\.|[^'\\\n])*'|"(?:\\.|[^"\\\n])*"/g,
    blank,
  )
}

export interface Span {
  readonly line: number
  readonly lines: number
}

const BODY_OPENS = /(?:=>|\)|\)\s*:.+|\bfunction\b.+)\s*\{$/
const NO_FUNCTION = /^\s*(?:\}\s*)?(?:if|else|for|while|do|switch|catch|class|describe)\b/

/**
 * Every function with a body of several lines, from the first line of its head to its closing
 * brace. It trusts the formatter: a body ends at the first closing brace that stands where its head
 * began. A `describe` of a test is a chapter, not a function.
 */
export function functionSpans(text: string): readonly Span[] {
  const lines = text.split('\n')
  const spans: Span[] = []
  for (const [index, line] of lines.entries()) {
    if (!BODY_OPENS.test(line)) continue
    const depth = indentOf(line)
    const head = headOf(lines, index)
    if (NO_FUNCTION.test(lines[head] ?? '')) continue
    const end = lines.findIndex(
      (later, at) => at > index && indentOf(later) === depth && /^\s*\}/.test(later),
    )
    if (end >= 0) spans.push({ line: head + 1, lines: end - head + 1 })
  }
  return spans
}

/** A head may take several lines: `): void {` belongs to what stands above it. */
function headOf(lines: readonly string[], index: number): number {
  const depth = indentOf(lines[index] ?? '')
  let head = index
  while (head > 0 && /^\s*[)}\]]/.test(lines[head] ?? '')) {
    head -= 1
    while (head > 0 && indentOf(lines[head] ?? '') > depth) head -= 1
  }
  return head
}

function indentOf(line: string): number {
  return line === '' ? Number.POSITIVE_INFINITY : line.length - line.trimStart().length
}
