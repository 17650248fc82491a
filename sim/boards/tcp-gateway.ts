// A gateway between TCP and a serial line, as they hang beside locker walls: it copies bytes both
// ways and knows nothing of what they mean. All its clients hear the line, as with the real ones.
import { once } from 'node:events'
import { createServer, type Server, type Socket } from 'node:net'

const HOST = '127.0.0.1'

export class TcpGateway {
  readonly #server: Server
  readonly #toLine: (bytes: Uint8Array) => void
  readonly #clients = new Set<Socket>()
  /** While it is stalled: what came in and went nowhere, by client. */
  readonly #waiting = new Map<Socket, Uint8Array[]>()
  #toClients: Uint8Array[] = []
  #isStalled = false

  constructor(toLine: (bytes: Uint8Array) => void) {
    this.#toLine = toLine
    this.#server = createServer({ noDelay: true }, (client) => this.#greet(client))
  }

  /** @param port 0: any free one */
  async listen(port: number): Promise<void> {
    this.#server.listen(port, HOST)
    await once(this.#server, 'listening')
  }

  get port(): number {
    const address = this.#server.address()
    if (address === null || typeof address === 'string') throw new Error('the gateway is closed')
    return address.port
  }

  get connections(): number {
    return this.#clients.size
  }

  /** From the line to everybody. */
  send(bytes: Uint8Array): void {
    if (this.#isStalled) {
      this.#toClients.push(bytes)
      return
    }
    for (const client of this.#clients) client.write(bytes)
  }

  /** It hangs: connections stay up, and every byte waits inside. */
  stall(): void {
    this.#isStalled = true
  }

  /**
   * It goes on where it hung: what still connected clients had sent goes onto the line, late as it
   * is. What came from a connection that has ended meanwhile went with it.
   */
  resume(): void {
    this.#isStalled = false
    for (const chunks of this.#waiting.values()) for (const bytes of chunks) this.#toLine(bytes)
    this.#waiting.clear()
    for (const bytes of this.#toClients.splice(0)) this.send(bytes)
  }

  /** Breaks every connection; new ones are welcome. */
  cut(): void {
    for (const client of this.#clients) client.resetAndDestroy()
  }

  /** It loses power: connections break and the port is closed. */
  async kill(): Promise<void> {
    this.cut()
    this.#waiting.clear()
    this.#toClients = []
    const closed = once(this.#server, 'close')
    this.#server.close()
    await closed
  }

  #greet(client: Socket): void {
    this.#clients.add(client)
    client.on('data', (bytes) => {
      if (!this.#isStalled) this.#toLine(bytes)
      else this.#waiting.set(client, [...(this.#waiting.get(client) ?? []), bytes])
    })
    // A reset is an ending like any other; 'close' follows.
    client.on('error', () => {})
    client.on('close', () => {
      this.#clients.delete(client)
      this.#waiting.delete(client)
    })
  }
}
