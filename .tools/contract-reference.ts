// The page docs/contract/reference.md: every message, row and fact with its fields.
import { AUDIT } from '../src/kiosk/audit.ts'
import type { FactKind } from '../src/kiosk/facts.ts'
import type { Schema } from '../src/sync/contract/shapes.ts'
import { FACT_VERSION, factName, KINDS, publishedSchemas, rowSchemas } from './contract-schemas.ts'
import { table } from './table.ts'

const CLAIM_MESSAGES = ['claim-request', 'claim-answer']

export function referencePage(): string {
  const schemas = publishedSchemas()
  const messages = [...schemas.keys()].filter((name) => /^(?:up|dn)-/.test(name))
  return `${[
    `# The contract, field by field

Made by \`npm run docs:contract\` from the schemas that the kiosk itself checks with, and from
\`src/kiosk/audit.ts\`. [What it all means](README.md) stands elsewhere. The same as JSON Schema
(draft 7) lies in [\`schemas\`](schemas), as AsyncAPI in [\`asyncapi.yaml\`](asyncapi.yaml).

An integer is at most 2^53 − 1. A field that is not told here is to be ignored. A fact that gains a
field keeps its version; with a new word, or a field that changed or went, it gets the next one.

## Messages

The topic of each is \`lk/v1/{ns}/{kiosk}/{direction}/{leaf}\`. QoS 1; \`up/state\` alone is
retained. What comes \`dn\` is \`signed\`: the fields below are those of the body inside.`,
    ...messages.map((name) => messageChapter(name, schemas.get(name) ?? {})),
    chapter('### `signed`', schemas.get('signed') ?? {}, 'schemas/signed.json'),
    `## Rows of the streams

In \`rows\` of \`dn/snap\`, and in \`put\` of \`dn/delta\`.`,
    ...[...rowSchemas()].map(([stream, schema]) => chapter(`### \`${stream}\``, schema, null)),
    `## Inside a fact’s text

Each string in \`ev\` of \`up/ev\` is the JSON text of this.`,
    chapter('### `event`', schemas.get('event') ?? {}, 'schemas/event.json'),
    chapter('### `sealed-pin`', schemas.get('sealed-pin') ?? {}, 'schemas/sealed-pin.json'),
    `## Claims

What goes over HTTPS when a kiosk is set up.`,
    ...CLAIM_MESSAGES.map((name) =>
      chapter(`### \`${name}\``, schemas.get(name) ?? {}, `schemas/${name}.json`),
    ),
    `## Facts

The fields of \`data\`, by \`type\`. [A page of its own](../facts.md) shows how they are filed.`,
    ...KINDS.map((kind) => factChapter(kind, schemas.get(`facts/${factName(kind)}`) ?? {})),
  ].join('\n\n')}\n`
}

function messageChapter(name: string, schema: Schema): string {
  const [direction = '', leaf = ''] = name.split('-')
  return chapter(`### \`${direction}/${leaf}\``, schema, `schemas/${name}.json`)
}

function factChapter(kind: FactKind, schema: Schema): string {
  const { category, severity } = AUDIT[kind]
  const title = `### \`${kind}/${FACT_VERSION}\``
  const said = `${String(schema['description'])} Filed under ${category}, ${severity}.`
  return chapter(title, { ...schema, description: said }, `schemas/facts/${factName(kind)}.json`)
}

function chapter(title: string, schema: Schema, file: string | null): string {
  const link = file === null ? '' : ` [Schema](${file}).`
  const head = `${title}\n\n${String(schema['description'])}${link}`
  const rows = fieldsOf(schema, '')
  if (rows.length === 0) return `${head} No fields.`
  const lines = table([['field', 'type', 'bounds', 'meaning'], ...rows])
  return `${head}\n\n${lines.join('\n')}`
}

/** A field, and below it those of the objects in it. */
function fieldsOf(schema: Schema, path: string): readonly (readonly string[])[] {
  const required = (schema['required'] ?? []) as readonly string[]
  const properties = (schema['properties'] ?? {}) as Readonly<Record<string, Schema>>
  return Object.entries(properties).flatMap(([name, raw]) => {
    const field = merged(raw)
    const items = merged((field['items'] ?? {}) as Schema)
    const isSaid = required.includes(name)
    const cells = [typeOf(field), boundsOf(field), String(field['description'] ?? '')]
    const row = [`\`${path}${name}\`${isSaid ? '' : ', optional'}`, ...cells.map(escaped)]
    return [row, ...fieldsOf(field, `${path}${name}.`), ...fieldsOf(items, `${path}${name}[].`)]
  })
}

function escaped(cell: string): string {
  return cell.replaceAll('|', '\\|')
}

/** With the parts of `allOf`, and of an `anyOf` that only allows null. */
function merged(schema: Schema): Schema {
  const all = (schema['allOf'] ?? []) as readonly Schema[]
  const any = (schema['anyOf'] ?? []) as readonly Schema[]
  const [other] = any.filter(({ type }) => type !== 'null')
  const nullable = any.length === 2 && other !== undefined
  const parts = Object.assign({}, ...all, nullable ? other : {}) as Schema
  const type = parts['type'] ?? schema['type']
  return { ...parts, ...schema, ...(nullable ? { type: [type, 'null'] } : { type }) }
}

function typeOf(schema: Schema): string {
  const { const: only, enum: all, type, items, description } = schema
  if (only !== undefined) return `\`${String(only)}\``
  if (Array.isArray(all)) {
    const isTold = all.every((word) => word === null || `${description}`.includes(`\`${word}\`: `))
    if (isTold) return all.includes(null) ? 'word or null' : 'word'
    const words = all.filter((word) => word !== null).map((word) => `\`${String(word)}\``)
    return [...words, ...(all.includes(null) ? ['null'] : [])].join(', ')
  }
  const types = (Array.isArray(type) ? type : [type]).filter((name) => name !== 'null')
  const orNull = Array.isArray(type) && type.includes('null') ? ' or null' : ''
  if (types[0] !== 'array') return `${String(types[0] ?? 'any')}${orNull}`
  const inside = items === undefined ? '' : ` of ${typeOf(merged(items as Schema))}`
  return `list${inside}${orNull}`
}

function boundsOf(schema: Schema): string {
  const { pattern, items } = schema
  const numbers = range(schema, ['minimum', 'maximum'])
  const chars = range(schema, ['minLength', 'maxLength'])
  const count = range(schema, ['minItems', 'maxItems'])
  const each = items === undefined ? '' : boundsOf(merged(items as Schema))
  return [
    numbers,
    chars === '' ? '' : `${chars} characters`,
    count === '' ? '' : `${count} of them`,
    pattern === undefined ? '' : `\`${String(pattern)}\``,
    each === '' ? '' : `each: ${each}`,
  ]
    .filter((bound) => bound !== '')
    .join('; ')
}

function range(schema: Schema, [low, high]: readonly [string, string]): string {
  const [min, max] = [schema[low], schema[high]]
  const top = max === Number.MAX_SAFE_INTEGER ? undefined : max
  if (min !== undefined && top !== undefined) return `${String(min)} to ${String(top)}`
  if (top !== undefined) return `at most ${String(top)}`
  return min === undefined ? '' : `at least ${String(min)}`
}
