// The seam between an input device and its bytes. A link is used for one connection and then
// thrown away: nothing half received can reach the next one.
import type { InputLinkConfig } from './config.ts'

export interface InputLink {
  /** Once. Ends in either `opened` or `closed`. */
  open(): void
  /** May be called at any time, and again. Nothing is told to the host any more. */
  close(): void
}

export interface InputLinkHost {
  opened(): void
  /** @param text latin1: whatever bytes have come */
  frame(text: string): void
  /** At most once, and the last word. */
  closed(cause: string): void
}

export type InputLinkFactory = (config: InputLinkConfig, host: InputLinkHost) => InputLink
