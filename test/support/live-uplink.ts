// The uplink as the daemon composes it, over a real broker and a real clock, with the ledger in
// memory: steps, then "commits", then performs.
import { randomBytes } from 'node:crypto'
import { createDownOpener, type KeySet } from '../../src/sync/contract/open-down.ts'
import type { IdentityFiles } from '../../src/sync/identity/identity-files.ts'
import { performOnLink, type UplinkLink } from '../../src/sync/links/link.ts'
import { createMqttLink } from '../../src/sync/links/mqtt-link.ts'
import { PROMPT_UPLINK, type UplinkConfig } from '../../src/sync/machine/config.ts'
import type { LinkEvent, UplinkEvent, UplinkState } from '../../src/sync/machine/state.ts'
import { createUplink, nextUplinkWake, stepUplink } from '../../src/sync/machine/uplink.ts'
import { MemoryOutbox } from './memory-outbox.ts'

export interface LiveUplinkOptions {
  readonly host: string
  readonly port: number
  /** Further ones, by their ports. */
  readonly otherPorts?: readonly number[]
  readonly kioskId?: string
  readonly namespace?: string
  readonly brokerKeeps?: boolean
  /** Null: without TLS. */
  readonly identity?: IdentityFiles | null
  readonly serverName?: string
  readonly isWallBelieved?: boolean
  /** By which certificates are renewed; the machine has the real one. */
  readonly now?: () => { readonly wallMs: number; readonly isWallBelieved: boolean }
  readonly keys: KeySet
  readonly ledger?: MemoryOutbox
  readonly config?: Partial<UplinkConfig>
  readonly keepaliveS?: number
  readonly connectTimeoutMs?: number
  readonly commitWaitMs?: number
  readonly pubackWaitMs?: number
}

const NO_FILES: IdentityFiles = { caFile: null, certificateFile: null, keyFile: null }

/** Fast enough for tests on one machine. */
const TEST_UPLINK: Partial<UplinkConfig> = {
  retrySpreadMs: 50,
  retryCapMs: 200,
  slowRetryMinMs: 100,
  slowRetryMaxMs: 300,
  ackTimeoutMs: 400,
  ackTimeoutCapMs: 800,
  resendMinMs: 50,
  syncMinMs: 50,
}

export class LiveUplink {
  readonly ledger: MemoryOutbox
  readonly events: LinkEvent[] = []
  private readonly config: UplinkConfig
  private readonly link: UplinkLink
  private readonly isWallBelieved: boolean
  private state: UplinkState
  private timer: NodeJS.Timeout | null = null
  private isKilled = false
  private confirmedAtUp = 0

  private constructor(options: LiveUplinkOptions, link: (self: () => LiveUplink) => UplinkLink) {
    this.ledger = options.ledger ?? new MemoryOutbox()
    const { kioskId = 'k1', otherPorts = [] } = options
    const own = { kioskId, brokers: 1 + otherPorts.length }
    this.config = { ...PROMPT_UPLINK, ...TEST_UPLINK, ...own, ...options.config }
    this.isWallBelieved = options.isWallBelieved ?? true
    this.link = link(() => this)
    this.state = createUplink(this.config, {
      seed: randomBytes(16).toString('hex'),
      now: this.now(),
    })
    this.schedule()
  }

  static async start(options: LiveUplinkOptions): Promise<LiveUplink> {
    const { host, port, otherPorts = [], identity = null } = options
    const { kioskId = 'k1', namespace = 'test' } = options
    const openDown = await createDownOpener(kioskId, options.keys)
    const isEncrypted = identity !== null
    return new LiveUplink(options, (self) =>
      createMqttLink(
        {
          namespace,
          kioskId,
          brokers: [port, ...otherPorts].map((each) => ({ host, port: each, isEncrypted })),
          identity: identity ?? NO_FILES,
          now: options.now ?? (() => ({ wallMs: Date.now(), isWallBelieved: true })),
          serverName: options.serverName ?? null,
          keepaliveS: options.keepaliveS ?? 5,
          connectTimeoutMs: options.connectTimeoutMs ?? 1_000,
          commitWaitMs: options.commitWaitMs ?? 2_000,
          pubackWaitMs: options.pubackWaitMs ?? 5_000,
          brokerKeeps: options.brokerKeeps ?? true,
          openDown,
        },
        (event) => {
          self().events.push(event)
          self().step(event)
        },
      ),
    )
  }

  private now() {
    const monoMs = Math.floor(performance.now())
    return { monoMs, wallMs: Date.now(), isWallBelieved: this.isWallBelieved }
  }

  private step(event: UplinkEvent): void {
    if (this.isKilled) return
    if (event.kind === 'link-up') this.confirmedAtUp = this.ledger.confirmedSeq()
    const step = stepUplink(this.state, event, this.now(), this.ledger, this.config)
    this.state = step.state
    this.ledger.apply(step.notes)
    for (const action of step.actions) {
      if (action.kind !== 'report' && action.kind !== 'tell') performOnLink(this.link, action)
    }
    this.schedule()
  }

  private schedule(): void {
    if (this.timer !== null) clearTimeout(this.timer)
    const wake = nextUplinkWake(this.state, this.config)
    if (wake === null) return
    this.timer = setTimeout(
      () => this.step({ kind: 'time-passed' }),
      Math.max(0, wake - performance.now()),
    )
  }

  append(type: string, data: object): void {
    this.ledger.append(type, data)
    this.step({ kind: 'facts-stored' })
  }

  isOnline(): boolean {
    return this.state.isOnline
  }

  isUp(): boolean {
    return this.state.link.kind === 'up'
  }

  protocol(): string {
    return this.state.brokers[0]?.protocol ?? ''
  }

  /** Acknowledged by central since this connection began, or nothing to acknowledge. */
  isHeard(): boolean {
    return (
      this.isUp() && (this.ledger.confirmedSeq() > this.confirmedAtUp || this.outboxCount() === 0)
    )
  }

  /** What central still lacks. */
  outboxCount(): number {
    return this.ledger.headSeq() - this.ledger.confirmedSeq()
  }

  refusals(): readonly string[] {
    return this.events
      .filter((event) => event.kind === 'message-refused')
      .map(({ refusal }) => refusal.code)
  }

  /** What the log of a kiosk would hold. */
  details(): readonly string[] {
    return this.events.filter((event) => event.kind === 'link-down').map(({ detail }) => detail)
  }

  causes(): readonly string[] {
    return this.events.filter((event) => event.kind === 'link-down').map(({ cause }) => cause)
  }

  /** Gracefully: the broker gets a goodbye instead of the will. */
  stop(): void {
    this.step({ kind: 'stopping', reason: 'test' })
    this.end()
  }

  /** From one moment to the next, with nothing said. */
  kill(): void {
    this.isKilled = true
    this.link.disconnect()
    this.end()
  }

  private end(): void {
    if (this.timer !== null) clearTimeout(this.timer)
    this.isKilled = true
  }
}
