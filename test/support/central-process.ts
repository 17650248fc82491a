// The reference central as a process of its own, as an operator would run it.
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import process from 'node:process'
import { setTimeout as pause } from 'node:timers/promises'
import { freePort } from './mosquitto.ts'

const CENTRAL = join(import.meta.dirname, '../../sim/central/main.ts')
const START_MAX_MS = 20_000
const ASK_AGAIN_MS = 10

/** The reference central, which knows nothing of the kiosk but the contract. */
export class CentralProcess {
  readonly #args: readonly string[]
  #child: ChildProcess | null = null
  #port = 0

  /** @param args of its command line, without the port of its own interface */
  constructor(args: readonly string[]) {
    this.#args = args
  }

  get pid(): number | undefined {
    return this.#child?.pid
  }

  async start(): Promise<void> {
    this.#port = await freePort()
    const args = [CENTRAL, ...this.#args, '--port', String(this.#port)]
    const child = spawn(process.execPath, args, { stdio: 'ignore' })
    this.#child = child
    const deadlineMs = performance.now() + START_MAX_MS
    while ((await this.get('/counters')) === null) {
      if (child.exitCode !== null || performance.now() > deadlineMs) {
        throw new Error('central did not start')
      }
      await pause(ASK_AGAIN_MS)
    }
  }

  async end(signal: NodeJS.Signals): Promise<void> {
    const child = this.#child
    this.#child = null
    if (child === null || child.exitCode !== null) return
    const exited = once(child, 'exit')
    child.kill(signal)
    await exited
  }

  /** @returns null while it does not answer */
  async get(path: string): Promise<unknown> {
    try {
      return await (await fetch(`http://127.0.0.1:${this.#port}${path}`)).json()
    } catch {
      return null
    }
  }

  /** @returns the answer, or null when there is none */
  async post(path: string, body: object): Promise<Response | null> {
    try {
      return await fetch(`http://127.0.0.1:${this.#port}${path}`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify(body),
      })
    } catch {
      return null
    }
  }
}
