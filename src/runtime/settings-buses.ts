// How lines and boards are written in the configuration. Which options a board may have is the
// affair of its family; src/bus knows.

import { DIALECT_NAMES, TCP_BAUD_RATE_DEFAULT, TCP_PORT_DEFAULT } from '../bus/config.ts'
import { SENSE_KINDS, SIGNAL_KINDS } from '../kiosk/config.ts'

const BAUD_RATES = [9_600, 19_200, 38_400, 57_600, 115_200]
export const baudRate = { enum: BAUD_RATES, description: `write one of ${BAUD_RATES.join(', ')}` }

/** Names and addresses of hosts, IPv6 included; no port, no scheme. */
const HOST_PATTERN = '^[A-Za-z0-9]([A-Za-z0-9._-]{0,252})$|^[0-9A-Fa-f:]{2,45}$'

export function choiceOf(...values: readonly (string | number)[]): object {
  return { enum: values, description: `write one of ${values.join(', ')}` }
}

export function wholeOf(range: { readonly minimum: number; readonly maximum: number }): object {
  const description = `write a whole number from ${range.minimum} to ${range.maximum}`
  return { type: 'integer', ...range, description }
}

const flag = { type: 'boolean', description: 'write true or false' }

const OPTIONS = {
  closedBit: choiceOf(0, 1),
  invertedChannels: {
    type: 'array',
    items: wholeOf({ minimum: 1, maximum: 64 }),
    maxItems: 64,
    description: 'write a list of channels, such as [3, 4]',
  },
  channelBase: wholeOf({ minimum: 0, maximum: 1 }),
  byteOrder: choiceOf('channel-1-last', 'channel-1-first'),
  statusBytes: wholeOf({ minimum: 0, maximum: 8 }),
  commands: choiceOf('60-61-75', '50-51-65'),
  hasContentSensors: flag,
  isDebounced: flag,
  replyToUnlock: choiceOf('always', 'never', 'maybe'),
  gapMs: wholeOf({ minimum: 0, maximum: 100 }),
  slowReplyMs: wholeOf({ minimum: 0, maximum: 1_000 }),
  muteAfterUnlockMs: wholeOf({ minimum: 0, maximum: 5_000 }),
  boardPulseMs: wholeOf({ minimum: 50, maximum: 1_500 }),
  relayOffset: wholeOf({ minimum: 0, maximum: 255 }),
  inputAddress: wholeOf({ minimum: 0, maximum: 247 }),
  inputOffset: wholeOf({ minimum: 0, maximum: 65_535 }),
  pulse: choiceOf('waveshare-flash', 'host-timed'),
  allOffAtStart: flag,
  linkageOff: flag,
}

const channel = wholeOf({ minimum: 1, maximum: 64 })

const SENSE = {
  channel,
  what: choiceOf(...SENSE_KINDS),
  activeWhen: choiceOf('open', 'closed'),
}

const SIGNAL = {
  kind: choiceOf(...SIGNAL_KINDS),
  channel,
  ms: wholeOf({ minimum: 100, maximum: 10_000 }),
}

function extrasOf(
  properties: Record<string, object>,
  { required, example }: { readonly required: readonly string[]; readonly example: string },
): object {
  const description = `its keys are ${Object.keys(properties).join(', ')}`
  const items = { type: 'object', additionalProperties: false, required, properties, description }
  return { type: 'array', maxItems: 16, items, description: `write a list such as ${example}` }
}

/** The keys of a board beside its id. */
export const BOARD_PROPERTIES = {
  address: {
    type: 'integer',
    minimum: 0,
    maximum: 254,
    description: 'write the number set on the board',
  },
  dialect: choiceOf(...DIALECT_NAMES),
  channels: {
    type: 'integer',
    minimum: 1,
    maximum: 64,
    description: 'write how many lock outputs it has, from 1 to 64',
  },
  options: {
    type: 'object',
    additionalProperties: false,
    properties: OPTIONS,
    description: `its keys are ${Object.keys(OPTIONS).join(', ')}`,
  },
  senses: extrasOf(SENSE, {
    required: ['channel', 'what'],
    example: '[{ channel: 8, what: mains }]',
  }),
  signals: extrasOf(SIGNAL, { required: ['kind'], example: '[{ kind: buzzer, channel: 8 }]' }),
}

const SERIAL = {
  kind: { const: 'serial', description: 'write serial or tcp' },
  path: { type: 'string', minLength: 1, maxLength: 256, description: 'write the device’s path' },
  baudRate,
  dataBits: choiceOf(7, 8),
  parity: choiceOf('none', 'even', 'odd'),
  stopBits: choiceOf(1, 2),
}

const TCP = {
  kind: { const: 'tcp', description: 'write serial or tcp' },
  host: {
    type: 'string',
    pattern: HOST_PATTERN,
    description: 'write the gateway’s name or address, without a port',
  },
  port: { ...wholeOf({ minimum: 1, maximum: 65_535 }), default: TCP_PORT_DEFAULT },
  baudRate: { ...baudRate, default: TCP_BAUD_RATE_DEFAULT },
}

export function linkOf(properties: Record<string, object>, required: readonly string[]): object {
  const description = `its keys are ${Object.keys(properties).join(', ')}`
  return { additionalProperties: false, required, properties, description }
}

export const LINK_SCHEMA = {
  type: 'object',
  required: ['kind'],
  discriminator: { propertyName: 'kind' },
  oneOf: [linkOf(SERIAL, ['kind', 'path', 'baudRate']), linkOf(TCP, ['kind', 'host'])],
  description: 'its kind is serial or tcp',
}
