// One scanner or keypad: opened, read, and opened again for ever when it is not there. What it
// reads goes on at once and is kept nowhere; of what it was, only numbers stay.
import process from 'node:process'
import type { Clock } from '../../kiosk/time.ts'
import { isScan, TOKEN_SCAN_CHARS_MAX } from '../../kiosk/token-facts.ts'
import type { InputConfig, KeyFunction } from './config.ts'
import { EVENT_BYTES, EVENT_BYTES_32, KeyEventReader } from './key-events.ts'
import { KeypadKeys } from './keypad-keys.ts'
import type { InputLink, InputLinkFactory } from './link.ts'
import { ScanFrames, type Scanned } from './scan-frames.ts'
import { ScanKeys } from './scan-keys.ts'

/** How soon a device that is not there is looked for again: at first, and at most. */
export const RETRY_MIN_MS = 500
export const RETRY_MAX_MS = 5_000
/** A port whose driver hangs while it is opened is given up, and tried again. */
export const OPEN_MAX_MS = 5_000

const WORDS_32 = ['arm', 'ia32', 'mips', 'mipsel']

export interface InputStatus {
  readonly id: string
  readonly kind: InputConfig['kind']
  /** `opening`: not known yet. `lost`: it was there, and went away. */
  readonly state: 'opening' | 'online' | 'missing' | 'lost'
  /** Codes, or keys that do something, since the start. */
  readonly count: number
  /** What came and was no code. */
  readonly misreads: number
}

export interface InputHost {
  scanned(code: string): void
  pressed(does: KeyFunction): void
  /** Keys of a keypad are missing: what was begun is not what the person typed. */
  interrupted(): void
  /** Whenever the state has changed; with the cause when the device is not there. */
  changed(status: InputStatus, cause: string | null): void
}

export interface InputParts {
  readonly config: InputConfig
  readonly clock: Clock
  readonly createLink: InputLinkFactory
  readonly host: InputHost
}

export class InputDevice {
  readonly #parts: InputParts
  readonly #alarm: ReturnType<Clock['alarm']>
  #link: InputLink | null = null
  #retryMs = RETRY_MIN_MS
  #isStopped = false
  #status: InputStatus

  constructor(parts: InputParts) {
    this.#parts = parts
    this.#alarm = parts.clock.alarm(() => this.#wake())
    const { id, kind } = parts.config
    this.#status = { id, kind, state: 'opening', count: 0, misreads: 0 }
  }

  get status(): InputStatus {
    return this.#status
  }

  start(): void {
    this.#open()
  }

  stop(): void {
    this.#isStopped = true
    this.#alarm.set(null)
    const link = this.#link
    this.#link = null
    link?.close()
  }

  /** A new link and a new reader each time; whatever an old one still says is not heard. */
  #open(): void {
    if (this.#isStopped || this.#link !== null) return
    const { config, createLink } = this.#parts
    const read = this.#reader()
    const isCurrent = () => this.#link === link
    const link = createLink(config.link, {
      opened: () => {
        if (!isCurrent()) return
        this.#alarm.set(null)
        this.#show('online', null)
      },
      frame: (text) => {
        if (!isCurrent()) return
        // A device that is there and says something: the next loss begins anew.
        this.#retryMs = RETRY_MIN_MS
        read(text)
      },
      closed: (cause) => {
        if (isCurrent()) this.#lose(cause)
      },
    })
    this.#link = link
    this.#alarm.set(this.#nowMs() + OPEN_MAX_MS)
    link.open()
  }

  #wake(): void {
    if (this.#link === null) return this.#open()
    this.#link.close()
    this.#lose('it does not open')
  }

  #lose(cause: string): void {
    const { state, kind } = this.#status
    this.#link = null
    // Whoever types at a keypad has nothing to do with a scanner that is not there.
    if (kind === 'keypad' && state === 'online') this.#parts.host.interrupted()
    this.#show(state === 'online' || state === 'lost' ? 'lost' : 'missing', cause)
    this.#alarm.set(this.#nowMs() + this.#retryMs)
    this.#retryMs = Math.min(this.#retryMs * 2, RETRY_MAX_MS)
  }

  #show(state: InputStatus['state'], cause: string | null): void {
    if (state === this.#status.state) return
    this.#status = { ...this.#status, state }
    this.#parts.host.changed(this.#status, cause)
  }

  #reader(): (text: string) => void {
    const { config } = this.#parts
    const isNarrow = WORDS_32.includes(process.arch)
    const events = new KeyEventReader(isNarrow ? EVENT_BYTES_32 : EVENT_BYTES)
    if (config.kind === 'keypad') {
      const keys = new KeypadKeys(config)
      return (text) => {
        for (const event of events.take(text)) {
          if (event.kind === 'lost') this.#parts.host.interrupted()
          else this.#press(keys.take(event, this.#nowMs()))
        }
      }
    }
    const frames = new ScanFrames(TOKEN_SCAN_CHARS_MAX)
    if (config.link.kind === 'serial') {
      return (text) => {
        for (const scanned of frames.take(text, this.#nowMs())) this.#scan(scanned)
      }
    }
    const keys = new ScanKeys()
    return (text) => {
      for (const event of events.take(text)) {
        const typed = keys.take(event)
        if (typed === 'lost') frames.spoil(this.#nowMs())
        else if (typed !== null) this.#scan(frames.put(typed.char, this.#nowMs()))
      }
    }
  }

  #nowMs(): number {
    return this.#parts.clock.now().monoMs
  }

  #press(does: KeyFunction | null): void {
    if (does === null) return
    this.#count('count')
    this.#parts.host.pressed(does)
  }

  #scan(scanned: Scanned | null): void {
    if (scanned === null) return
    const code = scanned.kind === 'code' && isScan(scanned.code) ? scanned.code : null
    this.#count(code === null ? 'misreads' : 'count')
    if (code !== null) this.#parts.host.scanned(code)
  }

  #count(what: 'count' | 'misreads'): void {
    this.#status = { ...this.#status, [what]: this.#status[what] + 1 }
  }
}
