// What is physically there: doors, locks and parcels. It knows nothing of the kiosk; the checkers
// hold the kiosk's claims against it.
import type { KioskConfig, LockerConfig } from '../src/kiosk/config.ts'
import { lockersOf } from '../src/kiosk/config.ts'

export interface Compartment {
  readonly locker: LockerConfig
  door: 'open' | 'closed'
  /** The labels on the parcels inside. */
  contents: readonly string[]
  /** The lock fires but the door does not move. */
  isJammed: boolean
  /** How often its lock was fired. */
  pulses: number
}

export interface CabinetHost {
  readonly doorMoved: (compartment: Compartment, cause: 'lock' | 'hand') => void
}

export class Cabinet {
  readonly compartments: ReadonlyMap<string, Compartment>
  readonly #host: CabinetHost

  constructor(config: KioskConfig, host: CabinetHost) {
    this.#host = host
    this.compartments = new Map(
      lockersOf(config).map((locker) => [
        locker.id,
        { locker, door: 'closed', contents: [], isJammed: false, pulses: 0 },
      ]),
    )
  }

  at(lockerId: string): Compartment {
    const compartment = this.compartments.get(lockerId)
    if (compartment === undefined) throw new Error(`no compartment ${lockerId}`)
    return compartment
  }

  on(boardId: string, channel: number): Compartment | undefined {
    return [...this.compartments.values()].find(
      ({ locker }) => locker.boardId === boardId && locker.channel === channel,
    )
  }

  holds(label: string): boolean {
    return [...this.compartments.values()].some(({ contents }) => contents.includes(label))
  }

  /** The lock lets go, and a spring pushes the door open. */
  spring(compartment: Compartment): void {
    if (compartment.isJammed || compartment.door === 'open') return
    compartment.door = 'open'
    this.#host.doorMoved(compartment, 'lock')
  }

  /** Somebody pulls the door open without the lock. */
  force(compartment: Compartment): void {
    if (compartment.door === 'open') return
    compartment.door = 'open'
    this.#host.doorMoved(compartment, 'hand')
  }

  close(compartment: Compartment): void {
    if (compartment.door === 'closed') return
    compartment.door = 'closed'
    this.#host.doorMoved(compartment, 'hand')
  }
}

/** What lies there without any record goes back to the depot. @returns what stays */
export function keepKnown(
  compartment: Compartment,
  known: readonly { readonly id: string }[],
): readonly string[] {
  compartment.contents = compartment.contents.filter((label) =>
    known.some(({ id }) => id === label),
  )
  return compartment.contents
}
