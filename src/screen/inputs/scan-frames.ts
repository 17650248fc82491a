// Codes as scanners send them: characters, then an end. Framed by that end and not by timing: a
// slow scanner loses nothing. What is too long, damaged or left without an end is no code, and
// nothing of it gets into the next one.

/** A scanner types much faster; what does not go on for so long had no end. */
export const SCAN_GAP_MAX_MS = 3_000

export type Scanned =
  | { readonly kind: 'code'; readonly code: string }
  /** Something came, and it was no code. */
  | { readonly kind: 'misread' }

const MISREAD: Scanned = { kind: 'misread' }

/** For one connection. */
export class ScanFrames {
  readonly #charsMax: number
  #code = ''
  #isSpoilt = false
  #lastAtMs = Number.NEGATIVE_INFINITY

  constructor(charsMax: number) {
    this.#charsMax = charsMax
  }

  /** @param text latin1, as it comes; carriage return and line feed end a code */
  take(text: string, nowMs: number): readonly Scanned[] {
    const scanned: Scanned[] = []
    for (const char of text) {
      const one = this.put(char, nowMs)
      if (one !== null) scanned.push(one)
    }
    return scanned
  }

  /** @returns what has ended with this character; null: nothing yet */
  put(char: string, nowMs: number): Scanned | null {
    const stale = nowMs - this.#lastAtMs > SCAN_GAP_MAX_MS ? this.#end('misread') : null
    this.#lastAtMs = nowMs
    if (char === '\r' || char === '\n') return stale ?? this.#end('code')
    // Frames of their own (STX, ETX) and the separators of GS1 are not part of what is printed.
    if (char < ' ' || char === '\u007f' || (char === ' ' && this.#code === '')) return stale
    if (char > '~' || this.#code.length >= this.#charsMax) this.#isSpoilt = true
    if (!this.#isSpoilt) this.#code += char
    return stale
  }

  /** Characters are missing: what has come and what still comes up to the end is no code. */
  spoil(nowMs: number): void {
    this.#isSpoilt = true
    this.#lastAtMs = nowMs
  }

  #end(as: Scanned['kind']): Scanned | null {
    const code = this.#code
    const isSpoilt = this.#isSpoilt
    this.#code = ''
    this.#isSpoilt = false
    if (isSpoilt) return MISREAD
    // A scanner that sends both ends, or an end too many.
    if (code === '') return null
    return as === 'code' ? { kind: 'code', code } : MISREAD
  }
}
