// Noise for one dialect: through the machine in virtual time, and through real ports.
import { KINDS, type Kind } from './kinds.ts'
import type { Layout } from './layouts.ts'
import { NoiseMachine, type Tally } from './machine.ts'
import { boundOf, oddsOf } from './odds.ts'
import { type PortKind, type PortResult, runPort } from './ports.ts'
import { BLOCKED_MAX_MS, type Growth, MemoryWatch } from './watch.ts'

const MIB = 2 ** 20
/** So many times is memory looked at. */
const SAMPLES = 40
const SAMPLES_SHORT = 4
/** KiB for each MiB of noise. What V8 learns about the program drifts by one or two. */
const HEAP_SLOPE_MAX = 4
const OUTSIDE_SLOPE_MAX = 64
/** Slopes over less than this tell nothing. */
const SLOPE_MIB_MIN = 50

interface KindResult extends Tally {
  readonly kind: Kind
  readonly expected: number
  readonly bound: number
}

export interface NoiseResult {
  readonly dialect: string
  readonly mib: number
  readonly kinds: readonly KindResult[]
  readonly soundSent: number
  readonly memory: Growth
  readonly ports: readonly (PortResult & { readonly port: PortKind })[]
  readonly violations: readonly string[]
}

export interface NoiseOptions {
  readonly mib: number
  readonly portMib: number
  readonly seed: string
  readonly onProgress?: (mib: number) => void
}

export async function runNoise(layout: Layout, options: NoiseOptions): Promise<NoiseResult> {
  const { mib, portMib, seed, onProgress } = options
  const machine = new NoiseMachine(layout, seed)
  const memory = new MemoryWatch()
  const samples = mib < SLOPE_MIB_MIN ? SAMPLES_SHORT : SAMPLES
  const step = (mib * MIB) / samples
  let done = 0
  for (let sample = 1; sample <= samples; sample += 1) {
    done += machine.run(sample * step - done)
    memory.sample(done / MIB)
    onProgress?.(done / MIB)
  }
  const ports: (PortResult & { readonly port: PortKind })[] = []
  for (const port of ['pty', 'tcp'] as const) {
    ports.push({ port, ...(await runPort(layout, { port, mib: portMib, seed })) })
  }
  const { tallies, soundSent, soundMissed } = machine.result
  const kinds = KINDS.map((kind) => judge(kind, layout, tallies[kind]))
  const result = { dialect: layout.dialect, mib: done / MIB, kinds, soundSent, ports }
  const growth = memory.growth
  const violations = violationsOf({ ...result, memory: growth }, soundMissed)
  return { ...result, memory: growth, violations }
}

function judge(kind: Kind, layout: Layout, tally: Tally): KindResult {
  const expected = oddsOf(kind, layout) * (kind === 'noise' ? tally.bytes : tally.pieces)
  return { ...tally, kind, expected, bound: boundOf(expected) }
}

function violationsOf(result: Omit<NoiseResult, 'violations'>, soundMissed: number): string[] {
  const { kinds, memory, mib, ports } = result
  const found = kinds
    .filter(({ taken, bound }) => taken > bound)
    .map(({ kind, taken, bound }) => `${kind}: ${taken} taken for doors, at most ${bound}`)
  if (soundMissed > 0) found.push(`${soundMissed} real replies were not understood`)
  if (mib >= SLOPE_MIB_MIN && memory.heapSlope > HEAP_SLOPE_MAX) {
    found.push(`the heap grows by ${memory.heapSlope.toFixed(2)} KiB for each MiB`)
  }
  if (mib >= SLOPE_MIB_MIN && memory.outsideSlope > OUTSIDE_SLOPE_MAX) {
    found.push(`memory outside the heap grows by ${memory.outsideSlope.toFixed(0)} KiB a MiB`)
  }
  for (const { port, falseReadings, expectedMax, replies } of ports) {
    if (falseReadings > boundOf(expectedMax)) {
      found.push(`${port}: ${falseReadings} false readings, at most ${boundOf(expectedMax)}`)
    }
    if (replies === 0) found.push(`${port}: not one reply was understood`)
  }
  return found
}

/** Where this program itself held up its event loop; on a slow machine it may be no fault. */
export function blockedPorts({ ports }: NoiseResult): readonly string[] {
  return ports
    .filter(({ loop }) => loop.ownMs > BLOCKED_MAX_MS)
    .map(({ port, loop }) => `${port}: the loop computed for ${loop.ownMs.toFixed(0)} ms at once`)
}
