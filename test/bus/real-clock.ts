// Real time for the tests that run on real ports.
import type { Alarm, Clock, Now } from '../../src/kiosk/time.ts'

export const realClock: Clock = {
  now(): Now {
    return { monoMs: performance.now(), wallMs: 0, isWallBelieved: false }
  },
  alarm(wake): Alarm {
    let timer: NodeJS.Timeout | undefined
    return {
      set(monoMs) {
        clearTimeout(timer)
        if (monoMs !== null) timer = setTimeout(wake, Math.max(0, monoMs - performance.now()))
      },
    }
  },
}
