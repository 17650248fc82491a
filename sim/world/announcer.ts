// What the operator has coming: parcels for the people here, and parcels that they send back.
import type { SizeConfig } from '../../src/kiosk/config.ts'
import type { Central } from './central.ts'
import type { Random } from './random.ts'
import type { Timeline } from './timeline.ts'

/** So many parcels that are sent here have one that is sent back. */
const RETURNS = 0.5
/** So seldom central thinks better of a return. */
const WITHDRAWALS = 0.1

export class Announcer {
  readonly #central: Central
  readonly #timeline: Timeline
  readonly #sizes: readonly SizeConfig[]
  #parcels = 0
  #returns = 0

  constructor(central: Central, timeline: Timeline, sizes: readonly SizeConfig[]) {
    this.#central = central
    this.#timeline = timeline
    this.#sizes = sizes
  }

  announce(random: Random): void {
    this.#parcels += 1
    const id = `p-${this.#parcels}`
    const size = random.pick(this.#sizes).name
    const recipientId = `r-${random.between(1, 4)}`
    this.#central.put('parcel', { id, tracking: `T${id}`, size, recipientId })
    if (random.chance(RETURNS)) this.#announceReturn(random)
  }

  #announceReturn(random: Random): void {
    this.#returns += 1
    const id = `ret-${this.#returns}`
    const size = random.chance(0.2) ? null : random.pick(this.#sizes).name
    const recipientId = `r-${random.between(1, 4)}`
    this.#central.put('return', { id, tracking: null, size, recipientId, expiresAtMs: null })
    if (!random.chance(WITHDRAWALS)) return
    this.#timeline.after(random.between(1_000, 120_000), () => this.#central.drop('return', id))
  }
}
