// The demo's broker, in this process: aedes speaks MQTT 3.1.1, so the kiosk's fallback from 5 is at
// work here every day.
import { once } from 'node:events'
import { createServer } from 'node:net'
import { Aedes } from 'aedes'

export interface DemoBroker {
  close(): Promise<void>
}

export async function startBroker(url: string): Promise<DemoBroker> {
  const broker = await Aedes.createBroker()
  const server = createServer((socket) => {
    socket.setNoDelay(true)
    broker.handle(socket)
  })
  const { hostname, port } = new URL(url)
  server.listen(Number(port), hostname)
  await once(server, 'listening')
  return {
    async close() {
      await new Promise<void>((resolve) => broker.close(resolve))
      server.close()
    },
  }
}
