// The contacts on the doors, which may lie: stuck at what they say, or loose, so that they flutter.
// A contact goes bad and comes right while nobody uses its door: one that moves by itself, in step
// with a pulse and for long enough, is a door to whoever looks at it from outside.
import type { Cabinet, Compartment } from '../cabinet.ts'
import type { Faults } from './faults.ts'
import type { Random } from './random.ts'
import type { Timeline } from './timeline.ts'

const MINUTE_MS = 60_000
const FLUTTER_MS_MIN = 100
const FLUTTER_MS_MAX = 200
/** Nobody comes before the kiosk had time to see that a contact is loose. */
const NOTICED_MS = 8_000

type DoorState = 'open' | 'closed'
type Lie = 'stuck-open' | 'stuck-closed' | 'flutter'

export interface SensorsParts {
  readonly timeline: Timeline
  readonly random: Random
  readonly faults: Faults
  readonly cabinet: Cabinet
  readonly isQuiet: () => boolean
  readonly log: (what: string) => void
  /** The contact's word reaches its board. */
  readonly tell: (compartment: Compartment, door: DoorState) => void
}

export class Sensors {
  /** Until then people stay away. */
  calmUntilMs = 0
  readonly #parts: SensorsParts
  readonly #lies = new Map<string, Lie>()
  #isTroubled = true

  constructor(parts: SensorsParts) {
    this.#parts = parts
  }

  start(): void {
    const { random, faults, timeline } = this.#parts
    if (faults.sensorFaultsPerMinute === 0) return
    const waitMs = (-Math.log(1 - random.next()) * MINUTE_MS) / faults.sensorFaultsPerMinute
    timeline.after(waitMs, () => {
      this.#begin()
      if (this.#isTroubled) this.start()
    })
  }

  isTrue(lockerId: string): boolean {
    return !this.#lies.has(lockerId)
  }

  moved(compartment: Compartment): void {
    if (this.isTrue(compartment.locker.id)) this.#parts.tell(compartment, compartment.door)
  }

  /** All contacts are put right, as soon as nobody uses their doors. */
  heal(): void {
    this.#isTroubled = false
    for (const lockerId of this.#lies.keys()) this.#end(lockerId)
  }

  #begin(): void {
    const { random, cabinet, isQuiet, timeline } = this.#parts
    const compartment = random.pick([...cabinet.compartments.values()])
    const { id } = compartment.locker
    const lie = random.pick<Lie>(['stuck-open', 'stuck-closed', 'flutter'])
    if (!this.#isTroubled || !isQuiet() || compartment.door === 'open' || !this.isTrue(id)) return
    this.#lies.set(id, lie)
    this.calmUntilMs = timeline.nowMs + NOTICED_MS
    this.#parts.log(`${id} ${lie}`)
    if (lie === 'flutter') this.#flutter(compartment, 'open')
    else this.#parts.tell(compartment, lie === 'stuck-open' ? 'open' : 'closed')
    timeline.after(random.between(30_000, 150_000), () => this.#end(id))
  }

  #flutter(compartment: Compartment, door: DoorState): void {
    const { timeline, random, tell } = this.#parts
    if (this.#lies.get(compartment.locker.id) !== 'flutter') return
    tell(compartment, door)
    timeline.after(random.between(FLUTTER_MS_MIN, FLUTTER_MS_MAX), () =>
      this.#flutter(compartment, door === 'open' ? 'closed' : 'open'),
    )
  }

  #end(lockerId: string): void {
    const { cabinet, isQuiet, timeline, tell } = this.#parts
    if (this.isTrue(lockerId)) return
    const compartment = cabinet.at(lockerId)
    if (!isQuiet() || compartment.door === 'open') {
      timeline.after(1_000, () => this.#end(lockerId))
      return
    }
    this.#lies.delete(lockerId)
    this.#parts.log(`${lockerId} true`)
    tell(compartment, compartment.door)
  }
}
