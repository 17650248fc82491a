// Central and the wire to it, in virtual time. Central never loses what it stored; the wire loses
// messages and connections. It holds the kiosk to the contract: every fact once, in order, chained.
import {
  type DesiredParcel,
  type DesiredRecipient,
  type DesiredReturn,
  type DesiredStaff,
  STREAMS,
  type StreamName,
} from '../../src/kiosk/desired.ts'
import { hashRow, mixHashes, NO_ROWS } from '../../src/store/stream-hash.ts'
import type {
  ConnectRequest,
  LinkHost,
  Publication,
  UplinkLink,
} from '../../src/sync/links/link.ts'
import type { DownMessage, Heads } from '../../src/sync/machine/messages.ts'
import type { LinkEvent } from '../../src/sync/machine/state.ts'
import { confirmationBy } from '../central/confirmation.ts'
import type { Faults } from './faults.ts'
import { Lines, type LinesHost, linkOf, type StoredFact } from './lines.ts'
import type { Random } from './random.ts'
import type { Timeline } from './timeline.ts'

const KEEP_DELTAS = 20
/** Few, so that many snapshots come in parts. */
const PART_ROWS = 8

interface Row {
  readonly id: string
}

interface Stream {
  version: number
  readonly rows: Map<string, Row>
  /** The newest changes; older versions are told by a snapshot. */
  readonly log: { readonly to: number; readonly op: { put: Row } | { del: string } }[]
}

export interface CentralHost extends LinesHost {
  /** What became of an order. */
  readonly answered: (body: Readonly<Record<string, unknown>>) => void
}

export class Central {
  faults: Faults
  isReachable = true
  readonly #lines: Lines
  readonly #timeline: Timeline
  readonly #random: Random
  readonly #host: CentralHost
  readonly #kioskId: string
  readonly #streams = new Map<StreamName, Stream>(
    STREAMS.map((name) => [name, { version: 0, rows: new Map(), log: [] }]),
  )
  #wire: Wire | null = null

  constructor(parts: {
    readonly kioskId: string
    readonly timeline: Timeline
    readonly random: Random
    readonly faults: Faults
    readonly host: CentralHost
  }) {
    this.#kioskId = parts.kioskId
    this.#timeline = parts.timeline
    this.#random = parts.random
    this.faults = parts.faults
    this.#host = parts.host
    this.#lines = new Lines(parts.host)
  }

  /** Of the newest epoch and what is before it. */
  get facts(): readonly StoredFact[] {
    return this.#lines.newest?.facts ?? []
  }

  createLink(host: LinkHost): UplinkLink {
    const wire = new Wire(this, host)
    return wire
  }

  put(stream: 'parcel', row: DesiredParcel): void
  put(stream: 'staff', row: DesiredStaff): void
  put(stream: 'directory', row: DesiredRecipient): void
  put(stream: 'return', row: DesiredReturn): void
  put(stream: StreamName, row: Row): void {
    const state = this.#stream(stream)
    state.version += 1
    state.rows.set(row.id, row)
    state.log.push({ to: state.version, op: { put: row } })
    if (state.log.length > KEEP_DELTAS) state.log.shift()
    const body = { stream, from: state.version - 1, to: state.version, ops: [{ put: row }] }
    this.#send('delta', body)
  }

  /** As it was signed: whoever has it may send it again. */
  order(fields: object): void {
    this.#send('cmd', fields)
  }

  /** Central wants it no more. */
  drop(stream: StreamName, id: string): void {
    const state = this.#stream(stream)
    if (!state.rows.delete(id)) return
    state.version += 1
    state.log.push({ to: state.version, op: { del: id } })
    if (state.log.length > KEEP_DELTAS) state.log.shift()
    const body = { stream, from: state.version - 1, to: state.version, ops: [{ del: id }] }
    this.#send('delta', body)
  }

  cutWire(): void {
    this.#wire?.cut()
  }

  attach(wire: Wire): void {
    this.#wire = wire
  }

  detach(wire: Wire): void {
    if (this.#wire === wire) this.#wire = null
  }

  after(delayMs: number, run: () => void): void {
    this.#timeline.after(delayMs, run)
  }

  delayMs(): number {
    return this.#random.between(5, 120)
  }

  isLost(): boolean {
    return this.#random.chance(this.faults.messageLost)
  }

  receive(publication: Publication): void {
    const body = JSON.parse(publication.body) as Record<string, unknown>
    if (publication.leaf === 'ev') this.#takeFacts(body)
    if (publication.leaf === 'sync') this.#answerSync(body)
    if (publication.leaf === 'res') this.#host.answered(body)
    if (publication.leaf === 'rej') this.#host.violated(`the kiosk refused: ${publication.body}`)
  }

  #stream(name: StreamName): Stream {
    const stream = this.#streams.get(name)
    if (stream === undefined) throw new Error(`no stream ${name}`)
    return stream
  }

  #heads(): Heads {
    return Object.fromEntries([...this.#streams].map(([name, { version }]) => [name, version]))
  }

  #takeFacts(body: Record<string, unknown>): void {
    const epoch = String(body['epoch'])
    const texts = body['ev'] as string[]
    const line = this.#lines.take(epoch, texts)
    if (line === null) return
    const tell = (since: number, cum: number): void => {
      const hash = linkOf(line.facts[cum - 1])
      const head = this.#heads()
      this.#send('ack', { epoch: line.epoch, since, cum, hash, head, ...this.#time(body) })
    }
    tell(line.firstSeq, line.facts.length)
    // Of an epoch that ended in a restore there is more than the kiosk has: a batch for itself.
    const first = Number(body['first'])
    const last = first + texts.length - 1
    if (line.epoch === epoch && last < line.facts.length) tell(first, last)
    this.#confirm()
  }

  /** What lies where the copy says, as long as the kiosk does not know it. */
  #confirm(): void {
    const line = this.#lines.newest
    if (line?.facts[line.firstSeq - 1]?.kind !== 'ledger-restored') return
    const own = this.#lines.factsOf(line.epoch)
    const wanted = confirmationBy(own, (epoch) => this.#lines.factsOf(epoch))
    if (wanted === null || wanted.parcels.length === 0) return
    this.#send('confirm', { epoch: line.epoch, ...wanted })
  }

  #answerSync(body: Record<string, unknown>): void {
    const have = body['have'] as Record<StreamName, number>
    const hash = body['hash'] as Record<StreamName, string>
    for (const [name, stream] of this.#streams) {
      const from = have[name]
      if (from === stream.version) {
        const own = [...stream.rows.values()].map(hashRow).reduce(mixHashes, NO_ROWS)
        if (hash[name] !== own) this.#host.violated(`${name} ${from} has other rows`)
        continue
      }
      const missing = stream.log.filter(({ to }) => to > from)
      const isCovered = from > 0 && missing[0]?.to === from + 1 && from < stream.version
      if (isCovered) {
        const ops = missing.map(({ op }) => op)
        this.#send('delta', { stream: name, from, to: stream.version, ops })
      } else {
        const rows = [...stream.rows.values()]
        const n = Math.max(1, Math.ceil(rows.length / PART_ROWS))
        for (let i = 1; i <= n; i += 1) {
          const part = rows.slice((i - 1) * PART_ROWS, i * PART_ROWS)
          const whole = { stream: name, ver: stream.version, re: body['id'] }
          this.#send('snap', { ...whole, part: { i, n }, rows: part })
        }
      }
    }
    this.#confirm()
    this.#send('head', { head: this.#heads(), ...this.#time(body) })
  }

  /** It answers in the moment in which it is asked. */
  #time({ id: re }: Record<string, unknown>): object {
    const { wallMs } = this.#timeline.now()
    return re === undefined ? {} : { time: { re, t1: wallMs, t2: wallMs } }
  }

  #send(leaf: DownMessage['leaf'], fields: object): void {
    const body = { v: 1, k: this.#kioskId, t: this.#timeline.now().wallMs, ...fields }
    this.#wire?.carryDown({ leaf, body } as DownMessage)
  }
}

/** One link of one life of the daemon; at most one of its connections is up. */
export class Wire implements UplinkLink {
  readonly #central: Central
  readonly #host: LinkHost
  #session: string | null = null
  #isUp = false
  #receipts = 0
  #awaited: string | null = null
  readonly #waiting: DownMessage[] = []

  constructor(central: Central, host: LinkHost) {
    this.#central = central
    this.#host = host
  }

  connect({ session, protocol }: ConnectRequest): void {
    this.#session = session
    this.#isUp = false
    this.#awaited = null
    this.#waiting.length = 0
    this.#central.after(this.#central.delayMs(), () => {
      if (this.#session !== session) return
      if (!this.#central.isReachable) {
        this.#end('unreachable')
        return
      }
      this.#isUp = true
      this.#central.attach(this)
      this.#host({ kind: 'link-up', session, protocol })
    })
  }

  publish(publication: Publication): void {
    const session = this.#session
    if (!this.#isUp || this.#central.isLost()) return
    this.#central.after(this.#central.delayMs(), () => {
      if (this.#isUp && this.#session === session) this.#central.receive(publication)
    })
  }

  acknowledge(receipt: string): void {
    if (this.#awaited !== receipt) return
    this.#awaited = null
    this.#next()
  }

  renew(): void {
    // There are no certificates in this world.
  }

  disconnect(): void {
    this.#session = null
    this.#isUp = false
    this.#central.detach(this)
  }

  /** The network is gone. */
  cut(): void {
    if (this.#isUp) this.#end('closed')
  }

  carryDown(message: DownMessage): void {
    const session = this.#session
    if (this.#central.isLost()) return
    this.#central.after(this.#central.delayMs(), () => {
      if (!this.#isUp || this.#session !== session) return
      this.#waiting.push(message)
      if (this.#awaited === null) this.#next()
    })
  }

  #next(): void {
    const message = this.#waiting.shift()
    if (message === undefined) return
    this.#receipts += 1
    const receipt = `${this.#session}-${this.#receipts}`
    this.#awaited = receipt
    this.#host({ kind: 'message', message, receipt })
  }

  #end(cause: Extract<LinkEvent, { kind: 'link-down' }>['cause']): void {
    const session = this.#session
    this.disconnect()
    if (session !== null) this.#host({ kind: 'link-down', session, cause, detail: cause })
  }
}
