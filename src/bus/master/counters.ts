// What is counted and measured for each board, besides what is counted for its bus.
import { boardAt, withBoard } from './boards.ts'
import { SAMPLES_MAX } from './limits.ts'
import { type BoardCounters, type BusCounters, type BusState, count, type Flight } from './state.ts'

/** For the bus, and for one of its boards. */
export function countFor(
  state: BusState,
  boardIndex: number,
  name: keyof BusCounters & keyof BoardCounters,
): BusState {
  const { counters } = boardAt(state, boardIndex)
  const counted = { ...counters, [name]: counters[name] + 1 }
  return withBoard(count(state, name), boardIndex, { counters: counted })
}

export function measureReply(
  state: BusState,
  { boardIndex, sentAtMonoMs }: Flight,
  nowMonoMs: number,
): BusState {
  const { counters } = boardAt(state, boardIndex)
  const latenciesMs = newest(counters.latenciesMs, nowMonoMs - sentAtMonoMs)
  const measured = { ...counters, replies: counters.replies + 1, latenciesMs }
  return withBoard(state, boardIndex, { counters: measured })
}

/** A round of questions is over. */
export function measureRound(state: BusState, boardIndex: number, nowMonoMs: number): BusState {
  const { counters, polledAtMonoMs } = boardAt(state, boardIndex)
  const begun = withBoard(state, boardIndex, { polledAtMonoMs: nowMonoMs })
  if (polledAtMonoMs === null) return begun
  const cyclesMs = newest(counters.cyclesMs, nowMonoMs - polledAtMonoMs)
  return withBoard(begun, boardIndex, { counters: { ...counters, cyclesMs } })
}

function newest(samples: readonly number[], sample: number): readonly number[] {
  return [...samples.slice(-(SAMPLES_MAX - 1)), sample]
}
