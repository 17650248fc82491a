// The parts of the daemon that a deliberate bug can stand in for, and the sound ones.
import type { LinkFactory } from '../../src/bus/links/link.ts'
import type { KioskConfig } from '../../src/kiosk/config.ts'
import type { KioskEvent } from '../../src/kiosk/events.ts'
import type { CoreOutput } from '../../src/runtime/core.ts'
import { type Ledger, openLedger } from '../../src/store/ledger.ts'
import { type Cable, createSimLink } from './cable.ts'

/** What a deliberate bug replaces; see mutants.ts. */
export interface Parts {
  readonly openLedger: typeof openLedger
  readonly createLink: (cable: Cable) => LinkFactory
  /** What the daemon makes of an event of the bus. */
  readonly hear: (event: KioskEvent, kiosk: KioskConfig) => readonly KioskEvent[]
  /** What the daemon does of its own accord when it starts. */
  readonly atStart: (ledger: Ledger, kiosk: KioskConfig) => readonly CoreOutput[]
}

export const SOUND_PARTS: Parts = {
  openLedger,
  createLink: (cable) => (_, host) => createSimLink(cable, host),
  hear: (event) => [event],
  atStart: () => [],
}
