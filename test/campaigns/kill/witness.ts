// Everything that can be seen of the daemon from outside: what it says on the wire, does to locks
// and doors, shows on the screen, and tells central. It tells the trigger which step was reached,
// and keeps what the checks need.

import { decodeLine } from '../../../firmware-protocol/line.ts'
import { DEBOUNCE_MS } from '../../../firmware-protocol/messages.ts'
import type { Compartment } from '../../../sim/cabinet.ts'
import type { Site } from '../../../sim/live/site.ts'
import type { WallWatch } from '../../../sim/live/wall.ts'
import { lockersOf } from '../../../src/kiosk/config.ts'
import type { View } from '../../../src/kiosk/view.ts'
import { monoMs } from '../../../src/runtime/clock.ts'
import { parseTopic } from '../../../src/sync/contract/topics.ts'
import type { Replay } from './replay.ts'
import type { Signals, Trigger } from './signals.ts'
import type { Flow, Step, StepName } from './steps.ts'

/** A read of a door that began this long after its closing tells of it. */
const CLOSED_SEEN_MS = DEBOUNCE_MS + 2

/** One person's business with the kiosk, from the first touch to the last confirmation. */
export interface Visit {
  readonly flow: Flow
  readonly parcelId: string
  readonly begunMonoMs: number
  /** The compartment whose door sprang open. */
  lockerId: string | null
  sprangAtMs: number | null
  closedAtMs: number | null
  factSeq: number | null
  isConfirmed: boolean
}

/** A lock's output that went on, and what was behind its door. */
export interface Pulse {
  readonly lockerId: string
  readonly atMonoMs: number
  readonly contents: string | null
}

/** What the screen said had happened. */
export interface Claim {
  readonly kind: 'door-opened' | 'parcel-deposited' | 'parcel-collected'
  readonly lockerId: string
  /** When the visit began in which it was said. */
  readonly sinceMonoMs: number
  readonly atMonoMs: number
}

export interface WitnessParts {
  readonly site: Site
  readonly replay: Replay
  readonly signals: Signals
  readonly trigger: Trigger
  readonly violated: (what: string) => void
}

export class Witness {
  visit: Visit | null = null
  /** Not yet checked. */
  readonly pulses: Pulse[] = []
  readonly pulsesByOpening = new Map<number, number>()
  /** Not yet checked. */
  readonly claims: Claim[] = []
  /** By locker: how often its lock let the door go. */
  readonly springs = new Map<string, number>()
  readonly wallWatch: WallWatch
  readonly #parts: WitnessParts
  /** The wire keeps order: up to the next HELLO it carries what the dead daemon wrote. */
  #isOldLifeOnWire = true
  #isAsked = false

  constructor(parts: WitnessParts) {
    this.#parts = parts
    this.wallWatch = {
      lineHeard: (text) => this.#lineHeard(text),
      fired: ({ locker, contents }) => {
        this.pulses.push({ lockerId: locker.id, atMonoMs: monoMs(), contents: contents[0] ?? null })
      },
      doorMoved: (compartment, cause) => this.#doorMoved(compartment, cause),
    }
  }

  reached(name: StepName): void {
    const { trigger, signals } = this.#parts
    if (this.visit !== null) trigger.reached(`${this.visit.flow}: ${name}` as Step)
    signals.poke()
  }

  /** The daemon is asked for something: from now on a pulse may follow. */
  asked(): void {
    this.#isAsked = true
  }

  lifeBegan(): void {
    this.#isAsked = false
  }

  lifeEnded(): void {
    this.#isOldLifeOnWire = true
  }

  #doorMoved({ locker, door }: Compartment, cause: 'lock' | 'hand'): void {
    if (cause === 'lock') {
      this.springs.set(locker.id, (this.springs.get(locker.id) ?? 0) + 1)
      if (this.visit !== null) {
        this.visit.lockerId = locker.id
        this.visit.sprangAtMs = performance.now()
      }
      this.reached('door springs')
    } else if (door === 'closed' && this.visit?.lockerId === locker.id) {
      this.visit.closedAtMs = performance.now()
    }
  }

  #lineHeard(text: string): void {
    const line = decodeLine(text)
    if (line?.verb === 'HELLO') this.#isOldLifeOnWire = false
    if (line?.verb === 'PULSE') {
      if (!this.#isOldLifeOnWire && !this.#isAsked) {
        this.#parts.violated('a restarted daemon fired a lock before anybody had asked it')
      }
      this.reached('unlock on the wire')
    }
    if (line?.verb !== 'STATE' || !this.#tellsOfClosing(line.address)) return
    this.reached('closed door read')
  }

  #tellsOfClosing(address: number): boolean {
    const { closedAtMs, lockerId } = this.visit ?? { closedAtMs: null, lockerId: null }
    if (closedAtMs === null || lockerId === null) return false
    const { kiosk, buses } = this.#parts.site.settings
    const boardId = lockersOf(kiosk).find(({ id }) => id === lockerId)?.boardId
    const boards = buses.flatMap((bus) => bus.boards)
    const isItsBoard = boards.some((board) => board.id === boardId && board.address === address)
    return isItsBoard && performance.now() - closedAtMs >= CLOSED_SEEN_MS
  }

  viewed({ screen, notice }: View): void {
    switch (screen.kind) {
      case 'deposit-opening':
        return this.reached('PIN being sealed')
      case 'pickup-opening':
        return this.reached('opening authorised')
      case 'deposit-open':
      case 'pickup-open':
        this.#claim('door-opened', screen.lockerId)
        return this.reached('door seen open')
      case 'pickup-done':
        this.#claim('parcel-collected', screen.lockerId)
        return this.reached('collected shown')
      case 'courier-menu':
        if (notice?.key === 'deposited') {
          this.#claim('parcel-deposited', String(notice.params['locker']))
          return this.reached('deposited shown')
        }
        return this.#parts.signals.poke()
      default:
        return this.#parts.signals.poke()
    }
  }

  #claim(kind: Claim['kind'], lockerId: string): void {
    const sinceMonoMs = this.visit?.begunMonoMs ?? 0
    this.claims.push({ kind, lockerId, sinceMonoMs, atMonoMs: monoMs() })
  }

  /** A message that the broker carried, in either direction. */
  overheard(topic: string, text: string): void {
    const leaf = parseTopic(topic)?.leaf
    if (leaf === 'ev') {
      const { first, ev } = JSON.parse(text) as { first: number; ev: readonly string[] }
      for (const [index, body] of ev.entries()) {
        this.#parts.replay.take(first + index, body, 'the wire to central')
        this.#factOverheard(first + index)
      }
    }
    if (leaf === 'ack') {
      const { payload } = JSON.parse(text) as { payload: string }
      const { cum } = JSON.parse(Buffer.from(payload, 'base64url').toString()) as { cum: number }
      const { visit } = this
      if (visit === null || visit.factSeq === null || cum < visit.factSeq) return
      visit.isConfirmed = true
      this.reached('fact confirmed')
    }
  }

  #factOverheard(seq: number): void {
    const { visit } = this
    const fact = this.#parts.replay.facts[seq - 1]
    if (fact === undefined || visit === null || visit.factSeq !== null) return
    // After a restart facts come again, and a parcel may have been deposited before.
    if (fact.data['parcelId'] !== visit.parcelId || fact.monoMs < visit.begunMonoMs) return
    if (fact.kind !== (visit.flow === 'deposit' ? 'parcel-deposited' : 'parcel-collected')) return
    visit.factSeq = seq
    this.reached('fact on its way')
  }
}
