// Three nodes of NATS: while every kiosk sends facts, the leader of the message stream is killed,
// then the node that central is connected to. Every client has to be back and acknowledged within
// half a minute, and central has to have every fact once, in order.
import { setTimeout as pause } from 'node:timers/promises'
import { type NatsCluster, type NatsNode, startNatsCluster } from '../../support/nats-cluster.ts'
import { type FleetVerdict, LiveFleet } from '../fleet/live-fleet.ts'

const LOOK_MS = 50
const START_MAX_MS = 120_000
const DRAIN_MAX_MS = 180_000
/** As MQTT.js names the one client that gives no name: central. */
const CENTRAL_CLIENT = 'mqttjs_'
/** Rounds of facts in a second. */
const TICKS_PER_S = 10
const MS_PER_S = 1_000
/** For a line at home, not for a fleet: what is measured is the cluster. */
const CONFIG = {
  protocol: '3.1.1',
  retrySpreadMs: 1_000,
  retryCapMs: 2_000,
  connectMaxMs: 10_000,
  ackTimeoutMs: 2_000,
  ackTimeoutCapMs: 4_000,
  resendMinMs: 250,
  onlineMs: 60_000,
} as const
const LINK = { brokerKeeps: false, connectTimeoutMs: 5_000, pubackWaitMs: 6_000 }

const VICTIMS = ['leader of the message stream', 'node of central'] as const
type Victim = (typeof VICTIMS)[number]

export interface ClusterOptions {
  readonly kiosks: number
  readonly factsEach: number
  readonly downMs: number
  /** After a kill; also how long facts are made for each. */
  readonly watchMs: number
  readonly victims?: readonly Victim[]
  readonly onProgress?: (line: string) => void
}

interface Kill {
  readonly victim: Victim
  readonly node: string
  /** From the kill until a client is connected and acknowledged for good: the middle, the last. */
  readonly backMs: { readonly median: number; readonly most: number }
  /** Who was not by the end of the watch. */
  readonly missing: number
}

export interface ClusterOutcome {
  readonly startMs: number
  readonly kills: readonly Kill[]
  readonly verdict: FleetVerdict
  readonly wholeMs: number
}

export async function runCluster(options: ClusterOptions): Promise<ClusterOutcome> {
  const cluster = await startNatsCluster()
  const ports = cluster.nodes.map(({ port }) => port)
  const { kiosks } = options
  try {
    const fleet = await LiveFleet.open({ kiosks, ports, config: CONFIG, ...LINK })
    try {
      return await new Campaign(cluster, fleet, options).run()
    } finally {
      await fleet.close()
    }
  } finally {
    await cluster.stop()
  }
}

class Campaign {
  readonly #cluster: NatsCluster
  readonly #fleet: LiveFleet
  readonly #options: ClusterOptions

  constructor(cluster: NatsCluster, fleet: LiveFleet, options: ClusterOptions) {
    this.#cluster = cluster
    this.#fleet = fleet
    this.#options = options
  }

  async run(): Promise<ClusterOutcome> {
    const fleet = this.#fleet
    const { kiosks, victims = VICTIMS } = this.#options
    const beganMs = performance.now()
    await fleet.startKiosks()
    await fleet.until('every kiosk is heard', () => fleet.onlineCount() === kiosks, START_MAX_MS)
    const startMs = performance.now() - beganMs
    this.#tell(`${kiosks} kiosks are connected and heard`)
    const producing = this.#produce()
    const kills: Kill[] = []
    for (const victim of victims) kills.push(await this.#kill(victim))
    await producing
    await fleet.until('every fact is acknowledged', () => fleet.waiting() === 0, DRAIN_MAX_MS)
    const wholeMs = performance.now() - beganMs
    return { startMs, kills, verdict: fleet.judge(), wholeMs }
  }

  /** Every kiosk makes its facts evenly over the whole of the campaign. */
  async #produce(): Promise<void> {
    const { factsEach, watchMs, victims = VICTIMS } = this.#options
    const ticks = Math.ceil((victims.length * watchMs * TICKS_PER_S) / MS_PER_S)
    const beganMs = performance.now()
    for (let tick = 1; tick <= ticks; tick += 1) {
      const due = Math.ceil((factsEach * tick) / ticks)
      for (const kiosk of this.#fleet.kiosks) {
        const { texts } = kiosk.ledger
        while (texts.length < due) kiosk.append('locker-released/1', { lockerId: `A${due % 24}` })
      }
      await pause(Math.max(0, beganMs + (tick * MS_PER_S) / TICKS_PER_S - performance.now()))
    }
  }

  async #kill(victim: Victim): Promise<Kill> {
    const { downMs, watchMs } = this.#options
    const node = await this.#find(victim)
    const killedMs = performance.now()
    await node.kill()
    this.#tell(`${victim}, ${node.name}, is killed`)
    const restarted = pause(downMs).then(() => node.start())
    const marks = this.#fleet.kiosks.map(({ ledger }) => ledger.headSeq())
    const badUntilMs = marks.map(() => 0)
    while (performance.now() - killedMs < watchMs) {
      await pause(LOOK_MS)
      const nowMs = performance.now() - killedMs
      for (const [index, kiosk] of this.#fleet.kiosks.entries()) {
        // Acknowledged means: something that was made after the kill.
        const isBack = kiosk.isHeard() && kiosk.ledger.confirmedSeq() > (marks[index] ?? 0)
        if (!isBack) badUntilMs[index] = nowMs
      }
    }
    await restarted
    const lastLookMs = performance.now() - killedMs - 2 * LOOK_MS
    const sorted = badUntilMs.toSorted((a, b) => a - b)
    const [median = 0, most = 0] = [sorted[Math.floor(sorted.length / 2)], sorted.at(-1)]
    const missing = badUntilMs.filter((badMs) => badMs >= lastLookMs).length
    this.#tell(`back after ${Math.round(median)} ms, the last after ${Math.round(most)} ms`)
    return { victim, node: node.name, backMs: { median, most }, missing }
  }

  async #find(victim: Victim): Promise<NatsNode> {
    const look = (): Promise<NatsNode | null> =>
      victim === 'node of central'
        ? this.#cluster.nodeOf(CENTRAL_CLIENT)
        : this.#cluster.messageLeader()
    for (let node = await look(); ; node = await look()) {
      if (node !== null) return node
      await pause(LOOK_MS)
    }
  }

  #tell(line: string): void {
    this.#options.onProgress?.(line)
  }
}
