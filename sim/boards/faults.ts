// What can go wrong on a wire, in a board and at a door. All rates lie between 0 and 1 and are
// drawn from the seed; everything may be changed while it runs.
import type { Random } from '../world/random.ts'

export interface WireFaults {
  /** Per frame from the host: no board hears it, or one bit of it is wrong. */
  readonly requestLost: number
  readonly requestFlipped: number
  /** Per frame from a board. */
  readonly replyLost: number
  readonly replyLate: number
  readonly replyDoubled: number
  readonly replyFlipped: number
  readonly replyCut: number
  /** Per frame from the host: its adapter hears what it sends itself. */
  readonly echo: number
  /** Per frame from either side: a burst of random bytes just before it. */
  readonly noise: number
  /** Per moment at which two coils of the wire are on at once: all its boards restart. */
  readonly brownOut: number
}

export const NO_WIRE_FAULTS: WireFaults = {
  requestLost: 0,
  requestFlipped: 0,
  replyLost: 0,
  replyLate: 0,
  replyDoubled: 0,
  replyFlipped: 0,
  replyCut: 0,
  echo: 0,
  noise: 0,
  brownOut: 0,
}

/** A late reply comes when many a program has stopped waiting. */
const LATE_MS_MIN = 150
const LATE_MS_MAX = 1_500
const NOISE_BYTES_MAX = 12

/** A frame on its way, so much later than it should leave. */
export interface Sending {
  readonly bytes: Uint8Array
  readonly afterMs: number
}

/** What becomes of a board's reply: none, one or two frames. */
export function spoilReply(
  bytes: Uint8Array,
  { faults, random }: { readonly faults: WireFaults; readonly random: Random },
): readonly Sending[] {
  if (random.chance(faults.replyLost)) return []
  let heard = bytes
  if (random.chance(faults.replyFlipped)) heard = flipBit(heard, random)
  if (random.chance(faults.replyCut)) heard = heard.slice(0, random.between(0, heard.length - 1))
  const afterMs = random.chance(faults.replyLate) ? random.between(LATE_MS_MIN, LATE_MS_MAX) : 0
  const sending = { bytes: heard, afterMs }
  return random.chance(faults.replyDoubled) ? [sending, sending] : [sending]
}

/** What the boards hear of the host's frame; null: nothing. */
export function spoilRequest(
  bytes: Uint8Array,
  { faults, random }: { readonly faults: WireFaults; readonly random: Random },
): Uint8Array | null {
  if (random.chance(faults.requestLost)) return null
  return random.chance(faults.requestFlipped) ? flipBit(bytes, random) : bytes
}

export function noiseBurst(random: Random): Uint8Array {
  return randomBytes(random.between(1, NOISE_BYTES_MAX), random)
}

export function randomBytes(count: number, random: Random): Uint8Array {
  return Uint8Array.from({ length: count }, () => random.between(0, 0xff))
}

function flipBit(bytes: Uint8Array, random: Random): Uint8Array {
  const flipped = Uint8Array.from(bytes)
  const at = random.between(0, bytes.length - 1)
  flipped[at] = (flipped[at] ?? 0) ^ (1 << random.between(0, 7))
  return flipped
}

/** How one board behaves beside what its documents say. Any part may be replaced. */
export interface BoardBehaviour {
  /** From the end of a request to the first byte of the reply. */
  latencyMs(random: Random): number
  /** It has no power, or has died: hears nothing, does nothing. */
  readonly isDead: boolean
  /** The board switches them, but no current flows. */
  readonly deadChannels: readonly number[]
  /** Once on, the current never stops. */
  readonly weldedChannels: readonly number[]
  /** Per pulse: the board restarts in the middle of it. */
  readonly resetInPulse: number
  /** Per pulse: the board neither hears nor answers for `muteMs`. */
  readonly muteAfterUnlock: number
  readonly muteMs: number
}

export const SOUND_BOARD: BoardBehaviour = {
  latencyMs: (random) => 1 + random.next(),
  isDead: false,
  deadChannels: [],
  weldedChannels: [],
  resetInPulse: 0,
  muteAfterUnlock: 0,
  muteMs: 1_000,
}
