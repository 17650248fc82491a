// Lets the real bus master take a recorded bus's steps again, in no time: it is told what it was
// told then, at the times of then, and must read, send and report the same.
import { isDeepStrictEqual } from 'node:util'
import type { BusEvent, BusReport, BusState } from '../../src/bus/master/state.ts'
import { stepBus } from '../../src/bus/master/step.ts'
import { restoreBus } from '../../src/bus/snapshot.ts'
import { type TraceEntry, traceAction, traceEvent } from '../../src/bus/trace.ts'
import { type Happening, type RecordedBus, RecordingError } from './recording.ts'

/** Where master and recording part. */
export interface MasterDeparture {
  /** In the file; the last one when the master does more than was recorded. */
  readonly line: number
  /** Null: nothing more. */
  readonly recorded: Happening | null
  readonly done: Happening | null
}

export interface MasterReplay {
  readonly lines: number
  readonly sent: number
  readonly received: number
  readonly reports: readonly BusReport[]
  readonly departure: MasterDeparture | null
}

/**
 * @param progressed is told how many lines are done
 * @throws RecordingError when its master cannot go on from where it started
 */
export function replayMaster(
  bus: RecordedBus,
  progressed: (lines: number) => void = () => {},
): MasterReplay {
  const master = new Master(bus)
  const total = { lines: 0, sent: 0, received: 0, reports: [] as BusReport[] }
  let departure: MasterDeparture | null = null
  for (const { number, entry } of bus.lines) {
    const done = guarded(bus, () => master.next(entry))
    if (!isDeepStrictEqual(done, entry)) {
      departure = { line: number, recorded: entry, done }
      break
    }
    total.lines += 1
    if ('report' in entry) total.reports.push(entry.report)
    if ('direction' in entry) total[entry.direction] += 1
    progressed(total.lines)
  }
  const more = departure === null ? master.left() : null
  if (more !== null) {
    departure = { line: bus.lines.at(-1)?.number ?? 1, recorded: null, done: more }
  }
  return { ...total, departure }
}

class Master {
  #state: BusState
  /** What it has done and no line of the recording has told yet. */
  readonly #done: Happening[] = []

  constructor(bus: RecordedBus) {
    const { config, state } = bus.start
    this.#state = guarded(bus, () => restoreBus(config, state))
  }

  /** What it does where the recording says this; null: nothing. */
  next(entry: Happening): Happening | null {
    const event = eventIn(entry)
    if (this.#done.length === 0 && event !== null) this.#step(event, entry.monoMs)
    return this.#done.shift() ?? null
  }

  /** What it has done and was not recorded. */
  left(): Happening | null {
    return this.#done[0] ?? null
  }

  #step(event: BusEvent, nowMonoMs: number): void {
    const heard = (entry: TraceEntry) => {
      // As it would stand in a file: without what JSON does not know.
      if (!('start' in entry)) this.#done.push(JSON.parse(JSON.stringify(entry)) as Happening)
    }
    traceEvent(this.#state, { what: event, nowMonoMs }, heard)
    const { state, actions } = stepBus(this.#state, event, nowMonoMs)
    this.#state = state
    for (const action of actions) traceAction(state, { what: action, nowMonoMs }, heard)
  }
}

function eventIn(entry: Happening): BusEvent | null {
  if ('event' in entry) return entry.event
  if (!('direction' in entry) || entry.direction === 'sent') return null
  const text = Buffer.from(entry.hex.replaceAll(' ', ''), 'hex').toString('latin1')
  return { kind: 'frame-received', text }
}

/** A state that somebody has written by hand, or another version, may break the master. */
function guarded<T>({ id }: RecordedBus, work: () => T): T {
  try {
    return work()
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error)
    throw new RecordingError(`bus ${id} does not go on from its start: ${why}`)
  }
}
