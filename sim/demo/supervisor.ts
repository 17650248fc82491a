// Starts the daemon anew when it ends by itself, as systemd would.
import { DaemonProcess } from '../live/daemon-process.ts'

const RESTART_MS = 1_000

export interface SupervisorOptions {
  readonly configFile: string
  readonly onLine?: (line: string) => void
}

export class Supervisor {
  readonly ready: Promise<void>
  screenUrl = ''
  readonly #options: SupervisorOptions
  #daemon: DaemonProcess | null = null
  #isStopping = false
  #becomeReady: () => void = () => {}

  constructor(options: SupervisorOptions) {
    this.#options = options
    this.ready = new Promise((resolve) => {
      this.#becomeReady = resolve
    })
  }

  /** Once; a daemon that runs goes on. */
  start(): void {
    if (this.#daemon !== null) return
    const daemon = new DaemonProcess({ ...this.#options, env: {} })
    this.#daemon = daemon
    daemon.screenUrl.then(
      (url) => {
        this.screenUrl = url
        this.#becomeReady()
      },
      () => {},
    )
    void daemon.exited.then((code) => {
      if (this.#isStopping) return
      console.error(`latchkeyd ended with ${code}:\n${daemon.lines.slice(-5).join('\n')}`)
      this.#daemon = null
      setTimeout(() => this.start(), RESTART_MS)
    })
  }

  async stop(): Promise<void> {
    this.#isStopping = true
    await this.#daemon?.stop()
  }
}
