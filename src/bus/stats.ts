// A bus in numbers, for a technician: what its master has counted and measured since the start.
import type { DialectName, LinkConfig } from './config.ts'
import type { BoardState, BusCounters, BusState } from './master/state.ts'

/** Of the newest samples; null: there are none yet. */
export interface Spread {
  readonly samples: number
  readonly p50Ms: number
  readonly p95Ms: number
  readonly maxMs: number
}

export interface BoardStats {
  readonly id: string
  readonly dialect: DialectName
  readonly address: number
  readonly presence: BoardState['presence']
  readonly framesSent: number
  readonly repetitions: number
  readonly failures: number
  readonly framesDropped: number
  readonly replies: number
  /** From frame to reply. */
  readonly latency: Spread | null
  /** From the end of one round of questions to the next. */
  readonly cycle: Spread | null
}

export interface BusStats extends BusCounters {
  readonly id: string
  readonly link: {
    readonly kind: LinkConfig['kind']
    /** The path of a serial port, or host:port. */
    readonly place: string
    readonly baudRate: number
    readonly isOpen: boolean
  }
  readonly boards: readonly BoardStats[]
}

export function statsOf({ config, link, counters, boards }: BusState): BusStats {
  const { kind, baudRate } = config.link
  const isOpen = link.kind === 'open'
  return {
    id: config.id,
    link: { kind, place: placeOf(config.link), baudRate, isOpen },
    ...counters,
    boards: boards.map(boardStats),
  }
}

export function placeOf(link: LinkConfig): string {
  return link.kind === 'serial' ? link.path : `${link.host}:${link.port}`
}

function boardStats({ config, presence, counters }: BoardState): BoardStats {
  const { latenciesMs, cyclesMs, ...counts } = counters
  const { id, dialect, address } = config
  const latency = spreadOf(latenciesMs)
  return { id, dialect, address, presence, ...counts, latency, cycle: spreadOf(cyclesMs) }
}

/** Nearest rank: every number was really measured. */
export function spreadOf(samplesMs: readonly number[]): Spread | null {
  const sorted = [...samplesMs].sort((one, other) => one - other)
  if (sorted.length === 0) return null
  const rank = (share: number) => round(sorted[Math.ceil(share * sorted.length) - 1] ?? 0)
  return { samples: sorted.length, p50Ms: rank(0.5), p95Ms: rank(0.95), maxMs: rank(1) }
}

function round(ms: number): number {
  return Math.round(ms * 10) / 10
}
