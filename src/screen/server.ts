// The local HTTP and WebSocket server of the touchscreen: shows whole views, takes a person's
// wishes, decides nothing. Typed digits end here: inside the daemon there are only their keyed
// indexes.
import fastifyStatic from '@fastify/static'
import fastifyWebsocket from '@fastify/websocket'
import type { FastifyInstance } from 'fastify'
import type { TokenClaims } from '../kiosk/token-facts.ts'
import type { Intent, IntentResult, View } from '../kiosk/view.ts'
import { createPageServer, type ScreenLog, sendProblem } from './http.ts'
import { ANSWERS_MAX, FRAME_BYTES_MAX } from './limits.ts'
import { parseClientMessage } from './messages.ts'
import { assetsOf, loadPage } from './page.ts'
import { watchPresence } from './presence.ts'
import { type Hello, type IntentMessage, PROTO, type ServerMessage } from './protocol.ts'
import { type Connection, Sockets } from './sockets.ts'

export interface ScreenOptions {
  readonly host: string
  /** 0: any free one; see `url`. */
  readonly port: number
  /** The folder of the built page. */
  readonly webRoot: string
  readonly hello: Hello
  /** Synchronous and keyed; what was typed ceases to exist with its return. */
  readonly hashDigits: (digits: string) => {
    readonly pinIndex: string
    readonly accessIndex: string
  }
  /** The keyed index of what a scanner read, should it be a badge. */
  readonly hashBadge: (code: string) => string
  /** Synchronous: checks the signature, and keeps nothing of the token but its claims. */
  readonly readToken: (code: string) => { readonly claims: TokenClaims | null } | null
  readonly onIntent: (intentId: string, rev: number, intent: Intent) => void
  /** Whether any page is connected: soon after the start, and whenever it changes for long. */
  readonly onPresence: (isConnected: boolean) => void
  readonly health: () => object
  readonly log: ScreenLog
}

export interface Screen {
  readonly url: string
  show(view: View): void
  /** What it says of the place from now on; pages that are connected hear of it. */
  rename(place: Pick<Hello, 'siteName' | 'helpPhone'>): void
  answer(intentId: string, result: IntentResult): void
  close(): Promise<void>
}

/** @throws Error with LK-RUN-03 when it cannot listen */
export async function startScreen(options: ScreenOptions): Promise<Screen> {
  const { host, port, log } = options
  const app = createPageServer({ host, log })
  const stage = new Stage(options)
  const presence = watchPresence(options.onPresence)
  await app.register(fastifyWebsocket, {
    options: { maxPayload: FRAME_BYTES_MAX, perMessageDeflate: false },
    preClose: (done) => {
      presence.stop()
      stage.sockets.closeAll()
      app.websocketServer.close(() => done())
    },
  })
  await addPages(app, options, () => stage.hello)
  app.route({
    method: 'GET',
    url: '/screen',
    handler: (_request, reply) => sendProblem(reply, 404, 'LK-SCR-03'),
    wsHandler: (socket) => {
      const connection = stage.sockets.add(socket)
      if (connection === null) return
      presence.count(stage.sockets.count)
      socket.once('close', () => presence.count(stage.sockets.count))
      socket.on('message', (data: Buffer) => stage.take(connection, data))
      stage.welcome(connection)
    },
  })
  const url = await app.listen({ host, port }).catch((error: NodeJS.ErrnoException) => {
    throw unheard(error, `${host}:${port}`)
  })
  log.info({ url }, 'the screen is served')
  return {
    url: `${url}/`,
    show: (view) => stage.show(view),
    rename: (place) => stage.rename(place),
    answer: (intentId, result) => stage.answer(intentId, result),
    close: () => app.close(),
  }
}

/** For whoever starts the daemon. */
function unheard({ code, message }: NodeJS.ErrnoException, place: string): Error {
  const isTaken = code === 'EADDRINUSE'
  const why = isTaken ? `another program listens on ${place}` : `${place}: ${message}`
  const hint = isTaken ? 'stop it, or set another screen.port' : 'set another screen.port'
  return new Error(`LK-RUN-03: ${why}; ${hint}`)
}

async function addPages(
  app: FastifyInstance,
  options: ScreenOptions,
  helloNow: () => Hello,
): Promise<void> {
  const { webRoot, health, log } = options
  const page = loadPage(webRoot)
  // A page that was not built is a fault of the installation; doors and sync go on without it.
  if (page === null) log.error({ webRoot }, 'the screen’s page is not built')
  else await app.register(fastifyStatic, assetsOf(webRoot))
  app.get('/', (_request, reply) => {
    if (page === null) return sendProblem(reply, 404, 'LK-SCR-03')
    return reply.type('text/html; charset=utf-8').send(page(helloNow()))
  })
  app.get('/healthz', () => health())
}

interface Shown {
  readonly view: View
  readonly atMs: number
}

/** What is shown now, and who waits for an answer. */
class Stage {
  readonly sockets: Sockets<ServerMessage>
  readonly #options: ScreenOptions
  hello: Hello
  #shown: Shown | null = null
  readonly #waiting = new Map<string, Connection>()
  readonly #answers = new Map<string, IntentResult>()

  constructor(options: ScreenOptions) {
    this.#options = options
    this.hello = options.hello
    this.sockets = new Sockets(options.log)
  }

  welcome(connection: Connection): void {
    this.sockets.send(connection, { kind: 'hello', proto: PROTO, ...this.hello })
    if (this.#shown === null) return
    this.sockets.send(connection, this.#present(this.#shown))
  }

  #present({ view, atMs }: Shown): ServerMessage {
    return { kind: 'view', view: aged(view, performance.now() - atMs) }
  }

  rename(place: Pick<Hello, 'siteName' | 'helpPhone'>): void {
    const { siteName, helpPhone } = place
    this.hello = { ...this.hello, siteName, helpPhone }
    this.sockets.broadcast({ kind: 'hello', proto: PROTO, ...this.hello })
    if (this.#shown !== null) this.sockets.broadcast(this.#present(this.#shown))
  }

  show(view: View): void {
    this.#shown = { view, atMs: performance.now() }
    this.sockets.broadcast({ kind: 'view', view })
  }

  take(connection: Connection, data: Buffer): void {
    const message = connection.admit() ? parseClientMessage(data) : null
    if (message === null) {
      this.sockets.send(connection, { kind: 'error', id: null, code: 'LK-SCR-01' })
      return
    }
    if (message.kind === 'ping') {
      this.sockets.send(connection, { kind: 'pong' })
      return
    }
    const { id, rev } = message
    const result = this.#answers.get(id)
    if (result !== undefined) {
      this.sockets.send(connection, { kind: 'answer', id, result })
      return
    }
    putBounded(this.#waiting, id, connection)
    this.#options.onIntent(id, rev, this.#intentOf(message))
  }

  answer(id: string, result: IntentResult): void {
    putBounded(this.#answers, id, result)
    const connection = this.#waiting.get(id)
    this.#waiting.delete(id)
    if (connection !== undefined) this.sockets.send(connection, { kind: 'answer', id, result })
  }

  #intentOf(message: IntentMessage): Intent {
    switch (message.kind) {
      case 'digits':
        return {
          kind: 'digits',
          digitCount: message.digits.length,
          ...this.#options.hashDigits(message.digits),
        }
      case 'press':
        return { kind: 'press', action: message.action, value: message.value ?? null }
      case 'scan':
        return this.#scanOf(message.code)
    }
  }

  #scanOf(code: string): Intent {
    const token = this.#options.readToken(code)
    if (token !== null) return { kind: 'token', claims: token.claims }
    return { kind: 'scan', code, badgeIndex: this.#options.hashBadge(code) }
  }
}

function putBounded<V>(map: Map<string, V>, key: string, value: V): void {
  map.delete(key)
  map.set(key, value)
  for (const oldest of map.keys()) {
    if (map.size <= ANSWERS_MAX) return
    map.delete(oldest)
  }
}

/** Durations in a view run from its sending; who comes later gets what is left of them. */
function aged(view: View, ageMs: number): View {
  const left = (ms: number) => Math.max(0, Math.round(ms - ageMs))
  const { screen, idle } = view
  return {
    ...view,
    screen: 'waitMs' in screen ? { ...screen, waitMs: left(screen.waitMs) } : screen,
    idle: idle && { warnInMs: left(idle.warnInMs), endInMs: left(idle.endInMs) },
  }
}
