// Shapes of data as JSON Schemas that the compiler holds against the code's own types: a field that
// is missing, too much or of another type does not compile, nor does a list of words that lacks
// one. The meanings go into the schemas, and from there into the manual.

/** JSON Schema, draft 7. */
export interface Schema {
  readonly [keyword: string]: unknown
}

declare const held: unique symbol

interface Part {
  readonly schema: Schema
  readonly isOptional: boolean
}

export interface Shape<T> extends Part {
  readonly isOptional: false
  /** Never there; it makes a shape of `'a'` no shape of `'a' | 'b'`, nor the other way round. */
  readonly [held]?: (value: T) => T
}

interface OptionalShape<T> extends Part {
  readonly isOptional: true
  readonly [held]?: (value: T) => T
}

/** One shape for each field of `T`, and for nothing else. */
export type Fields<T> = {
  readonly [K in keyof T]-?: undefined extends T[K]
    ? OptionalShape<Exclude<T[K], undefined>>
    : Shape<T[K]>
}

const NUMBER_MAX = Number.MAX_SAFE_INTEGER

function shapeOf<T>(schema: Schema): Shape<T> {
  return { schema, isOptional: false }
}

/** What needs no word has none. */
function described(meaning: string): Schema {
  const description = meaning.trim()
  return description === '' ? {} : { description }
}

export function text(
  meaning: string,
  bounds: { readonly pattern: string } | { readonly minLength: number; readonly maxLength: number },
): Shape<string> {
  return shapeOf({ type: 'string', ...bounds, description: meaning })
}

export function whole(meaning: string, minimum = 0): Shape<number> {
  return shapeOf({ type: 'integer', minimum, maximum: NUMBER_MAX, description: meaning })
}

/** A whole number or a text. */
export function scalar(meaning: string, maxLength: number): Shape<string | number> {
  const bounds = { minimum: -NUMBER_MAX, maximum: NUMBER_MAX, maxLength }
  return shapeOf({ type: ['integer', 'string'], ...bounds, description: meaning })
}

export function amount(meaning: string): Shape<number> {
  return shapeOf({ type: 'number', minimum: 0, description: meaning })
}

export function flag(meaning: string): Shape<boolean> {
  return shapeOf({ type: 'boolean', description: meaning })
}

/** @param words each with what it means, or with nothing where it says so itself */
export function words<W extends string>(
  meaning: string,
  words: Readonly<Record<W, string>>,
): Shape<W> {
  const all = Object.entries<string>(words)
  const told = all
    .filter(([, sense]) => sense !== '')
    .map(([word, sense]) => `\`${word}\`: ${sense}`)
  const senses = told.length === 0 ? '' : `${told.join('; ')}.`
  return shapeOf({ enum: all.map(([word]) => word), ...described(`${meaning} ${senses}`) })
}

/** @param whenNull what it means that there is none */
export function orNull<T>({ schema }: Shape<T>, whenNull: string): Shape<T | null> {
  const description = `${String(schema['description'] ?? '')} Null: ${whenNull}.`.trim()
  const { enum: all, type } = schema
  if (Array.isArray(all)) return shapeOf({ ...schema, enum: [...all, null], description })
  return shapeOf({ ...schema, type: [type, 'null'], description })
}

export function optional<T>({ schema }: Shape<T>): OptionalShape<T> {
  return { schema, isOptional: true }
}

export function listOf<T>(meaning: string, { schema }: Shape<T>): Shape<readonly T[]> {
  return shapeOf({ type: 'array', items: schema, description: meaning })
}

export function objectOf<T>(meaning: string, fields: Fields<T>): Shape<T> {
  return shapeOf({ ...objectSchema(fields), ...described(meaning) })
}

/** Open for readers: a later kiosk may add fields. */
export function objectSchema<T>(fields: Fields<T>): Schema {
  const all = Object.entries<Part>(fields)
  return {
    type: 'object',
    required: all.filter(([, { isOptional }]) => !isOptional).map(([name]) => name),
    properties: Object.fromEntries(all.map(([name, { schema }]) => [name, schema])),
  }
}

/** The same, and nothing beside it: what the kiosk itself writes is held against this. */
export function closed(schema: Schema): Schema {
  return Object.fromEntries([
    ...Object.entries(schema).map(([keyword, value]) => [keyword, closedPart(value)]),
    ...(schema['type'] === 'object' ? [['additionalProperties', false]] : []),
  ])
}

function closedPart(value: unknown): unknown {
  if (Array.isArray(value) || typeof value !== 'object' || value === null) return value
  return closed(value as Schema)
}
