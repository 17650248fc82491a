// A broker as a fleet feels it on the morning after: so many handshakes a second, one after
// another, a short queue before them, and no answer while it is down.

export interface BrokerLimits {
  /** Handshakes that it completes in a second. */
  readonly connectsPerS: number
  /** Connections that wait to be taken; Mosquitto's listen() asks for 100. */
  readonly waitingMax: number
}

export const WAITING_MAX = 100
const MS_PER_S = 1_000

export type Offer =
  | { readonly kind: 'down' }
  | { readonly kind: 'refused' }
  /** The handshake is done then, unless the broker dies before. */
  | { readonly kind: 'queued'; readonly atMs: number; readonly life: number }

export class BrokerModel {
  readonly #limits: BrokerLimits
  readonly #handshakeMs: number
  #busyUntilMs = 0
  #isUp = true
  #life = 1

  constructor(limits: BrokerLimits) {
    this.#limits = limits
    this.#handshakeMs = MS_PER_S / limits.connectsPerS
  }

  /** A handshake costs the same when the client has given up meanwhile. */
  offer(nowMs: number): Offer {
    if (!this.#isUp) return { kind: 'down' }
    const fromMs = Math.max(nowMs, this.#busyUntilMs)
    if (fromMs - nowMs > this.#limits.waitingMax * this.#handshakeMs) return { kind: 'refused' }
    this.#busyUntilMs = fromMs + this.#handshakeMs
    return { kind: 'queued', atMs: this.#busyUntilMs, life: this.#life }
  }

  isAlive(life: number): boolean {
    return this.#isUp && life === this.#life
  }

  kill(): void {
    this.#isUp = false
    this.#life += 1
  }

  start(): void {
    this.#isUp = true
    this.#busyUntilMs = 0
  }
}
