// The recipients' post in the seeded world: what central read out of the sealed PINs.
import { createHash } from 'node:crypto'
import type { TokenClaims } from '../../src/kiosk/token-facts.ts'
import { tokenSubject } from '../../src/store/token-subject.ts'
import type { StoredFact } from './lines.ts'
import type { Random } from './random.ts'

/** Who comes again with a PIN that was used, of all whose parcels are gone. */
export const LATECOMERS = 0.05

type Told = Pick<StoredFact, 'kind' | 'data'>

export class Letters {
  /** By return: the codes with which people may hand in. */
  readonly codes = new Map<string, string>()
  /** Handed in, and to be fetched by a courier. */
  readonly handedIn = new Set<string>()
  /** By return: the codes that were good once, also of what a courier has taken out. */
  readonly spentCodes = new Map<string, string>()
  /** By parcel. */
  readonly pins = new Map<string, string>()
  /** The newest PIN of each recipient. */
  readonly #pinOf = new Map<string, string>()
  /** By recipient: what they know to wait for them. */
  readonly #waiting = new Map<string, Set<string>>()

  read(fact: Told): void {
    this.#readPin(fact)
    this.#readReturn(fact)
  }

  /** @returns parcel and PIN of one letter of those parcels; undefined when there is none */
  pick(random: Random, isMeant: (parcelId: string) => boolean): [string, string] | undefined {
    const meant = [...this.pins].filter(([id]) => isMeant(id))
    return meant.length === 0 ? undefined : random.pick(meant)
  }

  #readReturn({ kind, data }: Told): void {
    const parcelId = String(data['parcelId'])
    switch (kind) {
      case 'return-expected':
        this.codes.set(parcelId, unsealed(String(data['sealedCode'])))
        return
      case 'parcel-handed-in':
        this.handedIn.add(parcelId)
        this.#spend(parcelId)
        return
      case 'hand-in-cancelled':
      case 'hand-in-interrupted':
        this.handedIn.delete(parcelId)
        this.spentCodes.delete(parcelId)
        return
      case 'parcel-retrieved':
      case 'return-withdrawn':
        this.handedIn.delete(parcelId)
        this.codes.delete(parcelId)
        return
    }
  }

  #spend(parcelId: string): void {
    const code = this.codes.get(parcelId)
    if (code !== undefined) this.spentCodes.set(parcelId, code)
  }

  /** The newest PIN opens all that waits, with or without a letter of its own for each. */
  #readPin({ kind, data }: Told): void {
    const recipientId = String(data['recipientId'])
    if (kind === 'parcel-collected' || kind === 'parcel-retrieved') {
      for (const parcels of this.#waiting.values()) parcels.delete(String(data['parcelId']))
      return
    }
    if (kind !== 'parcel-deposited' && kind !== 'pin-reissued') return
    const { sealedPin } = data
    if (typeof sealedPin === 'string') this.#pinOf.set(recipientId, unsealed(sealedPin))
    const parcelIds = kind === 'pin-reissued' ? data['parcelIds'] : [data['parcelId']]
    const waiting = this.#waiting.get(recipientId) ?? new Set()
    for (const parcelId of parcelIds as readonly unknown[]) waiting.add(String(parcelId))
    this.#waiting.set(recipientId, waiting)
    const pin = this.#pinOf.get(recipientId) ?? ''
    for (const parcelId of waiting) this.pins.set(parcelId, pin)
  }
}

/** The world's seal: enough to see whether a PIN leaves in the clear. */
export function sealed(pin: string): string {
  return [...pin].reverse().join('')
}

export function unsealed(text: string): string {
  return [...text].reverse().join('')
}

/** One token comes with each PIN, and is good as long as that is. */
export function claimsFor(pin: string): TokenClaims {
  return {
    purpose: 'pickup',
    tokenId: createHash('sha256').update(`token with ${pin}`).digest('hex').slice(0, 32),
    isForThisKiosk: true,
    subject: tokenSubject('pickup', sealed(pin)),
    notBeforeWallMs: 0,
    expiresAtWallMs: Number.MAX_SAFE_INTEGER,
  }
}
