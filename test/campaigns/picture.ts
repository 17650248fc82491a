// Makes docs/kiosk.png: the kiosk's screen and the simulated wall side by side, drawn by the real
// pages from the tests' examples.   node test/campaigns/picture.ts
import { statSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import type { BrowserContext } from 'playwright-core'
import { startWall } from '../../sim/wall/server.ts'
import { openBrowser, type Viewport } from '../support/browser.ts'
import { buildPages, openScreen, removePages, WEB_ROOT } from '../support/screen.ts'
import { screenNamed, viewOf } from '../support/views.ts'
import { MemoryPost, MemoryWall } from '../support/wall-world.ts'

const FILE = fileURLToPath(new URL('../../docs/kiosk.png', import.meta.url))
const BYTES_MAX = 200_000
const KIOSK: Viewport = { width: 1280, height: 800 }
const WALL: Viewport = { width: 1280, height: 800 }
const DOOR = '14'

async function shoot(
  browser: BrowserContext,
  url: string,
  options: { size: Viewport; ready: string },
) {
  const page = await browser.newPage()
  await page.emulateMedia({ reducedMotion: 'reduce' })
  await page.setViewportSize(options.size)
  await page.goto(url)
  await page.locator(options.ready).first().waitFor()
  const image = await page.screenshot()
  await page.close()
  return image.toString('base64')
}

async function shootKiosk(browser: BrowserContext): Promise<string> {
  const { screen } = await openScreen()
  screen.show(viewOf(screenNamed('pickup-open'), { doors: { [DOOR]: 'open' } }))
  const image = await shoot(browser, screen.url, { size: KIOSK, ready: '.plate' })
  await screen.close()
  return image
}

async function shootWall(browser: BrowserContext): Promise<string> {
  const [world, post] = [new MemoryWall(), new MemoryPost()]
  for (const id of ['5', '16', '22']) world.change(id, { contents: ['Parcel'] })
  world.change('9', { isBlocked: true })
  world.change(DOOR, { door: 'open', contents: ['Parcel'] })
  const atWallMs = Date.UTC(2026, 4, 4, 9, 30)
  const text = (locker: string, pin: string) => `Your parcel is in locker ${locker}, PIN ${pin}.`
  post.write({ id: '1', recipient: 'Flat 5', text: text('5', '90317264'), atWallMs })
  post.write({ id: '2', recipient: 'Flat 3', text: text(DOOR, '48210573'), atWallMs })
  const webRoot = `${WEB_ROOT}/wall`
  const server = await startWall({ host: '127.0.0.1', port: 0, webRoot, world, post })
  const image = await shoot(browser, server.url, { size: WALL, ready: '.hands .is-primary' })
  await server.close()
  return image
}

async function join(browser: BrowserContext, images: readonly string[]): Promise<void> {
  const page = await browser.newPage()
  await page.setViewportSize({ width: 1600, height: 512 })
  const tags = images.map((image) => `<img src="data:image/png;base64,${image}" alt="">`).join('')
  await page.setContent(`<style>
    body { margin: 0; display: flex; gap: 12px; padding: 8px; background: #39434f }
    img { width: 786px; height: 496px; object-fit: cover; object-position: top; border-radius: 8px }
  </style>${tags}`)
  await page.screenshot({ path: FILE })
}

await buildPages()
const browser = await openBrowser()
await join(browser, [await shootKiosk(browser), await shootWall(browser)])
await browser.close()
removePages()
const { size } = statSync(FILE)
if (size > BYTES_MAX) throw new Error(`${FILE} has ${size} bytes, more than ${BYTES_MAX}.`)
console.log(`${FILE}: ${size} bytes`)
