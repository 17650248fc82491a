// The buses as the control socket sees them.
import type { BusRunner } from '../bus/bus-runner.ts'
import type { BusView } from '../diagnostics/bus-routes.ts'

export function busViewOf(runners: () => readonly BusRunner[]): BusView {
  return { stats: () => runners().map(({ stats }) => stats) }
}
