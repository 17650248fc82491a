// The real server with the real page, and a recorder in the place of the kiosk's rules.
import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { build } from 'vite'
import type { Intent } from '../../src/kiosk/view.ts'
import { type Screen, type ScreenOptions, startScreen } from '../../src/screen/server.ts'
import { HELLO } from './views.ts'

const ROOT = fileURLToPath(new URL('../../', import.meta.url))
export const WEB_ROOT = `${ROOT}dist/web`

let isBuilt = false

/** Builds the pages once per process, from what lies in the tree now. */
export async function buildPages(): Promise<void> {
  if (isBuilt && existsSync(`${WEB_ROOT}/index.html`)) return
  await build({ configFile: `${ROOT}src/screen/web/vite.config.ts`, logLevel: 'error' })
  isBuilt = true
}

export interface Sent {
  readonly intentId: string
  readonly rev: number
  readonly intent: Intent
}

export interface TestScreen {
  readonly screen: Screen
  /** What reached the rules. */
  readonly sent: Sent[]
  /** What was logged, as text. */
  readonly logged: string[]
}

export async function openScreen(options: Partial<ScreenOptions> = {}): Promise<TestScreen> {
  const sent: Sent[] = []
  const logged: string[] = []
  const write = (data: object, words: string) => {
    const error = 'err' in data ? String(data.err) : ''
    logged.push(`${words} ${error} ${JSON.stringify(data)}`)
  }
  const screen = await startScreen({
    host: '127.0.0.1',
    port: 0,
    webRoot: WEB_ROOT,
    hello: HELLO,
    hashDigits: (digits) => ({
      pinIndex: `pin-of-${digits.length}`,
      accessIndex: `access-of-${digits.length}`,
    }),
    onIntent: (intentId, rev, intent) => {
      sent.push({ intentId, rev, intent })
    },
    health: () => ({ ok: true }),
    log: { info: write, warn: write, error: write },
    ...options,
  })
  return { screen, sent, logged }
}
