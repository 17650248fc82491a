// Plays the boards of a recording behind a real port: whoever drives them gets the answers of then,
// with the delays of then, as long as he asks what was asked then.
import { type LivePort, nameOf, type Plug, plugInto } from '../boards/live-port.ts'
import { Cursor } from './cursor.ts'
import type { RecordedExchange } from './exchanges.ts'
import { answerTo, isUnfinishedLine, withoutSequence } from './sequence.ts'

/** A request that has begun is over after this, whole or not. */
const REQUEST_PAUSE_MS = 1_000

export type Verdict =
  | { readonly kind: 'played' }
  | { readonly kind: 'stopped' }
  | {
      readonly kind: 'departed'
      /** Null: the recording had ended. */
      readonly expected: RecordedExchange | null
      readonly heard: Buffer
    }

export interface PlayerOptions {
  readonly exchanges: readonly RecordedExchange[]
  readonly port: LivePort
  /** The boards talk in lines. */
  readonly isLine: boolean
  readonly isStrict: boolean
  readonly tell: (line: string) => void
  /** An exchange that lies behind now. */
  readonly passed: (exchange: RecordedExchange) => void
}

export class Player {
  readonly #options: PlayerOptions
  readonly #cursor: Cursor
  readonly #timers = new Set<NodeJS.Timeout>()
  readonly #verdict = Promise.withResolvers<Verdict>()
  #port: LivePort
  #plug: Plug | null = null
  #heard: Buffer = Buffer.alloc(0)
  #patience: NodeJS.Timeout | undefined
  #isWaiting = false

  constructor(options: PlayerOptions) {
    this.#options = options
    this.#port = options.port
    this.#cursor = new Cursor(options.exchanges, options)
  }

  /** How many exchanges lie behind. */
  get position(): number {
    return this.#cursor.position
  }

  get verdict(): Promise<Verdict> {
    return this.#verdict.promise
  }

  async plugIn(): Promise<void> {
    const plug = await plugInto(this.#port, (bytes) => this.#hear(bytes))
    this.#plug = plug
    // After the cable was pulled the host looks where it was.
    if (plug.gateway !== null) this.#port = { kind: 'tcp', port: plug.gateway.port }
    this.#options.tell(`port ${nameOf(this.#port, plug)}`)
  }

  async stop(): Promise<void> {
    this.#end({ kind: 'stopped' })
    const plug = this.#plug
    this.#plug = null
    await plug?.unplug()
  }

  #end(verdict: Verdict): void {
    clearTimeout(this.#patience)
    for (const timer of this.#timers) clearTimeout(timer)
    this.#timers.clear()
    this.#verdict.resolve(verdict)
  }

  #hear(bytes: Uint8Array): void {
    for (const byte of bytes) this.#hearByte(byte)
    clearTimeout(this.#patience)
    if (this.#heard.length === 0) return
    this.#patience = setTimeout(() => this.#depart(this.#expected()), REQUEST_PAUSE_MS)
  }

  #hearByte(byte: number): void {
    this.#heard = Buffer.concat([this.#heard, Buffer.of(byte)])
    const heard = this.#heard
    const { isLine } = this.#options
    if (isLine && isUnfinishedLine(heard)) return
    const step = this.#cursor.take(isLine ? withoutSequence(heard) : heard)
    if (step.kind === 'unfinished') return
    if (step.kind === 'departed') return this.#depart(step.expected)
    this.#heard = Buffer.alloc(0)
    const { exchange, leftOut, isRepeated } = step
    if (leftOut > 0)
      this.#options.tell(`${leftOut} exchanges left out, on to line ${exchange.line}`)
    if (isRepeated && !this.#isWaiting) {
      const next = this.#expected()?.line
      this.#options.tell(`answers again what it was asked before; next is line ${next ?? 'none'}`)
    }
    this.#isWaiting = isRepeated
    this.#play(exchange, { heard, isRepeated })
  }

  #expected(): RecordedExchange | null {
    return this.#options.exchanges[this.#cursor.position] ?? null
  }

  #depart(expected: RecordedExchange | null): void {
    this.#end({ kind: 'departed', expected, heard: this.#heard })
  }

  #play(
    exchange: RecordedExchange,
    { heard, isRepeated }: { readonly heard: Buffer; readonly isRepeated: boolean },
  ): void {
    for (const { afterMs, bytes } of exchange.answers) {
      const answer = this.#options.isLine
        ? answerTo(bytes, { recorded: exchange.request, heard })
        : bytes
      this.#later(afterMs, () => this.#plug?.toPort(answer))
    }
    if (isRepeated) return
    this.#options.passed(exchange)
    const { pulledAfterMs } = exchange
    if (pulledAfterMs !== null) this.#later(pulledAfterMs, () => void this.#pull())
    if (!this.#cursor.isAtEnd) return
    const lastMs = Math.max(0, pulledAfterMs ?? 0, ...exchange.answers.map((each) => each.afterMs))
    this.#later(lastMs, () => this.#end({ kind: 'played' }))
  }

  /** Out and in again: a host finds it when it looks the next time. */
  async #pull(): Promise<void> {
    this.#options.tell('unplugged')
    this.#heard = Buffer.alloc(0)
    const plug = this.#plug
    this.#plug = null
    await plug?.unplug()
    await this.plugIn()
  }

  #later(ms: number, run: () => void): void {
    const timer = setTimeout(() => {
      this.#timers.delete(timer)
      run()
    }, ms)
    this.#timers.add(timer)
  }
}
