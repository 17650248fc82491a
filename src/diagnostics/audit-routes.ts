// Guided audits at the control socket: begin one, end it, read its report.
import type { FastifyInstance, FastifyReply } from 'fastify'
import { AUDIT_CHOICES, type AuditChoice } from '../kiosk/audit-facts.ts'
import type { Code } from '../kiosk/codes.ts'
import type { Answer, AuditCommand } from '../kiosk/events.ts'

export interface AuditQuestion {
  readonly technicianId: string
  readonly command: AuditCommand
}

interface Parts {
  readonly ask: (question: AuditQuestion) => Promise<Answer>
  /** How a refusal is written. */
  readonly refuse: (reply: FastifyReply, code: Code) => FastifyReply
  /** Schemas of a reason and of who asks, and who it is if nobody says. */
  readonly reason: object
  readonly technician: object
  readonly unnamed: string
}

interface Body {
  readonly reason: string
  readonly technicianId?: string
}

interface StartBody extends Body {
  readonly choice: AuditChoice
  readonly column?: number
}

const COLUMNS_MAX = 1_000
const QUERY = {
  type: 'object',
  additionalProperties: false,
  properties: { id: { type: 'string', pattern: '^[1-9][0-9]{0,14}$' } },
}

export function routeAudits(app: FastifyInstance, parts: Parts): void {
  const { reason, technician, unnamed } = parts
  const bodyOf = (required: readonly string[], properties: object) => ({
    type: 'object',
    additionalProperties: false,
    required: ['reason', ...required],
    properties: { reason, technicianId: technician, ...properties },
  })
  const obey = async (
    reply: FastifyReply,
    { technicianId = unnamed }: { readonly technicianId?: string },
    command: AuditCommand,
  ): Promise<object> => {
    const answer = await parts.ask({ technicianId, command })
    if (answer.kind === 'refused') return parts.refuse(reply, answer.code)
    const { kind, ...told } = answer
    if (kind !== 'audit-started' && kind !== 'audit-stopped' && kind !== 'audited') {
      throw new Error(`The answer to audit ${command.kind} was of the kind ${kind}`)
    }
    return { apiVersion: 1, ...('report' in told ? told.report : { result: kind, ...told }) }
  }
  const start = {
    choice: { enum: AUDIT_CHOICES },
    column: { type: 'integer', minimum: 1, maximum: COLUMNS_MAX },
  }
  app.post<{ Body: StartBody }>(
    '/v1/audit/start',
    { schema: { body: bodyOf(['choice'], start) } },
    async ({ body }, reply) => {
      const { choice } = body
      const column = choice === 'column' ? (body.column ?? null) : null
      const text = body.reason.trim()
      return await obey(reply, body, { kind: 'start', choice, column, reason: text })
    },
  )
  app.post<{ Body: Body }>(
    '/v1/audit/stop',
    { schema: { body: bodyOf([], {}) } },
    async ({ body }, reply) =>
      await obey(reply, body, { kind: 'stop', reason: body.reason.trim() }),
  )
  app.get<{ Querystring: { id?: string } }>(
    '/v1/audit',
    { schema: { querystring: QUERY } },
    async ({ query }, reply) => {
      const auditId = query.id === undefined ? null : Number(query.id)
      return await obey(reply, {}, { kind: 'report', auditId })
    },
  )
}
