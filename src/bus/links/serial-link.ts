// A real serial port for one connection: a new SerialPort and a new parser each time. What this
// file guards against was measured, and each point has its test: bytes written to a closed port
// leave on the next open, noise without a line feed blocks the parser, halves of lines join across
// connections, and a port that is pulled out may stay silent with a core at 100 %.
import { ReadlineParser } from '@serialport/parser-readline'
import { SerialPort } from 'serialport'
import type { LinkConfig } from '../config.ts'
import { LineGuard } from './line-guard.ts'
import type { BusLink, LinkHost } from './link.ts'

/** Longer than the longest line of any dialect; whatever is longer is noise. */
export const FRAME_LENGTH_MAX = 256
/** How soon an unplugged port is noticed that tells nothing by itself. */
const DRAIN_WATCH_MS = 1_000
/** A write or drain that is not over after so long never will be. */
const WRITE_STUCK_MS = 5_000

export function createSerialLink(config: LinkConfig, host: LinkHost): BusLink {
  return new SerialLink(config, host)
}

class SerialLink implements BusLink {
  readonly #port: SerialPort
  readonly #host: LinkHost
  #phase: 'new' | 'opening' | 'open' | 'ended' = 'new'
  #watch: NodeJS.Timeout | undefined
  #writingSinceMs: number | null = null
  #drainingSinceMs: number | null = null

  constructor(config: LinkConfig, host: LinkHost) {
    this.#host = host
    this.#port = new SerialPort({
      path: config.path,
      baudRate: config.baudRate,
      dataBits: 8,
      parity: 'none',
      stopBits: 1,
      autoOpen: false,
      lock: true,
      // Dropping DTR on close would reset some boards.
      hupcl: false,
    })
    // The listeners stay for ever: a port tells its end twice, and an unheard error is fatal.
    this.#port.on('error', (error) => this.#end(error.message))
    this.#port.on('close', (error: Error | null | undefined) => {
      this.#end(error?.message ?? 'the port was closed')
    })
    this.#port.on('end', () => this.#end('the port ended'))
  }

  open(): void {
    if (this.#phase !== 'new') return
    this.#phase = 'opening'
    this.#port.open((error) => {
      if (error !== null) this.#end(error.message)
      else if (this.#phase === 'ended') this.#release()
      else this.#port.flush(() => this.#start())
    })
  }

  send(text: string): void {
    // SerialPort would keep the bytes for the next open; so would we behind a write that hangs.
    if (this.#phase !== 'open' || !this.#port.isOpen || this.#writingSinceMs !== null) return
    this.#writingSinceMs = performance.now()
    this.#port.write(text, 'latin1', (error) => {
      this.#writingSinceMs = null
      if (error) this.#end(error.message)
    })
  }

  close(): void {
    this.#phase = 'ended'
    this.#release()
  }

  /** Also without a flush: a pseudoterminal or a gateway's driver may not know it. */
  #start(): void {
    if (this.#phase !== 'opening') return
    this.#phase = 'open'
    const lines = this.#port
      .pipe(new LineGuard(FRAME_LENGTH_MAX))
      .pipe(new ReadlineParser({ delimiter: '\n', encoding: 'latin1', readableObjectMode: true }))
    lines.on('data', (text: string) => {
      if (this.#phase === 'open') this.#host.frame(text)
    })
    this.#watch = setInterval(() => this.#lookAfter(), DRAIN_WATCH_MS)
    this.#watch.unref()
    this.#host.opened()
  }

  /** Only a drain notices a terminal that hung up while bytes were coming in. */
  #lookAfter(): void {
    const nowMs = performance.now()
    const oldestMs = Math.min(this.#writingSinceMs ?? nowMs, this.#drainingSinceMs ?? nowMs)
    if (nowMs - oldestMs > WRITE_STUCK_MS) this.#end('the port takes no bytes')
    if (this.#drainingSinceMs !== null || !this.#port.isOpen) return
    this.#drainingSinceMs = nowMs
    this.#port.drain((error) => {
      this.#drainingSinceMs = null
      if (error) this.#end(error.message)
    })
  }

  #end(cause: string): void {
    if (this.#phase === 'ended') return
    this.#phase = 'ended'
    this.#release()
    this.#host.closed(cause)
  }

  #release(): void {
    clearInterval(this.#watch)
    this.#port.unpipe()
    // While it is still opening, the callback of the opening comes back to here.
    if (this.#port.isOpen) this.#port.close(() => {})
  }
}
