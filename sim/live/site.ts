// The files of one simulated site: the kiosk's secrets, central's keys, and where everything lies.
// Made on the first start, found again on the next.
import { randomBytes } from 'node:crypto'
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { readSettings, type Settings } from '../../src/runtime/settings.ts'
import { urlOf } from '../../src/sync/links/broker.ts'
import { type Central, openCentral } from '../central/central.ts'
import { loadCentralKeys, SEALING_KEYS_FILE, SIGNING_KEYS_FILE } from '../central/keys.ts'

const SECRET_BYTES = 32
const CENTRAL_HEADS_MS = 5_000

export interface SiteOptions {
  /** The kiosk.yaml that the daemon runs on. */
  readonly configFile: string
  /** Overrides of single settings: LATCHKEY_…, as the daemon gets them. */
  readonly env: Readonly<Record<string, string>>
}

export interface Site extends SiteOptions {
  readonly settings: Settings
  readonly staffKey: string
  /** True when there was nothing before: the wall is new and waits to be inspected. */
  readonly isNew: boolean
  readonly centralFolder: string
  /** The first of the kiosk's brokers. */
  readonly brokerUrl: string
}

export function openSite(options: SiteOptions): Site {
  const settings = readSettings({ file: options.configFile, env: options.env })
  const { secrets, data } = settings
  const isNew = !existsSync(join(data.folder, 'ledger.db'))
  for (const file of [secrets.pepperFile, secrets.staffKeyFile, secrets.helpKeyFile]) {
    if (existsSync(file)) continue
    mkdirSync(join(file, '..'), { recursive: true, mode: 0o700 })
    writeFileSync(file, randomBytes(SECRET_BYTES), { mode: 0o600 })
  }
  mkdirSync(join(data.folder, 'run'), { recursive: true })
  const staffKey = readFileSync(secrets.staffKeyFile).toString('base64url')
  const [broker] = settings.uplink.brokers
  if (broker === undefined) throw new Error('the settings name no broker')
  const centralFolder = join(data.folder, 'central')
  return { ...options, settings, staffKey, isNew, centralFolder, brokerUrl: urlOf(broker) }
}

/** Makes central's keys if need be, and puts the public halves where the kiosk looks for them. */
export async function trustCentral(site: Site): Promise<void> {
  const { centralFolder } = site
  const { secrets } = site.settings
  await loadCentralKeys(centralFolder)
  const read = (name: string): string => readFileSync(join(centralFolder, name), 'utf8')
  const [sealKey] = (JSON.parse(read(SEALING_KEYS_FILE)) as { keys: readonly object[] }).keys
  writeFileSync(secrets.centralKeysFile, read(SIGNING_KEYS_FILE))
  writeFileSync(secrets.centralSealKeyFile, JSON.stringify(sealKey))
}

export function openSiteCentral(site: Site): Promise<Central> {
  const { settings, staffKey, centralFolder } = site
  return openCentral({
    folder: centralFolder,
    mqttUrls: [site.brokerUrl],
    namespace: settings.namespace,
    kiosks: [{ kioskId: settings.kiosk.kioskId, staffKey }],
    headIntervalMs: CENTRAL_HEADS_MS,
  })
}
