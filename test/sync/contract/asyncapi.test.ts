// The AsyncAPI document is sound by its makers' own parser, and leads to the schemas.
import { readFileSync } from 'node:fs'
import { fromFile, Parser } from '@asyncapi/parser'
import { expect, test } from 'vitest'
import { publishedSchemas } from '../../../.tools/contract-schemas.ts'
import { DOWN_SCHEMAS, UP_SCHEMAS } from '../../../src/sync/contract/message-schemas.ts'
import { checkUp } from '../../../src/sync/contract/validate.ts'
import { type ConnectPacket, readConnect } from '../../support/connect-packet.ts'
import { goldenKeys } from '../../support/golden.ts'
import { LiveUplink } from '../../support/live-uplink.ts'
import { startRawBroker } from '../../support/raw-broker.ts'
import { until } from '../../support/until.ts'

const PATH = new URL('../../../docs/contract/asyncapi.yaml', import.meta.url).pathname
const { d: _secret, ...signingKey } = goldenKeys().signing
const KEYS = { keys: [signingKey] }
const NAMES = [
  ...Object.keys(UP_SCHEMAS).map((leaf) => `up-${leaf}`),
  ...Object.keys(DOWN_SCHEMAS).map((leaf) => `dn-${leaf}`),
]

/** What the document says of every connection. */
interface MqttServer {
  readonly clientId: string
  readonly cleanSession: boolean
  readonly lastWill: { readonly topic: string; readonly qos: number; readonly retain: boolean }
  readonly sessionExpiryInterval: number
  readonly maximumPacketSize: number
}

// Once for all tests: it takes seconds.
const { document, diagnostics } = await fromFile(new Parser(), PATH).parse()

test('the AsyncAPI document is valid and names every message with its schema', () => {
  expect(diagnostics.filter(({ severity }) => severity <= 1)).toEqual([])
  expect(document?.version()).toBe('3.0.0')
  const messages = document?.messages().all() ?? []
  expect(messages.map((message) => message.id()).sort()).toEqual([...NAMES].sort())
  const schemas = publishedSchemas()
  for (const message of messages) {
    const name = message.id()
    const wire = message.payload()?.id()
    const isSigned = name.startsWith('dn-')
    const body = isSigned ? message.json()['x-signed-body'].schema.$id : wire
    expect(body).toBe(schemas.get(name)?.['$id'])
    expect(wire).toBe(isSigned ? schemas.get('signed')?.['$id'] : body)
  }
})

test('its channels are the topics, and the kiosk sends what goes up', () => {
  const channels = document?.channels().all() ?? []
  const addresses = channels.map((channel) => channel.address())
  expect(addresses.sort()).toEqual(
    NAMES.map((name) => `lk/v1/{ns}/{kiosk}/${name.replace('-', '/')}`).sort(),
  )
  for (const operation of document?.operations().all() ?? []) {
    const isUp = operation.id()?.startsWith('up-') ?? false
    expect(operation.isSend()).toBe(isUp)
    expect(operation.bindings().get('mqtt')?.value()).toMatchObject({
      qos: 1,
      retain: operation.id() === 'up-state',
    })
  }
})

test('a kiosk connects as the document says', async () => {
  const server = document?.servers().get('broker')
  const binding = server?.bindings().get('mqtt')?.value() as MqttServer
  let connect: ConnectPacket | null = null
  const broker = await startRawBroker((socket, bytes) => {
    connect ??= readConnect(bytes)
    socket.destroy()
  })
  const kiosk = await LiveUplink.start({ host: '127.0.0.1', port: broker.port, keys: KEYS })
  await until('it connects', () => connect !== null)
  kiosk.kill()
  broker.close()
  const named = (text: string) => text.replace('{ns}', 'test').replace('{kiosk}', 'k1')
  const { lastWill } = binding
  expect(connect).toMatchObject({
    version: Number.parseInt(server?.protocolVersion() ?? '', 10),
    clientId: named(binding.clientId),
    isClean: binding.cleanSession,
    will: { topic: named(lastWill.topic), qos: lastWill.qos, isRetained: lastWill.retain },
    sessionExpiryS: binding.sessionExpiryInterval,
    packetBytesMax: binding.maximumPacketSize,
    receiveMax: Number(/receive maximum (\d+)/.exec(server?.description() ?? '')?.[1]),
  })
  const { will } = connect as unknown as ConnectPacket
  expect(checkUp('state', JSON.parse(will.payload))).toEqual({ isValid: true })
})

test('a document with a fault is found out', async () => {
  const text = readFileSync(PATH, 'utf8').replace('action: send', 'action: shout')
  const { diagnostics: found } = await new Parser().parse(text, { source: PATH })
  expect(found.some(({ severity }) => severity === 0)).toBe(true)
})
