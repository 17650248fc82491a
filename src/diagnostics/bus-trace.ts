// `GET /v1/buses/trace`: every frame on the lines while it happens, a JSON object a line. Whoever
// reads slowly misses frames and is told how many; the buses wait for nobody.
import type { ServerResponse } from 'node:http'
import type { FastifyInstance } from 'fastify'
import { type Problem, problemOf } from './problem.ts'

/** As the buses tell it; their words go out unchanged. */
interface Traced {
  readonly bus: string
}

export interface TraceSource {
  ids(): readonly string[]
  /** @returns ends it */
  trace(heard: (entry: Traced) => void): () => void
}

/** Who would need more at once? Each one costs the daemon time with every frame. */
export const TRACES_MAX = 4
export const TRACE_SECONDS_MAX = 3_600
/** What may wait for a slow reader: some hundred frames. */
export const TRACE_BUFFER_BYTES_MAX = 65_536

const QUERY = {
  type: 'object',
  additionalProperties: false,
  properties: {
    bus: { type: 'string', minLength: 1, maxLength: 64 },
    // Fastify is told not to turn texts into numbers, and a query has only texts.
    seconds: { type: 'string', pattern: '^[1-9][0-9]{0,3}$' },
  },
}

interface Query {
  readonly bus?: string
  readonly seconds?: string
}

export function routeTrace(app: FastifyInstance, source: TraceSource): void {
  const running = new Set<(why: 'time' | 'stopping') => void>()
  app.get<{ Querystring: Query }>(
    '/v1/buses/trace',
    { schema: { querystring: QUERY } },
    (request, reply) => {
      const { bus, seconds } = request.query
      const durationMs = Number(seconds ?? TRACE_SECONDS_MAX) * 1_000
      const refusal = refusalOf({ bus, durationMs, source, running: running.size })
      if (refusal !== null) {
        return reply.code(refusal.status).type('application/problem+json').send(refusal)
      }
      reply.hijack()
      const end = stream(reply.raw, { source, bus: bus ?? null, durationMs })
      running.add(end)
      reply.raw.on('close', () => {
        end('stopping')
        running.delete(end)
      })
      return reply
    },
  )
  // A trace is never over by itself, and closing waits for what is under way.
  app.addHook('preClose', async () => {
    for (const end of running) end('stopping')
  })
}

function refusalOf({
  bus,
  durationMs,
  source,
  running,
}: {
  readonly bus: string | undefined
  readonly durationMs: number
  readonly source: TraceSource
  readonly running: number
}): Problem | null {
  if (durationMs > TRACE_SECONDS_MAX * 1_000) {
    return problemOf('LK-CTL-01', { detail: `seconds may be ${TRACE_SECONDS_MAX} at the most` })
  }
  if (bus !== undefined && !source.ids().includes(bus)) return problemOf('LK-CTL-06')
  return running >= TRACES_MAX ? problemOf('LK-CTL-07') : null
}

/** @returns ends it; may be called again */
function stream(
  raw: ServerResponse,
  {
    source,
    bus,
    durationMs,
  }: {
    readonly source: TraceSource
    readonly bus: string | null
    readonly durationMs: number
  },
): (why: 'time' | 'stopping') => void {
  let dropped = 0
  const write = (line: object) => raw.write(`${JSON.stringify(line)}\n`)
  const tellGap = () => {
    if (dropped > 0) write({ gap: dropped })
    dropped = 0
  }
  raw.writeHead(200, { 'content-type': 'application/x-ndjson', 'cache-control': 'no-store' })
  write({ format: 'latchkey-bus-trace', version: 1, buses: bus === null ? source.ids() : [bus] })
  const stop = source.trace((entry) => {
    if (bus !== null && entry.bus !== bus) return
    if (raw.writableLength > TRACE_BUFFER_BYTES_MAX) {
      dropped += 1
      return
    }
    tellGap()
    write(entry)
  })
  const end = (why: 'time' | 'stopping') => {
    clearTimeout(timer)
    stop()
    if (raw.writableEnded || raw.destroyed) return
    tellGap()
    write({ end: why })
    raw.end()
  }
  const timer = setTimeout(() => end('time'), durationMs)
  return end
}
