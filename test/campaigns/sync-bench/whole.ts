// The whole way: the real daemon over a ledger with facts that central lacks, a broker, and the
// reference central, each a process of its own.
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import Database from 'better-sqlite3'
import mqtt from 'mqtt'
import { loadCentralKeys } from '../../../sim/central/keys.ts'
import { signDown } from '../../../sim/central/sign-down.ts'
import { DaemonProcess } from '../../../sim/live/daemon-process.ts'
import { openSite, type Site, trustCentral } from '../../../sim/live/site.ts'
import { CentralProcess } from '../../support/central-process.ts'

const CONFIG = join(import.meta.dirname, '../../../config/demo-24.yaml')
const NAMESPACE = 'demo'
const LOOK_MS = 10
const DRAIN_MAX_MS = 1_200_000
const COMMAND_GOOD_MS = 30_000

export interface Drained {
  /** From central's first fact to its last. */
  readonly factsPerS: number
  /** From the start of the daemon, its own start and the first wait included. */
  readonly wholeMs: number
}

export class Whole {
  readonly #site: Site
  readonly #brokerPort: number
  readonly #central: CentralProcess
  #daemon: DaemonProcess | null = null

  private constructor(site: Site, brokerPort: number) {
    this.#site = site
    this.#brokerPort = brokerPort
    const keyFile = join(site.settings.data.folder, 'staff-key')
    writeFileSync(keyFile, site.staffKey)
    this.#central = new CentralProcess([
      ...['--folder', site.centralFolder, '--namespace', NAMESPACE],
      ...['--mqtt', `mqtt://127.0.0.1:${brokerPort}`],
      ...['--kiosk', `${site.settings.kiosk.kioskId}=${keyFile}`],
    ])
  }

  /** @param folder has the kiosk's ledger in `data`; @param kioskPort the broker, as it sees it */
  static async open(
    folder: string,
    { brokerPort, kioskPort }: { readonly brokerPort: number; readonly kioskPort: number },
  ): Promise<Whole> {
    const dataFolder = join(folder, 'data')
    mkdirSync(dataFolder, { recursive: true })
    const site = openSite({
      configFile: CONFIG,
      env: {
        LATCHKEY_DATA_FOLDER: dataFolder,
        LATCHKEY_UPLINK_URL: `mqtt://127.0.0.1:${kioskPort}`,
        LATCHKEY_UPLINK_RECONNECT_SPREAD_MS: '100',
        LATCHKEY_SCREEN_PORT: '0',
      },
    })
    await trustCentral(site)
    const whole = new Whole(site, brokerPort)
    await whole.#central.start()
    return whole
  }

  /** @param count of the facts in the ledger; those of the daemon's own start come after them */
  async drain(count: number): Promise<Drained> {
    const beganMs = performance.now()
    this.#daemon = new DaemonProcess(this.#site)
    await this.#daemon.screenUrl
    const file = join(this.#site.centralFolder, 'central.db')
    const db = new Database(file, { readonly: true })
    const newest = db.prepare<[], number | null>('SELECT max(id) FROM fact').pluck()
    try {
      let first: { readonly atMs: number; readonly count: number } | null = null
      for (;;) {
        const there = newest.get() ?? 0
        const nowMs = performance.now()
        if (first === null && there > 0) first = { atMs: nowMs, count: there }
        if (first !== null && there >= count) {
          const factsPerS = ((there - first.count) * 1_000) / (nowMs - first.atMs)
          return { factsPerS, wholeMs: nowMs - beganMs }
        }
        if (nowMs - beganMs > DRAIN_MAX_MS) throw new Error(`only ${there} of ${count} came`)
        await pause(LOOK_MS)
      }
    } finally {
      db.close()
    }
  }

  /** From the publication of a `status` command to its answer, one after another. */
  async answerTimes(count: number): Promise<readonly number[]> {
    const { kioskId } = this.#site.settings.kiosk
    const keys = await loadCentralKeys(this.#site.centralFolder)
    const client = await mqtt.connectAsync(`mqtt://127.0.0.1:${this.#brokerPort}`, {
      protocolVersion: 5,
    })
    const { stream } = client as { readonly stream: { setNoDelay?(on: boolean): void } }
    stream.setNoDelay?.(true)
    await client.subscribeAsync(`lk/v1/${NAMESPACE}/${kioskId}/up/res`, { qos: 1 })
    const times: number[] = []
    for (let number = 0; number < count; number += 1) {
      const iat = Date.now()
      const order = { cid: `bench-${number}`, iat, exp: iat + COMMAND_GOOD_MS }
      const body = { v: 1, k: kioskId, t: iat, ...order, type: 'status', args: {} }
      const message = await signDown(keys.signing, { leaf: 'cmd', body })
      const answered = new Promise<Buffer>((resolve) => {
        client.once('message', (_topic, payload) => resolve(payload))
      })
      const beganMs = performance.now()
      client.publish(`lk/v1/${NAMESPACE}/${kioskId}/dn/cmd`, message, { qos: 1 })
      const payload = await answered
      times.push(performance.now() - beganMs)
      const { cid, status } = JSON.parse(payload.toString()) as { cid: string; status: string }
      if (cid !== order.cid || status !== 'done') throw new Error(`${cid} is ${status}`)
    }
    await client.endAsync()
    return times
  }

  async close(): Promise<void> {
    await this.#daemon?.stop('SIGTERM')
    await this.#central.end('SIGTERM')
  }
}
