// Drives the uplink machine by hand over virtual time, and looks at what it wants done.
import { STREAMS } from '../../src/kiosk/desired.ts'
import { PROMPT_UPLINK, type UplinkConfig } from '../../src/sync/machine/config.ts'
import type { DownMessage, Heads } from '../../src/sync/machine/messages.ts'
import type {
  LinkCause,
  UplinkAction,
  UplinkEvent,
  UplinkState,
} from '../../src/sync/machine/state.ts'
import { createUplink, nextUplinkWake, stepUplink } from '../../src/sync/machine/uplink.ts'
import { MemoryOutbox } from './memory-outbox.ts'

const SEED = '000102030405060708090a0b0c0d0e0f'
export const WALL_MS = 1_790_000_000_000

export type Published = { readonly leaf: string; readonly body: Record<string, unknown> }

export class UplinkBench {
  readonly ledger: MemoryOutbox
  readonly config: UplinkConfig
  state: UplinkState
  monoMs = 1_000
  /** The machine's wall clock before its uptime, and whether it was ever set. */
  wallAheadMs = WALL_MS
  isWallBelieved = true
  actions: UplinkAction[] = []
  private receipts = 0

  constructor(changes: Partial<UplinkConfig> = {}, ledger = new MemoryOutbox()) {
    this.ledger = ledger
    this.config = { ...PROMPT_UPLINK, kioskId: 'k1', ...changes }
    this.state = createUplink(this.config, { seed: SEED, now: this.now() })
  }

  private now() {
    const { monoMs, wallAheadMs, isWallBelieved } = this
    return { monoMs, wallMs: wallAheadMs + monoMs, isWallBelieved }
  }

  /** One step; @returns its actions */
  step(event: UplinkEvent): readonly UplinkAction[] {
    const step = stepUplink(this.state, event, this.now(), this.ledger, this.config)
    this.state = step.state
    this.ledger.apply(step.notes)
    this.actions.push(...step.actions)
    return step.actions
  }

  wake(): number | null {
    return nextUplinkWake(this.state, this.config)
  }

  /** Lets time pass to the machine's own next wake; @returns how long that was */
  sleep(): number {
    const wake = this.wake()
    if (wake === null) throw new Error('the machine sleeps for ever')
    const before = this.monoMs
    this.monoMs = Math.max(this.monoMs, wake)
    this.step({ kind: 'time-passed' })
    return this.monoMs - before
  }

  pass(durationMs: number): readonly UplinkAction[] {
    this.monoMs += durationMs
    return this.step({ kind: 'time-passed' })
  }

  /** In use with the present broker. */
  protocol(): '5' | '3.1.1' {
    return this.state.brokers[this.state.broker]?.protocol ?? '5'
  }

  session(): string {
    const { link } = this.state
    if (link.kind !== 'connecting' && link.kind !== 'up') throw new Error(`link is ${link.kind}`)
    return link.session
  }

  /** From waiting to up; @returns what was published on the way */
  up(): readonly Published[] {
    if (this.state.link.kind === 'waiting') this.sleep()
    const session = this.session()
    return published(this.step({ kind: 'link-up', session, protocol: this.protocol() }))
  }

  down(cause: LinkCause) {
    return this.step({ kind: 'link-down', session: this.session(), cause, detail: '' })
  }

  receive(message: DownMessage): readonly UplinkAction[] {
    this.receipts += 1
    return this.step({ kind: 'message', message, receipt: `r${this.receipts}` })
  }

  ack(cum: number, head: Heads = {}, epoch = 'e1', since = 1): readonly UplinkAction[] {
    const hash = this.ledger.factHash(cum) ?? '0'.repeat(64)
    const header = { v: 1, k: 'k1', t: 1 } as const
    return this.receive({ leaf: 'ack', body: { ...header, epoch, since, cum, hash, head } })
  }

  head(head: Heads): readonly UplinkAction[] {
    return this.receive({ leaf: 'head', body: { v: 1, k: 'k1', t: 1, head } })
  }

  delta(from: number, to: number): readonly UplinkAction[] {
    const ops = [{ put: { id: `r${to}`, label: `Recipient ${to}` } }]
    const body = { v: 1, k: 'k1', t: 1, stream: 'directory', from, to, ops } as const
    return this.receive({ leaf: 'delta', body })
  }

  snap(ver: number, re: string): readonly UplinkAction[] {
    const rows = [{ id: 's', label: 'From the snapshot' }]
    const body = { v: 1, k: 'k1', t: 1, stream: 'directory', ver, re, rows } as const
    return this.receive({ leaf: 'snap', body })
  }

  /** Makes the kiosk agree with central, as right after a request was answered. */
  settle(): void {
    this.head(Object.fromEntries(STREAMS.map((stream) => [stream, this.ledger.versions[stream]])))
  }
}

export function published(actions: readonly UplinkAction[], leaf?: string): readonly Published[] {
  return actions
    .filter((action) => action.kind === 'publish')
    .filter((action) => leaf === undefined || action.leaf === leaf)
    .map((action) => ({
      leaf: action.leaf,
      body: JSON.parse(action.body) as Record<string, unknown>,
    }))
}
