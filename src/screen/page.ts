// The kiosk's page as it leaves the server: with the phone number and the kiosk's id written into
// the out-of-service text, so that this text needs neither a script nor a daemon.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Hello } from './protocol.ts'

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
}

/** @returns what writes the page; null when it is not built */
export function loadPage(webRoot: string): ((hello: Hello) => string) | null {
  try {
    const html = readFileSync(join(webRoot, 'index.html'), 'utf8')
    return (hello) => written(html, hello)
  } catch {
    return null
  }
}

function written(html: string, { kioskId, siteName, helpPhone }: Hello): string {
  const values: Readonly<Record<string, string>> = { kioskId, siteName, helpPhone }
  return html.replace(/\{\{(\w+)\}\}/g, (_all, name: string) => escapeHtml(values[name] ?? ''))
}

function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (char) => ENTITIES[char] ?? '')
}

/** The names of built files hold their fingerprints, so a browser may keep them for ever. */
export function assetsOf(webRoot: string) {
  return {
    root: join(webRoot, 'assets'),
    prefix: '/assets/',
    index: false as const,
    decorateReply: false,
    immutable: true,
    maxAge: '365d',
  }
}
