// The mailbox loop: takes what arrived, lets the rules and the uplink decide, stores the outcome in
// one transaction, and only then hands out what is to be done. Disk, then memory, then world.
//
// One turn takes several inputs, so that a slow card costs one fsync for all of them. The same
// class runs in the daemon's worker thread and in the seeded world; it knows no timer and no
// promise.

import type { KioskConfig } from '../kiosk/config.ts'
import type { KioskAction, KioskEvent } from '../kiosk/events.ts'
import { nextKioskWake, showKiosk, stepKiosk } from '../kiosk/kiosk.ts'
import { createKiosk, type KioskState } from '../kiosk/state.ts'
import type { Now } from '../kiosk/time.ts'
import type { Ledger } from '../store/ledger.ts'
import type { UplinkConfig } from '../sync/machine/config.ts'
import { believedNow } from '../sync/machine/server-time.ts'
import type { UplinkAction, UplinkEvent, UplinkState } from '../sync/machine/state.ts'
import { createUplink, nextUplinkWake, stepUplink } from '../sync/machine/uplink.ts'

/** Inputs taken in one turn; the rest waits for the next. */
export const TURN_INPUTS_MAX = 64

export type CoreInput =
  | { readonly kind: 'kiosk'; readonly event: KioskEvent }
  | { readonly kind: 'uplink'; readonly event: UplinkEvent }

/** What the one machine has for the other never leaves the core. */
export type OuterAction = Exclude<KioskAction, { readonly kind: 'end-command' }>
type LinkAction = Exclude<UplinkAction, { readonly kind: 'report' | 'tell' }>

export type CoreOutput =
  | { readonly kind: 'kiosk'; readonly action: OuterAction }
  | { readonly kind: 'uplink'; readonly action: LinkAction }
  /** For a technician who asked the uplink. */
  | Extract<UplinkAction, { readonly kind: 'tell' }>

export interface CoreParts {
  readonly ledger: Ledger
  readonly kiosk: KioskConfig
  readonly uplink: UplinkConfig
  /** 32 hexadecimal digits, fresh at every start. */
  readonly seed: string
  readonly version: string
  readonly now: Now
}

export class Core {
  readonly #parts: CoreParts
  #kiosk: KioskState
  #uplink: UplinkState

  constructor(parts: CoreParts) {
    this.#parts = parts
    this.#kiosk = createKiosk(parts.kiosk)
    this.#uplink = createUplink(parts.uplink, { seed: parts.seed, now: parts.now })
  }

  /** The first turn: settles what the last run left, and pulses nothing. */
  start(now: Now): readonly CoreOutput[] {
    const { version } = this.#parts
    return this.take([{ kind: 'kiosk', event: { kind: 'started', version } }], now)
  }

  /**
   * @param machine the machine's own clocks; what counts is the time that central confirms
   * @returns what to do now that everything is durable
   * @throws on a bug or a failing disk: the outcome is then unknown and the process must end
   */
  take(inputs: readonly CoreInput[], machine: Now): readonly CoreOutput[] {
    const { ledger } = this.#parts
    const turn = new Turn(this.#parts, { kiosk: this.#kiosk, uplink: this.#uplink }, machine)
    ledger.begin()
    try {
      for (const input of inputs) turn.take(input)
      turn.finish()
    } catch (error) {
      ledger.rollback()
      throw error
    }
    ledger.commit()
    this.#kiosk = turn.kiosk
    this.#uplink = turn.uplink
    return turn.outputs
  }

  /** When `time-passed` is due at the latest; null: not at all. */
  nextWake(machine: Now): number | null {
    const now = believedNow(this.#uplink.time, machine)
    const times = [
      nextKioskWake(this.#kiosk, now),
      nextUplinkWake(this.#uplink, this.#parts.uplink),
    ].filter((time) => time !== null)
    return times.length === 0 ? null : Math.min(...times)
  }
}

/** What wakes both machines. */
export const TIME_PASSED: readonly CoreInput[] = [
  { kind: 'kiosk', event: { kind: 'time-passed' } },
  { kind: 'uplink', event: { kind: 'time-passed' } },
]

class Turn {
  readonly outputs: CoreOutput[] = []
  readonly #parts: CoreParts
  readonly #machine: Now
  readonly #now: Now
  readonly #headBefore: number
  kiosk: KioskState
  uplink: UplinkState

  constructor(
    parts: CoreParts,
    before: { readonly kiosk: KioskState; readonly uplink: UplinkState },
    machine: Now,
  ) {
    this.#parts = parts
    this.#machine = machine
    this.#now = believedNow(before.uplink.time, machine)
    this.#headBefore = parts.ledger.headSeq()
    this.kiosk = before.kiosk
    this.uplink = before.uplink
  }

  take(input: CoreInput): void {
    if (input.kind === 'kiosk') this.#stepKiosk(input.event)
    else this.#stepUplink(input.event)
  }

  finish(): void {
    const { ledger, kiosk: config } = this.#parts
    if (ledger.headSeq() > this.#headBefore) this.#stepUplink({ kind: 'facts-stored' })
    const shown = showKiosk({ state: this.kiosk, now: this.#now, ledger, config })
    this.kiosk = shown.state
    this.#push(shown.actions)
  }

  #stepKiosk(event: KioskEvent): void {
    const { ledger, kiosk: config } = this.#parts
    const step = stepKiosk({ state: this.kiosk, event, now: this.#now, ledger, config })
    ledger.apply(step.records, this.#now)
    this.kiosk = step.state
    this.#push(step.actions)
  }

  #stepUplink(event: UplinkEvent): void {
    const { ledger, uplink: config } = this.#parts
    const step = stepUplink(this.uplink, event, this.#machine, ledger, config)
    if (!ledger.tryApply(step.notes, this.#now)) {
      // Only what central sent can contradict the tables: it is refused, and nothing of it stays.
      if (event.kind !== 'message') throw new Error(`the ledger refused a note of ${event.kind}`)
      const { message, receipt } = event
      const detail = 'a row contradicts another one'
      const refusal = { leaf: message.leaf, code: 'LK-SYNC-08', detail } as const
      this.#stepUplink({ kind: 'message-refused', refusal, receipt })
      return
    }
    this.uplink = step.state
    for (const action of step.actions) {
      if (action.kind === 'report') this.#stepKiosk(action.event)
      else if (action.kind === 'tell') this.outputs.push(action)
      else this.outputs.push({ kind: 'uplink', action })
    }
  }

  #push(actions: readonly KioskAction[]): void {
    for (const action of actions) {
      if (action.kind === 'end-command') {
        const { commandId, end } = action
        this.#stepUplink({ kind: 'command-ended', commandId, end })
      } else this.outputs.push({ kind: 'kiosk', action })
    }
  }
}
