// `npm start`: a whole kiosk without hardware. Simulated boards behind real ports, an embedded
// broker, the reference central, the unmodified daemon, the screen, and a page of the wall to stand
// in front of. Everything is kept in .demo: the next start goes on with the same parcels.
import { join } from 'node:path'
import process from 'node:process'
import { parseArgs } from 'node:util'
import type { Central } from '../central/central.ts'
import { DaemonProcess } from '../live/daemon-process.ts'
import { declareEmpty } from '../live/installer.ts'
import { openSite, openSiteCentral, type Site, trustCentral } from '../live/site.ts'
import { LiveWall } from '../live/wall.ts'
import { startWall } from '../wall/server.ts'
import { startBroker } from './broker.ts'
import { COURIER, postHost, RECIPIENTS, wallHost } from './hosts.ts'

const REPO = join(import.meta.dirname, '../..')
const CONFIG = join(REPO, 'config/demo-24.yaml')
const WALL_PORT = 7081
const RESTART_MS = 1_000

const { values } = parseArgs({
  options: {
    /** Without the reference central: a stock MQTT client may then play it. */
    'no-central': { type: 'boolean', default: false },
    verbose: { type: 'boolean', default: false },
  },
})

async function main(): Promise<void> {
  const site = openSite({ configFile: CONFIG, env: {} })
  const { settings } = site
  await trustCentral(site)
  const file = join(settings.data.folder, 'wall.json')
  const wall = new LiveWall({ kiosk: settings.kiosk, buses: settings.buses, file })
  const [broker] = await Promise.all([startBroker(settings.uplink.url), wall.plugIn()])
  const supervisor = new Supervisor(site)
  supervisor.start()
  const central = values['no-central'] ? null : await openSiteCentral(site)
  if (central !== null) introduce(central, site)
  const pages = await startWall({
    host: '127.0.0.1',
    port: WALL_PORT,
    webRoot: join(REPO, 'dist/web/wall'),
    world: wallHost(wall, site, () => supervisor.screenUrl),
    post: postHost(central, site),
  })
  stopOnSignal(async () => {
    await supervisor.stop()
    await pages.close()
    await central?.close()
    await broker.close()
    await wall.stop()
  })
  await supervisor.ready
  if (site.isNew) await declareEmpty(site)
  tell(site, { screen: supervisor.screenUrl, wall: pages.url, isCentral: central !== null })
}

/**
 * Staff and people, as an operator would have entered them. Entering them again changes nothing.
 */
function introduce(central: Central, site: Site): void {
  const { kioskId } = site.settings.kiosk
  if (!site.isNew) return
  central.setCourier({ kioskId, ...COURIER })
  for (const recipient of RECIPIENTS) central.setRecipient({ kioskId, ...recipient })
  const sizes = site.settings.kiosk.sizes.map(({ name }) => name)
  for (const [index, { id: recipientId }] of RECIPIENTS.slice(0, 3).entries()) {
    const tracking = `LK10${index + 1}`
    const size = sizes[index % sizes.length] ?? 'S'
    central.announce({ kioskId, id: `parcel-${tracking}`, tracking, size, recipientId })
  }
}

function tell(
  site: Site,
  at: { readonly screen: string; readonly wall: string; readonly isCentral: boolean },
): void {
  const { uplink } = site.settings
  const lines = [
    '',
    `  The kiosk’s screen        ${at.screen}`,
    `  The simulated wall        ${at.wall}`,
    `  The broker                ${uplink.url}${at.isCentral ? '' : ' (no central: play it)'}`,
    '',
    `  1. On the screen press Courier, type ${COURIER.code}, choose a parcel; on the wall put`,
    '     it in and close the door.',
    '  2. The letter with the PIN arrives beside the wall: type it on the screen, take the parcel.',
    '  3. Look from the technician’s side: npm run latchkey -- doors',
    '',
    '  Ctrl-C ends everything; the next start goes on with the same parcels.',
    '',
  ]
  console.log(lines.join('\n'))
}

/** Starts the daemon anew when it ends by itself, as systemd would. */
class Supervisor {
  readonly ready: Promise<void>
  screenUrl = ''
  readonly #site: Site
  #daemon: DaemonProcess | null = null
  #isStopping = false
  #becomeReady: () => void = () => {}

  constructor(site: Site) {
    this.#site = site
    this.ready = new Promise((resolve) => {
      this.#becomeReady = resolve
    })
  }

  start(): void {
    const daemon = new DaemonProcess({
      site: this.#site,
      ...(values.verbose ? { onLine: (line: string) => console.log(line) } : {}),
    })
    this.#daemon = daemon
    daemon.screenUrl.then(
      (url) => {
        this.screenUrl = url
        this.#becomeReady()
      },
      () => {},
    )
    void daemon.exited.then((code) => {
      if (this.#isStopping) return
      console.error(`latchkeyd ended with ${code}:\n${daemon.lines.slice(-5).join('\n')}`)
      setTimeout(() => this.start(), RESTART_MS)
    })
  }

  async stop(): Promise<void> {
    this.#isStopping = true
    await this.#daemon?.stop()
  }
}

function stopOnSignal(stop: () => Promise<void>): void {
  let isStopping = false
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    process.on(signal, () => {
      if (isStopping) return
      isStopping = true
      void stop().then(() => process.exit(0))
    })
  }
}

await main().catch((error: NodeJS.ErrnoException) => {
  const isTaken = error.code === 'EADDRINUSE'
  console.error(isTaken ? `Something else uses the port: ${error.message}` : error.message)
  process.exit(1)
})
