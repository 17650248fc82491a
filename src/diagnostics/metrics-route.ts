// All figures in one answer.
import type { FastifyInstance } from 'fastify'
import type { UplinkAnswer, UplinkQuestion } from '../kiosk/uplink-report.ts'
import {
  type InputFigures,
  inputFamilies,
  METRICS_TYPE,
  metricsText,
  uplinkFamilies,
} from './metrics.ts'

const NOTHING = { type: 'object', additionalProperties: false, properties: {} }

export function routeMetrics(
  app: FastifyInstance,
  parts: {
    /** In time, or it throws. */
    readonly ask: (question: UplinkQuestion) => Promise<UplinkAnswer>
    readonly inputs: () => readonly InputFigures[]
  },
): void {
  app.get('/metrics', { schema: { querystring: NOTHING } }, async (_request, reply) => {
    const answer = await parts.ask({ kind: 'report' })
    if (answer.kind !== 'uplink') throw new Error(`a report was answered with ${answer.kind}`)
    const families = [...uplinkFamilies(answer.report), ...inputFamilies(parts.inputs())]
    return reply.type(METRICS_TYPE).send(metricsText(families))
  })
}
