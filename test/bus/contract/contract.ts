// The contract: what every wall keeps on every link whatever fault strikes it. Unlocks are ordered
// and doors move while the fault lasts; then it ends, and all must be well within ten seconds.
import { expect } from 'vitest'
import type { Bench } from './bench.ts'
import type { Fault } from './faults.ts'
import { BOARDS } from './walls.ts'
import type { Order } from './witness.ts'

/** From the end of the fault until every board has been read anew. */
const BACK_MAX_MS = 10_000
const START_MAX_MS = 10_000
/** Boards that are slow to answer are slow to be given up. */
const SEEN_MAX_MS = 10_000
const LIVE_MS = 2_500
const LIVE_AFTERWARDS_MS = 4_000
/** An exchange may be under way when an unlock expires. */
const END_MARGIN_MS = 2_000
/** Doors that people touch while locks are opened, and after the fault. */
const BY_HAND = 3
const FRESH = 4

export interface Rounds {
  readonly count: number
  /** Rounds of them again when a machine that is busy has held an order back; virtual time: 0. */
  readonly moreMax: number
  /** A fault lasts at least so long. */
  readonly faultMs: number
}

export interface Outcome {
  readonly backMs: number
}

export async function keepContract(bench: Bench, fault: Fault, rounds: Rounds): Promise<Outcome> {
  const { medium, witness } = bench
  medium.bus.start()
  const isRead = (board: string) => witness.doorOf({ board, channel: 1 }) !== null
  await medium.until('all boards are read', () => BOARDS.every(isRead), START_MAX_MS)
  const fromMs = medium.nowMs()
  await fault.inflict(bench)
  await unlockAndMove(bench, { ...rounds, fromMs })
  const missing = () => fault.missing(bench, { fromMs, toMs: medium.nowMs() }).join(', ')
  for (let more = 0; more < rounds.moreMax && missing() !== ''; more += 1) {
    await unlockAndMove(bench, { ...rounds, fromMs })
  }
  await medium.until('the fault is seen', () => missing() === '', SEEN_MAX_MS).catch(() => {})
  expect(missing(), 'must be seen while the fault lasts').toBe('')
  await fault.heal(bench)
  const backMs = await comeBack(bench)
  for (const board of BOARDS) await unlockPlainly(bench, board)
  expect(witness.complaints(medium.lagMs).join(', ')).toBe('')
  return { backMs }
}

async function unlockAndMove(
  bench: Bench,
  { count, faultMs, fromMs }: Rounds & { readonly fromMs: number },
): Promise<void> {
  const { medium, doors } = bench
  for (let round = 0; round < count; round += 1) {
    medium.bus.attend(round % 2 === 0)
    const channel = 1 + (round % 2)
    const orders = BOARDS.map((board) => bench.order({ board, channel }, LIVE_MS))
    doors.open({ board: 'B', channel: BY_HAND })
    await ended(bench, orders)
    await medium.until(
      'doors and mutes have had their time',
      () => orders.every((order) => isOver(bench, order)),
      END_MARGIN_MS,
    )
    bench.shutDoors()
  }
  const isLong = () => medium.nowMs() >= fromMs + faultMs
  await medium.until('the fault has lasted', isLong, faultMs + END_MARGIN_MS)
}

function ended({ medium }: Bench, orders: readonly Order[]): Promise<void> {
  const isEnded = () => orders.every(({ ends }) => ends.length > 0)
  return medium.until('the unlocks have ended', isEnded, LIVE_MS + END_MARGIN_MS)
}

/** Its pulse is over, and so is the time in which a door springs open and is seen. */
function isOver({ medium, witness }: Bench, { board, channel, ends }: Order): boolean {
  const SEEN_MS = 400
  const coil = witness.coils.findLast((each) => each.board === board && each.channel === channel)
  const endedAtMs = Math.max(coil?.offAtMs ?? coil?.onAtMs ?? 0, ends[0]?.atMs ?? 0)
  return medium.nowMs() >= endedAtMs + SEEN_MS
}

/** A reading that can only be a fresh one: a door that has been opened by hand since. */
async function comeBack(bench: Bench): Promise<number> {
  const { medium, doors, witness } = bench
  const healedAtMs = medium.nowMs()
  bench.shutDoors()
  for (const board of BOARDS) doors.open({ board, channel: FRESH })
  const isBack = (board: string) => witness.doorOf({ board, channel: FRESH }, healedAtMs) === 'open'
  await medium.until('all boards are back', () => BOARDS.every(isBack), BACK_MAX_MS)
  const backMs = medium.nowMs() - healedAtMs
  bench.shutDoors()
  return backMs
}

async function unlockPlainly(bench: Bench, board: string): Promise<void> {
  const { medium, doors, witness } = bench
  medium.bus.attend(true)
  for (const channel of [1, 5]) {
    const at = { board, channel }
    const isOpen = () => doors.positionOf(at) === 'open' && witness.doorOf(at) === 'open'
    bench.order(at, LIVE_AFTERWARDS_MS)
    await medium.until(`${board}/${channel} opens afterwards`, isOpen, LIVE_AFTERWARDS_MS)
    const order = witness.orders.at(-1)
    if (order !== undefined) await ended(bench, [order])
  }
  bench.shutDoors()
}
