// The keys of a scanner that is a keyboard, as characters. Scanners come from the factory as a
// keyboard with the layout of the United States; another one would be a setting of the scanner.
import type { KeyEvent } from './key-events.ts'

const SHIFTS = [42, 54]
/** Control, Alt and Meta: with them a key is no character. */
const SILENCERS = [29, 97, 56, 100, 125, 126]
const CAPS_LOCK = 58
const ENTERS = [28, 96]

/** By the first key code of each row; plain and with Shift. */
const ROWS: readonly (readonly [first: number, plain: string, shifted: string])[] = [
  [2, '1234567890-=', '!@#$%^&*()_+'],
  [16, 'qwertyuiop[]', 'QWERTYUIOP{}'],
  [30, "asdfghjkl;'`", 'ASDFGHJKL:"~'],
  [43, '\\zxcvbnm,./', '|ZXCVBNM<>?'],
  [55, '*', '*'],
  [57, ' ', ' '],
  [71, '789-456+1230.', '789-456+1230.'],
  [98, '/', '/'],
]

interface KeyChars {
  readonly plain: string
  readonly shifted: string
}

const CHARS: ReadonlyMap<number, KeyChars> = new Map(
  ROWS.flatMap(([first, plain, shifted]) =>
    [...plain].map((char, index) => {
      return [first + index, { plain: char, shifted: shifted[index] ?? char }] as const
    }),
  ),
)

/** For one connection. */
export class ScanKeys {
  readonly #held = new Set<number>()
  #isCapsLocked = false

  take(event: KeyEvent): { readonly char: string } | 'lost' | null {
    if (event.kind === 'lost') {
      this.#held.clear()
      return 'lost'
    }
    const { kind, code } = event
    if (SHIFTS.includes(code) || SILENCERS.includes(code)) {
      if (kind === 'released') this.#held.delete(code)
      else this.#held.add(code)
      return null
    }
    // A scanner presses every key by itself; what repeats is a key that hangs.
    if (kind !== 'pressed') return null
    if (code === CAPS_LOCK) {
      this.#isCapsLocked = !this.#isCapsLocked
      return null
    }
    if (ENTERS.includes(code)) return { char: '\n' }
    return this.#charOf(code)
  }

  #charOf(code: number): { readonly char: string } | null {
    const chars = CHARS.get(code)
    if (chars === undefined || SILENCERS.some((key) => this.#held.has(key))) return null
    const isShifted = SHIFTS.some((key) => this.#held.has(key))
    const isLetter = /^[a-z]$/.test(chars.plain)
    const isUpper = isLetter && this.#isCapsLocked ? !isShifted : isShifted
    return { char: isUpper ? chars.shifted : chars.plain }
  }
}
