// One seed: 64 clients at 64 screens against 40 lockers, all at once. They bring, collect, hand in
// and take back, change their minds, walk away from open doors, meet stuck ones; the process dies
// now and then. Then all becomes quiet, and the books must agree with what lies in the lockers; and
// at last everybody comes for what is left, and gets it.
import { join } from 'node:path'
import { type KioskConfig, lockersOf } from '../../src/kiosk/config.ts'
import type { KioskAction, TechnicianCommand } from '../../src/kiosk/events.ts'
import type { LockerRow } from '../../src/kiosk/ledger.ts'
import type { Intent } from '../../src/kiosk/view.ts'
import { type Ledger, openLedger } from '../../src/store/ledger.ts'
import { Cabinet, type Compartment, keepKnown } from '../cabinet.ts'
import { claimsFor, Letters, sealed } from '../world/letters.ts'
import { referenceOf, type Surroundings, type Visitor, type Wish } from '../world/people.ts'
import { createRandom, type Random } from '../world/random.ts'
import { Timeline } from '../world/timeline.ts'
import { Clients } from './clients.ts'
import { FIRST, Hall } from './hall.ts'
import { drawMorning, drawWall, type Morning, recordsOf } from './morning.ts'
import { Rights } from './rights.ts'
import { readFact } from './told.ts'
import { Truth } from './truth.ts'

const CLIENTS = 64
const BUSY_MS = 18_000
const QUIET_MS = 30_000
/** Whether all have finished is looked at so often, and for so long. */
const LOOK_MS = 5_000
const LOOKS_MAX = 80
/** The last ones come to so many screens. */
const LAST_ONES = 12
const STEPS_MAX = 100_000

export interface SessionsOutcome {
  readonly seed: number
  readonly violations: readonly string[]
  readonly counts: Readonly<Record<string, number>>
  readonly underWayMax: number
}

/** Replaces the ledger by a faulty one: a checker that never complains is blind. */
export type OpenLedger = typeof openLedger

export function runSessions(
  seed: number,
  { folder, open = openLedger }: { readonly folder: string; readonly open?: OpenLedger },
): SessionsOutcome {
  const run = new Sessions(seed, folder, open)
  try {
    run.run()
  } catch (error) {
    run.truth.violated(`the rules failed: ${error instanceof Error ? error.stack : error}`)
  }
  run.close()
  const { violations, counts, underWayMax } = run.truth
  return { seed, violations, counts, underWayMax }
}

type Phase = 'busy' | 'leaving' | 'emptying'

class Sessions {
  readonly truth: Truth
  readonly #random: Random
  readonly #timeline = new Timeline()
  readonly #config: KioskConfig
  readonly #cabinet: Cabinet
  readonly #ledger: Ledger
  readonly #morning: Morning
  readonly #rights: Rights
  readonly #letters = new Letters()
  readonly #clients: Clients
  readonly #hall: Hall
  readonly #visitors: (Visitor | null)[] = Array.from({ length: CLIENTS }, () => null)
  #count = 0
  #readSeq = 0
  #phase: Phase = 'busy'

  constructor(seed: number, folder: string, open: OpenLedger) {
    this.#random = createRandom(`sessions ${seed}`)
    this.#config = drawWall(this.#random.fork('wall'))
    this.#morning = drawMorning(this.#random.fork('morning'))
    this.#ledger = open({
      path: join(folder, `${seed}.db`),
      lockerIds: lockersOf(this.#config).map(({ id }) => id),
      newEpoch: `epoch-${seed}`,
    })
    this.#cabinet = new Cabinet(this.#config, {
      doorMoved: (compartment) => {
        this.truth.doorMoved(compartment)
        this.#hall.moved(compartment.locker.id)
      },
    })
    this.#rights = new Rights(this.#morning, (what) => this.truth.violated(what))
    const { owners } = this.#rights
    const { parcelsPerLockerMax } = this.#config.policy
    this.truth = new Truth({ cabinet: this.#cabinet, parcelsPerLockerMax, owners })
    this.#clients = new Clients({
      morning: this.#morning,
      letters: this.#letters,
      cabinet: this.#cabinet,
      ledger: this.#ledger,
    })
    this.#ledger.begin()
    this.#ledger.apply(recordsOf(this.#morning, this.#config), this.#timeline.now())
    this.#ledger.commit()
    this.#hall = this.#createHall()
  }

  #createHall(): Hall {
    const crash = this.#random.chance(0.5) ? this.#random.next() * 0.01 : 0
    return new Hall({
      config: this.#config,
      ledger: this.#ledger,
      cabinet: this.#cabinet,
      timeline: this.#timeline,
      random: this.#random.fork('hall'),
      edgeCount: CLIENTS,
      crashAtTurn: () => (this.#phase === 'busy' ? crash : 0),
      stored: () => this.#readFacts(),
      performed: (edge, action) => this.#perform(edge, action),
      died: () => {
        this.truth.count('dies')
        this.#visitors.fill(null)
        this.#clients.allLeft()
        this.#rights.forget()
      },
    })
  }

  run(): void {
    const random = this.#random.fork('people')
    const whim = random.chance(0.3) ? 0 : 0.12
    const surroundings = Array.from({ length: CLIENTS }, (_, edge) =>
      this.#surroundings(edge, random, whim),
    )
    for (const [edge, at] of surroundings.entries()) this.#live(edge, at)
    this.#every(5_000, () => this.#lookAround())
    this.#every(3_000, () => this.#jam(random))
    this.#timeline.runUntil(BUSY_MS, STEPS_MAX)
    for (const compartment of this.#cabinet.compartments.values()) compartment.isJammed = false
    this.#close()
    this.#settle()
    this.#phase = 'emptying'
    this.#clients.allLeft()
    for (const [edge, at] of surroundings.slice(0, LAST_ONES).entries()) this.#live(edge, at)
    this.#runWhile(() => this.#isAnythingLeft())
    this.truth.emptied()
    this.#close()
    this.#settle()
  }

  /** Nobody new comes, and whoever is there finishes. */
  #close(): void {
    this.#phase = 'leaving'
    this.#runWhile(() => this.#visitors.some((visitor) => visitor !== null))
    this.#timeline.runUntil(this.#timeline.nowMs + QUIET_MS, STEPS_MAX)
  }

  #runWhile(isGoingOn: () => boolean): void {
    for (let looks = 0; looks < LOOKS_MAX && isGoingOn(); looks += 1) {
      this.#timeline.runUntil(this.#timeline.nowMs + LOOK_MS, STEPS_MAX)
    }
  }

  #settle(): void {
    this.truth.settled(
      this.#ledger,
      this.#morning.parcels.map(({ id }) => id),
    )
  }

  #isAnythingLeft(): boolean {
    return [...this.#cabinet.compartments.values()].some(({ contents }) => contents.length > 0)
  }

  close(): void {
    this.#ledger.close()
  }

  #readFacts(): void {
    if (this.#ledger.headSeq() === this.#readSeq) return
    const all = { countMax: 10_000, bytesMax: 1e9 }
    for (const row of this.#ledger.outboxAfter(this.#readSeq, all)) {
      const fact = readFact(row)
      this.#readSeq = fact.seq
      this.#rights.told(fact)
      this.truth.told(fact)
      this.#letters.read(fact)
    }
  }

  #every(periodMs: number, run: () => void): void {
    this.#timeline.after(periodMs, () => {
      run()
      this.#every(periodMs, run)
    })
  }

  #surroundings(edge: number, random: Random, whim: number): Surroundings {
    return {
      view: () => this.#hall.view(edge),
      cabinet: this.#cabinet,
      wish: (wish) => this.#wish(edge, wish),
      random,
      whim: () => (this.#phase === 'busy' ? whim : 0),
    }
  }

  /** One client at one screen: comes, acts when it is inclined to, goes, and another one comes. */
  #live(edge: number, at: Surroundings): void {
    const { random } = at
    const act = (): void => {
      const visitor = this.#visitors[edge] ?? this.#nextVisitor(edge, at)
      this.#visitors[edge] = visitor?.() === true ? visitor : null
      if (this.#phase !== 'leaving' || this.#visitors[edge] !== null) {
        this.#timeline.after(random.between(300, 2_400), act)
      }
    }
    this.#timeline.after(random.between(500, 3_000), act)
  }

  #nextVisitor(edge: number, at: Surroundings): Visitor | null {
    if (this.#phase === 'leaving' || at.view()?.screen.kind !== 'welcome') return null
    this.#clients.left(edge)
    return this.#phase === 'busy'
      ? this.#clients.anybody(edge, at)
      : this.#clients.lastOnes(edge, at)
  }

  #wish(edge: number, wish: Wish): void {
    this.#count += 1
    const { rev, screen } = this.#hall.view(edge)
    const intentId = `w${this.#count}`
    if (wish.kind === 'digits') this.#rights.typed(edge, wish.digits)
    // It gives the right that the PIN gives.
    if (wish.kind === 'token') this.#rights.typed(edge, wish.pin)
    const digitCount = 'digits' in screen ? screen.digits : 0
    const intent = intentOf(wish, digitCount)
    this.#hall.send(edge, { kind: 'intent-sent', intentId, rev, intent })
  }

  #perform(edge: number, action: KioskAction): void {
    if (action.kind === 'prepare-pin') return this.#preparePin(edge, action.parcelId)
    if (action.kind !== 'unlock') return
    const { boardId, channel, openingId } = action
    this.#rights.fired(edge, openingId)
    const compartment = this.#cabinet.on(boardId, channel)
    if (compartment === undefined) return
    const life = this.#hall.life
    this.#timeline.after(this.#random.between(5, 60), () => {
      if (life === this.#hall.life) {
        this.#hall.send(edge, { kind: 'unlock-ended', openingId, outcome: 'acknowledged' })
      }
      this.#timeline.after(this.#random.between(20, 1_400), () => this.#cabinet.spring(compartment))
    })
  }

  #preparePin(edge: number, parcelId: string): void {
    this.#count += 1
    const index = `PIN-${this.#count}`
    const life = this.#hall.life
    this.#timeline.after(this.#random.between(1, 20), () => {
      if (life !== this.#hall.life) return
      this.#hall.send(edge, {
        kind: 'pin-prepared',
        parcelId,
        index,
        referenceIndex: referenceOf(index),
        sealedPin: sealed(index),
      })
    })
  }

  /** Somebody shuts doors that nobody uses; a technician looks into what is not proven. */
  #lookAround(): void {
    for (const compartment of this.#cabinet.compartments.values()) {
      const { locker, door } = compartment
      if (door !== 'open' || this.#hall.isAttended(locker.id)) continue
      if (compartment.contents.length > 1) this.#clear(compartment)
      this.#cabinet.close(compartment)
    }
    for (const row of this.#ledger.lockers()) {
      if (row.distrustedFor !== null) {
        this.#command({ kind: 'trust', lockerId: row.id, reason: 'mended' })
      }
      // So many doors move at once that one beside an opening may look like crossed wires.
      if (row.withdrawnFor !== null) {
        this.truth.count('switched on again')
        this.#command({ kind: 'enable', lockerId: row.id, reason: 'the wires are right' })
      }
      const isIdle = this.#hall.ownerOf(row.id) === null
      if (isIdle && this.#cabinet.at(row.id).door === 'closed') this.#lookInto(row)
    }
  }

  #lookInto({ id: lockerId, state }: LockerRow): void {
    const compartment = this.#cabinet.at(lockerId)
    // What is in dispute is for the operator, who has time for it when the busy hours are over.
    if (state === 'unverified' || (state === 'disputed' && this.#phase !== 'busy')) {
      const insideIds = keepKnown(compartment, this.#ledger.parcelsAt(lockerId))
      const found = insideIds.length === 0 ? 'empty' : 'parcel'
      this.#command({ kind: 'inspect', lockerId, found, insideIds, reason: 'round' })
    } else if (compartment.contents.length > 1) this.#clear(compartment)
  }

  /** Somebody gave up and left it beside others: no sensor tells, but the courier calls for it. */
  #clear(compartment: Compartment): void {
    const lockerId = compartment.locker.id
    const state = this.#ledger.locker(lockerId)?.state
    const before = compartment.contents.length
    if (state !== 'occupied' && state !== 'awaiting-courier') return
    const kept = keepKnown(compartment, this.#ledger.parcelsAt(lockerId))
    if (kept.length < before) this.truth.count('left beside others')
  }

  #command(command: TechnicianCommand): void {
    this.#count += 1
    const requestId = `t${this.#count}`
    const asked = { kind: 'technician-asked', requestId, technicianId: 't-1', command } as const
    this.#hall.send(FIRST, asked)
  }

  #jam(random: Random): void {
    const compartment = random.pick([...this.#cabinet.compartments.values()])
    compartment.isJammed = this.#phase === 'busy' && random.chance(0.3) && !compartment.isJammed
  }
}

function intentOf(wish: Wish, digitCount: number): Intent {
  switch (wish.kind) {
    case 'digits':
      return { kind: 'digits', digitCount, pinIndex: wish.digits, accessIndex: wish.digits }
    case 'token':
      return { kind: 'token', claims: claimsFor(wish.pin) }
    case 'scan':
      return { ...wish, badgeIndex: 'none' }
    case 'press':
      return { ...wish, value: wish.value ?? null }
  }
}
