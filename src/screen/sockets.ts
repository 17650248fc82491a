// The pages that are connected. A page may vanish, stall or flood at any moment; none of that
// reaches the daemon, and no page can make another one wait.
import type { WebSocket } from '@fastify/websocket'
import type { ScreenLog } from './http.ts'
import {
  BUFFERED_BYTES_MAX,
  CLOSE_MS,
  MESSAGES_PER_WINDOW,
  RATE_WINDOW_MS,
  SOCKETS_MAX,
} from './limits.ts'

const GOING_AWAY = 1001
const TRY_AGAIN_LATER = 1013

export interface Connection {
  readonly socket: WebSocket
  /** @returns false when this socket has sent more than it may */
  admit(): boolean
}

/** @typeParam Message what this server's pages are sent */
export class Sockets<Message extends object> {
  readonly #connections = new Set<Connection>()
  readonly #log: ScreenLog

  constructor(log: ScreenLog) {
    this.#log = log
  }

  get count(): number {
    return this.#connections.size
  }

  /** @returns null when there are too many; the socket has been told and is closing */
  add(socket: WebSocket): Connection | null {
    // Without a listener a broken pipe would be an uncaught exception.
    socket.on('error', (error) => this.#log.warn({ err: error }, 'a screen’s socket failed'))
    if (this.#connections.size >= SOCKETS_MAX) {
      this.#log.warn({ socketsMax: SOCKETS_MAX }, 'too many screens; one was turned away')
      socket.close(TRY_AGAIN_LATER)
      return null
    }
    const connection = { socket, admit: createRateLimit(MESSAGES_PER_WINDOW) }
    this.#connections.add(connection)
    socket.once('close', () => this.#connections.delete(connection))
    return connection
  }

  send(connection: Connection, message: Message): void {
    const { socket } = connection
    if (socket.readyState !== socket.OPEN) return
    if (socket.bufferedAmount > BUFFERED_BYTES_MAX) {
      this.#log.warn({ bufferedBytes: socket.bufferedAmount }, 'a screen does not read; closed')
      this.#connections.delete(connection)
      socket.terminate()
      return
    }
    socket.send(JSON.stringify(message), () => {})
  }

  broadcast(message: Message): void {
    for (const connection of this.#connections) this.send(connection, message)
  }

  closeAll(): void {
    for (const { socket } of this.#connections) {
      socket.close(GOING_AWAY)
      setTimeout(() => socket.terminate(), CLOSE_MS).unref()
    }
  }
}

/** @returns false for what comes above `most` within a window */
export function createRateLimit(most: number): () => boolean {
  let windowEndsAtMs = 0
  let count = 0
  return () => {
    const nowMs = performance.now()
    if (nowMs >= windowEndsAtMs) {
      windowEndsAtMs = nowMs + RATE_WINDOW_MS
      count = 0
    }
    count += 1
    return count <= most
  }
}
