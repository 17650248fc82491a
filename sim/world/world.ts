// The seeded world: real rules, real ledger, real bus master, and everything around them played by
// one seed. First everything goes wrong, then it heals, and then all must come right.
import { createHash } from 'node:crypto'
import { rmSync } from 'node:fs'
import { join } from 'node:path'
import type { BusConfig } from '../../src/bus/config.ts'
import { type KioskConfig, lockersOf } from '../../src/kiosk/config.ts'
import type { KioskAction, KioskEvent, TechnicianCommand } from '../../src/kiosk/events.ts'
import type { View } from '../../src/kiosk/view.ts'
import type { CoreOutput } from '../../src/runtime/core.ts'
import { Cabinet, type Compartment, keepKnown } from '../cabinet.ts'
import { Announcer } from './announcer.ts'
import { auditVisit, TECHNICIAN_CODE } from './auditor.ts'
import { Cable, doorBoard } from './cable.ts'
import { Central } from './central.ts'
import { Checkers } from './checkers.ts'
import { checkEnd } from './ending.ts'
import { drawFaults, type Faults, NO_FAULTS } from './faults.ts'
import { handInVisit } from './hand-in.ts'
import { claimsFor, LATECOMERS, Letters, sealed } from './letters.ts'
import { Lives } from './lives.ts'
import { Orders } from './orders.ts'
import type { Outcome } from './outcome.ts'
import { type Parts, SOUND_PARTS } from './parts.ts'
import {
  COURIER_CODE,
  comerVisit,
  courierVisit,
  FETCH_ROUND,
  recipientVisit,
  referenceOf,
  type Surroundings,
  type Visitor,
  type Wish,
} from './people.ts'
import { createRandom, type Random } from './random.ts'
import { Sensors } from './sensors.ts'
import { Timeline } from './timeline.ts'
import { scheduleTrouble } from './trouble.ts'
import { busFor, drawWall } from './wall.ts'

const TROUBLE_MS = 5 * 60_000
/** Ends off the full minute, at which the kiosk does its chores. */
const HEALING_MS = 4 * 60_000 + 50_000
/** The last part of the healing: nobody comes any more, and what is under way ends. */
const QUIET_MS = 80_000
/** Nobody hands in later than this: a courier has to come for it. */
const HAND_IN_UNTIL_MS = TROUBLE_MS + HEALING_MS - 2 * QUIET_MS
const STEPS_MAX = 400_000
/** How seldom somebody comes in the troubled time who audits. */
const AUDITORS = 0.08
const KIOSK_ID = 'world-1'

export interface SeedOptions {
  readonly folder: string
  readonly parts?: Parts
  /** In place of what the seed draws. */
  readonly faults?: Partial<Faults>
  readonly trace?: string[]
}

export function runSeed(seed: number, options: SeedOptions): Outcome {
  const beganMs = performance.now()
  const world = new World(seed, options)
  try {
    world.run()
  } catch (error) {
    world.checkers.violated(`the daemon failed: ${error instanceof Error ? error.stack : error}`)
  }
  return { ...world.finish(), ms: Math.round(performance.now() - beganMs) }
}

class World {
  readonly checkers: Checkers
  readonly #seed: number
  readonly #random: Random
  readonly #timeline = new Timeline()
  readonly #parts: Parts
  readonly #folder: string
  readonly #trace: string[] | undefined
  readonly #hash = createHash('sha256')
  readonly #faults: Faults
  readonly #kiosk: KioskConfig
  readonly #bus: BusConfig
  readonly #cabinet: Cabinet
  readonly #cable: Cable
  readonly #sensors: Sensors
  readonly #central: Central
  readonly #letters = new Letters()
  readonly #orders: Orders
  readonly #auditor: Random
  #isTroubled = true
  readonly #lives: Lives
  #view: View | null = null
  #wishes = 0
  #visitor: Visitor | null = null
  #healedSeq = 0

  constructor(seed: number, options: SeedOptions) {
    this.#seed = seed
    this.#random = createRandom(`seed ${seed}`)
    this.#parts = options.parts ?? SOUND_PARTS
    this.#folder = options.folder
    this.#trace = options.trace
    this.#faults = { ...drawFaults(this.#random.fork('faults')), ...options.faults }
    this.#auditor = this.#random.fork('auditor')
    this.#kiosk = drawWall(KIOSK_ID, this.#random.fork('wall'))
    this.#bus = busFor(this.#kiosk)
    const nowMs = () => this.#timeline.nowMs
    this.#cabinet = new Cabinet(this.#kiosk, {
      doorMoved: (compartment, cause) => this.#doorMoved(compartment, cause),
    })
    this.checkers = new Checkers({ nowMs, cabinet: this.#cabinet, kiosk: this.#kiosk })
    this.#cable = this.#createCable()
    this.#sensors = this.#createSensors()
    this.#central = new Central({
      kioskId: KIOSK_ID,
      timeline: this.#timeline,
      random: this.#random.fork('central'),
      faults: this.#faults,
      host: {
        violated: (what) => this.checkers.violated(`central: ${what}`),
        stored: (fact) => {
          this.#log('central', `${fact.seq} ${fact.kind}`)
          this.#letters.read(fact)
        },
        answered: (body) => this.#orders.hear(body),
      },
    })
    this.#lives = this.#createLives()
    this.#orders = new Orders({
      central: this.#central,
      cabinet: this.#cabinet,
      checkers: this.checkers,
      timeline: this.#timeline,
      random: this.#random.fork('orders'),
      isTroubled: () => this.#isTroubled,
    })
  }

  run(): void {
    this.#prepareCentral()
    this.#lives.start()
    this.#scheduleLife()
    this.#scheduleFaults()
    this.#sensors.start()
    this.#orders.start()
    this.#timeline.runUntil(TROUBLE_MS, STEPS_MAX)
    this.#heal()
    this.#timeline.runUntil(TROUBLE_MS + HEALING_MS, STEPS_MAX)
    if (this.#isAuditDue()) {
      this.checkers.violated('no audit was completed when the trouble was over')
    }
    const { life, ledger } = this.#lives
    checkEnd({
      checkers: this.checkers,
      ledger: life === null ? null : ledger,
      view: this.#view,
      cabinet: this.#cabinet,
      central: this.#central,
    })
  }

  finish(): Omit<Outcome, 'ms'> {
    this.#lives.ledger?.close()
    this.checkers.provable(join(this.#lives.folder, 'ledger.db'))
    rmSync(this.#folder, { recursive: true, force: true })
    const { violations, counts } = this.checkers
    const traceHash = this.#hash.digest('hex')
    return { seed: this.#seed, violations, counts, faults: this.#faults, traceHash }
  }

  #log(who: string, what: string): void {
    const line = `${this.#timeline.nowMs.toFixed(1)} ${who} ${what}`
    this.#hash.update(`${line}\n`)
    this.#trace?.push(line)
  }

  #createCable(): Cable {
    return new Cable({
      timeline: this.#timeline,
      random: this.#random.fork('cable'),
      faults: this.#faults,
      boards: this.#bus.boards.map(doorBoard),
      host: {
        outputOn: (boardId, channel, ms) => this.#outputOn(boardId, channel, ms),
        outputOff: (boardId, channel) => {
          const compartment = this.#cabinet.on(boardId, channel)
          if (compartment !== undefined) this.checkers.rested(compartment)
        },
      },
    })
  }

  #createLives(): Lives {
    return new Lives({
      timeline: this.#timeline,
      random: this.#random,
      parts: this.#parts,
      folder: this.#folder,
      name: String(this.#seed),
      kiosk: this.#kiosk,
      bus: this.#bus,
      faults: this.#faults,
      cable: this.#cable,
      central: this.#central,
      checkers: this.checkers,
      isTroubled: () => this.#isTroubled,
      host: {
        performed: (output) => this.#performed(output),
        told: (event) => this.#told(event),
        died: () => {
          this.#view = null
        },
        log: (who, what) => this.#log(who, what),
      },
    })
  }

  #createSensors(): Sensors {
    return new Sensors({
      timeline: this.#timeline,
      random: this.#random.fork('sensors'),
      faults: this.#faults,
      cabinet: this.#cabinet,
      isQuiet: () => this.#isQuiet(),
      log: (what) => this.#log('sensor', what),
      tell: ({ locker }, door) => this.#cable.moveDoor(locker.boardId, locker.channel, door),
    })
  }

  #outputOn(boardId: string, channel: number, ms: number): void {
    const compartment = this.#cabinet.on(boardId, channel)
    if (compartment === undefined) return
    this.#log('pulse', `${compartment.locker.id} ${ms}`)
    this.checkers.pulsed(compartment, ms)
    this.#timeline.after(this.#random.between(20, 150), () => this.#cabinet.spring(compartment))
  }

  #doorMoved(compartment: Compartment, cause: 'lock' | 'hand'): void {
    const { id } = compartment.locker
    this.#log('door', `${id} ${compartment.door} by ${cause}`)
    // What its contact hides is not in the chain, and cannot be.
    if (cause === 'lock' && this.#sensors.isTrue(id)) this.checkers.sprang(compartment)
    if (compartment.door === 'closed') this.checkers.shut(compartment)
    this.#sensors.moved(compartment)
  }

  #prepareCentral(): void {
    const [verifier, own] = [indexOf(COURIER_CODE), indexOf(TECHNICIAN_CODE)]
    const technician = { label: 'Technician', verifier: own, referenceVerifier: own }
    this.#central.put('staff', { id: 'c-1', role: 'courier', label: 'Courier', verifier })
    this.#central.put('staff', { id: 't-2', role: 'technician', ...technician })
    for (let flat = 1; flat <= 4; flat += 1) {
      this.#central.put('directory', { id: `r-${flat}`, label: `Flat ${flat}` })
    }
  }

  #performed(output: CoreOutput): void {
    this.#log('does', JSON.stringify(output))
    if (output.kind === 'uplink') {
      if (output.action.kind === 'publish') this.checkers.secretsAbsent(output.action.body)
      return
    }
    if (output.kind === 'kiosk') this.#see(output.action)
  }

  #see(action: KioskAction): void {
    if (action.kind === 'show') {
      this.#view = action.view
      this.checkers.shown(action.view)
    }
    if (action.kind === 'unlock') {
      const compartment = this.#cabinet.on(action.boardId, action.channel)
      if (compartment !== undefined) this.checkers.ordered(action, compartment.locker.id)
    }
    if (action.kind === 'prepare-pin') this.#preparePin(action.parcelId)
  }

  #told(event: KioskEvent): void {
    for (const locker of lockersOf(this.#kiosk)) {
      if (event.kind === 'board-read' && locker.boardId === event.reading.boardId) {
        const door = event.reading.doors[locker.channel - 1]
        if (door !== undefined) this.checkers.read(locker.id, door.state)
      }
      if (event.kind === 'board-lost' && locker.boardId === event.boardId) {
        this.checkers.boardSilent(locker.id)
      }
    }
  }

  #preparePin(parcelId: string): void {
    const { life } = this.#lives
    const pin = `PIN-${this.#random.between(10_000_000, 99_999_999)}`
    // As secret as the PIN, and derived from it: the world needs no second draw.
    const reference = referenceOf(pin)
    this.checkers.pinMade(pin)
    this.checkers.pinMade(reference)
    this.#timeline.after(this.#random.between(1, 20), () => {
      if (life?.isAlive !== true) return
      const [index, referenceIndex] = [indexOf(pin), indexOf(reference)]
      life.tell({ kind: 'pin-prepared', parcelId, index, referenceIndex, sealedPin: sealed(pin) })
    })
  }

  #scheduleLife(): void {
    const random = this.#random.fork('people')
    const whim = random.chance(0.3) ? 0 : 0.12
    const at: Surroundings = {
      view: () => this.#view,
      cabinet: this.#cabinet,
      wish: (wish) => this.#wish(wish),
      random,
      whim: () => (this.#isTroubled ? whim : 0),
    }
    const decide = (): void => {
      if (this.#visitor === null) this.#visitor = this.#nextVisitor(at)
      else if (!this.#visitor()) this.#visitor = null
      this.#timeline.after(random.between(250, 1_800), decide)
    }
    this.#timeline.after(1_000, decide)
    const announcer = new Announcer(this.#central, this.#timeline, this.#kiosk.sizes)
    this.#timeline.every(20_000, () => {
      if (this.#isTroubled) announcer.announce(random)
    })
    this.#timeline.every(15_000, () => this.#inspect())
    this.#timeline.every(11_000, () => this.#closeForgotten())
  }

  /** With a code and a parcel that is still at home; or it broke off, and lies in its locker. */
  #handInVisitor(at: Surroundings): Visitor | null {
    if (this.#timeline.nowMs > HAND_IN_UNTIL_MS) return null
    const { codes, handedIn, spentCodes } = this.#letters
    // Now and then somebody tries what is spent.
    const isCurious = at.random.chance(0.25)
    const open = [...codes].filter(([id]) => !handedIn.has(id))
    const errands = isCurious ? [...spentCodes] : open
    if (errands.length === 0) return null
    const [parcelId, code] = at.random.pick(errands)
    return handInVisit(at, { parcelId, code, reopens: 'sometimes' })
  }

  #nextVisitor(at: Surroundings): Visitor | null {
    const { random } = at
    const isQuiet = this.#timeline.nowMs > TROUBLE_MS + HEALING_MS - QUIET_MS
    const isCalm = this.#timeline.nowMs < this.#sensors.calmUntilMs
    if (isQuiet || isCalm || this.#view?.screen.kind !== 'welcome') return null
    if (this.#isAuditDue()) {
      return auditVisit({ ...at, random: this.#auditor }, { isThorough: !this.#isTroubled })
    }
    const isLate = () => this.#isTroubled && random.chance(LATECOMERS)
    const letter = this.#letters.pick(random, (id) => this.#cabinet.holds(id) || isLate())
    if (this.#isTroubled && random.chance(0.5)) return comerVisit(at)
    const isHandIn = random.chance(0.3)
    const handIn = isHandIn || letter === undefined ? this.#handInVisitor(at) : null
    if (handIn !== null) return handIn
    if (this.#letters.handedIn.size > 0 && random.chance(0.3)) return courierVisit(at, FETCH_ROUND)
    if (letter === undefined) return null
    const [parcelId, firstPin] = letter
    return recipientVisit(at, () => this.#letters.pins.get(parcelId) ?? firstPin)
  }

  /** Now and then in the troubled time; and one that is to be completed while all heals. */
  #isAuditDue(): boolean {
    if (this.#isTroubled) return this.#auditor.chance(AUDITORS)
    return this.checkers.completedAudit <= this.#healedSeq
  }

  #wish(wish: Wish): void {
    const { life } = this.#lives
    if (life === null || this.#view === null) return
    this.#wishes += 1
    const { rev, screen } = this.#view
    const intentId = `w${this.#wishes}`
    this.#log('wish', JSON.stringify(wish))
    if (wish.kind === 'digits') {
      const index = indexOf(wish.digits)
      const digitCount = 'digits' in screen ? screen.digits : 0
      const intent = { kind: 'digits', digitCount, pinIndex: index, accessIndex: index } as const
      life.tell({ kind: 'intent-sent', intentId, rev, intent })
      return
    }
    if (wish.kind === 'token') {
      const claims = claimsFor(wish.pin)
      life.tell({ kind: 'intent-sent', intentId, rev, intent: { kind: 'token', claims } })
      return
    }
    const intent =
      wish.kind === 'scan'
        ? { ...wish, badgeIndex: indexOf(`badge ${wish.code}`) }
        : { ...wish, value: wish.value === undefined ? null : wish.value }
    life.tell({ kind: 'intent-sent', intentId, rev, intent })
  }

  /** A technician on a round: looks into what is not proven and says what is there. */
  #inspect(): void {
    const { life, ledger } = this.#lives
    if (life === null || ledger === null) return
    for (const row of ledger.lockers()) {
      const { id, state, distrustedFor, withdrawnFor } = row
      const compartment = this.#cabinet.at(id)
      // A door that was forced beside an opening looks like crossed wires.
      if (withdrawnFor !== null) this.#command({ kind: 'enable', lockerId: id, reason: 'wires' })
      if (distrustedFor !== null && this.#sensors.isTrue(id)) {
        this.#command({ kind: 'trust', lockerId: id, reason: 'new contact' })
      }
      // Its wires seemed crossed.
      if (withdrawnFor !== null && !this.#isTroubled) {
        this.#command({ kind: 'enable', lockerId: id, reason: 'wires are right' })
      }
      // What is in dispute is for the operator, who has time for it when the trouble is over.
      const isUnclear = state === 'disputed' || row.isInDoubt
      const isForOperator = isUnclear && !this.#isTroubled && !this.#isAuditDue()
      if ((state !== 'unverified' && !isForOperator) || compartment.door === 'open') continue
      const insideIds = keepKnown(compartment, ledger.parcelsAt(id))
      const found = insideIds.length === 0 ? 'empty' : 'parcel'
      this.#command({ kind: 'inspect', lockerId: id, found, insideIds, reason: 'round' })
    }
  }

  #command(command: TechnicianCommand): void {
    this.#wishes += 1
    const requestId = `t${this.#wishes}`
    this.#lives.tell({ kind: 'technician-asked', requestId, technicianId: 't-1', command })
  }

  /** Nobody stands there. */
  #isQuiet(): boolean {
    return this.#view?.screen.kind === 'welcome' && this.#visitor === null
  }

  /** Somebody passes by and pushes the doors shut that nobody uses. */
  #closeForgotten(): void {
    if (this.#view?.screen.kind !== 'welcome') return
    for (const compartment of this.#cabinet.compartments.values()) {
      if (!this.#orders.isCallerAt(compartment)) this.#cabinet.close(compartment)
    }
  }

  #scheduleFaults(): void {
    scheduleTrouble({
      timeline: this.#timeline,
      random: this.#random.fork('trouble'),
      thief: this.#random.fork('thief'),
      grabber: this.#random.fork('grabber'),
      faults: this.#faults,
      cabinet: this.#cabinet,
      cable: this.#cable,
      central: this.#central,
      boards: this.#bus.boards,
      isTroubled: () => this.#isTroubled,
      isQuiet: () => this.#isQuiet(),
      keeper: this.#random.fork('keeper'),
      lives: this.#lives,
      log: (what) => this.#log('thief', what),
      grabbed: () => this.checkers.count(`grabbed at ${this.#view?.screen.kind ?? 'no screen'}`),
    })
  }

  #heal(): void {
    this.#log('heals', '')
    this.#isTroubled = false
    this.#healedSeq = this.checkers.facts.length
    this.#cable.faults = NO_FAULTS
    this.#central.faults = NO_FAULTS
    this.#central.isReachable = true
    this.#cable.plug()
    this.#sensors.heal()
    for (const compartment of this.#cabinet.compartments.values()) compartment.isJammed = false
  }
}

function indexOf(digits: string): string {
  return createHash('sha256').update(digits).digest('base64url')
}
