// The unmodified daemon as a process of its own, as systemd would run it.
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import process from 'node:process'
import { createInterface } from 'node:readline'

const STARTER = join(import.meta.dirname, '../../src/runtime/latchkeyd.mjs')
const LINES_KEPT = 1_000

export interface DaemonOptions {
  readonly configFile: string
  /** Added to the environment: overrides of settings, the disk shim. */
  readonly env: Readonly<Record<string, string>>
  /** What the daemon writes, line by line. */
  readonly onLine?: (line: string) => void
}

export class DaemonProcess {
  /** The newest lines of its log. */
  readonly lines: string[] = []
  readonly screenUrl: Promise<string>
  readonly exited: Promise<number | null>
  readonly #child: ChildProcess

  constructor({ configFile, env, onLine }: DaemonOptions) {
    const child = spawn(process.execPath, [STARTER, '--config', configFile], {
      env: { ...process.env, ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
      detached: true, // Ctrl-C at the terminal is for the simulator, which then ends the daemon
    })
    this.#child = child
    this.exited = once(child, 'close').then(() => child.exitCode)
    this.screenUrl = new Promise((resolve, reject) => {
      const keep = (line: string): void => {
        this.lines.push(line)
        if (this.lines.length > LINES_KEPT) this.lines.shift()
        onLine?.(line)
        const url = startedUrl(line)
        if (url !== null) resolve(url)
      }
      for (const stream of [child.stdout, child.stderr]) {
        if (stream !== null) createInterface({ input: stream }).on('line', keep)
      }
      void this.exited.then((code) =>
        reject(new Error(`latchkeyd ended with ${code}:\n${this.lines.join('\n')}`)),
      )
    })
    // Whoever only waits for the end need not hear of it twice.
    this.screenUrl.catch(() => {})
  }

  get pid(): number | undefined {
    return this.#child.pid
  }

  async stop(signal: NodeJS.Signals = 'SIGTERM'): Promise<number | null> {
    this.#child.kill(signal)
    return await this.exited
  }
}

function startedUrl(line: string): string | null {
  if (!line.includes('"daemon-started"')) return null
  return (JSON.parse(line) as { readonly screen: string }).screen
}
