// What the keys of a keypad do. The codes of common keypads are known; whatever a model sends
// instead stands in the configuration.
import { KEY_DIGITS, type KeyConfig, type KeyFunction } from './config.ts'
import type { KeyEvent } from './key-events.ts'

/** The digits of the upper row and of the number pad, in the order of KEY_DIGITS. */
const DIGIT_CODES = [
  [11, 2, 3, 4, 5, 6, 7, 8, 9, 10],
  [82, 79, 80, 81, 75, 76, 77, 71, 72, 73],
]

const DEFAULTS: readonly (readonly [code: number, does: KeyFunction])[] = [
  // Backspace and Delete.
  [14, 'delete'],
  [111, 'delete'],
  // Enter, also of the number pad.
  [28, 'enter'],
  [96, 'enter'],
  // Down and right, up and left, Escape.
  [108, 'next'],
  [106, 'next'],
  [103, 'previous'],
  [105, 'previous'],
  [1, 'back'],
  [115, 'volume-up'],
  [114, 'volume-down'],
]

export interface KeypadOptions {
  readonly keys?: readonly KeyConfig[]
  readonly sameKeyMs?: number
}

function keyMapOf(keys: readonly KeyConfig[] = []): ReadonlyMap<number, KeyFunction> {
  const map = new Map<number, KeyFunction>(DEFAULTS)
  for (const codes of DIGIT_CODES) {
    for (const [index, digit] of KEY_DIGITS.entries()) {
      const code = codes[index]
      if (code !== undefined) map.set(code, digit)
    }
  }
  for (const { code, does } of keys) {
    if (does === 'nothing') map.delete(code)
    else map.set(code, does)
  }
  return map
}

/** For one connection. */
export class KeypadKeys {
  readonly #map: ReadonlyMap<number, KeyFunction>
  readonly #sameKeyMs: number
  #last: { readonly code: number; readonly atMs: number } | null = null

  constructor({ keys, sameKeyMs = 0 }: KeypadOptions) {
    this.#map = keyMapOf(keys)
    this.#sameKeyMs = sameKeyMs
  }

  /** Only the press counts: a finger that rests on a key, or trembles, types one digit. */
  take(event: KeyEvent, nowMs: number): KeyFunction | null {
    if (event.kind !== 'pressed') return null
    const { code } = event
    const isSame = this.#last?.code === code && nowMs - this.#last.atMs < this.#sameKeyMs
    this.#last = { code, atMs: nowMs }
    return isSame ? null : (this.#map.get(code) ?? null)
  }
}
