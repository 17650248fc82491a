// Remaining time, counted by the page itself: the daemon sends durations once and never ticks.
import { useEffect, useState } from 'preact/hooks'

const TICK_MS = 200

/** @returns milliseconds left of a duration that began at `fromMs`; never below 0 */
export function useRemaining(fromMs: number, durationMs: number): number {
  const [, setTick] = useState(0)
  const leftMs = Math.max(0, fromMs + durationMs - performance.now())
  const isOver = leftMs <= 0
  useEffect(() => {
    if (isOver) return
    const timer = window.setInterval(() => setTick((tick) => tick + 1), TICK_MS)
    return () => window.clearInterval(timer)
  }, [isOver, fromMs, durationMs])
  return leftMs
}

/** Like the above for those who need no seconds: one timer, and one drawing when it is over. */
export function useIsOver(fromMs: number, durationMs: number): boolean {
  const [, setTick] = useState(0)
  const leftMs = fromMs + durationMs - performance.now()
  const isOver = leftMs <= 0
  useEffect(() => {
    if (isOver) return
    const timer = window.setTimeout(() => setTick((tick) => tick + 1), leftMs + 1)
    return () => window.clearTimeout(timer)
  })
  return isOver
}

export function secondsOf(ms: number): number {
  return Math.ceil(ms / 1_000)
}
