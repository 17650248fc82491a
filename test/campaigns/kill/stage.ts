// The site of the campaign: real broker, central, boards behind a real pty, and the unmodified daemon,
// which dies and comes back while all the others live on. Whatever can be seen of it from outside is
// seen here, and tells the trigger which step was reached.
import { copyFileSync, existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import process from 'node:process'
import mqtt, { type MqttClient } from 'mqtt'
import { decodeLine } from '../../../firmware-protocol/line.ts'
import { DEBOUNCE_MS } from '../../../firmware-protocol/messages.ts'
import type { Compartment } from '../../../sim/cabinet.ts'
import type { Central } from '../../../sim/central/central.ts'
import { DaemonProcess } from '../../../sim/live/daemon-process.ts'
import { openSite, openSiteCentral, type Site, trustCentral } from '../../../sim/live/site.ts'
import { LiveWall } from '../../../sim/live/wall.ts'
import { lockersOf } from '../../../src/kiosk/config.ts'
import type { View } from '../../../src/kiosk/view.ts'
import { monoMs } from '../../../src/runtime/clock.ts'
import { parseTopic } from '../../../src/sync/contract/topics.ts'
import { type Mosquitto, startMosquitto } from '../../support/mosquitto.ts'
import { Replay } from './replay.ts'
import { ScreenClient } from './screen-client.ts'
import { KilledError, Signals, Trigger } from './signals.ts'
import type { Flow, StepName } from './steps.ts'

const CONFIG = join(import.meta.dirname, '../../../config/demo-24.yaml')
/** A read of a door that began this long after its closing tells of it. */
const CLOSED_SEEN_MS = DEBOUNCE_MS + 2

/** One person's business with the kiosk, from the first touch to the last confirmation. */
export interface Visit {
  readonly flow: Flow
  readonly parcelId: string
  readonly begunMonoMs: number
  /** The compartment whose door sprang open. */
  lockerId: string | null
  closedAtMs: number | null
  factSeq: number | null
  isConfirmed: boolean
}

/** A lock's output that went on, and what was behind its door. */
export interface Pulse {
  readonly lockerId: string
  readonly atMonoMs: number
  readonly contents: string | null
}

/** What the screen said had happened. */
export interface Claim {
  readonly kind: 'door-opened' | 'parcel-deposited' | 'parcel-collected'
  readonly lockerId: string
  /** When the visit began in which it was said. */
  readonly sinceMonoMs: number
  readonly atMonoMs: number
}

export class KillStage {
  readonly site: Site
  readonly signals = new Signals()
  readonly trigger = new Trigger(() => this.#kill())
  readonly replay: Replay
  readonly violations: string[] = []
  /** Not yet checked. */
  readonly pulses: Pulse[] = []
  readonly pulsesByOpening = new Map<number, number>()
  /** Not yet checked. */
  readonly claims: Claim[] = []
  /** By locker: how often its lock let the door go. */
  readonly springs = new Map<string, number>()
  /** Where the run stands, for the text of a violation. */
  place = 'set-up'
  visit: Visit | null = null
  daemon: DaemonProcess | null = null
  screen: ScreenClient | null = null
  wall!: LiveWall
  central!: Central
  readonly #mosquitto: Mosquitto
  readonly #folder: string
  #spy: MqttClient | null = null
  #dying: Promise<unknown> = Promise.resolve()
  #isExpectedToLive = false
  /** The wire keeps order: up to the next HELLO it carries what the dead daemon wrote. */
  #isOldLifeOnWire = true
  #isAsked = false

  private constructor(parts: { site: Site; mosquitto: Mosquitto; folder: string }) {
    this.site = parts.site
    this.#mosquitto = parts.mosquitto
    this.#folder = parts.folder
    const ids = lockersOf(parts.site.settings.kiosk).map(({ id }) => id)
    this.replay = new Replay(ids, (what) => this.violated(what))
  }

  static async open(env: Readonly<Record<string, string>>): Promise<KillStage> {
    const folder = mkdtempSync(join(tmpdir(), 'latchkey-kill-'))
    const mosquitto = await startMosquitto()
    const site = openSite({
      configFile: CONFIG,
      env: {
        LATCHKEY_DATA_FOLDER: join(folder, 'data'),
        LATCHKEY_UPLINK_URL: mosquitto.url,
        LATCHKEY_SCREEN_PORT: '0',
        LATCHKEY_UPLINK_RECONNECT_SPREAD_MS: '100',
        LATCHKEY_UPLINK_RECONNECT_MAX_MS: '200',
        ...env,
      },
    })
    const stage = new KillStage({ site, mosquitto, folder })
    await trustCentral(site)
    const { kiosk, buses } = site.settings
    stage.wall = new LiveWall({ kiosk, buses, file: null, watch: stage.#wallWatch() })
    await stage.wall.plugIn()
    stage.central = await openSiteCentral(site)
    stage.#spy = await stage.#listen(mosquitto.url)
    return stage
  }

  get kioskId(): string {
    return this.site.settings.kiosk.kioskId
  }

  get controlPath(): string {
    return this.site.settings.control.path
  }

  violated(what: string): void {
    this.violations.push(`${this.place}: ${what}`)
  }

  /** The daemon is asked for an opening, by whomever: from now on a pulse may follow. */
  asked(): void {
    this.#isAsked = true
  }

  reached(name: StepName): void {
    if (this.visit !== null) this.trigger.reached(`${this.visit.flow}: ${name}` as never)
    this.signals.poke()
  }

  startDaemon(): void {
    const daemon = new DaemonProcess({ site: this.site })
    this.daemon = daemon
    this.#isExpectedToLive = true
    this.#isAsked = false
    this.signals.resume()
    void daemon.exited.then((code) => {
      if (this.daemon !== daemon || !this.#isExpectedToLive) return
      this.signals.interrupt(new Error(`latchkeyd ended with ${code}: ${daemon.lines.join('\n')}`))
    })
  }

  async openScreen(): Promise<void> {
    const url = await this.daemon?.screenUrl
    if (url === undefined) throw new Error('there is no daemon')
    const screen = new ScreenClient(url, {
      viewed: (view) => this.#viewed(view),
      asked: () => this.asked(),
      problem: (text) => this.violated(text),
    })
    this.screen = screen
    await this.signals.until('a first view', () => screen.view !== null)
  }

  /** Kills the daemon from outside any flow: it may be starting. */
  killNow(): void {
    this.#kill()
  }

  #kill(): void {
    this.#isExpectedToLive = false
    this.#isOldLifeOnWire = true
    this.#dying = this.daemon?.stop('SIGKILL') ?? Promise.resolve()
    this.screen?.close()
    this.screen = null
    this.signals.interrupt(new KilledError('the daemon was killed'))
  }

  /** @returns the ledger as it lies on the disk of a daemon that is no more */
  async copyLedger(): Promise<string> {
    await this.#dying
    const source = join(this.site.settings.data.folder, 'ledger.db')
    const copy = join(this.#folder, 'copy.db')
    for (const suffix of ['', '-wal', '-shm']) {
      rmSync(`${copy}${suffix}`, { force: true })
      // The shared memory is only an index: SQLite makes it anew, as after every crash.
      if (suffix !== '-shm' && existsSync(source + suffix)) {
        copyFileSync(source + suffix, copy + suffix)
      }
    }
    return copy
  }

  async stopDaemon(): Promise<void> {
    this.#isExpectedToLive = false
    this.screen?.close()
    this.screen = null
    const code = await this.daemon?.stop()
    this.#isOldLifeOnWire = true
    if (code !== 0) this.violated(`an orderly stop ended with ${code}`)
  }

  async close(): Promise<void> {
    this.#isExpectedToLive = false
    this.screen?.close()
    if (this.daemon !== null) await this.daemon.stop('SIGKILL')
    await this.#spy?.endAsync(true)
    await this.central.close()
    await this.wall.stop()
    await this.#mosquitto.stop()
    rmSync(this.#folder, { recursive: true, force: true })
  }

  #wallWatch() {
    return {
      lineHeard: (text: string) => this.#lineHeard(text),
      fired: ({ locker, contents }: Compartment) => {
        this.pulses.push({ lockerId: locker.id, atMonoMs: monoMs(), contents })
      },
      doorMoved: ({ locker, door }: Compartment, cause: 'lock' | 'hand') => {
        if (cause === 'lock') {
          this.springs.set(locker.id, (this.springs.get(locker.id) ?? 0) + 1)
          if (this.visit !== null) this.visit.lockerId = locker.id
          this.reached('door springs')
        } else if (door === 'closed' && this.visit?.lockerId === locker.id) {
          this.visit.closedAtMs = performance.now()
        }
      },
    }
  }

  #lineHeard(text: string): void {
    const line = decodeLine(text)
    if (line?.verb === 'HELLO') this.#isOldLifeOnWire = false
    if (line?.verb === 'PULSE') {
      if (!this.#isOldLifeOnWire && !this.#isAsked) {
        this.violated('a restarted daemon fired a lock before anybody had asked it')
      }
      this.reached('unlock on the wire')
    }
    if (line?.verb === 'STATE' && this.#tellsOfClosing(line.address))
      this.reached('closed door read')
  }

  #tellsOfClosing(address: number): boolean {
    const { closedAtMs, lockerId } = this.visit ?? { closedAtMs: null, lockerId: null }
    if (closedAtMs === null || lockerId === null) return false
    const { boardId } = this.wall.cabinet.at(lockerId).locker
    const boards = this.site.settings.buses.flatMap((bus) => bus.boards)
    const isItsBoard = boards.some((board) => board.id === boardId && board.address === address)
    return isItsBoard && performance.now() - closedAtMs >= CLOSED_SEEN_MS
  }

  #viewed({ screen, notice }: View): void {
    switch (screen.kind) {
      case 'deposit-opening':
        return this.reached('PIN being sealed')
      case 'pickup-opening':
        return this.reached('opening authorised')
      case 'deposit-open':
      case 'pickup-open':
        this.#claim('door-opened', screen.lockerId)
        return this.reached('door seen open')
      case 'pickup-done':
        this.#claim('parcel-collected', screen.lockerId)
        return this.reached('collected shown')
      case 'courier-menu':
        if (notice?.key === 'deposited') {
          this.#claim('parcel-deposited', String(notice.params['locker']))
          return this.reached('deposited shown')
        }
        return this.signals.poke()
      default:
        return this.signals.poke()
    }
  }

  #claim(kind: Claim['kind'], lockerId: string): void {
    const sinceMonoMs = this.visit?.begunMonoMs ?? 0
    this.claims.push({ kind, lockerId, sinceMonoMs, atMonoMs: monoMs() })
  }

  async #listen(url: string): Promise<MqttClient> {
    const spy = await mqtt.connectAsync(url)
    spy.on('message', (topic, payload) => this.#overheard(topic, payload.toString()))
    await spy.subscribeAsync('lk/v1/#', { qos: 1 })
    return spy
  }

  #overheard(topic: string, text: string): void {
    const leaf = parseTopic(topic)?.leaf
    if (leaf === 'ev') {
      const { first, ev } = JSON.parse(text) as { first: number; ev: readonly string[] }
      for (const [index, body] of ev.entries()) {
        this.replay.take(first + index, body, 'the wire to central')
        this.#factOverheard(first + index)
      }
    }
    if (leaf === 'ack') {
      const { payload } = JSON.parse(text) as { payload: string }
      const { cum } = JSON.parse(Buffer.from(payload, 'base64url').toString()) as { cum: number }
      const { visit } = this
      if (visit === null || visit.factSeq === null || cum < visit.factSeq) return
      visit.isConfirmed = true
      this.reached('fact confirmed')
    }
  }

  #factOverheard(seq: number): void {
    const { visit } = this
    const fact = this.replay.facts[seq - 1]
    if (visit === null || visit.factSeq !== null || fact?.data['parcelId'] !== visit.parcelId)
      return
    if (fact.kind !== (visit.flow === 'deposit' ? 'parcel-deposited' : 'parcel-collected')) return
    visit.factSeq = seq
    this.reached('fact on its way')
  }
}

/** Ends with the campaign's process, whatever happens to it. */
export function endWithProcess(stage: KillStage): void {
  process.once('exit', () => void stage.daemon?.stop('SIGKILL'))
}
