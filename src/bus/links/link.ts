// The seam between the bus and the bytes. A link is used for one connection and then thrown away:
// nothing that was written or half received can reach the next one.
import type { Framing, LinkConfig } from '../config.ts'

export interface BusLink {
  /** Once. Ends in either `opened` or `closed`. */
  open(): void
  /**
   * Writes one frame at once, or not at all: never later.
   * @param text latin1, the end of the frame included
   */
  send(text: string): void
  /** May be called at any time, and again. Nothing is told to the host any more. */
  close(): void
}

export interface LinkHost {
  opened(): void
  /** @param text latin1: one line without its end, or whatever bytes have come; possibly damaged */
  frame(text: string): void
  /** At most once, and the last word. */
  closed(cause: string): void
}

export type LinkFactory = (config: LinkConfig, host: LinkHost, framing: Framing) => BusLink
