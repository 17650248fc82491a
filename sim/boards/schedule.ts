// The time that simulated boards live in: virtual in a seeded world, real on a live port.

export interface Schedule {
  readonly nowMs: number
  /** What is due at one time runs in the order in which it was asked for. */
  at(atMs: number, run: () => void): void
}
