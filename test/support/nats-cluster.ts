// Three nodes of NATS on the loopback, by the file that operators are given.
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { freePort } from './mosquitto.ts'
import { ServerProcess } from './process.ts'

const CONFIG = new URL('../../docs/broker/nats/nats.conf', import.meta.url)
const NODES = ['nats-1', 'nats-2', 'nats-3'] as const
const START_MAX_MS = 10_000
/** Where every QoS 1 message of every client goes through. */
const MESSAGE_STREAM = '$MQTT_msgs'

interface Ports {
  readonly mqtt: number
  readonly own: number
  readonly cluster: number
  readonly monitor: number
}

export interface NatsNode {
  readonly name: string
  readonly url: string
  readonly port: number
  start(): Promise<void>
  /** As a power cut would. */
  kill(): Promise<void>
}

export interface NatsCluster {
  readonly nodes: readonly NatsNode[]
  /** @returns null while there is none */
  messageLeader(): Promise<NatsNode | null>
  /** To which a client of this id is connected; a prefix will do. */
  nodeOf(clientId: string): Promise<NatsNode | null>
  stop(): Promise<void>
}

async function freePorts(): Promise<Ports> {
  const [mqtt, own] = [await freePort(), await freePort()]
  return { mqtt, own, cluster: await freePort(), monitor: await freePort() }
}

/** The operators' file, with the loopback's ports in the places of a machine's own. */
function configOf(all: readonly Ports[], own: Ports, storeFolder: string): string {
  const routes = NODES.map((name, index) => [
    `nats://${name}:6222`,
    `nats://127.0.0.1:${all[index]?.cluster}`,
  ])
  const places = [
    ...routes,
    ['0.0.0.0:4222', `127.0.0.1:${own.own}`],
    ['127.0.0.1:8222', `127.0.0.1:${own.monitor}`],
    ['0.0.0.0:6222', `127.0.0.1:${own.cluster}`],
    ['/var/lib/nats', storeFolder],
    ['host: "0.0.0.0"', 'host: "127.0.0.1"'],
    ['port: 1883', `port: ${own.mqtt}`],
  ]
  return places.reduce(
    (text, [from = '', to = '']) => {
      if (!text.includes(from)) throw new Error(`nats.conf does not name ${from}`)
      return text.replace(from, to)
    },
    readFileSync(CONFIG, 'utf8'),
  )
}

export async function startNatsCluster(): Promise<NatsCluster> {
  const folder = mkdtempSync(join(tmpdir(), 'latchkey-cluster-'))
  const ports = [await freePorts(), await freePorts(), await freePorts()]
  const servers = NODES.map((name, index) => {
    const own = ports[index]
    if (own === undefined) throw new Error('three nodes, three places')
    const configFile = join(folder, `${name}.conf`)
    writeFileSync(configFile, configOf(ports, own, join(folder, name)))
    const server = new ServerProcess({
      command: 'nats-server',
      args: ['-c', configFile],
      env: { NATS_NODE: name },
      port: own.mqtt,
      startMaxMs: START_MAX_MS,
    })
    const node = {
      ...{ name, url: `mqtt://127.0.0.1:${own.mqtt}`, port: own.mqtt },
      start: () => server.start(),
      kill: () => server.end('SIGKILL'),
    }
    return { server, node, monitor: `http://127.0.0.1:${own.monitor}` }
  })
  await Promise.all(servers.map(({ server }) => server.start()))
  const nodes = servers.map(({ node }) => node)
  const ask = async (path: string): Promise<readonly (readonly [NatsNode, unknown])[]> => {
    const answers = servers.map(async ({ node, monitor }) => {
      const answer = await fetch(monitor + path).catch(() => null)
      return [node, (await answer?.json()) ?? null] as const
    })
    return await Promise.all(answers)
  }
  return {
    nodes,
    async messageLeader() {
      const answers = await ask('/jsz?accounts=true&streams=true')
      const leaders = answers.map(([, answer]) => leaderIn(answer as Jsz | null))
      return nodes.find(({ name }) => leaders.includes(name)) ?? null
    },
    async nodeOf(clientId) {
      const answers = await ask('/connz?limit=4096')
      const isThere = ({ mqtt_client: id }: Connection): boolean =>
        id?.startsWith(clientId) ?? false
      const found = answers.find(([, answer]) =>
        (answer as Connz | null)?.connections.some(isThere),
      )
      return found?.[0] ?? null
    },
    async stop() {
      await Promise.all(servers.map(({ server }) => server.end('SIGKILL')))
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

interface Connection {
  readonly mqtt_client?: string
}

interface Connz {
  readonly connections: readonly Connection[]
}

/** As `/jsz` tells it; nats-server 2.9. */
interface Jsz {
  readonly account_details?: readonly {
    readonly stream_detail?: readonly {
      readonly name: string
      readonly cluster?: { readonly leader?: string }
    }[]
  }[]
}

function leaderIn(answer: Jsz | null): string | null {
  const streams = (answer?.account_details ?? []).flatMap(
    ({ stream_detail }) => stream_detail ?? [],
  )
  return streams.find(({ name }) => name === MESSAGE_STREAM)?.cluster?.leader ?? null
}
