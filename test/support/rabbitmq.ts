// RabbitMQ with its MQTT plug-in (3.1.1): one node on the loopback, with a name server of its own.
import { existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { freePort } from './mosquitto.ts'
import { type Broker, ServerProcess } from './process.ts'

const ROOT = '/usr/lib/rabbitmq/lib'
const START_MAX_MS = 60_000
const NAME_SERVER_START_MAX_MS = 5_000

export async function startRabbitMq(): Promise<Broker> {
  const folder = mkdtempSync(join(tmpdir(), 'latchkey-rabbitmq-'))
  const ports = [await freePort(), await freePort(), await freePort(), await freePort()] as const
  const [port, amqp, distribution, names] = ports
  writeFileSync(join(folder, 'plugins'), '[rabbitmq_mqtt].\n')
  writeFileSync(
    join(folder, 'rabbitmq.conf'),
    `listeners.tcp.1 = 127.0.0.1:${amqp}
mqtt.listeners.tcp.1 = 127.0.0.1:${port}
mqtt.allow_anonymous = true
`,
  )
  const erlang = { ERL_EPMD_ADDRESS: '127.0.0.1', ERL_EPMD_PORT: String(names), HOME: folder }
  const nameServer = new ServerProcess({
    command: 'epmd',
    args: [],
    env: erlang,
    port: names,
    startMaxMs: NAME_SERVER_START_MAX_MS,
  })
  const server = new ServerProcess({
    command: programIn(ROOT),
    args: [],
    env: {
      ...erlang,
      RABBITMQ_NODENAME: 'lockers@localhost',
      RABBITMQ_CONFIG_FILE: join(folder, 'rabbitmq.conf'),
      RABBITMQ_ENABLED_PLUGINS_FILE: join(folder, 'plugins'),
      RABBITMQ_MNESIA_BASE: join(folder, 'mnesia'),
      RABBITMQ_LOG_BASE: join(folder, 'log'),
      RABBITMQ_PID_FILE: join(folder, 'pid'),
      RABBITMQ_DIST_PORT: String(distribution),
      RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS: '-kernel inet_dist_use_interface {127,0,0,1}',
    },
    port,
    startMaxMs: START_MAX_MS,
  })
  await nameServer.start()
  await server.start()
  return {
    name: 'RabbitMQ',
    url: `mqtt://127.0.0.1:${port}`,
    start: () => server.start(),
    kill: () => server.end('SIGKILL'),
    freeze: () => server.signal('SIGSTOP'),
    thaw: () => server.signal('SIGCONT'),
    async stop() {
      await server.end('SIGTERM')
      await nameServer.end('SIGTERM')
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

/** The one on the path changes the user; the tests' servers are the tests' own. */
function programIn(root: string): string {
  const [version] = existsSync(root) ? readdirSync(root) : []
  if (version === undefined) throw new Error('type: apt-get install rabbitmq-server')
  return join(root, version, 'sbin/rabbitmq-server')
}
