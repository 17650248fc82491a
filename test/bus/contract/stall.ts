// A gateway that hangs for a minute in the middle of an unlock, and then goes on with what it held:
// the unlock has long expired, and nothing of it may reach a lock.
import type { Bench } from './bench.ts'
import { BOARDS } from './walls.ts'

const STALL_MS = 60_000
export const LIVE_MS = 5_000
export const LOCK = { board: 'A', channel: 1 }
const START_MAX_MS = 10_000
const BACK_MAX_MS = 10_000
const AFTERWARDS_MS = 5_000

/** When the gateway hangs: with the order itself, or at the moment at which its pulse has left. */
export type StallAt = 'order' | 'pulse'

export async function startAll({ medium, witness }: Bench): Promise<void> {
  medium.bus.start()
  const isRead = (board: string) => witness.doorOf({ board, channel: 1 }) !== null
  await medium.until('all boards are read', () => BOARDS.every(isRead), START_MAX_MS)
}

/** @returns the coils that went on after the gateway hung, until all boards were back */
export async function stallDuringUnlock(bench: Bench, at: StallAt): Promise<readonly string[]> {
  const { medium } = bench
  if (at === 'pulse') whenPulsed(bench, () => medium.stall())
  const stalledAtMs = medium.nowMs()
  bench.order(LOCK, LIVE_MS)
  if (at === 'order') medium.stall()
  return healAfterwards(bench, stalledAtMs)
}

export async function healAfterwards(
  { medium, witness, doors }: Bench,
  stalledAtMs: number,
): Promise<readonly string[]> {
  const isOver = () => medium.nowMs() >= stalledAtMs + STALL_MS
  await medium.until('the gateway has hung for a minute', isOver, STALL_MS + AFTERWARDS_MS)
  medium.resume()
  const healedAtMs = medium.nowMs()
  for (const board of BOARDS) doors.open({ board, channel: 4 })
  const isBack = (board: string) => witness.doorOf({ board, channel: 4 }, healedAtMs) === 'open'
  await medium.until('all boards are back', () => BOARDS.every(isBack), BACK_MAX_MS)
  return witness.coils
    .filter(({ onAtMs }) => onAtMs > stalledAtMs)
    .map(({ board, channel, onAtMs }) => `${board}/${channel} after ${onAtMs - stalledAtMs} ms`)
}

/** And everything works again. */
export async function unlockAfterwards(bench: Bench): Promise<void> {
  const { medium, doors } = bench
  const order = bench.order(LOCK, LIVE_MS)
  const isOpen = () => doors.positionOf(LOCK) === 'open' && order.ends.length > 0
  await medium.until('the door opens afterwards', isOpen, AFTERWARDS_MS)
}

/** Calls once when a pulse has been written; its bytes are not yet in the gateway. */
export function whenPulsed({ medium }: Bench, run: () => void): void {
  medium.bus.listen((entry) => {
    if (!('direction' in entry) || entry.direction !== 'sent') return
    if (entry.reading.kind !== 'request' || entry.reading.request !== 'pulse') return
    medium.bus.listen(null)
    run()
  })
}
