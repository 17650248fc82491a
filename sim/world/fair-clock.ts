// The law of the fair clock, from outside: a deadline never moves back, no moment counts twice, and
// nobody gains more than the daemon was dead, its boards were silent to it, or a door was stuck.

import type { KioskConfig } from '../../src/kiosk/config.ts'
import { lockersOf } from '../../src/kiosk/config.ts'
import type { DeadlineMove } from '../../src/kiosk/standstill-facts.ts'

/** Events lie in the mailbox for a moment, and wall time is in whole milliseconds. */
const SLACK_MS = 5

export class FairClock {
  readonly #nowMs: () => number
  readonly #violated: (what: string) => void
  readonly #lockerIds: readonly string[]
  /** Lockers whose door a living daemon reads. */
  readonly #read = new Set<string>()
  /** Time in which anything was not read, and since when it is so. */
  #outMs = 0
  #outSinceMs: number | null = 0
  readonly #gainedMs = new Map<string, number>()
  readonly #last = new Map<string, DeadlineMove>()

  constructor(parts: {
    readonly kiosk: KioskConfig
    readonly nowMs: () => number
    readonly violated: (what: string) => void
  }) {
    this.#lockerIds = lockersOf(parts.kiosk).map(({ id }) => id)
    this.#nowMs = parts.nowMs
    this.#violated = parts.violated
  }

  read(lockerId: string): void {
    this.#read.add(lockerId)
    if (this.#outSinceMs === null || this.#read.size < this.#lockerIds.length) return
    this.#outMs += this.#nowMs() - this.#outSinceMs
    this.#outSinceMs = null
  }

  silent(lockerId: string): void {
    this.#read.delete(lockerId)
    this.#outSinceMs ??= this.#nowMs()
  }

  /** The copy has counted less, and takes all the time since it was made for an outage. */
  putBack(): void {
    this.#outMs = this.#nowMs()
    this.#last.clear()
    this.#gainedMs.clear()
  }

  died(): void {
    for (const id of this.#lockerIds) this.silent(id)
  }

  moved(moves: readonly DeadlineMove[]): void {
    for (const move of moves) this.#check(move)
  }

  #check(move: DeadlineMove): void {
    const { recipientId, byMs, causes, countedUntilWallMs } = move
    const before = this.#last.get(recipientId)
    this.#last.set(recipientId, move)
    if (byMs <= 0) this.#violated(`the deadline of ${recipientId} moved by ${byMs} ms`)
    if (before !== undefined && byMs > countedUntilWallMs - before.countedUntilWallMs) {
      this.#violated(`a moment counts twice for ${recipientId}`)
    }
    // How long a door was stuck only the facts tell.
    if (causes.some((cause) => cause === 'door-stuck' || cause === 'locker-blocked')) return
    const gainedMs = (this.#gainedMs.get(recipientId) ?? 0) + byMs
    this.#gainedMs.set(recipientId, gainedMs)
    const outMs = this.#outMs + this.#nowMs() - (this.#outSinceMs ?? this.#nowMs())
    if (gainedMs > outMs + SLACK_MS) {
      this.#violated(`${recipientId} gained ${gainedMs} ms of ${outMs} ms without service`)
    }
  }
}
