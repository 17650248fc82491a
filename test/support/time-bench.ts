// The uplink machine beside two clocks that may be wrong: the machine's own, and central's.
import type { Now } from '../../src/kiosk/time.ts'
import { WALL_FLOOR_MS } from '../../src/kiosk/time.ts'
import type { ClockReport } from '../../src/kiosk/uplink-report.ts'
import type { CentralTime } from '../../src/sync/machine/messages.ts'
import { believedNow } from '../../src/sync/machine/server-time.ts'
import type { UplinkAction } from '../../src/sync/machine/state.ts'
import { createUplink } from '../../src/sync/machine/uplink.ts'
import { type Published, published, UplinkBench } from './uplink-bench.ts'

export const CENTRAL_WALL_MS = 1_800_000_000_000
const HEAD = { v: 1, k: 'k1', t: 1, head: {} } as const

type Connect = Extract<UplinkAction, { kind: 'connect' }>

export class TimeBench {
  readonly bench: UplinkBench
  #centralAheadMs: number
  #said: Published[] = []

  constructor({ machineWallMs }: { readonly machineWallMs: number }) {
    // Requests come after an answer or a silence, not by themselves.
    this.bench = new UplinkBench({ syncPeriodMs: 2 * 86_400_000 })
    this.moveMachine(machineWallMs)
    this.#said.push(...this.bench.up())
    // The first connection took a while.
    this.moveMachine(machineWallMs)
    this.#centralAheadMs = CENTRAL_WALL_MS - this.bench.monoMs
  }

  /** By central's clock, which runs as true as the kiosk's uptime. */
  get centralMs(): number {
    return this.#centralAheadMs + this.bench.monoMs
  }

  /** Central's clock was wrong, and is put right. */
  moveCentral(byMs: number): void {
    this.#centralAheadMs += byMs
  }

  get machineWallMs(): number {
    return this.machine().wallMs
  }

  machine(): Now {
    const { monoMs } = this.bench
    const wallMs = monoMs + this.bench.wallAheadMs
    return { monoMs, wallMs, isWallBelieved: wallMs >= WALL_FLOOR_MS }
  }

  /** Somebody sets the machine's clock. */
  moveMachine(wallMs: number): void {
    this.bench.wallAheadMs = wallMs - this.bench.monoMs
    this.bench.isWallBelieved = wallMs >= WALL_FLOOR_MS
  }

  wait(durationMs: number): void {
    this.bench.monoMs += durationMs
    // The machine's clock may pass the day from which on it is believed.
    this.moveMachine(this.machine().wallMs)
  }

  /** The time that counts. */
  now(): Now {
    return believedNow(this.bench.state.time, this.machine())
  }

  clock(): ClockReport {
    const question = { kind: 'report' } as const
    const actions = this.bench.step({ kind: 'asked', requestId: 'q', question })
    const tell = actions.find((action) => action.kind === 'tell')
    if (tell?.answer.kind !== 'uplink') throw new Error('the uplink does not answer')
    return tell.answer.report.clock
  }

  /** A technician has the kiosk ask for everything newer. */
  ask(): { readonly id: string } {
    const question = { kind: 'hurry' } as const
    const actions = this.bench.step({ kind: 'asked', requestId: 'q', question })
    const [sync] = published(actions, 'sync')
    return { id: String(sync?.body['id']) }
  }

  tell(time: CentralTime | undefined): void {
    const body = time === undefined ? HEAD : { ...HEAD, time }
    this.bench.receive({ leaf: 'head', body })
  }

  /** A fact is made. */
  store(): void {
    this.bench.ledger.append('started/1', {})
    this.#said.push(...published(this.bench.step({ kind: 'facts-stored' })))
  }

  /** Of all facts. */
  acknowledge(time?: CentralTime): void {
    const cum = this.bench.ledger.headSeq()
    const hash = this.bench.ledger.factHash(cum) ?? ''
    const body = { ...HEAD, epoch: 'e1', since: 1, cum, hash, ...(time && { time }) }
    this.bench.receive({ leaf: 'ack', body })
  }

  published(leaf: string): readonly Published[] {
    return this.#said.filter((each) => each.leaf === leaf)
  }

  refusals(): readonly unknown[] {
    return published(this.bench.actions, 'rej').map(({ body }) => body['code'])
  }

  /** @returns what the link was told */
  reconnect(): Connect | undefined {
    this.bench.down('closed')
    const before = this.bench.actions.length
    this.#said.push(...this.bench.up())
    return this.bench.actions.slice(before).find((action) => action.kind === 'connect')
  }

  /** The daemon starts anew, over the same ledger. */
  restart(): void {
    const { config } = this.bench
    const seed = String(this.bench.monoMs).padStart(32, '0')
    this.bench.state = createUplink(config, { seed, now: this.machine() })
    this.#said.push(...this.bench.up())
  }
}
