// Who may open which door: judged by what was typed at the screen that opened it, and by the
// letters and lists that gave it to somebody.
import { unsealed } from '../world/letters.ts'
import type { CourierCard, Morning } from './morning.ts'
import type { Told } from './told.ts'

type Holder =
  | { readonly kind: 'recipient'; readonly recipientId: string }
  | { readonly kind: 'return'; readonly parcelId: string }
  | { readonly kind: 'courier'; readonly carrierId: string }

interface Reason {
  readonly purpose: string
  readonly parcelIds: readonly string[]
}

export class Rights {
  readonly #violated: (what: string) => void
  /** By what is typed. */
  readonly #holders = new Map<string, Holder>()
  /** By screen: the last that was typed there and belongs to somebody. */
  readonly #typed = new Map<number, Holder>()
  readonly #reasons = new Map<number, Reason>()
  readonly #carriers = new Map<string, string>()
  /** By parcel: whose it is. */
  readonly owners = new Map<string, string>()

  constructor({ couriers, parcels, returns }: Morning, violated: (what: string) => void) {
    this.#violated = violated
    for (const card of couriers) this.#holders.set(card.code, courierOf(card))
    for (const { id, recipientId, carrierId } of [...parcels, ...returns]) {
      this.owners.set(id, recipientId)
      if (carrierId != null) this.#carriers.set(id, carrierId)
    }
  }

  told({ kind, seq, data }: Told): void {
    const parcelId = String(data['parcelId'])
    const recipientId = String(data['recipientId'])
    if (kind === 'deposit-started') this.owners.set(parcelId, recipientId)
    if (kind === 'opening-authorised') {
      const { purpose, parcelIds } = data as unknown as Reason
      this.#reasons.set(seq, { purpose, parcelIds })
    }
    const { sealedPin, sealedCode } = data
    if (typeof sealedPin === 'string') {
      this.#holders.set(unsealed(sealedPin), { kind: 'recipient', recipientId })
    }
    if (typeof sealedCode === 'string') {
      this.#holders.set(unsealed(sealedCode), { kind: 'return', parcelId })
    }
  }

  typed(edge: number, digits: string): void {
    const holder = this.#holders.get(digits)
    if (holder !== undefined) this.#typed.set(edge, holder)
  }

  /** The process is dead: no session goes on. */
  forget(): void {
    this.#typed.clear()
  }

  /** A lock is to be fired for this screen. */
  fired(edge: number, openingId: number): void {
    const reason = this.#reasons.get(openingId)
    const holder = this.#typed.get(edge)
    if (reason === undefined) return this.#violated(`opening ${openingId} has no stored reason`)
    if (holder !== undefined && this.#isEntitled(holder, reason)) return
    const { purpose, parcelIds } = reason
    this.#violated(`${purpose} of ${parcelIds} opens for ${JSON.stringify(holder)}`)
  }

  #isEntitled(holder: Holder, { purpose, parcelIds }: Reason): boolean {
    switch (holder.kind) {
      case 'recipient':
        return (
          ['pickup', 'reopen'].includes(purpose) &&
          parcelIds.every((id) => this.owners.get(id) === holder.recipientId)
        )
      case 'return':
        return purpose === 'hand-in' && parcelIds.join() === holder.parcelId
      case 'courier':
        return (
          ['deposit', 'retrieval', 'inspection'].includes(purpose) &&
          parcelIds.every((id) => (this.#carriers.get(id) ?? holder.carrierId) === holder.carrierId)
        )
    }
  }
}

function courierOf({ carrierId }: CourierCard): Holder {
  return { kind: 'courier', carrierId }
}
