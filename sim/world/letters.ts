// The recipients' post in the seeded world: what central read out of the sealed PINs.
import type { StoredFact } from './central.ts'

export class Letters {
  /** By parcel. */
  readonly pins = new Map<string, string>()
  /** The newest PIN of each recipient. */
  readonly #pinOf = new Map<string, string>()

  /** A parcel without a PIN of its own is opened by the one that its recipient has. */
  read({ kind, data }: StoredFact): void {
    if (kind !== 'parcel-deposited' && kind !== 'pin-reissued') return
    const recipientId = String(data['recipientId'])
    const { sealedPin } = data
    if (typeof sealedPin === 'string') this.#pinOf.set(recipientId, unsealed(sealedPin))
    const pin = this.#pinOf.get(recipientId) ?? ''
    const parcelIds = kind === 'pin-reissued' ? data['parcelIds'] : [data['parcelId']]
    for (const parcelId of parcelIds as readonly unknown[]) this.pins.set(String(parcelId), pin)
  }
}

/** The world's seal: enough to see whether a PIN leaves in the clear. */
export function sealed(pin: string): string {
  return [...pin].reverse().join('')
}

function unsealed(text: string): string {
  return [...text].reverse().join('')
}
