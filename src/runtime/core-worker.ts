// The thread in which the rules and the ledger live. A slow card blocks only this thread: the bus,
// the screen and the uplink's link stay awake beside it.
import { randomUUID } from 'node:crypto'
import { isMainThread, parentPort, receiveMessageOnPort, workerData } from 'node:worker_threads'
import type { KioskConfig } from '../kiosk/config.ts'
import { openLedger } from '../store/ledger.ts'
import type { UplinkConfig } from '../sync/machine/config.ts'
import { now, realClock } from './clock.ts'
import { Core, type CoreInput, type CoreOutput, TIME_PASSED, TURN_INPUTS_MAX } from './core.ts'

export interface CoreWorkerData {
  readonly ledgerPath: string
  readonly journalPath: string
  readonly lockerIds: readonly string[]
  readonly kiosk: KioskConfig
  readonly uplink: UplinkConfig
  readonly seed: string
  readonly version: string
}

export type ToCore =
  | { readonly kind: 'input'; readonly input: CoreInput }
  | { readonly kind: 'stop' }
export type FromCore =
  | { readonly kind: 'started' }
  | { readonly kind: 'outputs'; readonly outputs: readonly CoreOutput[] }
  | { readonly kind: 'stopped' }

if (!isMainThread && parentPort !== null) run(parentPort, workerData as CoreWorkerData)

function run(port: NonNullable<typeof parentPort>, data: CoreWorkerData): void {
  const ledger = openLedger({
    path: data.ledgerPath,
    journalPath: data.journalPath,
    lockerIds: data.lockerIds,
    newEpoch: randomUUID(),
  })
  const core = new Core({ ...data, ledger, now: now() })
  const post = (message: FromCore): void => port.postMessage(message)
  const alarm = realClock.alarm(() => turn(TIME_PASSED))

  function turn(inputs: readonly CoreInput[]): void {
    const outputs = core.take(inputs, now())
    alarm.set(core.nextWake(now()))
    if (outputs.length > 0) post({ kind: 'outputs', outputs })
    // Whoever waited has the answer by now.
    ledger.tidy()
  }

  function stop(): void {
    alarm.set(null)
    turn([{ kind: 'uplink', event: { kind: 'stopping', reason: 'shutdown' } }])
    ledger.close()
    post({ kind: 'stopped' })
    port.close()
  }

  port.on('message', (first: ToCore) => {
    // What came while the last turn waited for the disk is taken in one turn, with one fsync.
    const inputs: CoreInput[] = []
    for (let next: ToCore | undefined = first; next !== undefined; next = received(port)) {
      if (next.kind === 'stop') {
        if (inputs.length > 0) turn(inputs)
        return stop()
      }
      inputs.push(next.input)
      if (inputs.length >= TURN_INPUTS_MAX) break
    }
    turn(inputs)
  })
  const first = core.start(now())
  post({ kind: 'started' })
  if (first.length > 0) post({ kind: 'outputs', outputs: first })
  alarm.set(core.nextWake(now()))
}

function received(port: NonNullable<typeof parentPort>): ToCore | undefined {
  return receiveMessageOnPort(port)?.message as ToCore | undefined
}
