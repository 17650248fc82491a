// The buses as the control socket sees them. They are listened to only while somebody looks.
import type { BusRunner } from '../bus/bus-runner.ts'
import type { TraceEntry } from '../bus/trace.ts'
import type { BusView } from '../diagnostics/bus-routes.ts'

export function busViewOf(runners: () => readonly BusRunner[]): BusView {
  const listeners = new Set<(entry: TraceEntry) => void>()
  const tellAll = (entry: TraceEntry) => {
    for (const listener of listeners) listener(entry)
  }
  const arrange = () => {
    for (const runner of runners()) runner.listen(listeners.size > 0 ? tellAll : null)
  }
  return {
    ids: () => runners().map(({ id }) => id),
    stats: () => runners().map(({ stats }) => stats),
    trace(heard) {
      for (const runner of runners()) heard(runner.traceStart)
      listeners.add(heard)
      arrange()
      return () => {
        listeners.delete(heard)
        arrange()
      }
    },
  }
}
