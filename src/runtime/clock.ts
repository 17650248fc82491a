// The real clocks. Monotonic time is the machine's own (CLOCK_MONOTONIC): every thread and every
// restart of the daemon within one boot of the machine reads the same one.
import process from 'node:process'
import type { Clock, Now } from '../kiosk/time.ts'

/** A wall clock before this day has not been set: the program is younger. */
const WALL_FLOOR_MS = Date.UTC(2026, 10, 1)
const NS_PER_MS = 1_000_000n
/** setTimeout counts in 31 bits; a far deadline is approached in steps. */
const TIMER_MAX_MS = 2 ** 31 - 1

export function monoMs(): number {
  return Number(process.hrtime.bigint() / NS_PER_MS)
}

export function now(): Now {
  const wallMs = Date.now()
  return { monoMs: monoMs(), wallMs, isWallBelieved: wallMs >= WALL_FLOOR_MS }
}

export const realClock: Clock = {
  now,
  alarm(wake) {
    let timer: NodeJS.Timeout | undefined
    let setMonoMs: number | null = null
    const set = (atMonoMs: number | null): void => {
      if (atMonoMs === setMonoMs) return
      setMonoMs = atMonoMs
      clearTimeout(timer)
      if (atMonoMs === null) return
      const delayMs = Math.min(TIMER_MAX_MS, Math.max(0, Math.ceil(atMonoMs - monoMs())))
      timer = setTimeout(() => {
        setMonoMs = null
        if (atMonoMs > monoMs()) set(atMonoMs)
        else wake()
      }, delayMs)
    }
    return { set }
  },
}
