// Central's tokens: one in the letter that brings a PIN, and one for a courier's app whenever it
// asks. A kiosk need not be reached for either.
import { randomBytes } from 'node:crypto'
import type { TokenPurpose } from '../../src/kiosk/token-facts.ts'
import type { SigningKey } from './keys.ts'
import { signToken } from './sign-token.ts'

const ID_BYTES = 16
const DAY_S = 86_400
/** A kiosk's clock may be behind central's. */
const EARLY_S = 60
/** Later than any PIN: what ends the PIN ends its token too. */
const PICKUP_S = 90 * DAY_S
/** An app shows the next one long before. */
const COURIER_S = 120

export class TokenDesk {
  readonly #key: SigningKey
  readonly #namespace: string

  constructor(key: SigningKey, namespace: string) {
    this.#key = key
    this.#namespace = namespace
  }

  /** @param sealedPin as the fact has it that brought the PIN */
  forPickup(kioskId: string, sealedPin: string): Promise<string> {
    return this.#sign({ kioskId, purpose: 'pickup', name: sealedPin, lifeS: PICKUP_S })
  }

  forCourier(kioskId: string, courierId: string): Promise<string> {
    return this.#sign({ kioskId, purpose: 'courier', name: courierId, lifeS: COURIER_S })
  }

  #sign({
    lifeS,
    ...wish
  }: {
    readonly kioskId: string
    readonly purpose: TokenPurpose
    readonly name: string
    readonly lifeS: number
  }): Promise<string> {
    const notBeforeS = Math.floor(Date.now() / 1_000) - EARLY_S
    const times = { notBeforeS, expiresAtS: notBeforeS + EARLY_S + lifeS }
    const id = randomBytes(ID_BYTES)
    return signToken(this.#key, { ...wish, ...times, id, namespace: this.#namespace })
  }
}
