// The parcels on their way: which the courier still carries, which wait in a locker, and what
// central wrote to their recipients.
import type { Random } from '../../../sim/world/random.ts'
import { pinIn } from './checks.ts'
import type { Parcel } from './people.ts'
import type { KillStage } from './stage.ts'

/** Announced and not deposited: fewer than a page of the courier’s list. */
const ANNOUNCED_MAX = 5

export class Post {
  readonly #stage: KillStage
  readonly #random: Random
  #announced = 0

  constructor(stage: KillStage, random: Random) {
    this.#stage = stage
    this.#random = random
  }

  announce(): void {
    const { central, kioskId } = this.#stage
    while (this.#waitingForCourier().length < ANNOUNCED_MAX) {
      this.#announced += 1
      const tracking = `LK${1_000 + this.#announced}`
      // Each parcel has a recipient of its own, and so a PIN of its own.
      const recipientId = `person-${this.#announced}`
      central.setRecipient({ kioskId, id: recipientId, label: recipientId })
      const size = this.#random.chance(0.7) ? 'S' : 'M'
      central.announce({ kioskId, id: `parcel-${tracking}`, tracking, size, recipientId })
    }
  }

  /** Still in the courier's hands, as far as the facts know. */
  #waitingForCourier(): readonly Parcel[] {
    return Array.from({ length: this.#announced }, (_, index) => `LK${1_001 + index}`)
      .map((tracking) => ({ id: `parcel-${tracking}`, tracking }))
      .filter(({ id }) => (this.#stage.replay.parcels.get(id) ?? 'announced') === 'announced')
  }

  nextParcel(): Parcel {
    return this.#random.pick(this.#waitingForCourier())
  }

  collectable(): readonly string[] {
    const { parcels } = this.#stage.replay
    return [...parcels].filter(([, state]) => state === 'deposited').map(([id]) => id)
  }

  newestPin(parcelId: string): string {
    const letters = this.#stage.central.letters()
    const letter = letters.findLast(
      (each) => each.parcelId === parcelId && each.kind === 'deposited',
    )
    const pin = pinIn(letter?.text ?? '')
    if (pin === null) throw new Error(`nobody wrote to the recipient of ${parcelId}`)
    return pin
  }
}
