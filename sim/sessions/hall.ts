// Many screens at one wall: each has the kiosk's rules with a session of its own; doors, boards and
// the ledger are common, and one mailbox puts everything in order. Nothing here decides: which
// locker a parcel gets, and who may open what, is left to the rules and their ledger.
import { type KioskConfig, lockersOf } from '../../src/kiosk/config.ts'
import type { KioskAction, KioskEvent } from '../../src/kiosk/events.ts'
import { nextKioskWake, showKiosk, stepKiosk } from '../../src/kiosk/kiosk.ts'
import { createKiosk, type KioskState, type LiveOpening } from '../../src/kiosk/state.ts'
import type { View } from '../../src/kiosk/view.ts'
import type { Ledger } from '../../src/store/ledger.ts'
import type { Cabinet } from '../cabinet.ts'
import type { Random } from '../world/random.ts'
import type { Timeline } from '../world/timeline.ts'

/** What the wall's own screen is: it starts first, and takes over what a crash has left. */
export const FIRST = 0
const INPUTS_MAX = 64

const NO_PINS = { preparedPins: {}, awaitingPin: [] }
const NO_WALL = { doors: {}, notShut: [], boards: {} }

interface Input {
  readonly edge: number
  readonly event: KioskEvent
}

/** A door that moved: read when its turn comes, for the screen that opened it. */
interface Moved {
  readonly movedLockerId: string
}

export interface HallParts {
  readonly config: KioskConfig
  readonly ledger: Ledger
  readonly cabinet: Cabinet
  readonly timeline: Timeline
  readonly random: Random
  readonly edgeCount: number
  /** Per turn: the process dies before its commit, or between its commit and its effects. */
  readonly crashAtTurn: () => number
  readonly stored: () => void
  readonly performed: (edge: number, action: KioskAction) => void
  readonly died: () => void
}

export class Hall {
  readonly #parts: HallParts
  #edges: KioskState[] = []
  #wall: Pick<KioskState, 'doors' | 'notShut' | 'boards'> = NO_WALL
  /** PINs are made for parcels, whoever asked for them. */
  #pins: Pick<KioskState, 'preparedPins' | 'awaitingPin'> = NO_PINS
  #mailbox: (Input | Moved)[] = []
  #isTurnDue = false
  /** Between a death and the next start nobody hears anything. */
  #isDead = false
  #life = 0

  constructor(parts: HallParts) {
    this.#parts = parts
    this.#start()
  }

  get life(): number {
    return this.#life
  }

  send(edge: number, event: KioskEvent): void {
    this.#put({ edge, event })
  }

  moved(movedLockerId: string): void {
    this.#put({ movedLockerId })
  }

  /** As it is now; looked at twice at one moment, it is the same. */
  view(edge: number): View {
    const { ledger, config, timeline } = this.#parts
    const painted = this.#views[edge]
    const moment = `${this.#turns}/${timeline.nowMs}`
    if (painted !== undefined && this.#paintedAt[edge] === moment) return painted
    this.#paintedAt[edge] = moment
    const known = this.#stateOf(edge, [])
    const shown = showKiosk({ state: known, now: timeline.now(), ledger, config })
    const state = this.#edges[edge]
    if (state === undefined) throw new Error(`no screen ${edge}`)
    const { rev, screenRev, screenKey, shownKey } = shown.state
    this.#edges[edge] = { ...state, rev, screenRev, screenKey, shownKey }
    const action = shown.actions[0]
    if (action?.kind === 'show') this.#views[edge] = action.view
    const view = this.#views[edge]
    if (view === undefined) throw new Error(`screen ${edge} was never painted`)
    return view
  }

  readonly #views: View[] = []
  readonly #paintedAt: string[] = []
  #turns = 0

  /** The screen that waits for this door, or null. */
  ownerOf(lockerId: string): number | null {
    const edge = this.#edges.findIndex(({ openings }) => openings[lockerId] !== undefined)
    return edge < 0 ? null : edge
  }

  isAttended(lockerId: string): boolean {
    const owner = this.ownerOf(lockerId)
    return owner !== null && this.#edges[owner]?.session.kind !== 'welcome'
  }

  #put(input: Input | Moved): void {
    if (this.#isDead) return
    this.#mailbox.push(input)
    if (this.#isTurnDue) return
    this.#isTurnDue = true
    const life = this.#life
    this.#parts.timeline.after(this.#parts.random.between(1, 60), () => {
      if (life === this.#life) this.#turn()
    })
  }

  #start(): void {
    const { config, edgeCount } = this.#parts
    this.#life += 1
    this.#mailbox = []
    this.#isTurnDue = false
    this.#isDead = false
    const fresh = createKiosk(config)
    const { doors, notShut, boards } = fresh
    this.#wall = { doors, notShut, boards }
    this.#pins = NO_PINS
    this.#views.length = 0
    this.#paintedAt.length = 0
    this.#edges = Array.from({ length: edgeCount }, () => fresh)
    this.send(FIRST, { kind: 'started', version: 'sim' })
    for (const boardId of new Set(lockersOf(config).map((locker) => locker.boardId))) {
      this.send(
        FIRST,
        this.#readingOf(boardId, () => true),
      )
    }
  }

  #turn(): void {
    const { ledger, random, crashAtTurn, timeline } = this.#parts
    this.#isTurnDue = false
    this.#turns += 1
    const inputs = this.#mailbox.splice(0, INPUTS_MAX)
    const isFatal = random.chance(crashAtTurn())
    const done: (readonly [edge: number, action: KioskAction])[] = []
    ledger.begin()
    for (const input of inputs) done.push(...this.#take(input))
    if (isFatal && random.chance(0.5)) {
      ledger.rollback()
      return this.#die()
    }
    ledger.commit()
    this.#parts.stored()
    const reached = isFatal ? random.between(0, done.length) : done.length
    for (const [edge, action] of done.slice(0, reached)) this.#parts.performed(edge, action)
    if (isFatal) return this.#die()
    if (this.#mailbox.length > 0) this.#put(this.#mailbox.shift() as Input)
    const touched = new Set(inputs.map((input) => ('edge' in input ? input.edge : FIRST)))
    for (const edge of [...touched, ...done.map(([at]) => at)]) this.#wake(edge, timeline.now())
  }

  #die(): void {
    this.#isDead = true
    this.#parts.died()
    this.#life += 1
    const life = this.#life
    this.#parts.timeline.after(this.#parts.random.between(300, 3_000), () => {
      if (life === this.#life) this.#start()
    })
  }

  #take(input: Input | Moved): (readonly [number, KioskAction])[] {
    const { ledger, config, timeline } = this.#parts
    const { edge, event } = 'edge' in input ? input : this.#read(input.movedLockerId)
    const now = timeline.now()
    // A door is read for the screen that opened it: what others wait for is none of its business.
    const state = this.#stateOf(edge, event.kind === 'board-read' ? [] : this.#busyBeside(edge))
    const step = stepKiosk({ state, event, now, ledger, config })
    ledger.apply(step.records, now)
    const { doors, notShut, boards } = step.state
    this.#wall = { doors, notShut, boards }
    const { preparedPins, awaitingPin } = step.state
    this.#pins = { preparedPins, awaitingPin }
    const own = Object.entries(step.state.openings).filter(([id]) => !this.#isForeign(edge, id))
    this.#edges[edge] = { ...step.state, openings: Object.fromEntries(own) }
    return step.actions.map((action) => [edge, action] as const)
  }

  #wake(edge: number, now: ReturnType<Timeline['now']>): void {
    const { config, timeline } = this.#parts
    const state = this.#edges[edge]
    const atMs = state === undefined ? null : nextKioskWake(state, config, now)
    const life = this.#life
    if (atMs === null) return
    timeline.at(atMs, () => {
      if (life === this.#life) this.send(edge, { kind: 'time-passed' })
    })
  }

  /** What this screen knows: everything common, and that others are busy at their doors. */
  #stateOf(edge: number, others: readonly LiveOpening[]): KioskState {
    const own = this.#edges[edge]
    if (own === undefined) throw new Error(`no screen ${edge}`)
    const foreign = Object.fromEntries(others.map((opening) => [opening.lockerId, opening]))
    const openings = { ...foreign, ...own.openings }
    return { ...own, ...this.#pins, ...this.#wall, openings }
  }

  #busyBeside(edge: number): readonly LiveOpening[] {
    return this.#edges.flatMap((state, at) =>
      at === edge ? [] : Object.values(state.openings).map(asBusy),
    )
  }

  #isForeign(edge: number, lockerId: string): boolean {
    const owner = this.ownerOf(lockerId)
    return owner !== null && owner !== edge
  }

  #read(lockerId: string): Input {
    const edge = this.ownerOf(lockerId) ?? FIRST
    const { boardId } = this.#parts.cabinet.at(lockerId).locker
    return { edge, event: this.#readingOf(boardId, (id) => id === lockerId) }
  }

  /** One board's reading in which only some doors are news. */
  #readingOf(boardId: string, isNews: (lockerId: string) => boolean): KioskEvent {
    const own = lockersOf(this.#parts.config).filter((locker) => locker.boardId === boardId)
    const doors = own.map(({ id }) => {
      const { door } = this.#parts.cabinet.at(id)
      const known = this.#wall.doors[id]?.reads
      const state = isNews(id) || known === undefined || known === 'unknown' ? door : known
      return { state, opens: null }
    })
    return { kind: 'board-read', reading: { boardId, boot: 1, doors } }
  }
}

/** It is somebody else's: neither due here nor to be opened twice. */
function asBusy(opening: LiveOpening): LiveOpening {
  return { ...opening, phase: 'stuck', isUnsettled: true, requestId: null }
}
