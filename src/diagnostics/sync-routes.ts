// What a technician may ask of the uplink: how it stands, what waits, and to hurry.
import type { FastifyInstance, FastifyReply } from 'fastify'
import type { Code } from '../kiosk/codes.ts'
import type { UplinkAnswer, UplinkQuestion } from '../kiosk/uplink-report.ts'

const LIST_MAX = 1_000
const NOTHING = { type: 'object', additionalProperties: false, properties: {} }
const LIST = {
  ...NOTHING,
  properties: { limit: { type: 'string', pattern: '^[1-9][0-9]{0,3}$' } },
}
const FACT = {
  ...NOTHING,
  required: ['seq'],
  properties: { seq: { type: 'string', pattern: '^[1-9][0-9]{0,14}$' } },
}

/** @param parts how to ask in time, and how a refusal is written */
export function routeSync(
  app: FastifyInstance,
  parts: {
    readonly ask: (question: UplinkQuestion) => Promise<UplinkAnswer>
    readonly refuse: (reply: FastifyReply, code: Code) => FastifyReply
  },
): void {
  const { ask, refuse } = parts
  app.get('/v1/sync', { schema: { querystring: NOTHING } }, async () =>
    reportIn(await ask({ kind: 'report' })),
  )
  app.post('/v1/sync/now', { schema: { querystring: NOTHING } }, async () =>
    reportIn(await ask({ kind: 'hurry' })),
  )
  app.post('/v1/outbox/retry', { schema: { querystring: NOTHING } }, async () =>
    reportIn(await ask({ kind: 'resend' })),
  )
  app.get<{ Querystring: { limit?: string } }>(
    '/v1/outbox',
    { schema: { querystring: LIST } },
    async ({ query }) => {
      const limit = Math.min(LIST_MAX, Number(query.limit ?? LIST_MAX))
      const answer = await ask({ kind: 'outbox', limit })
      if (answer.kind !== 'outbox') throw unexpected(answer)
      return { apiVersion: 1, waiting: answer.waiting, facts: answer.facts }
    },
  )
  app.get<{ Params: { seq: string } }>(
    '/v1/facts/:seq',
    { schema: { params: FACT, querystring: NOTHING } },
    async ({ params }, reply) => {
      const answer = await ask({ kind: 'fact', seq: Number(params.seq) })
      if (answer.kind !== 'fact') throw unexpected(answer)
      if (answer.fact === null) return refuse(reply, 'LK-CTL-10')
      return { apiVersion: 1, ...answer.fact }
    },
  )
}

function reportIn(answer: UplinkAnswer): object {
  if (answer.kind !== 'uplink') throw unexpected(answer)
  return { apiVersion: 1, ...answer.report }
}

function unexpected({ kind }: UplinkAnswer): Error {
  return new Error(`The uplink answered with ${kind}`)
}
