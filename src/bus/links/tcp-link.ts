// A gateway between TCP and an RS-485 line, for one connection: a new socket each time. Nothing is
// written before it is connected, and closing throws the connection away with all that was not sent
// yet, so that nothing old leaves when the network comes back.
import { createConnection, type Socket } from 'node:net'
import type { Framing, TcpLinkConfig } from '../config.ts'
import { readFrames } from './frames.ts'
import type { BusLink, LinkHost } from './link.ts'

/** A gateway on the same site answers within milliseconds. */
const CONNECT_TIMEOUT_MS = 3_000

export function createTcpLink(config: TcpLinkConfig, host: LinkHost, framing: Framing): BusLink {
  return new TcpLink(config, host, framing)
}

class TcpLink implements BusLink {
  readonly #config: TcpLinkConfig
  readonly #host: LinkHost
  readonly #framing: Framing
  #socket: Socket | null = null
  #phase: 'new' | 'opening' | 'open' | 'ended' = 'new'
  #patience: NodeJS.Timeout | undefined

  constructor(config: TcpLinkConfig, host: LinkHost, framing: Framing) {
    this.#config = config
    this.#host = host
    this.#framing = framing
  }

  open(): void {
    if (this.#phase !== 'new') return
    this.#phase = 'opening'
    const { host, port } = this.#config
    const socket = createConnection({ host, port, noDelay: true })
    this.#socket = socket
    // The listeners stay for ever: an unheard error is fatal.
    socket.on('error', (error) => this.#end(error.message))
    socket.on('end', () => this.#end('the gateway ended the connection'))
    socket.on('close', () => this.#end('the connection was closed'))
    socket.on('connect', () => this.#start(socket))
    this.#patience = setTimeout(() => this.#end('the gateway does not answer'), CONNECT_TIMEOUT_MS)
  }

  send(text: string): void {
    // Node would keep the bytes until it is connected, or behind those that a full buffer holds
    // back.
    if (this.#phase !== 'open' || this.#socket === null || this.#socket.writableLength > 0) return
    this.#socket.write(text, 'latin1')
  }

  close(): void {
    this.#phase = 'ended'
    this.#release()
  }

  #start(socket: Socket): void {
    if (this.#phase !== 'opening') return
    clearTimeout(this.#patience)
    this.#phase = 'open'
    readFrames(socket, this.#framing, (text) => {
      if (this.#phase === 'open') this.#host.frame(text)
    })
    // A gateway that floods has megabytes in the socket's buffers, and Node would hand them all on
    // before anything else has its turn.
    socket.on('data', () => {
      socket.pause()
      setImmediate(() => socket.resume())
    })
    this.#host.opened()
  }

  #end(cause: string): void {
    if (this.#phase === 'ended') return
    this.#phase = 'ended'
    this.#release()
    this.#host.closed(cause)
  }

  /** With a reset: an orderly end would first deliver what still waits to be sent. */
  #release(): void {
    clearTimeout(this.#patience)
    this.#socket?.resetAndDestroy()
  }
}
