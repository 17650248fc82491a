// Many screens at one wall: each has the kiosk's rules with a session of its own; doors, boards and
// the ledger are common, and one mailbox puts everything in order. Nothing here decides: which
// locker a parcel gets, and who may open what, is left to the rules and their ledger.
import { type KioskConfig, lockersOf } from '../../src/kiosk/config.ts'
import type { KioskAction, KioskEvent } from '../../src/kiosk/events.ts'
import { nextKioskWake, showKiosk, stepKiosk } from '../../src/kiosk/kiosk.ts'
import {
  createKiosk,
  type KioskState,
  type LiveOpening,
  openingOfSession,
} from '../../src/kiosk/state.ts'
import type { Alarm, Now } from '../../src/kiosk/time.ts'
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
  #alarms: Alarm[] = []
  /** By locker: the screen that waits for its door. */
  readonly #owners = new Map<string, number>()
  /** The same doors, as the other screens see them. */
  readonly #busy = new Map<string, LiveOpening>()
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
    const known = this.#stateOf(edge)
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
    return this.#owners.get(lockerId) ?? null
  }

  /** Somebody is at a screen that waits for this very door. */
  isAttended(lockerId: string): boolean {
    const state = this.#edges[this.ownerOf(lockerId) ?? -1]
    const openingId = state === undefined ? null : openingOfSession(state.session)
    return openingId !== null && state?.openings[lockerId]?.id === openingId
  }

  #put(input: Input | Moved): void {
    if (this.#isDead) return
    this.#mailbox.push(input)
    this.#scheduleTurn()
  }

  #scheduleTurn(): void {
    if (this.#isTurnDue) return
    this.#isTurnDue = true
    const life = this.#life
    this.#parts.timeline.after(this.#parts.random.between(1, 60), () => {
      if (life === this.#life) this.#turn()
    })
  }

  #start(): void {
    const { config, edgeCount, timeline } = this.#parts
    this.#life += 1
    const life = this.#life
    this.#mailbox = []
    this.#isTurnDue = false
    this.#isDead = false
    const fresh = createKiosk(config)
    const { doors, notShut, boards } = fresh
    this.#wall = { doors, notShut, boards }
    this.#pins = NO_PINS
    this.#views.length = 0
    this.#paintedAt.length = 0
    this.#owners.clear()
    this.#busy.clear()
    this.#edges = Array.from({ length: edgeCount }, () => fresh)
    const clock = timeline.clock(() => life === this.#life)
    this.#alarms = this.#edges.map((_, edge) =>
      clock.alarm(() => this.send(edge, { kind: 'time-passed' })),
    )
    this.send(FIRST, { kind: 'started', version: 'sim' })
    for (const boardId of new Set(lockersOf(config).map((locker) => locker.boardId))) {
      this.send(
        FIRST,
        this.#readingOf(FIRST, boardId, () => true),
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
    const touched = new Set<number>()
    ledger.begin()
    for (const each of inputs) {
      const input = 'edge' in each ? each : this.#read(each.movedLockerId)
      touched.add(input.edge)
      for (const action of this.#take(input)) done.push([input.edge, action])
    }
    if (isFatal && random.chance(0.5)) {
      ledger.rollback()
      return this.#die()
    }
    ledger.commit()
    this.#parts.stored()
    const reached = isFatal ? random.between(0, done.length) : done.length
    for (const [edge, action] of done.slice(0, reached)) this.#parts.performed(edge, action)
    if (isFatal) return this.#die()
    if (this.#mailbox.length > 0) this.#scheduleTurn()
    for (const edge of touched) this.#wake(edge, timeline.now())
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

  #take({ edge, event }: Input): readonly KioskAction[] {
    const { ledger, config, timeline } = this.#parts
    const now = timeline.now()
    const own = this.#stateOf(edge)
    const isReading = event.kind === 'board-read'
    const beside = [...this.#busy].filter(([id]) => own.openings[id] === undefined)
    const busy = beside.map(([id, each]) => [id, isReading ? asUnseen(each) : each] as const)
    const openings = { ...Object.fromEntries(busy), ...own.openings }
    const step = stepKiosk({ state: { ...own, openings }, event, now, ledger, config })
    ledger.apply(step.records, now)
    this.#see(step.state, isReading ? beside.map(([id]) => id) : [])
    const { preparedPins, awaitingPin } = step.state
    this.#pins = { preparedPins, awaitingPin }
    this.#keep(edge, step.state)
    return step.actions
  }

  /** A door is read for the screen that opened it: the others learn of it when its turn comes. */
  #see(after: KioskState, unreadIds: readonly string[]): void {
    const { doors, notShut } = this.#wall
    const unread = unreadIds.flatMap((id) => (doors[id] === undefined ? [] : [[id, doors[id]]]))
    this.#wall = {
      boards: after.boards,
      doors: { ...after.doors, ...Object.fromEntries(unread) },
      notShut: [
        ...after.notShut.filter((id) => !unreadIds.includes(id)),
        ...notShut.filter((id) => unreadIds.includes(id)),
      ],
    }
  }

  /** Of all openings that it knows, only those that no other screen waits for are its own. */
  #keep(edge: number, state: KioskState): void {
    const own = Object.entries(state.openings).filter(([id]) => !this.#isForeign(edge, id))
    for (const id of Object.keys(this.#edges[edge]?.openings ?? {})) {
      this.#owners.delete(id)
      this.#busy.delete(id)
    }
    for (const [id, opening] of own) {
      this.#owners.set(id, edge)
      this.#busy.set(id, asBusy(opening))
    }
    this.#edges[edge] = { ...state, openings: Object.fromEntries(own) }
  }

  #isForeign(edge: number, lockerId: string): boolean {
    const owner = this.ownerOf(lockerId)
    return owner !== null && owner !== edge
  }

  #wake(edge: number, now: Now): void {
    const state = this.#edges[edge]
    if (state === undefined) return
    this.#alarms[edge]?.set(nextKioskWake(state, now))
  }

  /** What this screen knows: its own, and everything common. */
  #stateOf(edge: number): KioskState {
    const own = this.#edges[edge]
    if (own === undefined) throw new Error(`no screen ${edge}`)
    return { ...own, ...this.#pins, ...this.#wall }
  }

  #read(lockerId: string): Input {
    const edge = this.ownerOf(lockerId) ?? FIRST
    const { boardId } = this.#parts.cabinet.at(lockerId).locker
    return { edge, event: this.#readingOf(edge, boardId, (id) => id === lockerId) }
  }

  /** One board's reading, for one screen, in which only some doors are news. */
  #readingOf(edge: number, boardId: string, isNews: (lockerId: string) => boolean): KioskEvent {
    const own = lockersOf(this.#parts.config).filter((locker) => locker.boardId === boardId)
    const doors = own.map(({ id }) => {
      const { door } = this.#parts.cabinet.at(id)
      if (isNews(id)) return { state: door, opens: null }
      const owner = this.ownerOf(id)
      if (owner !== null && owner !== edge) return { state: 'unknown' as const, opens: null }
      // Its turn comes; until then it reads as before.
      const known = this.#wall.doors[id]?.reads ?? 'unknown'
      return { state: known === 'unknown' && owner === null ? door : known, opens: null }
    })
    return { kind: 'board-read', reading: { boardId, boot: 1, doors } }
  }
}

/** Whatever a board says of it in this reading is not meant. */
function asUnseen(busy: LiveOpening): LiveOpening {
  return { ...busy, isUnsettled: false, isBlind: true, pulses: 0 }
}

/** It is somebody else's: neither due here nor to be opened twice. */
function asBusy(opening: LiveOpening): LiveOpening {
  return { ...opening, phase: 'stuck', isUnsettled: true, requestId: null }
}
