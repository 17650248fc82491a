// NATS with JetStream as a broker that speaks MQTT 3.1.1.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { freePort } from './mosquitto.ts'
import { type Broker, ServerProcess } from './process.ts'

const PROGRAM = 'nats-server'
const START_MAX_MS = 10_000

export async function startNats(): Promise<Broker> {
  const folder = mkdtempSync(join(tmpdir(), 'latchkey-nats-'))
  const [port, own] = [await freePort(), await freePort()]
  const configFile = join(folder, 'nats.conf')
  writeFileSync(
    configFile,
    `server_name: lockers
listen: "127.0.0.1:${own}"
jetstream { store_dir: "${folder}/store", max_mem: 256M, max_file: 2G }
mqtt { host: "127.0.0.1", port: ${port}, ack_wait: "30s", max_ack_pending: 1000 }
`,
  )
  const server = new ServerProcess({
    command: PROGRAM,
    args: ['-c', configFile],
    port,
    startMaxMs: START_MAX_MS,
  })
  await server.start()
  return {
    name: 'NATS',
    url: `mqtt://127.0.0.1:${port}`,
    start: () => server.start(),
    kill: () => server.end('SIGKILL'),
    freeze: () => server.signal('SIGSTOP'),
    thaw: () => server.signal('SIGCONT'),
    async stop() {
      await server.end('SIGTERM')
      rmSync(folder, { recursive: true, force: true })
    },
  }
}
