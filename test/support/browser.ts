// A real Chromium with a fresh profile. A machine without one fails the test: a missing browser
// must never turn a run green.
import { existsSync } from 'node:fs'
import { delimiter, join } from 'node:path'
import process from 'node:process'
import { type BrowserContext, chromium } from 'playwright-core'

const NAMES = ['chromium', 'chromium-browser', 'google-chrome']
const FLAGS = [
  '--headless',
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
]

export interface Viewport {
  readonly width: number
  readonly height: number
}

export async function openBrowser(
  options: { readonly viewport?: Viewport; readonly javaScriptEnabled?: boolean } = {},
): Promise<BrowserContext> {
  const executablePath = findChromium()
  if (executablePath === undefined) {
    throw new Error('There is no Chromium. Install it: apt-get install -y chromium')
  }
  // Without a name the profile is a new folder, and goes when the browser has really ended.
  return chromium.launchPersistentContext('', {
    executablePath,
    headless: true,
    args: FLAGS,
    viewport: options.viewport ?? { width: 1280, height: 800 },
    javaScriptEnabled: options.javaScriptEnabled ?? true,
  })
}

function findChromium(): string | undefined {
  const folders = (process.env['PATH'] ?? '').split(delimiter)
  const files = NAMES.flatMap((name) => folders.map((folder) => join(folder, name)))
  return files.find((file) => existsSync(file))
}
