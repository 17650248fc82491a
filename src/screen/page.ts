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

/** Beside the page: by language, what it says when nothing else can say anything. */
export const OUT_OF_SERVICE_FILE = 'out-of-service.json'

type Texts = Readonly<Record<string, string>>

/** @returns what writes the page; null when it is not built */
export function loadPage(webRoot: string): ((hello: Hello) => string) | null {
  const read = (name: string): string => readFileSync(join(webRoot, name), 'utf8')
  try {
    const html = read('index.html')
    const texts: Readonly<Record<string, Texts>> = JSON.parse(read(OUT_OF_SERVICE_FILE))
    return (hello) => written(html, texts, hello)
  } catch {
    return null
  }
}

/** In the kiosk's usual language: whoever stands there may have chosen none. */
function written(html: string, texts: Readonly<Record<string, Texts>>, hello: Hello): string {
  const { kioskId, siteName, helpPhone, languages } = hello
  const { code = 'en', direction = 'ltr' } = languages[0] ?? {}
  const place = { kioskId, siteName, helpPhone, language: code, direction }
  const values: Texts = { ...texts[code], ...place }
  return html.replace(/\{\{([\w.-]+)\}\}/g, (_all, name: string) => escapeHtml(values[name] ?? ''))
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
