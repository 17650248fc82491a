// Somebody calls central from in front of the kiosk, and central has a locker opened. The broker
// keeps every order that passes, and sends old ones again whenever it likes. What the kiosk makes
// of that is held against what central really signed.
import type { Cabinet, Compartment } from '../cabinet.ts'
import type { Central } from './central.ts'
import type { Checkers } from './checkers.ts'
import type { Random } from './random.ts'
import type { Timeline } from './timeline.ts'

const CALLS_EVERY_MS = 17_000
const REPLAYS_EVERY_MS = 9_000
/** The caller looks at the door so often, and for so long. */
const LOOK_MS = 500
const PATIENCE_MS = 75_000
const ORDER_LIFE_MS = 60_000

export interface OrdersParts {
  readonly central: Central
  readonly cabinet: Cabinet
  readonly checkers: Checkers
  readonly timeline: Timeline
  readonly random: Random
  readonly isTroubled: () => boolean
}

export class Orders {
  readonly #parts: OrdersParts
  readonly #kept: (() => void)[] = []
  #count = 0
  #counter = 0
  #caller: Compartment | null = null

  constructor(parts: OrdersParts) {
    this.#parts = parts
  }

  start(): void {
    this.#every(CALLS_EVERY_MS, () => this.#call())
    this.#every(REPLAYS_EVERY_MS, () => this.#parts.random.pick(this.#kept)())
  }

  /** The door is open for the caller: nobody else pushes it shut. */
  isCallerAt(compartment: Compartment): boolean {
    return this.#caller === compartment && this.#openedByOrder(compartment) !== null
  }

  /** What the kiosk says on `up/res`. */
  hear(body: Readonly<Record<string, unknown>>): void {
    const { type, status, nonce, counter } = body
    this.#parts.checkers.count(`order ${String(type)} ${String(status)}`)
    if (typeof nonce !== 'string' || this.#caller === null) return
    this.#counter = Math.max(this.#counter, Number(counter)) + 1
    this.#order(this.#caller, { nonce, counter: this.#counter })
  }

  #every(periodMs: number, run: () => void): void {
    const { timeline, random, isTroubled } = this.#parts
    timeline.after(random.between(periodMs / 2, periodMs * 1.5), () => {
      if (!isTroubled()) return
      if (periodMs !== REPLAYS_EVERY_MS || this.#kept.length > 0) run()
      this.#every(periodMs, run)
    })
  }

  #call(): void {
    if (this.#caller !== null) return
    const { random, cabinet, timeline } = this.#parts
    const all = [...cabinet.compartments.values()]
    const full = all.filter(({ contents }) => contents.length > 0)
    this.#caller = random.pick(full.length > 0 && random.chance(0.7) ? full : all)
    this.#look(this.#caller, timeline.nowMs + PATIENCE_MS)
    this.#send({ type: 'status', args: {} })
  }

  #order(compartment: Compartment, named: { nonce: string; counter: number }): void {
    const { checkers, random, timeline } = this.#parts
    const { contents, locker } = compartment
    const isNamed = contents.length > 0 && !random.chance(0.2)
    const parcel = isNamed ? { parcelId: random.pick(contents) } : {}
    const args = { lockerId: locker.id, reason: 'a caller', ...parcel }
    const cid = this.#send({ type: 'open', args, ...named })
    checkers.signed(cid, { lockerId: locker.id, endsAtMs: timeline.nowMs + ORDER_LIFE_MS })
  }

  /** @returns its id */
  #send(fields: object): string {
    this.#count += 1
    const cid = `order-${this.#count}`
    const iat = this.#parts.timeline.now().wallMs
    const body = { cid, iat, exp: iat + ORDER_LIFE_MS, ...fields }
    const send = (): void => this.#parts.central.order(body)
    this.#kept.push(send)
    send()
    return cid
  }

  /** Takes out what is meant for the caller, and pushes the door shut. */
  #look(compartment: Compartment, untilMs: number): void {
    const { timeline, random } = this.#parts
    timeline.after(LOOK_MS, () => {
      const opening = this.#openedByOrder(compartment)
      if (opening === null) {
        if (timeline.nowMs < untilMs) this.#look(compartment, untilMs)
        else this.#caller = null
        return
      }
      if (opening.isPickup) {
        compartment.contents = compartment.contents.filter((id) => !opening.parcelIds.includes(id))
      }
      timeline.after(random.between(1_000, 4_000), () => {
        this.#parts.cabinet.close(compartment)
        this.#caller = null
      })
    })
  }

  /** The door stands open, and the newest opening of it was central's. */
  #openedByOrder({ locker, door }: Compartment) {
    if (door !== 'open') return null
    const { facts } = this.#parts.checkers
    const opened = facts.findLast(
      ({ kind, data }) => kind === 'door-opened' && data['lockerId'] === locker.id,
    )
    const authorised = facts[Number(opened?.data['openingId']) - 1]
    const by = authorised?.data['by'] as { readonly role: string } | undefined
    if (authorised === undefined || by?.role !== 'central') return null
    const isOver = facts.some(
      ({ kind, data }) => kind === 'door-closed' && data['openingId'] === authorised.seq,
    )
    if (isOver) return null
    const { parcelIds, purpose } = authorised.data
    return { parcelIds: parcelIds as readonly string[], isPickup: purpose === 'pickup' }
  }
}
