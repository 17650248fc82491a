// The real clocks. Monotonic time is the machine's own (CLOCK_MONOTONIC): every thread and every
// restart of the daemon within one boot of the machine reads the same one.
import process from 'node:process'
import { type Clock, type Now, WALL_FLOOR_MS } from '../kiosk/time.ts'

const NS_PER_MS = 1_000_000n
/** setTimeout counts in 31 bits; a far deadline is approached in steps. */
const TIMER_MAX_MS = 2 ** 31 - 1

export function monoMs(): number {
  return Number(process.hrtime.bigint() / NS_PER_MS)
}

/** The machine's own clocks; what central says of the time is known to the core. */
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
