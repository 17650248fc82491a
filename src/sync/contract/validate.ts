// The contract's schemas, compiled once, for the kiosk and for the reference central.
import { Ajv, type ErrorObject, type ValidateFunction } from 'ajv'
import type { DownLeaf, UpLeaf } from '../machine/messages.ts'
import {
  CLAIM_ANSWER_SCHEMA,
  CLAIM_REQUEST_SCHEMA,
  COMMON_SCHEMA,
  DOWN_SCHEMAS,
  EVENT_SCHEMA,
  SEALED_PIN_SCHEMA,
  UP_SCHEMAS,
} from './message-schemas.ts'
import type { Schema } from './shapes.ts'

export type Checked = { readonly isValid: true } | { readonly isValid: false; detail: string }

const ajv = new Ajv({ strict: true, strictTypes: false, strictRequired: false, allErrors: false })
ajv.addSchema(COMMON_SCHEMA)

const DOWN = compileAll(DOWN_SCHEMAS)
const UP = compileAll(UP_SCHEMAS)
const EVENT = ajv.compile(EVENT_SCHEMA)
const SEALED_PIN = ajv.compile(SEALED_PIN_SCHEMA)
const CLAIM_REQUEST = ajv.compile(CLAIM_REQUEST_SCHEMA)
const CLAIM_ANSWER = ajv.compile(CLAIM_ANSWER_SCHEMA)

function compileAll<L extends string>(schemas: Readonly<Record<L, Schema>>) {
  const all = Object.entries<Schema>(schemas)
  const compiled = all.map(([leaf, schema]) => [leaf, ajv.compile(schema)])
  return Object.fromEntries(compiled) as Readonly<Record<L, ValidateFunction>>
}

export function isDownLeaf(leaf: string): leaf is DownLeaf {
  return Object.hasOwn(DOWN, leaf)
}

export function isUpLeaf(leaf: string): leaf is UpLeaf {
  return Object.hasOwn(UP, leaf)
}

export function checkDown(leaf: DownLeaf, body: unknown): Checked {
  return check(DOWN[leaf], body)
}

export function checkUp(leaf: UpLeaf, body: unknown): Checked {
  return check(UP[leaf], body)
}

/** A fact's parsed text. */
export function checkEvent(event: unknown): Checked {
  return check(EVENT, event)
}

/** A sealed PIN's parsed content. */
export function checkSealedPin(content: unknown): Checked {
  return check(SEALED_PIN, content)
}

export function checkClaimRequest(request: unknown): Checked {
  return check(CLAIM_REQUEST, request)
}

export function checkClaimAnswer(answer: unknown): Checked {
  return check(CLAIM_ANSWER, answer)
}

function check(validate: ValidateFunction, value: unknown): Checked {
  if (validate(value)) return { isValid: true }
  return { isValid: false, detail: describe(validate.errors ?? []) }
}

/** Where and what, never the value: a refusal is published, and a value may be a secret. */
function describe(errors: readonly ErrorObject[]): string {
  const error = errors.find(({ keyword }) => keyword !== 'if') ?? errors[0]
  if (error === undefined) return 'does not fit'
  return `${error.instancePath === '' ? '/' : error.instancePath} ${error.message ?? error.keyword}`
}
