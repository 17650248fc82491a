// A broker's side of the wire by hand, for what no real broker here would do.
import { once } from 'node:events'
import { createServer, type Socket } from 'node:net'

export interface RawBroker {
  readonly port: number
  close(): void
}

export const CONNACK = Buffer.from([0x20, 2, 0, 0])
export const SUBSCRIBE = 8

/** @param answer what to do with each chunk that a client sends */
export async function startRawBroker(
  answer: (socket: Socket, bytes: Buffer) => void,
): Promise<RawBroker> {
  const sockets = new Set<Socket>()
  const server = createServer((socket) => {
    sockets.add(socket)
    socket.on('data', (bytes: Buffer) => answer(socket, bytes))
    socket.on('error', () => socket.destroy())
    socket.on('close', () => sockets.delete(socket))
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
