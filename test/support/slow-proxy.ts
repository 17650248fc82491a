// Stands between a client and a broker and passes every byte on, so much later: a long line.
import { once } from 'node:events'
import { connect, createServer, type Socket } from 'node:net'

export interface SlowProxy {
  readonly port: number
  close(): void
}

/** @param delayMs of each direction: half of a round trip */
export async function startSlowProxy(target: number, delayMs: number): Promise<SlowProxy> {
  const sockets = new Set<Socket>()
  const pipe = (from: Socket, to: Socket): void => {
    sockets.add(from)
    from.setNoDelay(true)
    // Timers of one length end in the order in which they began.
    const later = (act: () => void): void => void setTimeout(act, delayMs)
    from.on('data', (bytes: Buffer) => later(() => void to.write(bytes)))
    from.on('end', () => later(() => void to.end()))
    from.on('error', () => to.destroy())
    from.on('close', () => sockets.delete(from))
  }
  const server = createServer((client) => {
    const broker = connect({ host: '127.0.0.1', port: target })
    pipe(client, broker)
    pipe(broker, client)
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('no port')
  return {
    port: address.port,
    close: () => {
      server.close()
      for (const socket of sockets) socket.destroy()
    },
  }
}
