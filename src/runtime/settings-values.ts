// Runs convict over the merged tree: defaults, environment, formats, strict keys. Convict throws
// one joined text; the formats here report each problem by itself, with its path, as they are
// called.
import { Ajv, type ErrorObject } from 'ajv'
import convict from 'convict'
import { complaintOf } from '../kiosk/setting-limits.ts'
import {
  envNameOf,
  isLeaf,
  type Leaf,
  SETTINGS_GROUPS,
  SETTINGS_SCHEMA,
} from './settings-schema.ts'

export type Environment = Readonly<Record<string, string | undefined>>

export interface ValueProblem {
  readonly path: string
  readonly message: string
  readonly hint: string
}

type Report = (problem: ValueProblem) => void
/** A leaf as convict hands it to a format. */
type Armed = Leaf & { readonly path: string; readonly report: Report }

const UNDECLARED = /^configuration param '(.+)' not declared in the schema$/gm

const ajv = new Ajv({ allErrors: true, verbose: true, discriminator: true, useDefaults: true })

function isSound(value: unknown, leaf: Armed): void {
  const { path, report, hint } = leaf
  const message = complaint(value, leaf)
  if (message !== null) report({ path, message, hint })
}

function complaint(value: unknown, leaf: Armed): string | null {
  if (value === null && leaf.default === null) return 'is missing'
  if (leaf.format === 'list') {
    checkList(value, leaf)
    return null
  }
  if (leaf.format !== 'choice') return complaintOf(leaf, value)
  const isChoice = typeof value === 'string' && leaf.choices.includes(value)
  return isChoice ? null : 'is none of the choices'
}

function checkList(value: unknown, { items, path, report }: Armed & { format: 'list' }): void {
  const validate = ajv.compile(items)
  if (validate(value)) return
  for (const error of validate.errors ?? []) report(listProblem(path, error))
}

function listProblem(path: string, error: ErrorObject): ValueProblem {
  const at = `${path}${error.instancePath.replaceAll(/\/(\d+)/g, '[$1]').replaceAll('/', '.')}`
  const hint = String(error.parentSchema?.['description'] ?? 'see the example in config/')
  if (error.keyword === 'required') {
    return { path: `${at}.${error.params['missingProperty']}`, message: 'is missing', hint }
  }
  if (error.keyword === 'additionalProperties') {
    const key: string = error.params['additionalProperty']
    return { path: `${at}.${key}`, message: 'is unknown', hint }
  }
  return { path: at, message: error.message ?? 'is wrong', hint }
}

for (const name of ['whole', 'text', 'choice', 'list']) {
  convict.addFormat({
    name: `latchkey-${name}`,
    validate: (value, leaf) => isSound(value, { ...leaf, format: name } as Armed),
    // Convict's own numbers take "12abc" for 12; anything but digits stays a text and is refused.
    coerce: (value: unknown) =>
      name === 'whole' && typeof value === 'string' && /^-?\d{1,15}$/.test(value)
        ? Number(value)
        : value,
  })
}

/** @returns the values of every key, as far as they are sound; problems go to `report`. */
export function settingsValues({
  tree,
  env,
  report,
}: {
  readonly tree: Readonly<Record<string, unknown>>
  readonly env: Environment
  readonly report: Report
}): unknown {
  const config = convict<unknown>(armed(report), { env: { ...env }, args: [] })
  config.load(tree)
  let count = 0
  try {
    config.validate({ allowed: 'strict' })
  } catch (error) {
    for (const [, path] of String((error as Error).message).matchAll(UNDECLARED)) {
      count += 1
      report({ path: path ?? '', message: 'is unknown', hint: hintFor(path ?? '') })
    }
    if (count === 0) throw error
  }
  return config.getProperties()
}

function armed(report: Report): convict.Schema<unknown> {
  const arm = (leaf: Leaf, path: string): object => ({
    ...leaf,
    format: `latchkey-${leaf.format}`,
    path,
    report,
    // A list is too much for one variable.
    ...(leaf.format === 'list' ? {} : { env: envNameOf(path) }),
  })
  return Object.fromEntries(
    Object.entries(SETTINGS_SCHEMA).map(([name, node]) => [
      name,
      isLeaf(node)
        ? arm(node, name)
        : Object.fromEntries(
            Object.entries(node).map(([key, leaf]) => [key, arm(leaf, `${name}.${key}`)]),
          ),
    ]),
  )
}

function hintFor(path: string): string {
  const [group = ''] = path.split('.')
  const node = SETTINGS_SCHEMA[group]
  if (node === undefined || isLeaf(node)) {
    return `the groups are ${Object.keys(SETTINGS_SCHEMA).join(', ')}`
  }
  return `the keys of ${group} are ${Object.keys(node).join(', ')}`
}

/** Variables that look like settings but are none, so that a slip of the pen does not pass. */
export function unknownVariables(env: Environment): readonly string[] {
  const known = new Set(
    Object.entries(SETTINGS_SCHEMA).flatMap(([name, node]) =>
      isLeaf(node)
        ? [envNameOf(name)]
        : Object.keys(node).map((key) => envNameOf(`${name}.${key}`)),
    ),
  )
  const prefixes = SETTINGS_GROUPS.map((group) => `${envNameOf(group)}_`)
  return Object.keys(env).filter(
    (name) => !known.has(name) && prefixes.some((prefix) => name.startsWith(prefix)),
  )
}
