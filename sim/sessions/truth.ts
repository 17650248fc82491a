// What must hold when many assign at once, judged from outside: by the stored facts and by what
// lies in the cabinet, never by what the rules remember.
import type { Ledger } from '../../src/store/ledger.ts'
import type { Cabinet } from '../cabinet.ts'

interface Fact {
  readonly type: string
  readonly data: Readonly<Record<string, unknown>>
}

const ENDS = ['door-closed', 'opening-failed', 'opening-unproven']

export class Truth {
  readonly violations: string[] = []
  readonly counts: Record<string, number> = {}
  /** The most deposits that were under way at one time: assigned, and not yet closed behind. */
  underWayMax = 0
  readonly #cabinet: Cabinet
  /** By locker: the parcel that was promised this place, or lies in it. */
  readonly #assigned = new Map<string, string>()
  readonly #underWay = new Set<string>()
  readonly #openings = new Map<string, unknown>()
  #seq = 0

  constructor(cabinet: Cabinet) {
    this.#cabinet = cabinet
  }

  violated(what: string): void {
    this.violations.push(what)
  }

  count(name: string): void {
    this.counts[name] = (this.counts[name] ?? 0) + 1
  }

  /** After every commit. */
  stored(ledger: Ledger): void {
    for (const { seq, body } of ledger.outboxAfter(this.#seq, {
      countMax: 10_000,
      bytesMax: 1e9,
    })) {
      this.#seq = seq
      const { type, data } = JSON.parse(body) as Fact
      const kind = type.replace(/\/\d+$/, '')
      this.count(kind)
      this.#judge(kind, data)
    }
  }

  #judge(kind: string, data: Fact['data']): void {
    const lockerId = String(data['lockerId'])
    const parcelId = String(data['parcelId'])
    if (kind === 'deposit-started') this.#judgeAssignment(lockerId, parcelId)
    if (kind === 'opening-authorised') {
      if (this.#openings.has(lockerId)) this.violated(`${lockerId} is opened twice at once`)
      this.#openings.set(lockerId, data)
    }
    if (ENDS.includes(kind)) this.#openings.delete(lockerId)
    const isFreed =
      kind === 'deposit-cancelled' ||
      kind === 'parcel-collected' ||
      (kind === 'locker-inspected' && data['found'] === 'empty')
    if (isFreed) this.#assigned.delete(lockerId)
    if (isFreed || kind === 'parcel-deposited' || kind === 'deposit-interrupted') {
      this.#underWay.delete(lockerId)
    }
  }

  #judgeAssignment(lockerId: string, parcelId: string): void {
    const holder = this.#assigned.get(lockerId)
    if (holder !== undefined) this.violated(`${lockerId} is given to ${parcelId} beside ${holder}`)
    for (const [other, held] of this.#assigned) {
      if (held === parcelId) this.violated(`${parcelId} gets ${lockerId} beside ${other}`)
    }
    const { contents } = this.#cabinet.at(lockerId)
    if (contents.length > 0) this.violated(`${lockerId} is given out with ${contents} inside`)
    this.#assigned.set(lockerId, parcelId)
    this.#underWay.add(lockerId)
    this.underWayMax = Math.max(this.underWayMax, this.#underWay.size)
  }

  /** When everybody has gone: each parcel is where the ledger says, and each locker as it says. */
  settled(ledger: Ledger, parcelIds: readonly string[]): void {
    const places = new Map<string, string>()
    for (const { locker, contents, door } of this.#cabinet.compartments.values()) {
      const row = ledger.locker(locker.id)
      for (const label of contents) places.set(label, locker.id)
      if (door === 'open') this.violated(`door ${locker.id} stays open`)
      if (row?.state !== 'free' && row?.state !== 'occupied') {
        this.violated(`locker ${locker.id} ends ${row?.state}`)
      }
      const known = ledger.parcelsAt(locker.id).map(({ id }) => id)
      const expected = row?.state === 'occupied' ? known : []
      if (contents.join() !== expected.join()) {
        this.violated(`${contents} lies in ${locker.id}; the ledger says ${expected}`)
      }
    }
    for (const id of [...parcelIds, ...places.keys()]) {
      const parcel = ledger.parcel(id)
      if (parcel === null) this.violated(`${id} is lost to the ledger`)
      else if (parcel.state === 'deposited') {
        if (places.get(id) !== parcel.lockerId) this.violated(`${id} is not in ${parcel.lockerId}`)
      } else if (!['announced', 'collected', 'withdrawn'].includes(parcel.state)) {
        this.violated(`${id} ends ${parcel.state}`)
      } else if (places.has(id)) this.violated(`${id} lies in a locker and is ${parcel.state}`)
    }
    for (const opening of ledger.liveOpenings()) this.violated(`opening ${opening.id} never ends`)
  }
}
