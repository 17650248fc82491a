// The real server with the real page, and a recorder in the place of the kiosk's rules.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { build } from 'vite'
import { isTokenScan } from '../../src/kiosk/token-facts.ts'
import type { Intent } from '../../src/kiosk/view.ts'
import { type Screen, type ScreenOptions, startScreen } from '../../src/screen/server.ts'
import { HELLO } from './views.ts'

const ROOT = fileURLToPath(new URL('../../', import.meta.url))
/** Each process has its own: two that build into one folder pull it from under each other. */
export const WEB_ROOT = mkdtempSync(join(tmpdir(), 'latchkey-web-'))

/** Builds the pages from what lies in the tree now. */
export async function buildPages(): Promise<void> {
  const configFile = `${ROOT}src/screen/web/vite.config.ts`
  await build({ configFile, logLevel: 'error', build: { outDir: WEB_ROOT } })
}

export function removePages(): void {
  rmSync(WEB_ROOT, { recursive: true, force: true })
}

interface Sent {
  readonly intentId: string
  readonly rev: number
  readonly intent: Intent
}

export interface TestScreen {
  readonly screen: Screen
  /** What reached the rules. */
  readonly sent: Sent[]
  /** What was told of pages that came and went. */
  readonly presence: boolean[]
  /** What was logged, as text. */
  readonly logged: string[]
}

export async function openScreen(options: Partial<ScreenOptions> = {}): Promise<TestScreen> {
  const sent: Sent[] = []
  const presence: boolean[] = []
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
    hashBadge: (code) => `badge-of-${code.length}`,
    readToken: (code) => (isTokenScan(code) ? { claims: null } : null),
    onIntent: (intentId, rev, intent) => {
      sent.push({ intentId, rev, intent })
    },
    onPresence: (isConnected) => {
      presence.push(isConnected)
    },
    health: () => ({ ok: true }),
    log: { info: write, warn: write, error: write },
    ...options,
  })
  return { screen, sent, presence, logged }
}
