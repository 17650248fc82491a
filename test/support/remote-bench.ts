// The bench with central on the line: it asks for a nonce, orders, and reads the answers. What it
// has sent lies about, so that a test can play the broker that keeps it.
import type { KioskConfig } from '../../src/kiosk/config.ts'
import { checkDown, checkUp } from '../../src/sync/contract/validate.ts'
import type { CommandBody, DownMessage } from '../../src/sync/machine/messages.ts'
import { Bench } from './bench.ts'
import type { BenchParcel } from './first-day.ts'

// biome-ignore lint/suspicious/noExplicitAny: a test reads what it expects.
export type Told = any

export interface Order {
  readonly type: 'open' | 'reissue'
  readonly args: object
}

export class RemoteBench extends Bench {
  /** Every command that central has signed, oldest first. */
  readonly sent: CommandBody[] = []
  #counter = 0
  #ids = 0
  #receipts = 0

  constructor(config: KioskConfig, parcels: readonly BenchParcel[] = []) {
    super(config)
    this.prepare(parcels)
    this.connect()
  }

  /** The uplink tries, and the broker lets it in. */
  connect(): void {
    this.pass(1_000)
    const attempt = this.linked.findLast((action) => action.kind === 'connect')
    if (attempt === undefined) throw new Error('the uplink does not try')
    const { session, protocol } = attempt
    this.take([{ kind: 'uplink', event: { kind: 'link-up', session, protocol } }])
  }

  comeBack(): void {
    this.restart()
    this.connect()
  }

  /** Everything on `up/res`, oldest first; each fits the contract. */
  get results(): readonly Told[] {
    return this.published('res')
  }

  get rejections(): readonly Told[] {
    return this.published('rej')
  }

  private published(leaf: 'res' | 'rej'): readonly Told[] {
    return this.linked.flatMap((action) => {
      if (action.kind !== 'publish' || action.leaf !== leaf) return []
      const body: unknown = JSON.parse(action.body)
      const checked = checkUp(leaf, body)
      if (!checked.isValid) throw new Error(checked.detail)
      return [body]
    })
  }

  /** As it stands on the wire: signed by central long ago, or just now. */
  deliver(body: CommandBody): void {
    const checked = checkDown('cmd', body)
    if (!checked.isValid) throw new Error(checked.detail)
    this.#receipts += 1
    const message: DownMessage = { leaf: 'cmd', body }
    const receipt = `r${this.#receipts}`
    this.take([{ kind: 'uplink', event: { kind: 'message', message, receipt } }])
  }

  askStatus(): Told {
    this.deliver(this.signed({ type: 'status', args: {} }))
    return this.results.at(-1)
  }

  /** What central makes of an order: a fresh nonce, and the next counter. Not sent yet. */
  sign(order: Order, waitMs = 60_000): CommandBody {
    const { nonce, counter } = this.askStatus()
    this.#counter = Math.max(this.#counter, counter) + 1
    const body = this.signed({ ...order, nonce, counter: this.#counter }, waitMs)
    this.sent.push(body)
    return body
  }

  private signed(fields: object, waitMs = 60_000): CommandBody {
    this.#ids += 1
    const iat = this.now().wallMs
    const header = { v: 1, k: this.config.kioskId, t: iat, cid: `c${this.#ids}` }
    return { ...header, iat, exp: iat + waitMs, ...fields } as CommandBody
  }

  order(order: Order): CommandBody {
    const body = this.sign(order)
    this.deliver(body)
    return body
  }

  openRemotely(lockerId: string, args: object = {}): CommandBody {
    return this.order({
      type: 'open',
      args: { lockerId, reason: 'caller is at the door', operator: 'Mara', ...args },
    })
  }
}
