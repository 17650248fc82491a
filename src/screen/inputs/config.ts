// The devices in front of the kiosk that the daemon reads itself.

/** What a key of a keypad does, beside the ten digits. */
export const KEY_FUNCTIONS = [
  'delete',
  'enter',
  'next',
  'previous',
  'select',
  'back',
  'repeat',
  'volume-up',
  'volume-down',
  'jack-in',
  'jack-out',
] as const

export const KEY_DIGITS = ['0', '1', '2', '3', '4', '5', '6', '7', '8', '9'] as const

type KeyDigit = (typeof KEY_DIGITS)[number]
export type KeyFunction = KeyDigit | (typeof KEY_FUNCTIONS)[number]

export interface KeyConfig {
  /** As the kernel counts them (input-event-codes.h), and `evtest` prints them. */
  readonly code: number
  /** `nothing` takes away what the key does by default. */
  readonly does: KeyFunction | 'nothing'
}

interface SerialInputLink {
  readonly kind: 'serial'
  readonly path: string
  readonly baudRate: number
}

export interface EvdevInputLink {
  readonly kind: 'evdev'
  readonly path: string
}

export type InputLinkConfig = SerialInputLink | EvdevInputLink

export type InputConfig =
  | { readonly kind: 'scanner'; readonly id: string; readonly link: InputLinkConfig }
  | {
      readonly kind: 'keypad'
      readonly id: string
      readonly link: EvdevInputLink
      readonly keys?: readonly KeyConfig[]
      /** The same key again within this is a trembling finger, and not heard (EN 301 549, 5.8). */
      readonly sameKeyMs?: number
    }
