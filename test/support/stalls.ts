// Counts the moments at which this process itself was late: what it simulates answered late then, and
// the program under test is not to blame.

const BEAT_MS = 5

export interface StallWatch {
  /** @returns how often this process was late by `lateMs` or more since the start of the watch */
  stop(): number
}

export function watchStalls(lateMs: number): StallWatch {
  let count = 0
  let beatMs = performance.now()
  const look = (): void => {
    const nowMs = performance.now()
    count += Math.floor((nowMs - beatMs) / (BEAT_MS + lateMs))
    beatMs = nowMs
  }
  const timer = setInterval(look, BEAT_MS)
  return {
    stop() {
      look()
      clearInterval(timer)
      return count
    },
  }
}
