// Waits for something to become true, by looking again after every turn that could have changed it.
import { setTimeout as pause } from 'node:timers/promises'

const LOOK_MS = 5
const WAIT_MAX_MS = 10_000

export async function until(
  what: string,
  isTrue: () => boolean | Promise<boolean>,
  waitMaxMs = WAIT_MAX_MS,
): Promise<void> {
  const deadline = performance.now() + waitMaxMs
  while (!(await isTrue())) {
    if (performance.now() > deadline) throw new Error(`waited in vain: ${what}`)
    await pause(LOOK_MS)
  }
}
