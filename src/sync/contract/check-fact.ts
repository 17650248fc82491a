// Holds a fact's data against its schema. Central keeps and acknowledges a fact whatever comes of
// it; the answer is for whoever looks at the data, and for the tests of what the kiosk writes.
import { Ajv, type ValidateFunction } from 'ajv'
import type { FactKind } from '../../kiosk/facts.ts'
import { FACT_DATA_SCHEMAS } from './fact-shapes.ts'
import { closed, type Schema } from './shapes.ts'

const ajv = new Ajv({ strict: true, allowUnionTypes: true })
const compiled = new Map<string, ValidateFunction>()

/**
 * What the kiosk itself writes: nothing is missing, wrong, or beside what the schema tells.
 * @returns what does not fit; null when all does
 */
export function misfitOfOwnFact(kind: string, data: unknown): string | null {
  const schema: Schema | undefined = FACT_DATA_SCHEMAS[kind as FactKind]
  if (schema === undefined) return `${kind}: no such kind`
  // Compiled at the first use: most programs never ask.
  const validate = compiled.get(kind) ?? ajv.compile(closed(schema))
  compiled.set(kind, validate)
  return validate(data) ? null : `${kind}: ${ajv.errorsText(validate.errors)}`
}
