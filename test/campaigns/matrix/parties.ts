// The three that are killed: the broker, the kiosk and central, each a process of its own.
import { copyFileSync, existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { MovedClock } from '../../../sim/clock/clock.ts'
import { diskEnv } from '../../../sim/disk/build.ts'
import { DaemonProcess } from '../../../sim/live/daemon-process.ts'
import { openSite, type Site, trustCentral } from '../../../sim/live/site.ts'
import type { KioskStatus } from '../../../src/kiosk/events.ts'
import { CertificateAuthority } from '../../support/certificates.ts'
import { contractAcl, startMosquitto } from '../../support/mosquitto.ts'
import { startNats } from '../../support/nats.ts'
import type { Broker } from '../../support/process.ts'
import { startRabbitMq } from '../../support/rabbitmq.ts'
import { askStatus } from '../kill/control-client.ts'

const CONFIG = join(import.meta.dirname, '../../../config/demo-24.yaml')
const NAMESPACE = 'demo'
const RESTART_MS = 50
/** Of central's commands: short, so that some expire under the kills. */
const COMMAND_GOOD_MS = 3_000

export const BROKERS = ['mosquitto', 'nats', 'rabbitmq'] as const
export type BrokerName = (typeof BROKERS)[number]

/** Where everything lies, and how each finds the others. */
export interface Place {
  readonly folder: string
  readonly broker: Broker
  readonly site: Site
  readonly clock: MovedClock
  /** While this file is there, the kiosk's disk is full. */
  readonly fullFile: string
  readonly centralIdentity: readonly string[]
}

interface Opened {
  readonly broker: Broker
  readonly kiosk: Readonly<Record<string, string>>
  readonly central: readonly string[]
}

/** MQTT 5 with certificates and an access list, as docs/broker has it. */
async function openMosquitto(folder: string): Promise<Opened> {
  const authority = new CertificateAuthority(join(folder, 'authority'))
  const tls = { authority, broker: authority.broker() }
  const mosquitto = await startMosquitto(contractAcl(NAMESPACE), tls)
  const { certificateFile, keyFile } = authority.client('demo-24')
  const central = authority.client('central')
  return {
    broker: { name: 'Mosquitto', ...mosquitto },
    kiosk: {
      LATCHKEY_UPLINK_CA_FILE: authority.caFile,
      LATCHKEY_UPLINK_CERTIFICATE_FILE: certificateFile,
      LATCHKEY_UPLINK_KEY_FILE: keyFile,
    },
    central: [
      ...['--ca', authority.caFile],
      ...['--certificate', central.certificateFile, '--key', central.keyFile],
    ],
  }
}

async function openBroker(name: BrokerName, folder: string): Promise<Opened> {
  if (name === 'mosquitto') return openMosquitto(folder)
  const broker = await (name === 'nats' ? startNats() : startRabbitMq())
  return { broker, kiosk: {}, central: [] }
}

export async function openPlace(name: BrokerName): Promise<Place> {
  const folder = mkdtempSync(join(tmpdir(), 'latchkey-matrix-'))
  const { broker, kiosk, central } = await openBroker(name, folder)
  const dataFolder = join(folder, 'data')
  mkdirSync(dataFolder)
  const clock = new MovedClock(join(folder, 'clock'))
  const fullFile = join(folder, 'full')
  const disk = diskEnv({ folder: dataFolder, fullFile })
  const site = openSite({
    configFile: CONFIG,
    env: {
      ...kiosk,
      ...disk,
      ...clock.env,
      LD_PRELOAD: `${disk['LD_PRELOAD']}:${clock.env['LD_PRELOAD']}`,
      LATCHKEY_DATA_FOLDER: dataFolder,
      LATCHKEY_UPLINK_URL: broker.url,
      LATCHKEY_SCREEN_PORT: '0',
      LATCHKEY_UPLINK_RECONNECT_SPREAD_MS: '100',
      LATCHKEY_UPLINK_RECONNECT_MAX_MS: '500',
    },
  })
  await trustCentral(site)
  return { folder, broker, site, clock, fullFile, centralIdentity: central }
}

/** The real daemon; it is started again as systemd would when it ends by itself. */
export class Kiosk {
  readonly #site: Site
  #daemon: DaemonProcess | null = null
  #isWanted = false
  /** How often it ended by itself. */
  ends = 0

  constructor(site: Site) {
    this.#site = site
  }

  get socketPath(): string {
    return this.#site.settings.control.path
  }

  start(): void {
    this.#isWanted = true
    const daemon = new DaemonProcess(this.#site)
    this.#daemon = daemon
    void daemon.exited.then(async () => {
      if (!this.#isWanted || this.#daemon !== daemon) return
      this.ends += 1
      await pause(RESTART_MS)
      if (this.#isWanted && this.#daemon === daemon) this.start()
    })
  }

  async end(signal: NodeJS.Signals): Promise<void> {
    this.#isWanted = false
    await this.#daemon?.stop(signal)
  }

  /** @returns null while it does not answer */
  async status(): Promise<KioskStatus | null> {
    return await askStatus(this.socketPath).catch(() => null)
  }

  get lines(): readonly string[] {
    return this.#daemon?.lines ?? []
  }
}

/** What the reference central is told about this place. */
export function centralArgs({ site, broker, folder, centralIdentity }: Place): readonly string[] {
  const { kiosk } = site.settings
  const key = join(folder, 'staff-key')
  writeFileSync(key, site.staffKey)
  return [
    ...['--folder', site.centralFolder, '--mqtt', broker.url, '--namespace', NAMESPACE],
    ...['--kiosk', `${kiosk.kioskId}=${key}`],
    ...['--heads-ms', '1000', '--command-wait-ms', String(COMMAND_GOOD_MS)],
    ...centralIdentity,
  ]
}

/** A database with what is not yet copied back into it; nobody has it open for writing. */
export function copyDatabase(from: string, to: string): void {
  for (const suffix of ['', '-wal', '-shm']) {
    rmSync(to + suffix, { force: true })
    // The shared memory is only an index, which SQLite makes anew.
    if (suffix !== '-shm' && existsSync(from + suffix)) copyFileSync(from + suffix, to + suffix)
  }
}
