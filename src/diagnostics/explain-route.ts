// Why a locker or a parcel is as it is: one question to the rules.
import type { FastifyInstance, FastifyReply } from 'fastify'
import type { Code } from '../kiosk/codes.ts'
import type { Answer } from '../kiosk/events.ts'

const SCHEMA = {
  querystring: {
    type: 'object',
    additionalProperties: false,
    required: ['name'],
    properties: { name: { type: 'string', pattern: '^[\\x21-\\x7e]{1,128}$' } },
  },
}

/** @param parts how to ask in time, and how a refusal is written */
export function routeExplain(
  app: FastifyInstance,
  parts: {
    readonly ask: (name: string) => Promise<Answer>
    readonly refuse: (reply: FastifyReply, code: Code) => FastifyReply
  },
): void {
  app.get<{ Querystring: { name: string } }>(
    '/v1/explain',
    { schema: SCHEMA },
    async (request, reply) => {
      const answer = await parts.ask(request.query.name)
      if (answer.kind === 'explained') return { apiVersion: 1, ...answer.explanation }
      if (answer.kind === 'refused') return parts.refuse(reply, answer.code)
      throw new Error(`The answer to explain was of the kind ${answer.kind}`)
    },
  )
}
