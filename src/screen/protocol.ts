// What goes over the WebSocket between the daemon and the screen's page. Whole views, never
// differences: a page that has just been loaded knows as much as one that was there all day.
import type { Code } from '../kiosk/codes.ts'
import type { KioskConfig, LockerId, SizeConfig, SizeName } from '../kiosk/config.ts'
import { SLOW_FACTOR } from '../kiosk/preferences.ts'
import { TOKEN_SCAN_CHARS_MAX } from '../kiosk/token-facts.ts'
import type { ActionName, IntentResult, View } from '../kiosk/view.ts'
import { LANGUAGES, type Language } from './languages.ts'
import { TYPED_FORGET_MS } from './limits.ts'

export const PROTO = 1

/** How long digits wait for the next one, at the keypad and on the screen. */
export function typedLastsMs({ preferences }: View): number {
  return TYPED_FORGET_MS * (preferences.isSlow ? SLOW_FACTOR : 1)
}

/** What a page sends of a scan; the server looks closer. */
export const SCAN_SENT_CHARS_MAX = TOKEN_SCAN_CHARS_MAX

/** What the page may know of a locker: nothing of boards and channels. */
interface WallLocker {
  readonly id: LockerId
  readonly size: SizeName
  readonly bottomMm: number
}

export interface Wall {
  /** Smallest first. */
  readonly sizes: readonly SizeConfig[]
  /** From left to right; the lockers from top to bottom. */
  readonly columns: readonly { readonly lockers: readonly WallLocker[] }[]
}

export interface Hello {
  readonly kioskId: string
  readonly siteName: string
  readonly helpPhone: string
  /** The usual one first. */
  readonly languages: readonly Language[]
  readonly wall: Wall
}

export type ServerMessage =
  | ({ readonly kind: 'hello'; readonly proto: number } & Hello)
  | { readonly kind: 'view'; readonly view: View }
  | { readonly kind: 'answer'; readonly id: string; readonly result: IntentResult }
  | { readonly kind: 'error'; readonly id: string | null; readonly code: Code }
  | { readonly kind: 'pong' }
  /** How many digits have been typed at the keypad: all that a page learns of them. */
  | { readonly kind: 'typed'; readonly count: number }
  /**
   * A key of the keypad that moves about on the screen. Whatever is pressed by it is sent under
   * `id`: of several pages that show the same, one presses.
   */
  | { readonly kind: 'key'; readonly key: ScreenKey; readonly id: string }

export type ScreenKey = 'next' | 'previous' | 'select' | 'back'

interface Sent {
  /** The revision of the view that the person saw. */
  readonly rev: number
  /** Chosen by the page, unique: a repeated message is answered again and not done again. */
  readonly id: string
}

export type IntentMessage =
  | (Sent & { readonly kind: 'digits'; readonly digits: string })
  | (Sent & { readonly kind: 'press'; readonly action: ActionName; readonly value?: string })
  | (Sent & { readonly kind: 'scan'; readonly code: string })

export type ClientMessage =
  | IntentMessage
  | { readonly kind: 'ping' }
  /** Somebody types on the screen, or the screen is gone: what the keypad began is forgotten. */
  | { readonly kind: 'forget' }

export function helloOf(config: KioskConfig): Hello {
  const { kioskId, siteName, helpPhone, sizes, columns } = config
  return {
    kioskId,
    siteName,
    helpPhone,
    languages: languagesOf(config),
    wall: {
      sizes,
      columns: columns.map(({ lockers }) => ({
        lockers: lockers.map(({ id, size, bottomMm }) => ({ id, size, bottomMm })),
      })),
    },
  }
}

function languagesOf({ languages = ['en'] }: KioskConfig): readonly Language[] {
  return languages.flatMap((code) => LANGUAGES.find((known) => known.code === code) ?? [])
}
