// One seed: 64 clients at 64 screens against 40 lockers, all at once. They bring and collect,
// change their minds, walk away from open doors, meet stuck ones; the process dies now and then.
// Then all becomes quiet, and the books must agree with what lies in the lockers.
import { join } from 'node:path'
import { DEFAULT_POLICY, type KioskConfig, lockersOf } from '../../src/kiosk/config.ts'
import type { KioskAction } from '../../src/kiosk/events.ts'
import type { StoreRecord } from '../../src/kiosk/facts.ts'
import { type Ledger, openLedger } from '../../src/store/ledger.ts'
import { Cabinet, keepKnown } from '../cabinet.ts'
import {
  COURIER_CODE,
  courierVisit,
  recipientVisit,
  referenceOf,
  type Surroundings,
  type Visitor,
  type Wish,
} from '../world/people.ts'
import { createRandom, type Random } from '../world/random.ts'
import { Timeline } from '../world/timeline.ts'
import { FIRST, Hall } from './hall.ts'
import { Truth } from './truth.ts'

const CLIENTS = 64
const LOCKERS = 40
const BOARDS = 4
const PARCELS = 90
const BUSY_MS = 18_000
/** Whoever is there finishes; nobody new comes. */
const LEAVING_MS = 24_000
const QUIET_MS = 50_000
const STEPS_MAX = 100_000
const SIZES = ['S', 'M', 'L']

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

function drawWall(random: Random): KioskConfig {
  const perBoard = LOCKERS / BOARDS
  const columns = Array.from({ length: BOARDS }, (_, board) => ({
    lockers: Array.from({ length: perBoard }, (__, channel) => ({
      id: String(board * perBoard + channel + 1),
      size: random.pick(SIZES),
      boardId: `b${board}`,
      channel: channel + 1,
      bottomMm: 180 * channel,
    })),
  }))
  const sizes = SIZES.map((name, index) => ({
    name,
    widthMm: 400,
    heightMm: 180 * (index + 1),
    depthMm: 600,
  }))
  const shortTimes = { reopenMs: 2_000, leftOpenMs: 8_000, thanksMs: 1_000, idleMs: 20_000 }
  // Nobody is at two screens at once: what several parcels have in common is the world's to show.
  const apart = { parcelsPerLockerMax: 1 }
  const policy = { ...DEFAULT_POLICY, ...shortTimes, ...apart, courierIdleMs: 21_000 }
  const words = { kioskId: 'hall', siteName: 'Hall', helpPhone: '000' }
  return { ...words, sizes, columns, policy }
}

class Sessions {
  readonly truth: Truth
  readonly #random: Random
  readonly #timeline = new Timeline()
  readonly #config: KioskConfig
  readonly #cabinet: Cabinet
  readonly #ledger: Ledger
  readonly #hall: Hall
  readonly #visitors: (Visitor | null)[] = Array.from({ length: CLIENTS }, () => null)
  readonly #pins = new Map<string, string>()
  /** Whose parcels are being collected, by screen: nobody is at two screens at once. */
  readonly #collecting = new Map<number, string>()
  #count = 0
  #isBusy = true

  constructor(seed: number, folder: string, open: OpenLedger) {
    this.#random = createRandom(`sessions ${seed}`)
    this.#config = drawWall(this.#random.fork('wall'))
    this.#ledger = open({
      path: join(folder, `${seed}.db`),
      lockerIds: lockersOf(this.#config).map(({ id }) => id),
      newEpoch: `epoch-${seed}`,
    })
    this.#cabinet = new Cabinet(this.#config, {
      doorMoved: ({ locker }) => this.#hall.moved(locker.id),
    })
    this.truth = new Truth(this.#cabinet)
    this.#furnish()
    const crash = this.#random.chance(0.5) ? this.#random.next() * 0.01 : 0
    this.#hall = new Hall({
      config: this.#config,
      ledger: this.#ledger,
      cabinet: this.#cabinet,
      timeline: this.#timeline,
      random: this.#random.fork('hall'),
      edgeCount: CLIENTS,
      crashAtTurn: () => (this.#isBusy ? crash : 0),
      stored: () => this.truth.stored(this.#ledger),
      performed: (edge, action) => this.#perform(edge, action),
      died: () => {
        this.truth.count('dies')
        this.#visitors.fill(null)
      },
    })
  }

  run(): void {
    const random = this.#random.fork('people')
    const whim = random.chance(0.3) ? 0 : 0.12
    for (let edge = 0; edge < CLIENTS; edge += 1) this.#live(edge, random, whim)
    this.#every(5_000, () => this.#lookAround())
    this.#every(3_000, () => this.#jam(random))
    this.#timeline.runUntil(BUSY_MS, STEPS_MAX)
    this.#isBusy = false
    for (const compartment of this.#cabinet.compartments.values()) compartment.isJammed = false
    this.#timeline.runUntil(BUSY_MS + LEAVING_MS + QUIET_MS, STEPS_MAX)
    const parcelIds = Array.from({ length: PARCELS }, (_, index) => `p-${index}`)
    this.truth.settled(this.#ledger, parcelIds)
  }

  close(): void {
    this.#ledger.close()
  }

  /** An operator's morning: staff, people, parcels, and a wall that somebody has looked into. */
  #furnish(): void {
    const { sizes } = this.#config
    const change = { version: 1, isSnapshot: true, deletes: [] } as const
    const staff = [{ id: 'c-1', role: 'courier', label: 'C', verifier: COURIER_CODE }] as const
    const people = [1, 2, 3].map((n) => ({ id: `r-${n}`, label: `Flat ${n}` }))
    const parcels = Array.from({ length: PARCELS }, (_, index) => ({
      id: `p-${index}`,
      tracking: `T${index}`,
      size: this.#random.pick(sizes).name,
      // Each parcel has a PIN of its own: what several have in common is the world's to show.
      recipientId: `r-of-p-${index}`,
      needsReach: this.#random.chance(0.1),
      weightGrams: this.#random.chance(0.2) ? 15_000 : null,
    }))
    const by = { role: 'technician' } as const
    const looks = lockersOf(this.#config).map(({ id: lockerId }): StoreRecord => {
      const data = { lockerId, found: 'empty', parcelId: null, by, reason: null } as const
      return { kind: 'locker-inspected', data }
    })
    this.#ledger.begin()
    this.#ledger.apply(
      [
        { kind: 'stream-applied', data: { stream: 'staff', ...change, puts: staff } },
        { kind: 'stream-applied', data: { stream: 'directory', ...change, puts: people } },
        { kind: 'stream-applied', data: { stream: 'parcel', ...change, puts: parcels } },
        ...looks,
      ],
      this.#timeline.now(),
    )
    this.#ledger.commit()
  }

  #every(periodMs: number, run: () => void): void {
    this.#timeline.after(periodMs, () => {
      run()
      this.#every(periodMs, run)
    })
  }

  /** One client at one screen: comes, acts when it is inclined to, goes, and another one comes. */
  #live(edge: number, random: Random, whim: number): void {
    const at: Surroundings = {
      view: () => this.#hall.view(edge),
      cabinet: this.#cabinet,
      wish: (wish) => this.#wish(edge, wish),
      random,
      whim: () => (this.#isBusy ? whim : 0),
    }
    const act = (): void => {
      const visitor = this.#visitors[edge] ?? this.#nextVisitor(edge, at)
      this.#visitors[edge] = visitor?.() === true ? visitor : null
      const isLate = this.#timeline.nowMs > BUSY_MS + LEAVING_MS
      if (this.#isBusy || (this.#visitors[edge] !== null && !isLate)) {
        this.#timeline.after(random.between(300, 2_400), act)
      }
    }
    this.#timeline.after(random.between(500, 3_000), act)
  }

  #nextVisitor(edge: number, at: Surroundings): Visitor | null {
    this.#collecting.delete(edge)
    if (!this.#isBusy || at.view()?.screen.kind !== 'welcome') return null
    const { random } = at
    const lying = [...this.#cabinet.compartments.values()].flatMap(({ contents }) =>
      contents.filter((label) => this.#pins.has(label)),
    )
    const busy = new Set(this.#collecting.values())
    const idle = lying.filter((id) => !busy.has(this.#recipientOf(id)))
    if (idle.length === 0 || random.chance(0.4)) return courierVisit(at, random.between(1, 3))
    const parcelId = random.pick(idle)
    this.#collecting.set(edge, this.#recipientOf(parcelId))
    return recipientVisit(at, () => this.#pins.get(parcelId) ?? 'none')
  }

  #recipientOf(parcelId: string): string {
    return this.#ledger.parcel(parcelId)?.recipientId ?? ''
  }

  #wish(edge: number, wish: Wish): void {
    this.#count += 1
    const { rev } = this.#hall.view(edge)
    const intentId = `w${this.#count}`
    const intent =
      wish.kind === 'digits'
        ? ({
            kind: 'digits',
            digitCount: DEFAULT_POLICY.pinDigits,
            pinIndex: wish.digits,
            accessIndex: wish.digits,
          } as const)
        : wish.kind === 'scan'
          ? { ...wish, badgeIndex: 'none' }
          : { ...wish, value: wish.value ?? null }
    this.#hall.send(edge, { kind: 'intent-sent', intentId, rev, intent })
  }

  #perform(edge: number, action: KioskAction): void {
    if (action.kind === 'prepare-pin') return this.#preparePin(edge, action.parcelId)
    if (action.kind !== 'unlock') return
    const { boardId, channel, openingId } = action
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
      this.#pins.set(parcelId, index)
      this.#hall.send(edge, {
        kind: 'pin-prepared',
        parcelId,
        index,
        referenceIndex: referenceOf(index),
        sealedPin: 'sealed',
      })
    })
  }

  /** Somebody shuts doors that nobody uses; a technician looks into what is not proven. */
  #lookAround(): void {
    for (const compartment of this.#cabinet.compartments.values()) {
      const { locker, door } = compartment
      if (door === 'open' && !this.#hall.isAttended(locker.id)) this.#cabinet.close(compartment)
    }
    for (const { id: lockerId, state, distrustedFor } of this.#ledger.lockers()) {
      if (distrustedFor !== null) this.#command({ kind: 'trust', lockerId, reason: 'mended' })
      const compartment = this.#cabinet.at(lockerId)
      const isIdle = state === 'unverified' && this.#hall.ownerOf(lockerId) === null
      if (!isIdle || compartment.door === 'open') continue
      const insideIds = keepKnown(compartment, this.#ledger.parcelsAt(lockerId))
      const found = insideIds.length === 0 ? 'empty' : 'parcel'
      this.#command({ kind: 'inspect', lockerId, found, insideIds, reason: 'round' })
    }
  }

  #command(
    command: Extract<Parameters<Hall['send']>[1], { kind: 'technician-asked' }>['command'],
  ): void {
    this.#count += 1
    const requestId = `t${this.#count}`
    const asked = { kind: 'technician-asked', requestId, technicianId: 't-1', command } as const
    this.#hall.send(FIRST, asked)
  }

  #jam(random: Random): void {
    const compartment = random.pick([...this.#cabinet.compartments.values()])
    compartment.isJammed = this.#isBusy && random.chance(0.3) && !compartment.isJammed
  }
}
