// The two clocks. Monotonic time decides every duration; wall time is for stamps, and for validity
// only while it is believed.

/** 1 November 2026. A wall clock before this day has not been set: the program is younger. */
export const WALL_FLOOR_MS = 1_793_491_200_000

/** Whole milliseconds, both: sums and differences of deadlines stay exact. */
export interface Now {
  /** Of a clock that never jumps; its zero is the boot of the machine. */
  readonly monoMs: number
  /** Since 1970, UTC. */
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
