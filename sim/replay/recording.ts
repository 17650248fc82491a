// What `latchkey bus trace --record` has written, read back. A file may come from anywhere: each
// line is looked at before it is used, and the first that is wrong refuses all of it.
import { readFileSync, statSync } from 'node:fs'
import { type BusConfig, busProblems } from '../../src/bus/config.ts'
import type {
  EventEntry,
  FrameEntry,
  ReportEntry,
  StartEntry,
  TraceEntry,
} from '../../src/bus/trace.ts'

/** An hour, the longest trace, of a few busy buses. */
export const RECORDING_BYTES_MAX = 268_435_456
export const RECORDING_LINES_MAX = 2_000_000
export const RECORDING_LINE_LENGTH_MAX = 1_048_576

const FORMAT = 'latchkey-bus-trace'
const VERSION = 1
const READINGS = ['request', 'reply', 'no-reply', 'unasked']
const EVENTS = [
  'link-opened',
  'link-closed',
  'unlock-requested',
  'signal-requested',
  'attended',
  'time-passed',
]
const REPORTS = ['board-read', 'board-lost', 'unlock-ended']

/** What happens on a bus after its start. */
export type Happening = FrameEntry | EventEntry | ReportEntry

interface RecordedLine {
  /** In the file, counted from 1. */
  readonly number: number
  readonly entry: Happening
}

export interface RecordedBus {
  readonly id: string
  readonly start: StartEntry['start']
  readonly lines: readonly RecordedLine[]
}

export interface Recording {
  readonly buses: readonly RecordedBus[]
  /** Why it ends before its end, for people; null when it is whole. */
  readonly isCutAt: string | null
}

export class RecordingError extends Error {}

/** @throws RecordingError with the file, the line and what is wrong with it */
export function readRecording(path: string): Recording {
  return parseRecording(path, textOf(path))
}

/** @param name of the file, for errors */
export function parseRecording(name: string, text: string): Recording {
  const texts = text.split('\n')
  // After the last line feed there is nothing, or a line that was being written.
  const rest = texts.pop() ?? ''
  if (texts.length > RECORDING_LINES_MAX) {
    throw new RecordingError(`${name}: has more than ${RECORDING_LINES_MAX} lines`)
  }
  const reader = new Reader(name)
  for (const [index, line] of texts.entries()) {
    if (!reader.take(line, index + 1)) break
  }
  return reader.end(rest === '' ? null : `line ${texts.length + 1}, which is not whole`)
}

function textOf(path: string): string {
  try {
    const { size } = statSync(path)
    if (size > RECORDING_BYTES_MAX) {
      throw new RecordingError(`${path}: has more than ${RECORDING_BYTES_MAX} bytes`)
    }
    return readFileSync(path, 'utf8')
  } catch (error) {
    if (error instanceof RecordingError) throw error
    throw new RecordingError(`${path}: cannot be read (${(error as NodeJS.ErrnoException).code})`)
  }
}

interface OpenBus {
  readonly start: StartEntry['start']
  readonly lines: RecordedLine[]
  lastMs: number
}

class Reader {
  readonly #name: string
  readonly #buses = new Map<string, OpenBus>()
  #ids: readonly string[] | null = null
  #isCutAt: string | null = null

  constructor(name: string) {
    this.#name = name
  }

  /** @returns whether there may be more */
  take(text: string, number: number): boolean {
    const fail = (what: string): never => {
      throw new RecordingError(`${this.#name}:${number}: ${what}`)
    }
    if (text.length > RECORDING_LINE_LENGTH_MAX) fail('the line is too long')
    const line = objectIn(text) ?? fail('is no JSON object')
    if (this.#ids === null) {
      this.#ids = idsIn(line) ?? fail(headProblem(line))
      return true
    }
    if (typeof line['end'] === 'string') return false
    if (typeof line['gap'] === 'number') {
      this.#isCutAt = `line ${number}, where ${line['gap']} frames were left out`
      return false
    }
    const entry = entryIn(line) ?? fail('is no line of a recording')
    if (!this.#ids.includes(entry.bus)) fail(`there is no bus ${entry.bus}`)
    const problem = this.#add(entry, number)
    if (problem !== null) fail(problem)
    return true
  }

  end(isCutAt: string | null): Recording {
    const ids = this.#ids
    if (ids === null) throw new RecordingError(`${this.#name}: is empty`)
    const buses = ids.map((id) => {
      const bus = this.#buses.get(id)
      if (bus === undefined) throw new RecordingError(`${this.#name}: bus ${id} has no start`)
      return { id, start: bus.start, lines: bus.lines }
    })
    return { buses, isCutAt: this.#isCutAt ?? isCutAt }
  }

  #add(entry: TraceEntry, number: number): string | null {
    const bus = this.#buses.get(entry.bus)
    if ('start' in entry) {
      if (bus !== undefined) return `bus ${entry.bus} has a second start`
      const problem = startProblem(entry)
      if (problem !== null) return problem
      this.#buses.set(entry.bus, { start: entry.start, lines: [], lastMs: entry.monoMs })
      return null
    }
    if (bus === undefined) return `bus ${entry.bus} has not started`
    if (entry.monoMs < bus.lastMs) return 'is older than the line before it'
    bus.lastMs = entry.monoMs
    bus.lines.push({ number, entry })
    return null
  }
}

type Fields = Readonly<Record<string, unknown>>

function isFields(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function objectIn(text: string): Fields | null {
  try {
    const value: unknown = JSON.parse(text)
    return isFields(value) ? value : null
  } catch {
    return null
  }
}

function idsIn({ format, version, buses }: Fields): readonly string[] | null {
  if (format !== FORMAT || version !== VERSION || !Array.isArray(buses)) return null
  return buses.length > 0 && buses.every((id) => typeof id === 'string') ? buses : null
}

function headProblem({ format, version }: Fields): string {
  if (format !== FORMAT) return `is no recording: the format is not ${FORMAT}`
  if (version !== VERSION) return `its version is ${JSON.stringify(version)}, not ${VERSION}`
  return 'names no bus'
}

function entryIn(line: Fields): TraceEntry | null {
  const { bus, monoMs, direction, hex, reading, event, report, start } = line
  if (typeof bus !== 'string' || typeof monoMs !== 'number' || !(monoMs >= 0)) return null
  const isFrame =
    (direction === 'sent' || direction === 'received') &&
    typeof hex === 'string' &&
    /^([0-9A-F]{2}( (?=.)|$))*$/.test(hex) &&
    isOneOf(READINGS, reading)
  const isStart = isFields(start) && isFields(start['config']) && isFields(start['state'])
  const isEntry = isFrame || isStart || isOneOf(EVENTS, event) || isOneOf(REPORTS, report)
  return isEntry ? (line as unknown as TraceEntry) : null
}

function isOneOf(kinds: readonly string[], value: unknown): boolean {
  return isFields(value) && kinds.includes(String(value['kind']))
}

function startProblem({ bus, start: { config } }: StartEntry): string | null {
  if (config.id !== bus) return 'starts another bus'
  const problems = problemsOf(config)
  return problems.length === 0 ? null : problems.join('; ')
}

function problemsOf(config: BusConfig): readonly string[] {
  try {
    return busProblems(config)
  } catch {
    return ['its configuration is not one of a bus']
  }
}
