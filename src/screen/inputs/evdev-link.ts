// An evdev device for one connection. Read without blocking, when the event loop says that there is
// something: an ordinary read of such a device would hold one of the process's few reading threads
// for as long as nobody presses a key, and nothing could end it. `serialport` waits for its ports
// with the same poller; Node has none of its own for such files.
import { Buffer } from 'node:buffer'
import { closeSync, constants, openSync, readSync } from 'node:fs'
import { Poller } from '@serialport/bindings-cpp/dist/poller.js'
import type { EvdevInputLink } from './config.ts'
import type { InputLink, InputLinkHost } from './link.ts'

/** More than a person or a scanner makes between two turns of the event loop. */
const READ_BYTES_MAX = 4_096

export function createEvdevLink(config: EvdevInputLink, host: InputLinkHost): InputLink {
  return new EvdevLink(config, host)
}

class EvdevLink implements InputLink {
  readonly #path: string
  readonly #host: InputLinkHost
  readonly #buffer = Buffer.alloc(READ_BYTES_MAX)
  #phase: 'new' | 'open' | 'ended' = 'new'
  #fd: number | null = null
  #poller: Poller | null = null

  constructor({ path }: EvdevInputLink, host: InputLinkHost) {
    this.#path = path
    this.#host = host
  }

  open(): void {
    if (this.#phase !== 'new') return
    try {
      this.#fd = openSync(this.#path, constants.O_RDONLY | constants.O_NONBLOCK)
      this.#poller = pollerOf(this.#fd)
      this.#phase = 'open'
      this.#wait()
    } catch (error) {
      this.#end(causeOf(error))
      return
    }
    this.#host.opened()
  }

  close(): void {
    this.#phase = 'ended'
    this.#release()
  }

  #wait(): void {
    this.#poller?.once('readable', (error) => {
      if (this.#phase !== 'open') return
      if (error === null) this.#read()
      else this.#end(causeOf(error))
    })
  }

  /** Once for each turn: a device that floods leaves the others theirs. */
  #read(): void {
    if (this.#fd === null) return
    try {
      const bytes = readSync(this.#fd, this.#buffer, 0, READ_BYTES_MAX, null)
      if (bytes === 0) return this.#end('the device ended')
      this.#host.frame(this.#buffer.toString('latin1', 0, bytes))
    } catch (error) {
      if (!isOver(error)) return this.#end(causeOf(error))
    }
    if (this.#phase === 'open') this.#wait()
  }

  #end(cause: string): void {
    if (this.#phase === 'ended') return
    this.#phase = 'ended'
    this.#release()
    this.#host.closed(cause)
  }

  #release(): void {
    const fd = this.#fd
    // Both, and before the file is closed: the event loop aborts the process over a closed file
    // that it still waits for.
    this.#poller?.stop()
    this.#poller?.destroy()
    this.#poller = null
    this.#fd = null
    // What was typed does not stay behind.
    this.#buffer.fill(0)
    if (fd !== null) closeSync(fd)
  }
}

/** An ordinary file, for one, cannot be waited for; the system calls that “not permitted”. */
function pollerOf(fd: number): Poller {
  try {
    return new Poller(fd)
  } catch {
    throw new Error('this is no input device')
  }
}

/** Somebody else read it first, or a signal came. */
function isOver(error: unknown): boolean {
  const { code } = error as NodeJS.ErrnoException
  return code === 'EAGAIN' || code === 'EINTR'
}

/** Such as "ENOENT: no such file or directory": never what was read. */
function causeOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}
