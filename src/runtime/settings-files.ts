// Reads kiosk.yaml and conf.d/*.yaml into one tree, and remembers which file and line said what.
// A later file wins key by key within a group; a list is replaced as a whole.
import { readdirSync, readFileSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { isMap, isScalar, isSeq, LineCounter, type Node, parseDocument } from 'yaml'
import type { SettingsProblem } from './settings-problem.ts'

/** A drop-in folder beyond this is a mistake, not a configuration. */
const DROP_INS_MAX = 64
const KEY = /^[A-Za-z][A-Za-z0-9]*$/
/** A key as it stands in the schema: dots and dunder names never reach convict. */
const KEY_HINT = 'keys are letters and digits; groups are nested, not written with dots'

type Tree = Record<string, unknown>

interface SourceFile {
  readonly file: string
  readonly tree: Tree
  /** Line numbers by path. */
  readonly lines: ReadonlyMap<string, number>
}

export interface SettingsSource {
  /** Two levels deep: group, then key. Groups are always maps. */
  readonly tree: Tree
  /** `file:line` of a path, or of the nearest thing around it. */
  whereOf(path: string): string
}

export function readSettingsFiles({
  mainFile,
  groups,
  problems,
}: {
  readonly mainFile: string
  readonly groups: readonly string[]
  readonly problems: SettingsProblem[]
}): SettingsSource {
  const files = [mainFile, ...dropInsOf(mainFile, problems)]
  const sources = files.flatMap((file) => readOne({ file, groups, problems }) ?? [])
  const tree: Tree = {}
  const owners = new Map<string, SourceFile>()
  for (const source of sources) merge({ source, tree, owners })
  return {
    tree,
    whereOf: (path) => whereOf({ path, owners, fallback: mainFile }),
  }
}

function dropInsOf(mainFile: string, problems: SettingsProblem[]): readonly string[] {
  const folder = join(dirname(mainFile), 'conf.d')
  let names: string[]
  try {
    names = readdirSync(folder).filter((name) => name.endsWith('.yaml'))
  } catch (error) {
    // No drop-ins is the normal case; a folder that cannot be read must not pass as none.
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return []
    problems.push(unreadable(folder, error))
    return []
  }
  if (names.length > DROP_INS_MAX) {
    problems.push({
      code: 'LK-CFG-01',
      where: folder,
      path: '',
      message: `holds ${names.length} files`,
      hint: `at most ${DROP_INS_MAX} drop-ins are read; join some`,
    })
    return []
  }
  // Byte order, the same on every machine: 10-site.yaml before 20-wall.yaml.
  return names.sort().map((name) => join(folder, name))
}

function readOne({
  file,
  groups,
  problems,
}: {
  readonly file: string
  readonly groups: readonly string[]
  readonly problems: SettingsProblem[]
}): SourceFile | null {
  let text: string
  try {
    text = readFileSync(file, 'utf8')
  } catch (error) {
    problems.push(unreadable(file, error))
    return null
  }
  const counter = new LineCounter()
  const document = parseDocument(text, { lineCounter: counter, prettyErrors: false })
  const root = document.contents
  for (const error of document.errors) {
    const { line } = counter.linePos(error.pos[0])
    problems.push({
      code: 'LK-CFG-01',
      where: `${file}:${line}`,
      path: '',
      message: `is not YAML (${error.message})`,
      hint: 'indent with spaces, write `key: value`, and quote texts that hold `: ` or `#`',
    })
  }
  if (document.errors.length > 0 || root === null) return null
  const lines = new Map<string, number>()
  noteLines({ node: root, path: '', lines, counter })
  const tree = plainTree({ value: document.toJS(), groups, file, lines, problems })
  return { file, tree, lines }
}

function unreadable(file: string, error: unknown): SettingsProblem {
  const reason = (error as NodeJS.ErrnoException).code ?? String(error)
  return {
    code: 'LK-CFG-01',
    where: file,
    path: '',
    message: `cannot be read (${reason})`,
    hint: 'name an existing file with --config or LATCHKEY_CONFIG, readable for this user',
  }
}

function noteLines({
  node,
  path,
  lines,
  counter,
}: {
  readonly node: Node
  readonly path: string
  readonly lines: Map<string, number>
  readonly counter: LineCounter
}): void {
  const note = (key: string, at: unknown): void => {
    const start = (at as Node | null)?.range?.[0]
    if (start !== undefined) lines.set(key, counter.linePos(start).line)
  }
  if (isMap(node)) {
    for (const { key, value } of node.items) {
      const name = isScalar(key) ? String(key.value) : String(key)
      const inner = path === '' ? name : `${path}.${name}`
      note(inner, key)
      if (value !== null) noteLines({ node: value as Node, path: inner, lines, counter })
    }
  } else if (isSeq(node)) {
    for (const [index, item] of node.items.entries()) {
      const inner = `${path}[${index}]`
      note(inner, item)
      if (item !== null) noteLines({ node: item as Node, path: inner, lines, counter })
    }
  }
}

/** Drops what convict could not even walk, and says so. */
function plainTree({
  value,
  groups,
  file,
  lines,
  problems,
}: {
  readonly value: unknown
  readonly groups: readonly string[]
  readonly file: string
  readonly lines: ReadonlyMap<string, number>
  readonly problems: SettingsProblem[]
}): Tree {
  const tree: Tree = {}
  const wrong = (path: string, message: string, hint: string): void => {
    const line = lines.get(path)
    const where = line === undefined ? file : `${file}:${line}`
    problems.push({ code: 'LK-CFG-02', where, path, message, hint })
  }
  if (!isTree(value)) {
    wrong('', `${basename(file)} is not a map`, 'write groups such as `kiosk:` and `wall:`')
    return tree
  }
  for (const [name, inner] of Object.entries(value)) {
    if (!KEY.test(name)) wrong(name, 'is not a key', KEY_HINT)
    else if (!groups.includes(name)) tree[name] = inner
    else if (inner === null) tree[name] = {}
    else if (!isTree(inner)) wrong(name, 'is not a group', 'write its keys below it, indented')
    else {
      const entries = Object.entries(inner)
      const bad = entries.filter(([key]) => !KEY.test(key))
      for (const [key] of bad) wrong(`${name}.${key}`, 'is not a key', KEY_HINT)
      tree[name] = Object.fromEntries(entries.filter(([key]) => KEY.test(key)))
    }
  }
  return tree
}

function merge({
  source,
  tree,
  owners,
}: {
  readonly source: SourceFile
  readonly tree: Tree
  readonly owners: Map<string, SourceFile>
}): void {
  for (const [name, value] of Object.entries(source.tree)) {
    owners.set(name, source)
    if (!isTree(value)) {
      tree[name] = value
      continue
    }
    const before = tree[name]
    tree[name] = { ...(isTree(before) ? before : {}), ...value }
    for (const key of Object.keys(value)) owners.set(`${name}.${key}`, source)
  }
}

function whereOf({
  path,
  owners,
  fallback,
}: {
  readonly path: string
  readonly owners: ReadonlyMap<string, SourceFile>
  readonly fallback: string
}): string {
  const around = [path]
  for (let rest = path; rest !== ''; around.push(rest)) rest = rest.replace(/(\.|\[)?[^.[]*$/, '')
  const owner = around.map((key) => owners.get(key)).find((source) => source !== undefined)
  if (owner === undefined) return fallback
  const line = around.map((key) => owner.lines.get(key)).find((number) => number !== undefined)
  return line === undefined ? owner.file : `${owner.file}:${line}`
}

function isTree(value: unknown): value is Tree {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
