// Central's small HTTP interface. Nobody is asked who they are: it is for the loopback alone.
import Fastify, { type FastifyInstance } from 'fastify'
import type { Central } from './central.ts'
import type { CommandOrder } from './command-desk.ts'
import { centralPage } from './page.ts'
import { tokenSvg } from './token-picture.ts'

type Body = Readonly<Record<string, unknown>>

/** Routes over a central; the caller listens. */
export function createCentralApi(central: Central): FastifyInstance {
  const app = Fastify({ logger: false, bodyLimit: 16_384 })
  app.get('/', (_request, reply) =>
    reply.type('text/html; charset=utf-8').send(centralPage(central, Date.now())),
  )
  app.get('/kiosks', () => central.kiosks())
  app.get('/upkeep', () => central.upkeep())
  app.get('/alarms', () => central.alarms())
  app.get('/dead-letters', () => central.deadLetters())
  app.get('/mails', () => central.mails())
  app.get('/letters', () => central.letters())
  app.get<{ Params: { id: string } }>('/letters/:id/token.svg', (request, reply) => {
    const letter = central.letters().find(({ id }) => String(id) === request.params.id)
    const token = letter?.token ?? null
    if (token === null) return reply.code(404).send({ error: 'no such letter, or no token in it' })
    return reply.type('image/svg+xml').send(tokenSvg(token))
  })
  app.get('/facts', () => central.facts())
  app.get('/exceptions', () => central.exceptions())
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
  addCourierTokens(app, central)
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
  addClaims(app, central)
  post('/parcels', ['kioskId', 'id', 'tracking', 'size', 'recipientId'], central.announce)
  post('/parcels/withdrawn', ['kioskId', 'id'], central.withdraw)
  post('/recipients', ['kioskId', 'id', 'label'], central.setRecipient)
  post('/addresses', ['kioskId', 'id', 'mail'], central.setAddress)
  post('/couriers', ['kioskId', 'id', 'label', 'code'], central.setCourier)
  post('/staff', ['kioskId', 'id', 'role', 'label', 'code'], central.setStaff)
  post('/staff/revoked', ['kioskId', 'id'], central.revokeStaff)
  post('/lockers', ['kioskId', 'id', 'revision', 'service', 'reason'], central.setLocker)
  post('/configuration', ['kioskId', 'id', 'value'], central.setConfiguration)
  post('/firmware', ['kioskId', 'id', 'version'], central.setFirmware)
  post('/unset', ['kioskId', 'stream', 'id'], central.unset)
  post('/pickups', ['kioskId', 'id', 'reissue', 'expiresAtMs'], central.setPickup)
  return app
}

/** For a courier's app. */
function addCourierTokens(app: FastifyInstance, central: Central): void {
  const properties = { kioskId: { type: 'string' }, id: { type: 'string' } }
  const body = { type: 'object', required: Object.keys(properties), properties }
  app.post<{ Body: { readonly kioskId: string; readonly id: string } }>(
    '/couriers/token',
    { schema: { body } },
    async (request, reply) => {
      try {
        return { token: await central.courierToken(request.body) }
      } catch (error) {
        return reply.code(400).send({ error: error instanceof Error ? error.message : 'refused' })
      }
    },
  )
}

/** The first for the operator; the second is the contract's, and kiosks come to it. */
function addClaims(app: FastifyInstance, central: Central): void {
  app.addContentTypeParser('application/jose', { parseAs: 'string' }, (_request, body, done) =>
    done(null, body),
  )
  const properties = { kioskId: { type: 'string' } }
  const schema = { body: { type: 'object', required: ['kioskId'], properties } }
  app.post<{ Body: { readonly kioskId: string } }>('/claims', { schema }, (request, reply) => {
    try {
      return { code: central.offerClaim(request.body) }
    } catch (error) {
      return reply.code(400).send({ error: error instanceof Error ? error.message : 'refused' })
    }
  })
  app.post<{ Params: { readonly claimId: string }; Body: string }>(
    '/claim/v1/:claimId',
    async ({ params, body }, reply) => {
      const answer = await central.answerClaim(params.claimId, body)
      if (answer === null) return reply.code(403).send({ error: 'refused' })
      return reply.type('application/jose').send(answer)
    },
  )
}

const TYPES: Readonly<Record<string, object>> = {
  tracking: { type: 'string', nullable: true },
  reissue: { type: 'integer' },
  revision: { type: 'integer' },
  value: { type: ['integer', 'string'] },
  stream: { enum: ['configuration', 'firmware'] },
  expiresAtMs: { type: 'integer', nullable: true },
}
