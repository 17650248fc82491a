// The site of the campaign: real broker, central, boards behind a real pty, and the unmodified
// daemon, which dies and comes back while all the others live on.
import { copyFileSync, existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import process from 'node:process'
import mqtt, { type MqttClient } from 'mqtt'
import type { Central } from '../../../sim/central/central.ts'
import { DaemonProcess } from '../../../sim/live/daemon-process.ts'
import { openSite, openSiteCentral, type Site, trustCentral } from '../../../sim/live/site.ts'
import { LiveWall } from '../../../sim/live/wall.ts'
import { lockersOf } from '../../../src/kiosk/config.ts'
import { type Mosquitto, startMosquitto } from '../../support/mosquitto.ts'
import { Replay } from './replay.ts'
import { ScreenClient } from './screen-client.ts'
import { KilledError, Signals, Trigger } from './signals.ts'
import { Witness } from './witness.ts'

const CONFIG = join(import.meta.dirname, '../../../config/demo-24.yaml')

export class KillStage {
  readonly site: Site
  readonly signals = new Signals()
  readonly trigger = new Trigger(() => this.#kill())
  readonly replay: Replay
  readonly witness: Witness
  readonly violations: string[] = []
  /** Where the run stands, for the text of a violation. */
  place = 'set-up'
  daemon: DaemonProcess | null = null
  screen: ScreenClient | null = null
  wall!: LiveWall
  central!: Central
  readonly #mosquitto: Mosquitto
  readonly #folder: string
  #spy: MqttClient | null = null
  #dying: Promise<unknown> = Promise.resolve()
  #isExpectedToLive = false

  private constructor(parts: { site: Site; mosquitto: Mosquitto; folder: string }) {
    this.site = parts.site
    this.#mosquitto = parts.mosquitto
    this.#folder = parts.folder
    const ids = lockersOf(parts.site.settings.kiosk).map(({ id }) => id)
    const violated = (what: string): void => this.violated(what)
    this.replay = new Replay(ids, violated)
    const { site, replay, signals, trigger } = this
    this.witness = new Witness({ site, replay, signals, trigger, violated })
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
    stage.wall = new LiveWall({ kiosk, buses, file: null, watch: stage.witness.wallWatch })
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

  startDaemon(): void {
    const daemon = new DaemonProcess(this.site)
    this.daemon = daemon
    this.#isExpectedToLive = true
    this.witness.lifeBegan()
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
      viewed: (view) => this.witness.viewed(view),
      asked: () => this.witness.asked(),
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
    this.witness.lifeEnded()
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
    this.witness.lifeEnded()
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

  async #listen(url: string): Promise<MqttClient> {
    const spy = await mqtt.connectAsync(url)
    spy.on('message', (topic, payload) => this.witness.overheard(topic, payload.toString()))
    await spy.subscribeAsync('lk/v1/#', { qos: 1 })
    return spy
  }
}

/** Ends with the campaign's process, whatever happens to it. */
export function endWithProcess(stage: KillStage): void {
  process.once('exit', () => void stage.daemon?.stop('SIGKILL'))
}
