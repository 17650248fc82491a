// The reference central as a process of its own, with a small HTTP interface on the loopback. For
// demos and benches: nobody is asked who they are, so it must never listen anywhere else.
import { readFileSync } from 'node:fs'
import process from 'node:process'
import { parseArgs } from 'node:util'
import Fastify, { type FastifyInstance } from 'fastify'
import { type Central, openCentral } from './central.ts'
import type { CommandOrder } from './command-desk.ts'

const USAGE = `usage: node sim/central/main.ts --folder FOLDER --mqtt mqtt://HOST:PORT
  --namespace NAME --kiosk ID=STAFF-KEY-FILE [--kiosk …] [--port 7090] [--heads-ms 5000]`

type Body = Readonly<Record<string, unknown>>

/** Routes over a central; the caller listens. */
export function createCentralApi(central: Central): FastifyInstance {
  const app = Fastify({ logger: false, bodyLimit: 16_384 })
  app.get('/letters', () => central.letters())
  app.get('/facts', () => central.facts())
  app.get('/rejections', () => central.rejections())
  app.get('/counters', () => central.counters())
  const post = (path: string, fields: readonly string[], act: (body: never) => void): void => {
    const properties = Object.fromEntries(
      fields.map((name) => [name, TYPES[name] ?? { type: 'string' }]),
    )
    const schema = { body: { type: 'object', required: fields, properties } }
    app.post<{ Body: Body }>(path, { schema }, async (request, reply) => {
      try {
        act(request.body as never)
      } catch (error) {
        return reply.code(400).send({ error: error instanceof Error ? error.message : 'refused' })
      }
      await central.settled()
      return reply.code(204).send()
    })
  }
  const properties = {
    kioskId: { type: 'string' },
    type: { type: 'string' },
    args: { type: 'object' },
  }
  const body = { type: 'object', required: Object.keys(properties), properties }
  app.post<{ Body: CommandOrder }>('/commands', { schema: { body } }, async (request, reply) => {
    try {
      return await central.command(request.body)
    } catch (error) {
      return reply.code(400).send({ error: error instanceof Error ? error.message : 'refused' })
    }
  })
  post('/parcels', ['kioskId', 'id', 'tracking', 'size', 'recipientId'], central.announce)
  post('/parcels/withdrawn', ['kioskId', 'id'], central.withdraw)
  post('/recipients', ['kioskId', 'id', 'label'], central.setRecipient)
  post('/couriers', ['kioskId', 'id', 'label', 'code'], central.setCourier)
  post('/staff', ['kioskId', 'id', 'role', 'label', 'code'], central.setStaff)
  post('/staff/revoked', ['kioskId', 'id'], central.revokeStaff)
  post('/pickups', ['kioskId', 'id', 'reissue', 'expiresAtMs'], central.setPickup)
  return app
}

const TYPES: Readonly<Record<string, object>> = {
  tracking: { type: 'string', nullable: true },
  reissue: { type: 'integer' },
  expiresAtMs: { type: 'integer', nullable: true },
}

function readKiosk(text: string): { readonly kioskId: string; readonly staffKey: string } {
  const [kioskId, path] = text.split('=')
  if (kioskId === undefined || path === undefined) throw new Error(`not ID=FILE: ${text}`)
  return { kioskId, staffKey: readFileSync(path, 'utf8').trim() }
}

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      folder: { type: 'string' },
      mqtt: { type: 'string' },
      namespace: { type: 'string' },
      kiosk: { type: 'string', multiple: true, default: [] },
      port: { type: 'string', default: '7090' },
      'heads-ms': { type: 'string', default: '5000' },
    },
  })
  const { folder, mqtt, namespace } = values
  if (folder === undefined || mqtt === undefined || namespace === undefined) {
    throw new Error(USAGE)
  }
  const central = await openCentral({
    folder,
    mqttUrl: mqtt,
    namespace,
    kiosks: values.kiosk.map(readKiosk),
    headIntervalMs: Number(values['heads-ms']),
  })
  const app = createCentralApi(central)
  const address = await app.listen({ host: '127.0.0.1', port: Number(values.port) })
  console.log(`central listens on ${address}`)
  const stop = async (): Promise<void> => {
    await app.close()
    await central.close()
  }
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => void stop())
}

if (import.meta.main) {
  main().catch((error: unknown) => {
    console.error(error instanceof Error ? error.message : error)
    process.exitCode = 1
  })
}
