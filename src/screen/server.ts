// The local HTTP and WebSocket server of the touchscreen: shows whole views, takes a person's
// wishes, decides nothing. Typed digits end here: inside the daemon there are only their keyed
// indexes.
import { randomUUID } from 'node:crypto'
import fastifyStatic from '@fastify/static'
import fastifyWebsocket from '@fastify/websocket'
import type { FastifyInstance } from 'fastify'
import type { TokenClaims } from '../kiosk/token-facts.ts'
import type { Intent, IntentResult, View } from '../kiosk/view.ts'
import { createPageServer, type ScreenLog, sendProblem } from './http.ts'
import type { KeyFunction } from './inputs/config.ts'
import { Keypad } from './keypad.ts'
import { ANSWERS_MAX, FRAME_BYTES_MAX, INPUTS_PER_WINDOW } from './limits.ts'
import { parseClientMessage } from './messages.ts'
import { assetsOf, loadPage } from './page.ts'
import { watchPresence } from './presence.ts'
import { type Hello, type IntentMessage, PROTO, type ServerMessage } from './protocol.ts'
import { type Connection, createRateLimit, Sockets } from './sockets.ts'

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
  /** A scanner of the daemon's own has read it. */
  scan(code: string): void
  /** A key of the daemon's own keypad. */
  press(does: KeyFunction): void
  /** What was begun at the keypad is not to be believed. */
  interrupt(): void
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
    scan: (code) => stage.scan(code),
    press: (does) => stage.press(does),
    interrupt: () => stage.keypad.forget(),
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
  readonly keypad: Keypad
  readonly #options: ScreenOptions
  readonly #admit = createRateLimit(INPUTS_PER_WINDOW)
  hello: Hello
  #shown: Shown | null = null
  readonly #waiting = new Map<string, Connection>()
  readonly #answers = new Map<string, IntentResult>()
  readonly #scans = new Map<string, { readonly code: string; readonly isAgain: boolean }>()

  constructor(options: ScreenOptions) {
    this.#options = options
    this.hello = options.hello
    this.sockets = new Sockets(options.log)
    this.keypad = new Keypad({
      view: () => this.#viewNow(),
      tell: (message) => this.sockets.broadcast(message),
      send: options.onIntent,
      digitsOf: (digits) => this.#digitsOf(digits),
    })
  }

  welcome(connection: Connection): void {
    for (const message of this.#opening()) this.sockets.send(connection, message)
  }

  rename(place: Pick<Hello, 'siteName' | 'helpPhone'>): void {
    const { siteName, helpPhone } = place
    this.hello = { ...this.hello, siteName, helpPhone }
    for (const message of this.#opening()) this.sockets.broadcast(message)
  }

  /** All that a page has to know. */
  #opening(): readonly ServerMessage[] {
    const view = this.#viewNow()
    const { count } = this.keypad
    return [
      { kind: 'hello', proto: PROTO, ...this.hello },
      ...(view === null ? [] : [{ kind: 'view', view } as const]),
      ...(count === 0 ? [] : [{ kind: 'typed', count } as const]),
    ]
  }

  #viewNow(): View | null {
    if (this.#shown === null) return null
    const { view, atMs } = this.#shown
    return aged(view, performance.now() - atMs)
  }

  scan(code: string): void {
    if (this.#admit()) this.#sendScan({ code, isAgain: false })
  }

  /** A code means the same on the screen that has come meanwhile: it is sent once more for that. */
  #sendScan(scan: { readonly code: string; readonly isAgain: boolean }): void {
    if (this.#shown === null) return
    const intentId = randomUUID()
    putBounded(this.#scans, intentId, scan)
    this.#options.onIntent(intentId, this.#shown.view.rev, this.#scanOf(scan.code))
  }

  press(does: KeyFunction): void {
    if (this.#admit()) this.keypad.press(does)
  }

  show(view: View): void {
    if (this.#shown !== null && screenKeyOf(view) !== screenKeyOf(this.#shown.view)) {
      this.keypad.forget()
    }
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
    // Whoever touches the screen has left the keypad.
    if (message.kind === 'forget' || message.kind === 'digits') this.keypad.forget()
    if (message.kind === 'forget') return
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
    this.keypad.answered(id)
    const scan = this.#scans.get(id)
    this.#scans.delete(id)
    if (scan?.isAgain === false && result === 'stale') this.#sendScan({ ...scan, isAgain: true })
    putBounded(this.#answers, id, result)
    const connection = this.#waiting.get(id)
    this.#waiting.delete(id)
    if (connection !== undefined) this.sockets.send(connection, { kind: 'answer', id, result })
  }

  #intentOf(message: IntentMessage): Intent {
    switch (message.kind) {
      case 'digits':
        return this.#digitsOf(message.digits)
      case 'press':
        return { kind: 'press', action: message.action, value: message.value ?? null }
      case 'scan':
        return this.#scanOf(message.code)
    }
  }

  #digitsOf(digits: string): Intent {
    return { kind: 'digits', digitCount: digits.length, ...this.#options.hashDigits(digits) }
  }

  #scanOf(code: string): Intent {
    const token = this.#options.readToken(code)
    if (token !== null) return { kind: 'token', claims: token.claims }
    return { kind: 'scan', code, badgeIndex: this.#options.hashBadge(code) }
  }
}

/** What a person sees as one screen: typed digits belong to it. */
function screenKeyOf({ screen }: View): string {
  return `${screen.kind} ${'lockerId' in screen ? screen.lockerId : ''}`
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
