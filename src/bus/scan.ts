// Looks for boards on a line that nobody else uses: asks every address in every dialect, at one
// baud rate after another, and switches nothing on. It runs without the daemon.
import { setTimeout as pause } from 'node:timers/promises'
import type { DialectName, Framing, LinkConfig } from './config.ts'
import type { BusLink, LinkFactory } from './links/link.ts'
import { SETTLE_MS } from './master/limits.ts'
import { lineMs } from './master/timing.ts'
import {
  type AddressRange,
  answerOf,
  BAUD_RATES,
  type FoundBoard,
  framingOfProbe,
  type Probe,
  patienceMsOf,
  probesOf,
  questionOf,
  replyLengthMax,
} from './scan-plan.ts'
import { placeOf } from './stats.ts'

/** What a gateway and the network add. */
const GATEWAY_PATIENCE_MS = 120
/** A reply that has begun goes on within this, else it is over. */
const PAUSE_MS = 20
/** Of what comes back to one question; the rest is noise. */
const HEARD_BYTES_MAX = 1_024
const OPEN_ATTEMPTS_MAX = 6
const OPEN_AGAIN_MS = 50

export interface ScanOptions {
  readonly link: LinkConfig
  readonly createLink: LinkFactory
  readonly dialects: readonly DialectName[]
  /** Null: the usual ones, until one is answered. Behind a gateway: only how long to wait. */
  readonly baudRates: readonly number[] | null
  /** Null: the usual ones of each dialect. */
  readonly addresses: AddressRange | null
  readonly signal: AbortSignal
  readonly progressed: (step: ScanStep) => void
}

export type ScanStep =
  | { readonly kind: 'asking'; readonly dialect: DialectName; readonly baudRate: number }
  | { readonly kind: 'found'; readonly board: FoundBoard }

export interface Scan {
  readonly boards: readonly FoundBoard[]
  readonly questions: number
  /** Questions to which something came that is no answer: another baud rate, noise, a collision. */
  readonly unreadable: number
}

/** The line cannot be used, or not any more. */
export class LineClosedError extends Error {}

/** @throws LineClosedError; or the signal's reason when it is aborted */
export async function scan(options: ScanOptions): Promise<Scan> {
  const { link, baudRates } = options
  const usual = link.kind === 'tcp' ? [link.baudRate] : BAUD_RATES
  const total = { boards: [] as FoundBoard[], questions: 0, unreadable: 0 }
  for (const baudRate of baudRates ?? usual) {
    for (const framing of ['bytes', 'line'] as const) {
      const part = await scanAt(options, { ...link, baudRate }, framing)
      total.boards.push(...part.boards)
      total.questions += part.questions
      total.unreadable += part.unreadable
    }
    // All boards of a line talk at one rate.
    if (total.boards.length > 0) break
  }
  return total
}

async function scanAt(options: ScanOptions, link: LinkConfig, framing: Framing): Promise<Scan> {
  const { dialects, addresses, signal, progressed, createLink } = options
  const boards: FoundBoard[] = []
  const counts = { questions: 0, unreadable: 0 }
  const probes = dialects
    .flatMap((dialect) => probesOf(dialect, addresses))
    .filter((probe) => framingOfProbe(probe) === framing)
  if (probes.length === 0) return { boards, ...counts }
  const line = await Line.open(link, framing, createLink)
  try {
    let dialect: DialectName | null = null
    for (const probe of probes) {
      signal.throwIfAborted()
      // A CU48 that knows the newer commands may know the older ones too: it is still one board.
      if (boards.some((board) => isSamePlace(board, probe))) continue
      if (probe.dialect !== dialect) {
        dialect = probe.dialect
        progressed({ kind: 'asking', dialect, baudRate: link.baudRate })
      }
      const answer = await ask(line, probe, counts)
      if (answer === null) continue
      const baudRate = link.kind === 'tcp' ? null : link.baudRate
      const board = { ...probe, baudRate, ...answer }
      boards.push(board)
      progressed({ kind: 'found', board })
    }
  } finally {
    line.close()
  }
  return { boards, ...counts }
}

function isSamePlace(board: FoundBoard, probe: Probe): boolean {
  return board.dialect === probe.dialect && board.address === probe.address
}

/** Silence is an answer; what cannot be read is asked for once more. */
async function ask(line: Line, probe: Probe, counts: { questions: number; unreadable: number }) {
  for (let attempt = 1; attempt <= 2; attempt += 1) {
    counts.questions += 1
    const heard = await line.ask(probe)
    const answer = answerOf(probe, heard)
    if (answer !== null) return answer
    if (heard.length === 0) return null
  }
  counts.unreadable += 1
  return null
}

class Line {
  readonly #config: LinkConfig
  readonly #framing: Framing
  #link: BusLink | null = null
  #heard: string[] = []
  #heardAtMs = 0
  #closed: LineClosedError | null = null

  private constructor(config: LinkConfig, framing: Framing) {
    this.#config = config
    this.#framing = framing
  }

  /** Again for a moment: a port closed for another baud rate is let go of a little later. */
  static async open(config: LinkConfig, framing: Framing, createLink: LinkFactory): Promise<Line> {
    for (let attempt = 1; attempt < OPEN_ATTEMPTS_MAX; attempt += 1) {
      try {
        return await Line.#tryOpen(config, framing, createLink)
      } catch {
        await pause(OPEN_AGAIN_MS)
      }
    }
    return Line.#tryOpen(config, framing, createLink)
  }

  static async #tryOpen(
    config: LinkConfig,
    framing: Framing,
    createLink: LinkFactory,
  ): Promise<Line> {
    const line = new Line(config, framing)
    await new Promise<void>((settle, reject) => {
      const host = {
        opened: settle,
        frame: (text: string) => line.#hear(text),
        closed: (cause: string) => {
          line.#closed = new LineClosedError(`${placeOf(config)}: ${cause}`)
          reject(line.#closed)
        },
      }
      line.#link = createLink(config, host, framing)
      line.#link.open()
    })
    await pause(SETTLE_MS)
    return line
  }

  /** @returns what came: whole lines, or all bytes in one piece; empty when nothing did */
  async ask(probe: Probe): Promise<readonly string[]> {
    const text = questionOf(probe)
    this.#heard = []
    this.#link?.send(text)
    const sentAtMs = performance.now()
    const patienceMs = patienceMsOf(probe) + (this.#config.kind === 'tcp' ? GATEWAY_PATIENCE_MS : 0)
    const characters = text.length + replyLengthMax(probe)
    const untilMs = sentAtMs + patienceMs + lineMs(this.#config, characters)
    let nowMs = sentAtMs
    while (nowMs < untilMs && !this.#isOver(nowMs)) {
      await pause(PAUSE_MS / 4)
      nowMs = performance.now()
    }
    if (this.#closed !== null) throw this.#closed
    const heard = this.#heard
    return this.#framing === 'line' || heard.length === 0 ? heard : [heard.join('')]
  }

  close(): void {
    this.#link?.close()
  }

  #hear(text: string): void {
    this.#heardAtMs = performance.now()
    const length = this.#heard.reduce((sum, chunk) => sum + chunk.length, 0)
    if (length + text.length <= HEARD_BYTES_MAX) this.#heard.push(text)
  }

  #isOver(nowMs: number): boolean {
    if (this.#closed !== null) return true
    return this.#heard.length > 0 && nowMs - this.#heardAtMs >= PAUSE_MS
  }
}
