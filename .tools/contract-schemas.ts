// The contract's schemas as they are published: the code's own, each one whole in one file, without
// a reference to another, so that any validator takes it as it is.

import { AUDIT } from '../src/kiosk/audit.ts'
import type { FactKind } from '../src/kiosk/facts.ts'
import { FACT_DATA_SCHEMAS } from '../src/sync/contract/fact-shapes.ts'
import {
  CLAIM_ANSWER_SCHEMA,
  CLAIM_REQUEST_SCHEMA,
  COMMON_SCHEMA,
  DOWN_SCHEMAS,
  EVENT_SCHEMA,
  SEALED_PIN_SCHEMA,
  UP_SCHEMAS,
} from '../src/sync/contract/message-schemas.ts'
import type { Schema } from '../src/sync/contract/shapes.ts'

const DRAFT = 'http://json-schema.org/draft-07/schema#'
const COMMON = 'urn:latchkey:lk:v1:common#/$defs/'
export const FACT_VERSION = 1

/** What a message of central looks like on the wire, whatever its leaf. */
const SIGNED: Schema = {
  $schema: DRAFT,
  $id: 'urn:latchkey:lk:v1:signed',
  title: 'A signed message of central',
  description: 'A flattened JWS (RFC 7515 §7.2.2): EdDSA over Ed25519 (RFC 8037).',
  type: 'object',
  additionalProperties: false,
  required: ['payload', 'protected', 'signature'],
  properties: {
    payload: {
      ...{ type: 'string', pattern: '^[A-Za-z0-9_-]+$' },
      contentMediaType: 'application/json',
      description: 'The message’s body, base64url without padding.',
    },
    protected: {
      ...{ type: 'string', pattern: '^[A-Za-z0-9_-]+$' },
      contentMediaType: 'application/json',
      description: 'The header, base64url without padding: `alg`, `kid`, and `typ` `lk-dn-{leaf}`.',
    },
    signature: {
      ...{ type: 'string', pattern: '^[A-Za-z0-9_-]{86}$' },
      description: '64 bytes, base64url without padding.',
    },
  },
}

export const KINDS = (Object.keys(FACT_DATA_SCHEMAS) as FactKind[]).sort()

/** By name, without folder and ending. */
export function publishedSchemas(): ReadonlyMap<string, Schema> {
  const up = Object.entries<Schema>(UP_SCHEMAS).map(([leaf, schema]) => [`up-${leaf}`, schema])
  const down = Object.entries<Schema>(DOWN_SCHEMAS).map(([leaf, schema]) => [`dn-${leaf}`, schema])
  const others = [
    ['event', EVENT_SCHEMA],
    ['sealed-pin', SEALED_PIN_SCHEMA],
    ['claim-request', CLAIM_REQUEST_SCHEMA],
    ['claim-answer', CLAIM_ANSWER_SCHEMA],
  ]
  const whole = [...up, ...down, ...others]
  return new Map([
    ...(whole as [string, Schema][]).map(([name, schema]) => [name, inlined(schema)] as const),
    ['signed', SIGNED] as const,
    ...KINDS.map((kind) => [`facts/${factName(kind)}`, factSchema(kind)] as const),
  ])
}

/** The rows of the streams, by stream. */
export function rowSchemas(): ReadonlyMap<string, Schema> {
  const streams = defOf('stream')['enum'] as readonly string[]
  return new Map(streams.map((stream) => [stream, inlined(defOf(`${stream}Row`))]))
}

export function factName(kind: FactKind): string {
  return `${kind}.${FACT_VERSION}`
}

function factSchema(kind: FactKind): Schema {
  return {
    $schema: DRAFT,
    $id: `urn:latchkey:lk:v1:fact:${kind}:${FACT_VERSION}`,
    title: `The data of ${kind}/${FACT_VERSION}`,
    description: AUDIT[kind].meaning,
    ...FACT_DATA_SCHEMAS[kind],
  }
}

function defOf(name: string): Schema {
  const all = COMMON_SCHEMA['$defs'] as Readonly<Record<string, Schema>>
  const found = all[name]
  if (found === undefined) throw new Error(`no shared part ${name}`)
  return found
}

/** What stands beside a reference is said of this use, and counts more. */
function inlined(schema: Schema): Schema {
  const { $ref, ...own } = schema
  const target = typeof $ref === 'string' ? inlined(defOf($ref.slice(COMMON.length))) : {}
  const parts = Object.entries(own).map(([keyword, value]) => [keyword, inlinedPart(value)])
  return { ...target, ...Object.fromEntries(parts) }
}

function inlinedPart(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(inlinedPart)
  return typeof value === 'object' && value !== null ? inlined(value as Schema) : value
}
