// A server of other people, as a process of its own: started on a free port of the loopback, ended
// by its own process group, frozen and thawed.
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { connect } from 'node:net'
import process from 'node:process'
import { setTimeout as pause } from 'node:timers/promises'

const ASK_AGAIN_MS = 20

export interface ServerOptions {
  readonly command: string
  readonly args: readonly string[]
  readonly env?: Readonly<Record<string, string>>
  /** It is ready when it listens here. */
  readonly port: number
  readonly startMaxMs: number
}

/** What a campaign may do to a broker. */
export interface Broker {
  readonly name: string
  readonly url: string
  start(): Promise<void>
  /** As a power cut would: nothing is saved. */
  kill(): Promise<void>
  freeze(): void
  thaw(): void
  /** Ends it and removes what it wrote. */
  stop(): Promise<void>
}

export class ServerProcess {
  readonly #options: ServerOptions
  #child: ChildProcess | null = null

  constructor(options: ServerOptions) {
    this.#options = options
  }

  async start(): Promise<void> {
    const { command, args, env, port, startMaxMs } = this.#options
    const child = spawn(command, args, {
      env: { ...process.env, ...env },
      stdio: 'ignore',
      detached: true,
    })
    this.#child = child
    const deadlineMs = performance.now() + startMaxMs
    while (!(await isListening(port))) {
      if (child.exitCode !== null || performance.now() > deadlineMs) {
        throw new Error(`${command} did not start`)
      }
      await pause(ASK_AGAIN_MS)
    }
  }

  signal(name: NodeJS.Signals): void {
    const { pid } = this.#child ?? {}
    // Some servers are a shell and its children.
    if (pid !== undefined) process.kill(-pid, name)
  }

  async end(name: NodeJS.Signals): Promise<void> {
    const child = this.#child
    if (child === null || child.exitCode !== null || child.signalCode !== null) return
    const exited = once(child, 'exit')
    this.signal('SIGCONT')
    this.signal(name)
    await exited
    // The shell may be gone before its children are.
    while (await isListening(this.#options.port)) await pause(ASK_AGAIN_MS)
    this.#child = null
  }
}

export async function isListening(port: number): Promise<boolean> {
  const socket = connect({ host: '127.0.0.1', port })
  try {
    await once(socket, 'connect')
    return true
  } catch {
    return false
  } finally {
    socket.destroy()
  }
}
