// What a scan asks, and what it makes of the answers. A question is a hello or a question for the
// doors and nothing else: the type of a question has no pulse in it.
import { boardOf, familyOf } from './board-options.ts'
import { type DialectName, type Framing, framingOf } from './config.ts'
import type { BoardReply, BoardRequest, Exchange } from './dialects/dialect.ts'
import { dialectOf } from './dialects/dialects.ts'

type Question = Extract<BoardRequest, { readonly kind: 'hello' | 'state' }>

type Commands = '60-61-75' | '50-51-65'

export interface Probe {
  readonly dialect: DialectName
  readonly address: number
  /** CU48: which set of commands is tried; null for the others. */
  readonly commands: Commands | null
}

export interface FoundBoard extends Probe {
  /** Null behind a gateway, which has its own. */
  readonly baudRate: number | null
  /** It answered, but not what was asked: a relay board without inputs, or one in trouble. */
  readonly isRefusing: boolean
  /** As many as its reply tells of, wired or not; null: its reply tells as many as it is asked. */
  readonly channels: number | null
}

interface Habits {
  /** Where boards of this kind usually are. */
  readonly addresses: { readonly first: number; readonly last: number }
  readonly commands: readonly (Commands | null)[]
  /** What a board takes before it answers. */
  readonly patienceMs: number
}

const HABITS: Readonly<Record<DialectName, Habits>> = {
  'latchkey-line': { addresses: { first: 1, last: 16 }, commands: [null], patienceMs: 60 },
  'kerong-cu16': { addresses: { first: 0, last: 9 }, commands: [null], patienceMs: 60 },
  'kerong-cu48': {
    addresses: { first: 0, last: 9 },
    commands: ['60-61-75', '50-51-65'],
    patienceMs: 60,
  },
  'lock-board-8a': { addresses: { first: 1, last: 32 }, commands: [null], patienceMs: 60 },
  // 180 to 220 ms to read all doors (field reports of these boards).
  wkly: { addresses: { first: 0, last: 31 }, commands: [null], patienceMs: 300 },
  'modbus-rtu': { addresses: { first: 1, last: 32 }, commands: [null], patienceMs: 60 },
}

/** The most usual first: a line has one rate, and the first that answers ends the search. */
export const BAUD_RATES = [9_600, 19_200, 115_200, 38_400, 57_600] as const

export interface AddressRange {
  readonly first: number
  readonly last: number
}

/** @param addresses instead of the usual ones; those that a dialect does not have are left out */
export function probesOf(dialect: DialectName, addresses: AddressRange | null): readonly Probe[] {
  const habits = HABITS[dialect]
  const { first, last } = addresses ?? habits.addresses
  const { min, max } = familyOf(dialect).address
  const from = Math.max(first, min)
  const count = Math.max(0, Math.min(last, max) - from + 1)
  return habits.commands.flatMap((commands) =>
    Array.from({ length: count }, (_, index) => ({ dialect, address: from + index, commands })),
  )
}

export function framingOfProbe({ dialect }: Probe): Framing {
  return framingOf(dialect)
}

/** All characters for the wire. */
export function questionOf(probe: Probe): string {
  return dialectOf(probe.dialect).encode(exchangeOf(probe, 1))
}

export function replyLengthMax(probe: Probe): number {
  const { channelsMax } = familyOf(probe.dialect)
  return dialectOf(probe.dialect).replyLengthMax(exchangeOf(probe, channelsMax))
}

/** What a board takes before it answers, and adapters add. */
export function patienceMsOf({ dialect }: Probe): number {
  return HABITS[dialect].patienceMs
}

/** @param heard whole lines, or all bytes in one piece @returns null when it is no answer */
export function answerOf(
  probe: Probe,
  heard: readonly string[],
): Pick<FoundBoard, 'isRefusing' | 'channels'> | null {
  const least = replyTo(probe, heard, 1)
  if (least === null) return null
  const isRefusing = least.kind === 'refused'
  if (isRefusing || probe.dialect === 'modbus-rtu') return { isRefusing, channels: null }
  let channels = familyOf(probe.dialect).channelsMax
  while (channels > 1 && replyTo(probe, heard, channels) === null) channels -= 1
  return { isRefusing, channels }
}

function replyTo(probe: Probe, heard: readonly string[], channels: number): BoardReply | null {
  const open = exchangeOf(probe, channels)
  for (const text of heard) {
    const { reply } = dialectOf(probe.dialect).decode(text, open)
    if (reply !== null) return reply
  }
  return null
}

function exchangeOf({ dialect, address, commands }: Probe, channels: number): Exchange {
  const options = commands === null ? {} : { commands }
  const board = boardOf({ id: 'probe', address, dialect, channels, options })
  const request: Question = { kind: dialect === 'latchkey-line' ? 'hello' : 'state' }
  return { board, sequence: request.kind === 'hello' ? 0 : 1, request, isEchoing: false }
}
