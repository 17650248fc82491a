// Is a page connected on which somebody could type? A page that only loads anew is back within
// seconds, so that it is gone for nobody.
import { GONE_MS } from './limits.ts'

export interface Presence {
  /** To be called whenever a page comes or goes. */
  count(pages: number): void
  /** Nothing is told any more. */
  stop(): void
}

/** @param tell called with the truth once at the start, and then only when it changes */
export function watchPresence(tell: (isConnected: boolean) => void): Presence {
  let told: boolean | null = null
  let isStopped = false
  let timer: NodeJS.Timeout | undefined
  const say = (isConnected: boolean): void => {
    if (isStopped || told === isConnected) return
    told = isConnected
    tell(isConnected)
  }
  const presence: Presence = {
    count(pages) {
      if (pages > 0) {
        clearTimeout(timer)
        timer = undefined
        say(true)
      } else if (told !== false) timer ??= setTimeout(() => say(false), GONE_MS).unref()
    },
    stop() {
      isStopped = true
      clearTimeout(timer)
    },
  }
  presence.count(0)
  return presence
}
