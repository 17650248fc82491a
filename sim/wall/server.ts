// Serves the page of the simulated wall: whole snapshots out, what a person's hands do in. For the
// demo only, on this machine only.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import fastifyStatic from '@fastify/static'
import fastifyWebsocket from '@fastify/websocket'
import { createPageServer, type ScreenLog, sendProblem } from '../../src/screen/http.ts'
import { FRAME_BYTES_MAX } from '../../src/screen/limits.ts'
import { assetsOf } from '../../src/screen/page.ts'
import { type Connection, Sockets } from '../../src/screen/sockets.ts'
import type { PostHost, WallHost, WallResult } from './host.ts'
import { parseWallMessage } from './messages.ts'
import type { WallRequest, WallServerMessage } from './protocol.ts'

export interface WallOptions {
  readonly host: string
  /** 0: any free one; see `url`. */
  readonly port: number
  /** The folder of the built wall page, `dist/web/wall`. */
  readonly webRoot: string
  readonly world: WallHost
  readonly post: PostHost
  readonly log?: ScreenLog
}

export interface WallServer {
  readonly url: string
  close(): Promise<void>
}

const SILENT: ScreenLog = { info: () => {}, warn: () => {}, error: () => {} }

export async function startWall(options: WallOptions): Promise<WallServer> {
  const { host, port, webRoot, world, post, log = SILENT } = options
  const app = createPageServer({ host, log })
  const sockets = new Sockets<WallServerMessage>(log)
  await app.register(fastifyWebsocket, {
    options: { maxPayload: FRAME_BYTES_MAX, perMessageDeflate: false },
    preClose: (done) => {
      sockets.closeAll()
      app.websocketServer.close(() => done())
    },
  })
  const page = loadWallPage(webRoot)
  if (page !== null) await app.register(fastifyStatic, assetsOf(webRoot))
  app.get('/', (_request, reply) =>
    page === null
      ? sendProblem(reply, 404, 'LK-SCR-03')
      : reply.type('text/html; charset=utf-8').send(page),
  )
  app.route({
    method: 'GET',
    url: '/wall',
    handler: (_request, reply) => sendProblem(reply, 404, 'LK-SCR-03'),
    wsHandler: (socket) => {
      const connection = sockets.add(socket)
      if (connection === null) return
      socket.on('message', (data: Buffer) => take(connection, data))
      sockets.send(connection, worldOf(world, post))
    },
  })
  const take = (connection: Connection, data: Buffer) => {
    const message = connection.admit() ? parseWallMessage(data) : null
    if (message === null) {
      sockets.send(connection, { kind: 'error', code: 'LK-SCR-01' })
      return
    }
    const { id, request } = message
    const result = obey(request, world, post)
    sockets.send(
      connection,
      result.ok ? { kind: 'done', id } : { kind: 'refused', id, reason: result.reason },
    )
  }
  const tell = () => sockets.broadcast(worldOf(world, post))
  world.onChange(tell)
  post.onChange(tell)
  const url = await app.listen({ host, port })
  return { url: `${url}/`, close: () => app.close() }
}

function obey(request: WallRequest, world: WallHost, post: PostHost): WallResult {
  if (request.kind !== 'announce') return world.act(request)
  const { way, recipientId, size, tracking } = request
  return post.announce({ way, recipientId, size, tracking })
}

function worldOf(world: WallHost, post: PostHost): WallServerMessage {
  return {
    kind: 'world',
    wall: world.snapshot(),
    letters: post.letters(),
    couriers: post.couriers(),
    recipients: post.recipients(),
  }
}

function loadWallPage(webRoot: string): string | null {
  try {
    return readFileSync(join(webRoot, 'wall.html'), 'utf8')
  } catch {
    return null
  }
}
