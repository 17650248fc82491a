// Virtual time: a queue of what will happen, in the order of (time, number). Nothing else moves the
// world, so the same seed gives the same run, byte for byte.
import type { Clock, Now } from '../../src/kiosk/time.ts'

/** The wall clock of the world's first moment. */
const WALL_START_MS = Date.UTC(2027, 0, 4, 6)

interface Entry {
  readonly atMs: number
  readonly number: number
  readonly run: () => void
}

export class Timeline {
  nowMs = 0
  #count = 0
  readonly #heap: Entry[] = []

  at(atMs: number, run: () => void): void {
    this.#count += 1
    this.#push({ atMs: Math.max(atMs, this.nowMs), number: this.#count, run })
  }

  after(delayMs: number, run: () => void): void {
    this.at(this.nowMs + delayMs, run)
  }

  now(): Now {
    const monoMs = Math.floor(this.nowMs)
    return { monoMs, wallMs: WALL_START_MS + monoMs, isWallBelieved: true }
  }

  /** Again and again, for the first time after one period. */
  every(periodMs: number, run: () => void): void {
    this.after(periodMs, () => {
      run()
      this.every(periodMs, run)
    })
  }

  /** Runs everything up to `endMs`. @throws when the world does not come to rest */
  runUntil(endMs: number, stepsMax: number): void {
    for (let steps = 0; ; steps += 1) {
      const next = this.#heap[0]
      if (next === undefined || next.atMs > endMs) break
      if (steps >= stepsMax) throw new Error(`more than ${stepsMax} steps until ${endMs} ms`)
      this.#pop()
      this.nowMs = next.atMs
      next.run()
    }
    this.nowMs = endMs
  }

  /** A clock of one life of the daemon: when that life is over, its alarms ring no more. */
  clock(isAlive: () => boolean): Clock {
    return {
      now: () => this.now(),
      alarm: (wake) => {
        let current = 0
        let setMs: number | null = null
        return {
          set: (atMs) => {
            if (atMs === setMs) return
            setMs = atMs
            current += 1
            const mine = current
            if (atMs === null) return
            this.at(Math.ceil(atMs), () => {
              if (mine !== current || !isAlive()) return
              setMs = null
              wake()
            })
          },
        }
      },
    }
  }

  #push(entry: Entry): void {
    const heap = this.#heap
    heap.push(entry)
    for (let at = heap.length - 1; at > 0; ) {
      const parent = (at - 1) >> 1
      if (!isBefore(heap[at], heap[parent])) break
      swap(heap, at, parent)
      at = parent
    }
  }

  #pop(): void {
    const heap = this.#heap
    const last = heap.pop()
    if (last === undefined || heap.length === 0) return
    heap[0] = last
    for (let at = 0; ; ) {
      const left = 2 * at + 1
      const smaller = isBefore(heap[left + 1], heap[left]) ? left + 1 : left
      if (!isBefore(heap[smaller], heap[at])) break
      swap(heap, at, smaller)
      at = smaller
    }
  }
}

function isBefore(one: Entry | undefined, other: Entry | undefined): boolean {
  if (one === undefined) return false
  if (other === undefined) return true
  return one.atMs < other.atMs || (one.atMs === other.atMs && one.number < other.number)
}

function swap(heap: Entry[], one: number, other: number): void {
  const [a, b] = [heap[one], heap[other]]
  if (a === undefined || b === undefined) return
  heap[one] = b
  heap[other] = a
}
