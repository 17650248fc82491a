// The two clocks. Monotonic time decides every duration; wall time is for stamps, and for validity
// only while it is believed.

/** Whole milliseconds, both: sums and differences of deadlines stay exact. */
export interface Now {
  /** Of a clock that never jumps; its zero is the boot of the machine. */
  readonly monoMs: number
  /** Since 1970, UTC, as the machine believes. */
  readonly wallMs: number
  readonly isWallBelieved: boolean
}

/**
 * One deadline that its owner moves about. `wake` may come late, and once after a move: re-check.
 */
export interface Alarm {
  /** @param monoMs when to wake; null: not at all */
  set(monoMs: number | null): void
}

/** Real in src/runtime, virtual in sim/world. The machines never see it: they are told `now`. */
export interface Clock {
  now(): Now
  alarm(wake: () => void): Alarm
}
