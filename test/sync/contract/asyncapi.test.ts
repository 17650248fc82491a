// The AsyncAPI document is sound by its makers' own parser, and leads to the schemas.
import { readFileSync } from 'node:fs'
import { fromFile, Parser } from '@asyncapi/parser'
import { expect, test } from 'vitest'
import { publishedSchemas } from '../../../.tools/contract-schemas.ts'
import { DOWN_SCHEMAS, UP_SCHEMAS } from '../../../src/sync/contract/message-schemas.ts'

const PATH = new URL('../../../docs/contract/asyncapi.yaml', import.meta.url).pathname
const NAMES = [
  ...Object.keys(UP_SCHEMAS).map((leaf) => `up-${leaf}`),
  ...Object.keys(DOWN_SCHEMAS).map((leaf) => `dn-${leaf}`),
]

test('the AsyncAPI document is valid and names every message with its schema', async () => {
  const { document, diagnostics } = await fromFile(new Parser(), PATH).parse()
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

test('its channels are the topics, and the kiosk sends what goes up', async () => {
  const { document } = await fromFile(new Parser(), PATH).parse()
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

test('a document with a fault is found out', async () => {
  const text = readFileSync(PATH, 'utf8').replace('action: send', 'action: shout')
  const { diagnostics } = await new Parser().parse(text, { source: PATH })
  expect(diagnostics.some(({ severity }) => severity === 0)).toBe(true)
})
