// Many kiosks in one process, each with the real uplink machine over a connection of its own, and
// the reference central in another process. What came of it is read from central's database.
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import Database from 'better-sqlite3'
import { loadCentralKeys, SIGNING_KEYS_FILE } from '../../../sim/central/keys.ts'
import type { KeySet } from '../../../src/sync/contract/open-down.ts'
import type { UplinkConfig } from '../../../src/sync/machine/config.ts'
import { CentralProcess } from '../../support/central-process.ts'
import { LiveUplink } from '../../support/live-uplink.ts'
import { MemoryOutbox } from '../../support/memory-outbox.ts'

const NAMESPACE = 'fleet'
const HOST = '127.0.0.1'
/** Its beacon is work for every kiosk, and nothing comes down here. */
const HEADS_MS = 600_000
const LOOK_MS = 20
const KEEPALIVE_S = 60
const STAFF_KEY = Buffer.alloc(32, 7).toString('base64url')

export interface LiveFleetOptions {
  readonly kiosks: number
  /** Of the brokers; each kiosk begins with another one, if there are several. */
  readonly ports: readonly number[]
  readonly brokerKeeps: boolean
  readonly config: Partial<UplinkConfig>
  readonly connectTimeoutMs: number
  readonly pubackWaitMs: number
}

/** Of all kiosks together. */
export interface FleetVerdict {
  readonly made: number
  readonly lost: number
  readonly doubled: number
  /** Kiosks whose facts came in another order than they were made in. */
  readonly otherOrder: number
  /** What central found wrong with facts. */
  readonly problems: number
}

export class LiveFleet {
  readonly kiosks: LiveUplink[] = []
  readonly central: CentralProcess
  readonly #options: LiveFleetOptions
  readonly #folder: string
  readonly #keys: KeySet

  private constructor(options: LiveFleetOptions, folder: string, keys: KeySet) {
    this.#options = options
    this.#folder = folder
    this.#keys = keys
    const { ports, brokerKeeps, kiosks } = options
    const keyFile = join(folder, 'staff-key')
    writeFileSync(keyFile, STAFF_KEY)
    const ids = Array.from({ length: kiosks }, (_, index) => [
      '--kiosk',
      `${idOf(index)}=${keyFile}`,
    ])
    this.central = new CentralProcess([
      ...['--folder', join(folder, 'central'), '--namespace', NAMESPACE],
      ...ports.flatMap((port) => ['--mqtt', `mqtt://${HOST}:${port}`]),
      ...['--heads-ms', String(HEADS_MS)],
      ...(brokerKeeps ? [] : ['--broker-keeps-nothing']),
      ...ids.flat(),
    ])
  }

  /** Central is there; of the kiosks none is. */
  static async open(options: LiveFleetOptions): Promise<LiveFleet> {
    const folder = mkdtempSync(join(tmpdir(), 'latchkey-fleet-'))
    const centralFolder = join(folder, 'central')
    mkdirSync(centralFolder)
    await loadCentralKeys(centralFolder)
    const text = readFileSync(join(centralFolder, SIGNING_KEYS_FILE), 'utf8')
    const fleet = new LiveFleet(options, folder, JSON.parse(text) as KeySet)
    await fleet.central.start()
    return fleet
  }

  async startKiosks(): Promise<void> {
    const { kiosks, ports, config, ...link } = this.#options
    for (let index = 0; index < kiosks; index += 1) {
      const first = index % ports.length
      const [port = 0, ...otherPorts] = [...ports.slice(first), ...ports.slice(0, first)]
      const kiosk = await LiveUplink.start({
        ...link,
        ...{ host: HOST, port, otherPorts, config, keys: this.#keys },
        ...{ kioskId: idOf(index), namespace: NAMESPACE, keepaliveS: KEEPALIVE_S },
        ledger: new MemoryOutbox(`epoch-${index}`),
      })
      this.kiosks.push(kiosk)
    }
  }

  upCount(): number {
    return this.kiosks.filter((kiosk) => kiosk.isUp()).length
  }

  onlineCount(): number {
    return this.kiosks.filter((kiosk) => kiosk.isOnline()).length
  }

  /** Facts that central has not acknowledged. */
  waiting(): number {
    return this.kiosks.reduce((sum, kiosk) => sum + kiosk.outboxCount(), 0)
  }

  /** @throws when it does not come to be in time, with what there is instead */
  async until(what: string, isTrue: () => boolean, waitMaxMs: number): Promise<void> {
    const deadlineMs = performance.now() + waitMaxMs
    while (!isTrue()) {
      if (performance.now() > deadlineMs) {
        const there = `${this.upCount()} up, ${this.onlineCount()} heard`
        throw new Error(`waited in vain: ${what}; ${there}, ${this.waiting()} facts wait`)
      }
      await pause(LOOK_MS)
    }
  }

  judge(): FleetVerdict {
    const db = new Database(join(this.#folder, 'central', 'central.db'), { readonly: true })
    try {
      const select = db.prepare<[string], { body: string; problem: string | null }>(
        'SELECT body, problem FROM fact WHERE kiosk = ? ORDER BY id',
      )
      const verdict = { made: 0, lost: 0, doubled: 0, otherOrder: 0, problems: 0 }
      for (const [index, { ledger }] of this.kiosks.entries()) {
        const rows = select.all(idOf(index))
        const taken = rows.map(({ body }) => body)
        const known = new Set(taken)
        verdict.made += ledger.texts.length
        verdict.lost += ledger.texts.filter((text) => !known.has(text)).length
        verdict.doubled += taken.length - known.size
        verdict.problems += rows.filter(({ problem }) => problem !== null).length
        const inOrder = ledger.texts.filter((text) => known.has(text))
        if (inOrder.join('\n') !== [...known].join('\n')) verdict.otherOrder += 1
      }
      return verdict
    } finally {
      db.close()
    }
  }

  async close(): Promise<void> {
    for (const kiosk of this.kiosks) kiosk.kill()
    await this.central.end('SIGKILL')
    rmSync(this.#folder, { recursive: true, force: true })
  }
}

function idOf(index: number): string {
  return `k${index + 1}`
}
