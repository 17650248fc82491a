// The closed grammar of what a screen may send. Whatever does not fit becomes `null`, and the text
// of a refused message goes nowhere: it may hold a PIN.
import { Ajv, type JSONSchemaType } from 'ajv'
import { isScan, TOKEN_SCAN_CHARS_MAX } from '../kiosk/token-facts.ts'
import type { ActionName } from '../kiosk/view.ts'
import { MESSAGE_BYTES_MAX } from './limits.ts'
import type { ClientMessage } from './protocol.ts'

/** A record, so that the compiler misses an action that is not listed here. */
const ACTIONS: Readonly<Record<ActionName, true>> = {
  apart: true,
  audit: true,
  'audit-end': true,
  back: true,
  bigger: true,
  cancel: true,
  check: true,
  courier: true,
  deposit: true,
  desk: true,
  'desk-pin': true,
  ease: true,
  'found-empty': true,
  'found-other': true,
  'found-parcel': true,
  'found-unknown': true,
  help: true,
  language: true,
  'leave-closed': true,
  matches: true,
  'open-high': true,
  page: true,
  pause: true,
  problem: true,
  reason: true,
  recipient: true,
  reopen: true,
  report: true,
  retrieve: true,
  retry: true,
  'said-open': true,
  'said-shut': true,
  'sign-out': true,
  size: true,
  skip: true,
  smaller: true,
  stay: true,
  together: true,
  'took-out': true,
  'walk-in': true,
  which: true,
}

const REV = { type: 'integer', minimum: 0, maximum: Number.MAX_SAFE_INTEGER } as const
const ID = { type: 'string', pattern: '^[A-Za-z0-9-]{8,64}$' } as const
const PRINTABLE = {
  type: 'string',
  pattern: '^[ -~]+$',
  minLength: 1,
  maxLength: TOKEN_SCAN_CHARS_MAX,
} as const
const CLOSED = { type: 'object', additionalProperties: false } as const

const SCHEMA = {
  type: 'object',
  required: ['kind'],
  discriminator: { propertyName: 'kind' },
  oneOf: [
    { ...CLOSED, required: ['kind'], properties: { kind: { enum: ['ping', 'forget'] } } },
    {
      ...CLOSED,
      required: ['kind', 'rev', 'id', 'digits'],
      properties: {
        kind: { const: 'digits' },
        rev: REV,
        id: ID,
        digits: { type: 'string', pattern: '^[0-9]{4,12}$' },
      },
    },
    {
      ...CLOSED,
      required: ['kind', 'rev', 'id', 'action'],
      properties: {
        kind: { const: 'press' },
        rev: REV,
        id: ID,
        action: { enum: Object.keys(ACTIONS) },
        value: { type: 'string', minLength: 1, maxLength: 128 },
      },
    },
    {
      ...CLOSED,
      required: ['kind', 'rev', 'id', 'code'],
      properties: { kind: { const: 'scan' }, rev: REV, id: ID, code: PRINTABLE },
    },
  ],
} as unknown as JSONSchemaType<ClientMessage>

const isClientMessage = new Ajv({ discriminator: true }).compile(SCHEMA)

export function parseClientMessage(bytes: Buffer): ClientMessage | null {
  if (bytes.length > MESSAGE_BYTES_MAX) return null
  try {
    const message: unknown = JSON.parse(bytes.toString('utf8'))
    if (!isClientMessage(message)) return null
    return message.kind !== 'scan' || isScan(message.code) ? message : null
  } catch {
    return null
  }
}
