// The table of docs/bus-timing.md: one row for each line.
import {
  coilLimitMs,
  cycleLimitMs,
  FAMILIES,
  type LineSetup,
  roundMs,
  seenLimitMs,
} from './line-limits.ts'
import { measure, type Timing } from './measure.ts'
import { virtualStage } from './virtual-stage.ts'

export const PAPER = 'bus-timing.md'
export const ORDERS = 12
const COUNTS = [1, 10]

export const HEADINGS = [
  'dialect',
  'baud',
  'boards',
  'poll cycle, ms',
  'line-time limit, ms',
  'polls kept',
  'order → coil on, worst, ms',
  'limit, ms',
  'ratio',
  'order → door seen open, worst, ms',
  'limit, ms',
  'ratio',
]

/** Every line of the table. */
export function allSetups(): readonly LineSetup[] {
  return FAMILIES.flatMap((family) =>
    family.baudRates.flatMap((baudRate) => COUNTS.map((boards) => ({ family, baudRate, boards }))),
  )
}

export function measureVirtual(setup: LineSetup): Promise<Timing> {
  return measure(virtualStage(setup), setup, ORDERS)
}

/** The share of the possible polls that really take place. */
export function keptOf(setup: LineSetup, { cycleMs }: Timing): number {
  return cycleLimitMs(setup) / cycleMs
}

export function worstOf(samples: readonly number[]): number {
  return Math.max(...samples)
}

export function cellsOf(setup: LineSetup, timing: Timing): readonly string[] {
  const { family, baudRate, boards } = setup
  const coilMs = worstOf(timing.coilsMs)
  const seenMs = worstOf(timing.seensMs)
  const isRhythm = cycleLimitMs(setup) > roundMs(setup)
  const limit = roundMs(setup).toFixed(1)
  return [
    family.dialect,
    `${baudRate}`,
    `${boards}`,
    timing.cycleMs.toFixed(1),
    isRhythm ? `${limit}, rhythm ${cycleLimitMs(setup)}` : limit,
    `${(keptOf(setup, timing) * 100).toFixed(1)} %`,
    coilMs.toFixed(1),
    coilLimitMs(setup).toFixed(1),
    (coilMs / coilLimitMs(setup)).toFixed(2),
    seenMs.toFixed(0),
    seenLimitMs(setup).toFixed(0),
    (seenMs / seenLimitMs(setup)).toFixed(2),
  ]
}
