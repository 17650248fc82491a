// Everything of the demo around the daemon: simulated boards behind real ports, an embedded broker,
// the reference central, and a page of the wall to stand in front of. All of it is kept in .demo:
// the next start goes on with the same parcels.
import { join } from 'node:path'
import process from 'node:process'
import { createCentralApi } from '../central/api.ts'
import type { Central } from '../central/central.ts'
import { declareEmpty } from '../live/installer.ts'
import { openSite, openSiteCentral, type Site, trustCentral } from '../live/site.ts'
import { LiveWall } from '../live/wall.ts'
import { startWall } from '../wall/server.ts'
import { startBroker } from './broker.ts'
import { COURIER, postHost, RECIPIENTS, wallHost } from './hosts.ts'
import type { Supervisor } from './supervisor.ts'

const REPO = join(import.meta.dirname, '../..')
const CONFIG = join(REPO, 'config/demo-24.yaml')
const WALL_PORT = 7081
/** Where `npm run sim -- command` looks for it. */
const CENTRAL_PORT = 7090

export interface StageOptions {
  /** False: a stock MQTT client may then play central. */
  readonly hasCentral: boolean
  /** The daemon; it is started here if it is not running yet. */
  readonly supervisor: Supervisor
}

export async function setStage({ hasCentral, supervisor }: StageOptions): Promise<void> {
  const site = openSite({ configFile: CONFIG, env: {} })
  const { settings } = site
  await trustCentral(site)
  const file = join(settings.data.folder, 'wall.json')
  const wall = new LiveWall({ kiosk: settings.kiosk, buses: settings.buses, file })
  const [broker] = await Promise.all([startBroker(site.brokerUrl), wall.plugIn()])
  supervisor.start()
  const central = hasCentral ? await openSiteCentral(site) : null
  if (central !== null) introduce(central, site)
  const api = central === null ? null : createCentralApi(central)
  const centralUrl = (await api?.listen({ host: '127.0.0.1', port: CENTRAL_PORT })) ?? null
  const post = postHost(central, site)
  const pages = await startWall({
    host: '127.0.0.1',
    port: WALL_PORT,
    webRoot: join(REPO, 'dist/web/wall'),
    world: wallHost(wall, site, () => supervisor.screenUrl),
    post,
  })
  stopOnSignal(async () => {
    await supervisor.stop()
    await pages.close()
    post.close()
    await api?.close()
    await central?.close()
    await broker.close()
    await wall.stop()
  })
  await supervisor.ready
  if (site.isNew) await declareEmpty(site)
  tell(site, { screen: supervisor.screenUrl, wall: pages.url, centralUrl })
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
  at: { readonly screen: string; readonly wall: string; readonly centralUrl: string | null },
): void {
  const lines = [
    '',
    `  The kiosk’s screen        ${at.screen}`,
    `  The simulated wall        ${at.wall}`,
    `  The operator’s central    ${at.centralUrl ?? 'none: play it'}`,
    `  The broker                ${site.brokerUrl}`,
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
