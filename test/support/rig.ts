// A whole site for one test file: the unmodified daemon as a process, a wall of simulated boards on
// real pseudoterminals, a real Mosquitto, and the reference central if it is wanted. Everything
// lies in one folder of its own and is ended by its own pid.
import { execFile } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import process from 'node:process'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import type { Central } from '../../sim/central/central.ts'
import { DaemonProcess } from '../../sim/live/daemon-process.ts'
import { declareEmpty } from '../../sim/live/installer.ts'
import { openSite, openSiteCentral, type Site, trustCentral } from '../../sim/live/site.ts'
import { LiveWall } from '../../sim/live/wall.ts'
import type { BusCounters } from '../../src/bus/master/state.ts'
import type { KioskStatus } from '../../src/kiosk/events.ts'
import type { UplinkReport } from '../../src/kiosk/uplink-report.ts'
import { askControl, type ControlReply } from './control.ts'
import { dumpLedger, type LedgerDump } from './ledger-dump.ts'
import { freePort, type Mosquitto, startMosquitto } from './mosquitto.ts'
import { until } from './until.ts'
import { WireTap } from './wire-tap.ts'

export const ROOT = fileURLToPath(new URL('../../', import.meta.url))
export const COURIER = { id: 'courier-1', label: 'Bo', code: '20202020' }

/** Shorter than at a real kiosk, each within what the configuration allows. */
const SHORT_TIMES = {
  LATCHKEY_POLICY_PULSE_MS: '100',
  LATCHKEY_POLICY_OPEN_MIN_MS: '0',
  LATCHKEY_POLICY_REOPEN_MS: '1000',
  LATCHKEY_POLICY_THANKS_MS: '2000',
  LATCHKEY_UPLINK_RECONNECT_SPREAD_MS: '100',
  LATCHKEY_UPLINK_RECONNECT_MAX_MS: '500',
}

export interface RigOptions {
  readonly central: 'reference' | 'none'
  /** The text of a kiosk.yaml of the test's own; without it: config/demo-24.yaml. */
  readonly kioskYaml?: string
  /** Wires boards of the test's own to the wall's doors; without it they are simulated. */
  readonly wire?: (wall: LiveWall) => void
  /** Puts a foreign central's public keys where the kiosk looks for them. */
  readonly trust?: (site: Site) => Promise<void>
  /** Where the rig's folder is made; without it: among the temporary files. */
  readonly parentFolder?: string
  /** Overrides of single settings: LATCHKEY_…. */
  readonly settings?: Readonly<Record<string, string>>
  /** Added to the daemon's environment, once the folder of its data is known. */
  readonly daemonEnv?: (dataFolder: string) => Readonly<Record<string, string>>
}

export interface Health {
  readonly status: string
  readonly loopDelayMaxMs: number
  readonly buses: readonly (BusCounters & { readonly id: string })[]
}

export class Rig {
  readonly folder: string
  readonly site: Site
  readonly wall: LiveWall
  readonly broker: Mosquitto
  readonly tap: WireTap
  readonly #central: Central | null
  readonly #daemonEnv: Readonly<Record<string, string>>
  #daemon: DaemonProcess | null = null
  screenUrl = ''

  private constructor(
    parts: Pick<Rig, 'folder' | 'site' | 'wall' | 'broker' | 'tap'> & {
      readonly central: Central | null
    },
    options: RigOptions,
  ) {
    this.folder = parts.folder
    this.site = parts.site
    this.wall = parts.wall
    this.broker = parts.broker
    this.tap = parts.tap
    this.#central = parts.central
    this.#daemonEnv = options.daemonEnv?.(parts.site.settings.data.folder) ?? {}
  }

  /** Resolves when the daemon runs and every locker has been declared empty. */
  static async start(options: RigOptions): Promise<Rig> {
    // Takes its own lock and does nothing when the page is fresh: test files may ask at once.
    await promisify(execFile)(process.execPath, ['.tools/setup.mjs', 'page'], { cwd: ROOT })
    const folder = mkdtempSync(join(options.parentFolder ?? tmpdir(), 'latchkey-rig-'))
    const broker = await startMosquitto()
    const tap = await WireTap.start(broker)
    const configFile = join(folder, 'kiosk.yaml')
    if (options.kioskYaml !== undefined) writeFileSync(configFile, options.kioskYaml)
    const site = openSite({
      configFile: options.kioskYaml === undefined ? join(ROOT, 'config/demo-24.yaml') : configFile,
      env: {
        ...SHORT_TIMES,
        LATCHKEY_DATA_FOLDER: join(folder, 'data'),
        LATCHKEY_UPLINK_URL: broker.url,
        // A port of its own and not any free one: a page finds a restarted daemon where it was.
        LATCHKEY_SCREEN_PORT: String(await freePort()),
        ...options.settings,
      },
    })
    await (options.trust ?? trustCentral)(site)
    const { kiosk } = site.settings
    const buses = options.wire === undefined ? site.settings.buses : []
    const wall = new LiveWall({ kiosk, buses, file: null })
    options.wire?.(wall)
    await wall.plugIn()
    const central = options.central === 'reference' ? await openSiteCentral(site) : null
    const rig = new Rig({ folder, site, wall, broker, tap, central }, options)
    try {
      await rig.startDaemon()
      await declareEmpty(site)
    } catch (error) {
      await rig.end()
      throw error
    }
    return rig
  }

  get kioskId(): string {
    return this.site.settings.kiosk.kioskId
  }

  get central(): Central {
    if (this.#central === null) throw new Error('this rig runs without the reference central')
    return this.#central
  }

  get ledgerPath(): string {
    return join(this.site.settings.data.folder, 'ledger.db')
  }

  /** The newest lines of the daemon's log. */
  get log(): readonly string[] {
    return this.#daemon?.lines ?? []
  }

  get daemonPid(): number | undefined {
    return this.#daemon?.pid
  }

  async startDaemon(): Promise<void> {
    const { configFile, env } = this.site
    this.#daemon = new DaemonProcess({ configFile, env: { ...env, ...this.#daemonEnv } })
    this.screenUrl = await this.#daemon.screenUrl
  }

  /** SIGKILL is what a power cut looks like from the outside; SIGTERM is an orderly end. */
  async stopDaemon(signal: 'SIGTERM' | 'SIGKILL' = 'SIGTERM'): Promise<number | null> {
    const daemon = this.#daemon
    this.#daemon = null
    return (await daemon?.stop(signal)) ?? null
  }

  control(path: string, body?: object | string): Promise<ControlReply> {
    return askControl(this.site.settings.control.path, path, body)
  }

  async status(): Promise<KioskStatus> {
    return (await this.control('/v1/status')).body as KioskStatus
  }

  async lockerState(lockerId: string): Promise<string | undefined> {
    const { lockers } = await this.status()
    return lockers.find((locker) => locker.lockerId === lockerId)?.state
  }

  async health(): Promise<Health> {
    return (await (await fetch(new URL('/healthz', this.screenUrl))).json()) as Health
  }

  dump(): LedgerDump {
    return dumpLedger(this.ledgerPath)
  }

  /** Puts a parcel into an open locker and pushes the door shut. */
  putIn(lockerId: string, label: string): void {
    const compartment = this.wall.cabinet.at(lockerId)
    if (compartment.door !== 'open') throw new Error(`door ${lockerId} is closed`)
    compartment.contents = [...compartment.contents, label]
    this.wall.changed()
    this.wall.cabinet.close(compartment)
  }

  /** Takes out what lies in an open locker and pushes the door shut. @returns the labels */
  takeOut(lockerId: string): readonly string[] {
    const compartment = this.wall.cabinet.at(lockerId)
    if (compartment.door !== 'open') throw new Error(`door ${lockerId} is closed`)
    const { contents } = compartment
    compartment.contents = []
    this.wall.changed()
    this.wall.cabinet.close(compartment)
    return contents
  }

  close(lockerId: string): void {
    this.wall.cabinet.close(this.wall.cabinet.at(lockerId))
  }

  /** One courier and some people, as an operator has entered them; the kiosk knows them then. */
  async introduce(recipients: readonly { readonly id: string; readonly label: string }[]) {
    const { kioskId, central } = this
    central.setCourier({ kioskId, ...COURIER })
    for (const recipient of recipients) central.setRecipient({ kioskId, ...recipient })
    await until('the kiosk knows them', async () => {
      const { streams } = (await this.control('/v1/sync')).body as UplinkReport
      const has = (name: string) => streams.find(({ stream }) => stream === name)?.version ?? 0
      return has('staff') > 0 && has('directory') >= recipients.length
    })
  }

  /** Central announces it; the kiosk knows it then. */
  async announce(parcel: {
    readonly tracking: string
    readonly size: string
    readonly to: string
  }): Promise<void> {
    const { tracking, size, to: recipientId } = parcel
    const id = `parcel-${tracking}`
    this.central.announce({ kioskId: this.kioskId, id, tracking, size, recipientId })
    const path = `/v1/explain?name=${id}`
    await until(`${id} is known`, async () => (await this.control(path)).status === 200)
  }

  /** The PIN in the newest letter to this person; null while none has come. */
  pinFor(recipientId: string): string | null {
    // A further parcel comes with a letter that says so: the PIN is that of the one before.
    const letters = this.central.letters().filter((each) => each.recipientId === recipientId)
    const pins = letters.map(({ text }) => /PIN (\d+)/.exec(text)?.[1] ?? null)
    return pins.findLast((pin) => pin !== null) ?? null
  }

  /** The code in the newest letter to this person that has one. */
  tokenFor(recipientId: string): string {
    const letters = this.central.letters().filter((each) => each.recipientId === recipientId)
    return letters.findLast(({ token }) => token !== null)?.token ?? ''
  }

  /** Whatever the story was: what the kiosk sent fits the schemas as they are published. */
  async end(): Promise<void> {
    await this.stopDaemon()
    await this.#central?.close()
    await this.tap.stop()
    await this.wall.stop()
    await this.broker.stop()
    rmSync(this.folder, { recursive: true, force: true })
    // What comes down may be wrong on purpose.
    const misfits = this.tap.misfits(({ topic }) => topic.includes('/up/'))
    if (misfits.length > 0) throw new Error(`not as published: ${misfits.join('\n')}`)
  }
}
