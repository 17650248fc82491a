// The closed grammar of what the wall's page may send.
import { Ajv, type AnySchema } from 'ajv'
import { MESSAGE_BYTES_MAX } from '../../src/screen/limits.ts'
import type { WallClientMessage, WallRequest } from './protocol.ts'

const SHORT = { type: 'string', minLength: 1, maxLength: 64 } as const

const COMMANDS: Readonly<Record<Exclude<WallRequest['kind'], 'announce' | 'put-in'>, true>> = {
  'take-out': true,
  close: true,
  block: true,
  unblock: true,
  'force-open': true,
}

function request(kind: string, properties: Readonly<Record<string, AnySchema>>): AnySchema {
  return {
    type: 'object',
    additionalProperties: false,
    required: ['kind', ...Object.keys(properties)],
    properties: { kind: { const: kind }, ...properties },
  }
}

const isMessage = new Ajv({ discriminator: true }).compile<WallClientMessage>({
  type: 'object',
  additionalProperties: false,
  required: ['id', 'request'],
  properties: {
    id: { type: 'string', pattern: '^[A-Za-z0-9-]{8,64}$' },
    request: {
      type: 'object',
      required: ['kind'],
      discriminator: { propertyName: 'kind' },
      oneOf: [
        ...Object.keys(COMMANDS).map((kind) => request(kind, { lockerId: SHORT })),
        request('put-in', { lockerId: SHORT, label: { type: 'string', maxLength: 64 } }),
        request('announce', {
          way: { enum: ['deposit', 'return'] },
          recipientId: SHORT,
          size: SHORT,
          tracking: { type: 'string', pattern: '^[A-Za-z0-9-]{4,40}$' },
        }),
      ],
    },
  },
})

export function parseWallMessage(bytes: Buffer): WallClientMessage | null {
  if (bytes.length > MESSAGE_BYTES_MAX) return null
  try {
    const message: unknown = JSON.parse(bytes.toString('utf8'))
    return isMessage(message) ? message : null
  } catch {
    return null
  }
}
