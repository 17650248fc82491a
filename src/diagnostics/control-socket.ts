// What a technician may ask of the running daemon: HTTP over a Unix socket. Who may connect is
// decided by the socket's owner, group and mode. Nothing is decided here; the rules answer.
import { chmodSync } from 'node:fs'
import { type FastifyError, type FastifyInstance, type FastifyReply, fastify } from 'fastify'
import type { Code } from '../kiosk/codes.ts'
import { type KioskConfig, lockersOf } from '../kiosk/config.ts'
import type { Answer, KioskStatus, TechnicianCommand } from '../kiosk/events.ts'
import type { UplinkAnswer, UplinkQuestion } from '../kiosk/uplink-report.ts'
import { type AuditQuestion, routeAudits } from './audit-routes.ts'
import { type BusView, routeBuses } from './bus-routes.ts'
import { routeExplain } from './explain-route.ts'
import type { InputFigures } from './metrics.ts'
import { routeMetrics } from './metrics-route.ts'
import { problemOf } from './problem.ts'
import { clearSocketPlace } from './socket-place.ts'
import { routeSync } from './sync-routes.ts'
import { wallOf } from './wall.ts'

const SOCKET_MODE = 0o660
const BODY_BYTES_MAX = 4_096
/** Longer than any opening takes: an unlock that waits for its bus, and every pulse. */
const ANSWER_MAX_MS = 20_000
const REASON = {
  type: 'string',
  minLength: 3,
  maxLength: 200,
  pattern: '^[^\\p{Cc}]*\\S[^\\p{Cc}]*$',
}
const TECHNICIAN = { type: 'string', pattern: '^[A-Za-z0-9._@-]{1,64}$' }
const PARCEL = { type: 'string', minLength: 1, maxLength: 64 }
/** Whoever can reach the socket and does not say who he is. */
const TECHNICIAN_UNNAMED = 'local'

const NOT_HTTP_BODY = JSON.stringify(problemOf('LK-CTL-01'))
const NOT_HTTP = [
  'HTTP/1.1 400 Bad Request',
  'Content-Type: application/problem+json',
  `Content-Length: ${NOT_HTTP_BODY.length}`,
  'Connection: close',
  '',
  NOT_HTTP_BODY,
].join('\r\n')

/** The part of the daemon's log that is used here. */
interface ControlLog {
  info(fields: object, text: string): void
  warn(fields: object, text: string): void
  error(fields: object, text: string): void
}

export interface ControlSocketOptions {
  readonly path: string
  readonly log: ControlLog
  readonly config: KioskConfig
  readonly version: string
  readonly buses: BusView
  /** The scanners and keypads, as they are. */
  readonly inputs: () => readonly InputFigures[]
  /** How long a request may wait for its answer. */
  readonly answerMaxMs?: number
  askStatus(): Promise<KioskStatus>
  askExplanation(name: string): Promise<Answer>
  askAudit(question: AuditQuestion): Promise<Answer>
  askUplink(question: UplinkQuestion): Promise<UplinkAnswer>
  /** Answers when the command has ended, well or not. */
  ask(request: {
    readonly technicianId: string
    readonly command: TechnicianCommand
  }): Promise<Answer>
}

export interface ControlSocket {
  /** Answers what is under way, closes, and removes the socket. */
  close(): Promise<void>
}

/** @throws Error when the path is taken by a living daemon, or cannot be listened on */
export async function startControlSocket(options: ControlSocketOptions): Promise<ControlSocket> {
  const app = fastify({
    bodyLimit: BODY_BYTES_MAX,
    // Out of the box Fastify drops unknown keys and turns 3 into "3"; here both are refused.
    ajv: { customOptions: { removeAdditional: false, coerceTypes: false } },
    routerOptions: { maxParamLength: 64 },
    forceCloseConnections: 'idle',
    // What is not even HTTP reaches no route and no hook.
    clientErrorHandler: (_error, socket) => {
      if (socket.writable) socket.end(NOT_HTTP)
    },
    // What the router itself refuses does not reach the error handler.
    frameworkErrors: (error, _request, reply) => malformed(reply, error),
  })
  answerErrors(app, options)
  routeReading(app, options)
  routeCommands(app, options)
  routeBuses(app, options.buses)
  routeAudits(app, {
    ask: (question) => inTime(options.askAudit(question), options),
    refuse,
    reason: REASON,
    technician: TECHNICIAN,
    unnamed: TECHNICIAN_UNNAMED,
  })
  const askUplink = (question: UplinkQuestion) => inTime(options.askUplink(question), options)
  routeSync(app, { ask: askUplink, refuse })
  routeMetrics(app, { ask: askUplink, inputs: options.inputs })
  routeExplain(app, { ask: (name) => inTime(options.askExplanation(name), options), refuse })
  await clearSocketPlace(options.path)
  await app.listen({ path: options.path })
  // A usual umask has made it narrower than this until now, never wider.
  chmodSync(options.path, SOCKET_MODE)
  options.log.info({ event: 'control-listening', path: options.path }, 'Control socket is open.')
  return { close: () => app.close() }
}

function answerErrors(app: FastifyInstance, { log }: ControlSocketOptions): void {
  app.setNotFoundHandler((_request, reply) => refuse(reply, 'LK-CTL-05'))
  app.setErrorHandler((error: FastifyError, _request, reply) => {
    if ((error.statusCode ?? 500) < 500) return malformed(reply, error)
    log.error({ event: 'control-failed', err: error }, 'A control request failed.')
    return refuse(reply, 'LK-CTL-04')
  })
}

function routeReading(app: FastifyInstance, options: ControlSocketOptions): void {
  const { config, version } = options
  const schema = { querystring: { type: 'object', additionalProperties: false, properties: {} } }
  app.get('/v1/status', { schema }, async () => {
    const status = await inTime(options.askStatus(), options)
    return { apiVersion: 1, version, ...status, inputs: options.inputs() }
  })
  app.get('/v1/doors', { schema }, async () =>
    wallOf(config, await inTime(options.askStatus(), options)),
  )
}

/** Three months; the kiosk's own limit is the life of a PIN. */
const EXTENSION_HOURS_MAX = 2_160

interface Body {
  readonly reason: string
  readonly technicianId?: string
  readonly found?: 'empty' | 'parcel' | 'other'
  readonly parcelIds?: readonly string[]
  readonly parcelId?: string
  readonly hours?: number
}

interface CommandRoute {
  readonly name: TechnicianCommand['kind']
  readonly properties: Record<string, object>
  readonly optional?: Record<string, object>
  readonly commandOf: (lockerId: string, body: Body) => TechnicianCommand
}

type AddRoute = (route: CommandRoute) => void

function commandRouter(app: FastifyInstance, options: ControlSocketOptions): AddRoute {
  const known = new Set(lockersOf(options.config).map(({ id }) => id))
  return ({ name, properties, optional = {}, commandOf }) => {
    const body = {
      type: 'object',
      additionalProperties: false,
      required: ['reason', ...Object.keys(properties)],
      properties: { reason: REASON, technicianId: TECHNICIAN, ...properties, ...optional },
    }
    app.post<{ Params: { id: string }; Body: Body }>(
      `/v1/lockers/:id/${name}`,
      { schema: { body } },
      (request, reply) => {
        const { id } = request.params
        if (!known.has(id)) return refuse(reply, 'LK-CTL-02')
        const technicianId = request.body.technicianId ?? TECHNICIAN_UNNAMED
        const command = commandOf(id, { ...request.body, reason: request.body.reason.trim() })
        return obey({ reply, options, technicianId, command })
      },
    )
  }
}

function routeCommands(app: FastifyInstance, options: ControlSocketOptions): void {
  const route = commandRouter(app, options)
  route({
    name: 'open',
    properties: {},
    commandOf: (lockerId, { reason }) => ({ kind: 'open', lockerId, reason }),
  })
  for (const name of ['disable', 'enable', 'trust', 'reissue-pin'] as const) {
    route({
      name,
      properties: {},
      commandOf: (lockerId, { reason }) => ({ kind: name, lockerId, reason }),
    })
  }
  route({
    name: 'recall',
    properties: {},
    optional: { parcelId: PARCEL },
    commandOf: (lockerId, { reason, parcelId }) => ({
      kind: 'recall',
      lockerId,
      reason,
      ...(parcelId !== undefined && { parcelId }),
    }),
  })
  route({
    name: 'extend-pin',
    properties: { hours: { type: 'integer', minimum: 1, maximum: EXTENSION_HOURS_MAX } },
    commandOf: (lockerId, { reason, hours = 1 }) => ({
      kind: 'extend-pin',
      lockerId,
      hours,
      reason,
    }),
  })
  route({
    name: 'inspect',
    properties: { found: { enum: ['empty', 'parcel', 'other'] } },
    optional: { parcelIds: { type: 'array', minItems: 1, maxItems: 100, items: PARCEL } },
    commandOf: (lockerId, { reason, found = 'parcel', parcelIds: insideIds }) => ({
      kind: 'inspect',
      lockerId,
      found,
      reason,
      ...(insideIds !== undefined && { insideIds }),
    }),
  })
}

async function obey({
  reply,
  options,
  technicianId,
  command,
}: {
  readonly reply: FastifyReply
  readonly options: ControlSocketOptions
  readonly technicianId: string
  readonly command: TechnicianCommand
}): Promise<object> {
  const { lockerId } = command
  const told = { command: command.kind, lockerId, technicianId }
  options.log.info({ event: 'command-asked', ...told }, 'A technician asks.')
  const answer = await inTime(options.ask({ technicianId, command }), options)
  switch (answer.kind) {
    case 'opened':
    case 'unproven':
      return { apiVersion: 1, result: answer.kind, lockerId, ...seen(answer) }
    case 'inspected':
    case 'disabled':
    case 'enabled':
    case 'recalled':
    case 'trusted':
    case 'reissued':
    case 'extended':
      return { apiVersion: 1, result: answer.kind, lockerId }
    case 'refused':
      options.log.warn({ event: 'command-refused', code: answer.code, ...told }, 'It was refused.')
      return send(reply, problemOf(answer.code, answer))
    case 'audit-started':
    case 'audit-stopped':
    case 'audited':
    case 'explained':
    case 'intent':
    case 'status':
      throw new Error(`The answer to ${command.kind} was of the kind ${answer.kind}`)
  }
}

function seen({ openingId, outcome }: Extract<Answer, { kind: 'opened' | 'unproven' }>) {
  return { openingId, outcome }
}

/** A mailbox that is stuck must not leave the technician without a word. */
async function inTime<T>(work: Promise<T>, { answerMaxMs }: ControlSocketOptions): Promise<T> {
  const limitMs = answerMaxMs ?? ANSWER_MAX_MS
  const { promise, reject } = Promise.withResolvers<never>()
  const timer = setTimeout(() => reject(new Error(`No answer in ${limitMs} ms`)), limitMs)
  try {
    return await Promise.race([work, promise])
  } finally {
    clearTimeout(timer)
  }
}

function malformed(reply: FastifyReply, error: FastifyError): FastifyReply {
  const problem = problemOf('LK-CTL-01', { detail: error.message })
  return send(reply, { ...problem, status: error.statusCode ?? problem.status })
}

function refuse(reply: FastifyReply, code: Code): FastifyReply {
  return send(reply, problemOf(code))
}

function send(reply: FastifyReply, problem: { readonly status: number }): FastifyReply {
  return reply.code(problem.status).type('application/problem+json').send(problem)
}
