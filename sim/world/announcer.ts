// What the operator has coming: parcels for the people here, and parcels that they send back.
import { type KioskConfig, lockersOf } from '../../src/kiosk/config.ts'
import type { Central } from './central.ts'
import type { Random } from './random.ts'
import type { Timeline } from './timeline.ts'

/** So many parcels that are sent here have one that is sent back. */
const RETURNS = 0.5
/** So seldom central thinks better of a return. */
const WITHDRAWALS = 0.1
/** So seldom central has a locker repaired, and so long it takes. */
const PARCELS_A_REPAIR = 6
const REPAIR_MS = 40_000

export class Announcer {
  readonly #central: Central
  readonly #timeline: Timeline
  readonly #kiosk: KioskConfig
  #parcels = 0
  #returns = 0
  #words = 0

  constructor(central: Central, timeline: Timeline, kiosk: KioskConfig) {
    this.#central = central
    this.#timeline = timeline
    this.#kiosk = kiosk
  }

  announce(random: Random): void {
    this.#parcels += 1
    const id = `p-${this.#parcels}`
    const size = random.pick(this.#kiosk.sizes).name
    const recipientId = `r-${random.between(1, 4)}`
    this.#central.put('parcel', { id, tracking: `T${id}`, size, recipientId })
    if (random.chance(RETURNS)) this.#announceReturn(random)
    if (this.#parcels % PARCELS_A_REPAIR === 0) this.#repair()
  }

  /** For a while no parcel goes into one of the lockers, or nobody gets at it at all. */
  #repair(): void {
    const count = this.#parcels / PARCELS_A_REPAIR
    const lockers = lockersOf(this.#kiosk)
    const { id } = lockers[count % lockers.length] ?? { id: '' }
    const service = count % 3 === 0 ? 'unsafe' : 'out'
    const say = (word: 'in' | 'out' | 'unsafe'): void => {
      this.#words += 1
      this.#central.put('locker', { id, revision: this.#words, service: word, reason: 'hinge' })
    }
    say(service)
    this.#timeline.after(REPAIR_MS, () => say('in'))
  }

  #announceReturn(random: Random): void {
    this.#returns += 1
    const id = `ret-${this.#returns}`
    const size = random.chance(0.2) ? null : random.pick(this.#kiosk.sizes).name
    const recipientId = `r-${random.between(1, 4)}`
    this.#central.put('return', { id, tracking: null, size, recipientId, expiresAtMs: null })
    if (!random.chance(WITHDRAWALS)) return
    this.#timeline.after(random.between(1_000, 120_000), () => this.#central.drop('return', id))
  }
}
