// A real Chromium with a fresh profile. A machine without one fails the test: a missing browser must
// never turn a run green.
import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
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
  const profile = mkdtempSync(join(tmpdir(), 'latchkey-chromium-'))
  const context = await chromium.launchPersistentContext(profile, {
    executablePath,
    headless: true,
    args: FLAGS,
    viewport: options.viewport ?? { width: 1280, height: 800 },
    javaScriptEnabled: options.javaScriptEnabled ?? true,
  })
  context.once('close', () => rmSync(profile, { recursive: true, force: true, maxRetries: 5 }))
  return context
}

function findChromium(): string | undefined {
  const folders = (process.env['PATH'] ?? '').split(delimiter)
  const files = NAMES.flatMap((name) => folders.map((folder) => join(folder, name)))
  return files.find((file) => existsSync(file))
}
