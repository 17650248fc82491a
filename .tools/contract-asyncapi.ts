// The page docs/contract/asyncapi.yaml: channels, operations and bindings, for programs.
import { Document, visit } from 'yaml'
import { DOWN_SCHEMAS, UP_SCHEMAS } from '../src/sync/contract/message-schemas.ts'
import type { Schema } from '../src/sync/contract/shapes.ts'
import { factName, KINDS } from './contract-schemas.ts'

const MQTT_BINDING = '0.2.0'
const DRAFT = 'application/schema+json;version=draft-07'
const STATE_TOPIC = 'lk/v1/{ns}/{kiosk}/up/state'
const COLUMNS_MAX = 98

type Way = 'up' | 'dn'

interface Leaf {
  readonly way: Way
  readonly leaf: string
  readonly schema: Schema
}

const LEAVES: readonly Leaf[] = [
  ...Object.entries(UP_SCHEMAS).map(([leaf, schema]) => ({ way: 'up' as const, leaf, schema })),
  ...Object.entries(DOWN_SCHEMAS).map(([leaf, schema]) => ({ way: 'dn' as const, leaf, schema })),
]

/** What the kiosk may expect after it has sent something. */
const REPLIES: Readonly<Record<string, string>> = { sync: 'dn-head', ev: 'dn-ack' }

export function asyncApiPage(): string {
  const content = {
    asyncapi: '3.0.0',
    id: 'urn:latchkey:lk:v1',
    info: {
      title: 'Latchkey: a kiosk and its central',
      version: '1.0.0',
      description:
        'The operations are those of the kiosk: it sends what goes up, and receives what comes' +
        ' down. Made by `npm run docs:contract`; README.md says what it all means.',
      license: { name: 'Apache-2.0', url: 'https://www.apache.org/licenses/LICENSE-2.0' },
    },
    defaultContentType: 'application/json',
    servers: servers(),
    channels: byName(channel),
    operations: byName(operation),
    components: {
      parameters: parameters(),
      messages: byName(message),
      schemas: factSchemas(),
    },
  }
  const page = new Document(content, { aliasDuplicateObjects: false })
  visit(page, {
    Map: (_key, map) => {
      if (map.has('$ref') || (map.has('qos') && map.has('bindingVersion'))) map.flow = true
    },
  })
  return `# Made by npm run docs:contract.\n${page.toString({ lineWidth: COLUMNS_MAX })}`
}

function byName(build: (leaf: Leaf) => object): object {
  return Object.fromEntries(LEAVES.map((each) => [nameOf(each), build(each)]))
}

function nameOf({ way, leaf }: Leaf): string {
  return `${way}-${leaf}`
}

function servers(): object {
  const mqtt = {
    clientId: '{kiosk}',
    cleanSession: true,
    lastWill: { topic: STATE_TOPIC, qos: 1, retain: true, message: 'See up-state.' },
    sessionExpiryInterval: 0,
    maximumPacketSize: 4_194_304,
    bindingVersion: MQTT_BINDING,
  }
  const description =
    'Any broker that speaks MQTT 5, or 3.1.1 where a kiosk falls back to it. The client id is' +
    ' the kiosk’s id, the will its `up/state` with `online: false`, and the receive maximum 16.' +
    ' The kiosk subscribes to `lk/v1/{ns}/{kiosk}/dn/#` with QoS 1, or 0, before it sends anything.'
  const server = { host: 'broker.example:8883', protocol: 'mqtts', protocolVersion: '5.0' }
  return { broker: { ...server, description, bindings: { mqtt } } }
}

function channel({ way, leaf, schema }: Leaf): object {
  return {
    address: `lk/v1/{ns}/{kiosk}/${way}/${leaf}`,
    title: schema['title'],
    parameters: {
      ns: { $ref: '#/components/parameters/ns' },
      kiosk: { $ref: '#/components/parameters/kiosk' },
    },
    messages: { [`${way}-${leaf}`]: { $ref: `#/components/messages/${way}-${leaf}` } },
  }
}

function operation({ way, leaf, schema }: Leaf): object {
  const name = `${way}-${leaf}`
  const reply = REPLIES[leaf]
  return {
    action: way === 'up' ? 'send' : 'receive',
    summary: schema['title'],
    channel: { $ref: `#/channels/${name}` },
    messages: [{ $ref: `#/channels/${name}/messages/${name}` }],
    bindings: { mqtt: { qos: 1, retain: leaf === 'state', bindingVersion: MQTT_BINDING } },
    ...(reply !== undefined && {
      reply: {
        channel: { $ref: `#/channels/${reply}` },
        messages: [{ $ref: `#/channels/${reply}/messages/${reply}` }],
      },
    }),
  }
}

function message({ way, leaf, schema }: Leaf): object {
  const name = `${way}-${leaf}`
  const own = `./schemas/${name}.json`
  const signed = { 'x-signed-body': { schemaFormat: DRAFT, schema: { $ref: own } } }
  return {
    name,
    title: schema['title'],
    contentType: way === 'up' ? 'application/json' : 'application/jose+json',
    payload: {
      schemaFormat: DRAFT,
      schema: { $ref: way === 'up' ? own : './schemas/signed.json' },
    },
    ...(way === 'dn' && signed),
  }
}

function parameters(): object {
  return {
    ns: { description: 'The namespace: an operator, or a part of a fleet. [A-Za-z0-9_-]{1,64}' },
    kiosk: { description: 'The kiosk’s id. [A-Za-z0-9_-]{1,64}' },
  }
}

/** The data of a fact is JSON inside JSON: no message refers to it. */
function factSchemas(): object {
  const names = ['event', 'sealed-pin', ...KINDS.map((kind) => `facts/${factName(kind)}`)]
  const schemas = names.map((name) => [
    name.replace('facts/', 'fact-'),
    { $ref: `./schemas/${name}.json` },
  ])
  return Object.fromEntries(schemas)
}
