// What is typed at the kiosk's own keypad. The digits stay in the daemon until they are complete,
// and are forgotten with their sending; pages are told how many they are. An entry belongs to one
// hand: whoever goes on at the screen begins anew there, and the other way round.
import { randomUUID } from 'node:crypto'
import type { Intent, View } from '../kiosk/view.ts'
import type { KeyFunction } from './inputs/config.ts'
import { ENTER_HABIT_MS, STAY_EVERY_MS, TYPED_ANSWER_MAX_MS } from './limits.ts'
import { type ScreenKey, type ServerMessage, typedLastsMs } from './protocol.ts'

export interface KeypadParts {
  /** What is shown now, with what is left of its durations; null: nothing yet. */
  readonly view: () => View | null
  /** To every page. */
  readonly tell: (message: ServerMessage) => void
  readonly send: (intentId: string, rev: number, intent: Intent) => void
  /** What was typed ceases to exist with its return. */
  readonly digitsOf: (digits: string) => Intent
}

export class Keypad {
  readonly #parts: KeypadParts
  #digits = ''
  /** The entry that waits for its answer. */
  #sent: { readonly intentId: string; readonly count: number } | null = null
  #timer: NodeJS.Timeout | undefined
  #sentAtMs = Number.NEGATIVE_INFINITY
  #stayedAtMs = Number.NEGATIVE_INFINITY

  constructor(parts: KeypadParts) {
    this.#parts = parts
  }

  /** As it is shown. */
  get count(): number {
    return this.#sent?.count ?? this.#digits.length
  }

  press(does: KeyFunction): void {
    const view = this.#parts.view()
    if (view === null) return
    switch (does) {
      case 'delete':
        this.#deleteLast(view)
        return
      case 'enter':
        if (this.#isEndOfEntry()) return
        this.#move(view, 'select')
        return
      case 'next':
      case 'previous':
      case 'select':
      case 'back':
        this.#move(view, does)
        return
      // The page speaks nothing yet: there is nothing to repeat, and no volume.
      case 'repeat':
      case 'volume-up':
      case 'volume-down':
      case 'jack-in':
      case 'jack-out':
        return
      default:
        this.#type(view, does)
    }
  }

  /** Another screen, another hand, too long a pause: the next person must not inherit digits. */
  forget(): void {
    clearTimeout(this.#timer)
    const had = this.count
    this.#digits = ''
    this.#sent = null
    if (had > 0) this.#parts.tell({ kind: 'typed', count: 0 })
  }

  answered(intentId: string): void {
    if (this.#sent?.intentId === intentId) this.forget()
  }

  #type(view: View, digit: string): void {
    const { screen } = view
    if (!('digits' in screen) || screen.waitMs > 0 || this.#sent !== null) return
    this.#digits += digit
    this.#stay(view)
    if (this.#digits.length >= screen.digits) this.#submit(view)
    else this.#forgetLater(typedLastsMs(view))
    this.#parts.tell({ kind: 'typed', count: this.count })
  }

  #deleteLast(view: View): void {
    if (this.#sent !== null || this.#digits === '') return
    this.#digits = this.#digits.slice(0, -1)
    this.#stay(view)
    this.#forgetLater(typedLastsMs(view))
    this.#parts.tell({ kind: 'typed', count: this.count })
  }

  #submit(view: View): void {
    const digits = this.#digits
    this.#digits = ''
    this.#sent = { intentId: randomUUID(), count: digits.length }
    this.#sentAtMs = performance.now()
    this.#forgetLater(TYPED_ANSWER_MAX_MS)
    this.#parts.send(this.#sent.intentId, view.rev, this.#parts.digitsOf(digits))
  }

  #forgetLater(afterMs: number): void {
    clearTimeout(this.#timer)
    this.#timer = setTimeout(() => this.forget(), afterMs).unref()
  }

  #isEndOfEntry(): boolean {
    return this.count > 0 || performance.now() - this.#sentAtMs < ENTER_HABIT_MS
  }

  #move(view: View, key: ScreenKey): void {
    this.#stay(view)
    this.#parts.tell({ kind: 'key', key, id: randomUUID() })
  }

  #stay({ rev, idle }: View): void {
    const nowMs = performance.now()
    if (idle === null || nowMs - this.#stayedAtMs < STAY_EVERY_MS) return
    this.#stayedAtMs = nowMs
    this.#parts.send(randomUUID(), rev, { kind: 'press', action: 'stay', value: null })
  }
}
