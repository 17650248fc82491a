// The two clocks. Monotonic time decides every duration; wall time is for stamps, and for validity
// only while it is believed.

export interface Now {
  /** Milliseconds of a clock that never jumps; its zero is the boot of the machine. */
  readonly monoMs: number
  /** Milliseconds since 1970, UTC, as the machine believes. */
  readonly wallMs: number
  readonly isWallBelieved: boolean
}
