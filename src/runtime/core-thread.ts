// The core's thread, seen from the I/O thread: inputs go in, outputs come out after their commit.
// When the thread dies its outcome is unknown, and the process has to end with it.
import { Worker } from 'node:worker_threads'
import type { CoreInput, CoreOutput } from './core.ts'
import type { CoreWorkerData, FromCore, ToCore } from './core-worker.ts'

export interface CoreThreadHost {
  readonly perform: (output: CoreOutput) => void
  /** A bug or a failing disk. Called once; nothing follows. */
  readonly failed: (error: Error) => void
}

export interface CoreThread {
  send(input: CoreInput): void
  /** Says goodbye on the uplink and closes the ledger. */
  stop(): Promise<void>
}

/** Resolves when the ledger is open and the first step is stored. */
export function startCoreThread(data: CoreWorkerData, host: CoreThreadHost): Promise<CoreThread> {
  const worker = new Worker(new URL('./core-worker.ts', import.meta.url), { workerData: data })
  const post = (message: ToCore): void => worker.postMessage(message)
  return new Promise((resolve, reject) => {
    let isStarted = false
    let stopped: (() => void) | null = null
    const thread: CoreThread = {
      send: (input) => post({ kind: 'input', input }),
      stop: () =>
        new Promise((done) => {
          stopped = done
          post({ kind: 'stop' })
        }),
    }
    const fail = (error: Error): void => {
      if (isStarted) host.failed(error)
      else reject(error)
    }
    worker.on('message', (message: FromCore) => {
      if (message.kind === 'outputs') for (const output of message.outputs) host.perform(output)
      if (message.kind === 'stopped') stopped?.()
      if (message.kind !== 'started') return
      isStarted = true
      resolve(thread)
    })
    worker.once('error', (error) => fail(error instanceof Error ? error : new Error(String(error))))
    worker.once('exit', (code) => {
      if (stopped === null) fail(new Error(`the core's thread ended with ${code}`))
    })
  })
}
