// Who comes to a screen next, and with what. Everybody is at one screen at a time, and has in hand
// what nobody else has: a courier the parcels of the own cart, a recipient the letters that came.
import type { Ledger } from '../../src/store/ledger.ts'
import type { Cabinet } from '../cabinet.ts'
import { handInVisit } from '../world/hand-in.ts'
import type { Letters } from '../world/letters.ts'
import {
  courierVisit,
  guesserVisit,
  recipientVisit,
  type Surroundings,
  type Visitor,
} from '../world/people.ts'
import type { Random } from '../world/random.ts'
import type { CourierCard, Morning } from './morning.ts'

const GUESSERS = 0.03
const FETCHERS = 0.1
const COURIERS = 0.4
const RETURNERS = 0.25

export interface ClientsParts {
  readonly morning: Morning
  readonly letters: Letters
  readonly cabinet: Cabinet
  readonly ledger: Ledger
}

export class Clients {
  readonly #parts: ClientsParts
  /** By screen: who stands there. */
  readonly #present = new Map<number, string>()

  constructor(parts: ClientsParts) {
    this.#parts = parts
  }

  /** Whoever was there has gone, and the screen is for the next one. */
  left(edge: number): void {
    this.#present.delete(edge)
  }

  allLeft(): void {
    this.#present.clear()
  }

  /** In the busy hours, for whatever it may be. */
  anybody(edge: number, at: Surroundings): Visitor | null {
    const { random } = at
    if (random.chance(GUESSERS)) return guesserVisit(at)
    if (random.chance(FETCHERS)) return this.#fetcher(edge, at, () => true)
    if (random.chance(RETURNERS)) return this.#returner(edge, at)
    const recipient = random.chance(COURIERS) ? null : this.#recipient(edge, at, () => true)
    return recipient ?? this.#courier(edge, at)
  }

  /** At the end: whoever has something to take out, until nothing is left. */
  lastOnes(edge: number, at: Surroundings): Visitor | null {
    const { ledger } = this.#parts
    const hasWork = ({ carrierId }: CourierCard): boolean =>
      ledger.retrievable({ carrierId, limit: 1 }).length > 0
    // What nobody's PIN opens any more is for a courier.
    const isOwed = (parcelId: string): boolean => ledger.livePin(this.#ownerOf(parcelId)) !== null
    return this.#recipient(edge, at, isOwed) ?? this.#fetcher(edge, at, hasWork)
  }

  #isPresent(who: string): boolean {
    return [...this.#present.values()].includes(who)
  }

  #enter(edge: number, who: string): boolean {
    if (this.#isPresent(who)) return false
    this.#present.set(edge, who)
    return true
  }

  #courier(edge: number, at: Surroundings): Visitor | null {
    const { couriers, carts } = this.#parts.morning
    const { id, code } = at.random.pick(couriers)
    if (!this.#enter(edge, id)) return null
    const parcels = at.random.between(1, 3)
    return courierVisit(at, { code, parcels, cart: carts.get(id) ?? null, fetching: 'never' })
  }

  /** One van of each carrier: what two take out at once, both would miss. */
  #fetcher(
    edge: number,
    at: Surroundings,
    hasWork: (card: CourierCard) => boolean,
  ): Visitor | null {
    // Whatever has no carrier is for every courier, so that there is one van in all.
    const card = at.random.pick(this.#parts.morning.couriers)
    if (this.#isPresent('van') || !hasWork(card)) return null
    this.#present.set(edge, 'van')
    return courierVisit(at, { code: card.code, parcels: 0, cart: null, fetching: 'only' })
  }

  #recipient(
    edge: number,
    at: Surroundings,
    isWorthIt: (parcelId: string) => boolean,
  ): Visitor | null {
    const { cabinet, letters } = this.#parts
    const lying = [...cabinet.compartments.values()].flatMap(({ contents }) => contents)
    const parcelId = pickFrom(
      at.random,
      lying.filter((id) => letters.pins.has(id)),
    )
    if (parcelId === null || !isWorthIt(parcelId)) return null
    if (!this.#enter(edge, this.#ownerOf(parcelId))) return null
    return recipientVisit(at, () => letters.pins.get(parcelId) ?? 'none')
  }

  #returner(edge: number, at: Surroundings): Visitor | null {
    const { codes, handedIn } = this.#parts.letters
    const open = [...codes].filter(([id]) => !handedIn.has(id))
    const errand = pickFrom(at.random, open)
    if (errand === null) return null
    const [parcelId, code] = errand
    if (!this.#enter(edge, this.#ownerOf(parcelId))) return null
    // A courier may stand at that locker by now.
    return handInVisit(at, { parcelId, code, reopens: 'never' })
  }

  #ownerOf(parcelId: string): string {
    const sent = this.#parts.morning.returns.find(({ id }) => id === parcelId)
    return sent?.recipientId ?? this.#parts.ledger.parcel(parcelId)?.recipientId ?? parcelId
  }
}

function pickFrom<T>(random: Random, items: readonly T[]): T | null {
  return items.length === 0 ? null : random.pick(items)
}
