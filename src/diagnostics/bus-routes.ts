// The buses, for a technician: `GET /v1/buses`. What a bus says of itself passes a closed schema,
// so that nothing is told by accident.
import type { FastifyInstance } from 'fastify'
import { routeTrace, type TraceSource } from './bus-trace.ts'

/** The daemon's buses, as far as they may be looked at. */
export interface BusView extends TraceSource {
  stats(): readonly object[]
}

const text = { type: 'string' }
const whole = { type: 'integer', minimum: 0 }
const number = { type: 'number', minimum: 0 }

function closed(properties: Readonly<Record<string, object>>): object {
  return {
    type: 'object',
    additionalProperties: false,
    required: Object.keys(properties),
    properties,
  }
}

const SPREAD = {
  anyOf: [
    closed({ samples: whole, p50Ms: number, p95Ms: number, maxMs: number }),
    { type: 'null' },
  ],
}

const COUNTS = { framesSent: whole, repetitions: whole, failures: whole, framesDropped: whole }

const BOARD = closed({
  id: text,
  dialect: text,
  address: whole,
  presence: { enum: ['unknown', 'online', 'lost'] },
  ...COUNTS,
  replies: whole,
  latency: SPREAD,
  cycle: SPREAD,
})

const BUS = closed({
  id: text,
  link: closed({
    kind: { enum: ['serial', 'tcp'] },
    place: text,
    baudRate: whole,
    isOpen: { type: 'boolean' },
  }),
  ...COUNTS,
  linkOpenings: whole,
  boards: { type: 'array', items: BOARD },
})

const BUSES = closed({ apiVersion: { const: 1 }, buses: { type: 'array', items: BUS } })

export function routeBuses(app: FastifyInstance, buses: BusView): void {
  const querystring = { type: 'object', additionalProperties: false, properties: {} }
  app.get('/v1/buses', { schema: { querystring, response: { 200: BUSES } } }, async () => ({
    apiVersion: 1,
    buses: buses.stats(),
  }))
  routeTrace(app, buses)
}
