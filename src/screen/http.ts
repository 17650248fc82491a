// An HTTP server for one page on this machine. Localhost is hostile: any web page that a browser
// here shows can reach it, so each request must name this server as its host and come from its own
// page.
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import Fastify from 'fastify'
import { CODES, type Code } from '../kiosk/codes.ts'

/** The part of a pino logger that the screen uses. */
export interface ScreenLog {
  info(data: object, text: string): void
  warn(data: object, text: string): void
  error(data: object, text: string): void
}

const HEADERS = {
  'content-security-policy':
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; " +
    "font-src 'self'; connect-src 'self'; base-uri 'none'; form-action 'none'; " +
    "frame-ancestors 'none'",
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
  'referrer-policy': 'no-referrer',
  'x-content-type-options': 'nosniff',
  'cache-control': 'no-store',
}

const LOOPBACK = ['127.0.0.1', 'localhost', '[::1]']

export function createPageServer(options: {
  readonly host: string
  readonly log: ScreenLog
}): FastifyInstance {
  const names = [...LOOPBACK, options.host]
  const app = Fastify({
    logger: false,
    forceCloseConnections: true,
    frameworkErrors: (_error, _request, reply) => {
      reply.headers(HEADERS)
      void sendProblem(reply, 400, 'LK-SCR-01')
    },
  })
  app.addHook('onRequest', async (request, reply) => {
    reply.headers(HEADERS)
    // A socket that asked to be upgraded belongs to nobody once it is refused: it would stay open.
    if (request.headers.upgrade !== undefined) {
      reply.raw.once('finish', () => request.raw.socket.destroySoon())
    }
    if (!isOwn(request, names)) return sendProblem(reply, 403, 'LK-SCR-02')
    // Refused before a body is read: nothing here takes one.
    if (request.method === 'GET' || request.method === 'HEAD') return
    reply.header('allow', 'GET, HEAD')
    return sendProblem(reply, 405, 'LK-SCR-01')
  })
  app.setNotFoundHandler((_request, reply) => sendProblem(reply, 404, 'LK-SCR-03'))
  app.setErrorHandler((error, _request, reply) => {
    const status = statusOf(error)
    // A path that leads out of the folder is a page that does not exist, and no hint what lies
    // there.
    if (status === 403) return sendProblem(reply, 404, 'LK-SCR-03')
    if (status >= 500) options.log.error({ err: error }, 'a request to the screen failed')
    return sendProblem(reply, status, 'LK-SCR-01')
  })
  return app
}

function statusOf(error: unknown): number {
  const status = error instanceof Error && 'statusCode' in error ? error.statusCode : undefined
  return typeof status === 'number' && status >= 400 ? status : 500
}

/** RFC 9457. The text is the code's own, never the error's: that could repeat what was sent. */
export function sendProblem(reply: FastifyReply, status: number, code: Code): FastifyReply {
  return reply
    .code(status)
    .type('application/problem+json')
    .send(JSON.stringify({ type: 'about:blank', status, title: CODES[code], code }))
}

function isOwn(request: FastifyRequest, names: readonly string[]): boolean {
  const { host, origin, upgrade } = request.headers
  const port = request.socket.localPort
  const isKnown = names.some((name) => host === `${name}:${port}` || (port === 80 && host === name))
  if (!isKnown) return false
  // A browser always names the origin of a WebSocket; what does not is no page of ours.
  if (upgrade !== undefined) return origin === `http://${host}`
  return origin === undefined || origin === `http://${host}`
}
