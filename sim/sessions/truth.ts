// What must hold when many do everything at once, judged from outside: by the stored facts and by
// what lies in the cabinet, never by what the rules remember.
import type { Ledger } from '../../src/store/ledger.ts'
import type { Cabinet, Compartment } from '../cabinet.ts'
import type { Told } from './told.ts'

const OPENING_ENDS = ['door-closed', 'opening-failed', 'opening-unproven']
const PUT_IN = [
  'parcel-deposited',
  'parcel-handed-in',
  'deposit-interrupted',
  'hand-in-interrupted',
]
/** Facts after which a parcel has no place here any more. */
const PARCEL_LEAVES = [
  'deposit-cancelled',
  'hand-in-cancelled',
  'parcel-collected',
  'parcel-retrieved',
]
/** Of parcels: it lies there, and somebody may take it out. */
const LYING = ['deposited', 'handed-in', 'recalled']
const GONE = ['announced', 'collected', 'withdrawn']
const AT_REST = ['free', 'occupied', 'awaiting-courier']

export interface TruthParts {
  readonly cabinet: Cabinet
  /** Parcels of one recipient in one locker, at most. */
  readonly parcelsPerLockerMax: number
  /** By parcel: whose it is. */
  readonly owners: ReadonlyMap<string, string>
}

export class Truth {
  readonly violations: string[] = []
  readonly counts: Record<string, number> = {}
  /** The most deposits that were under way at one time: assigned, and not yet closed behind. */
  underWayMax = 0
  readonly #parts: TruthParts
  /** By locker: the parcels that were promised this place, or lie in it. */
  readonly #assigned = new Map<string, Set<string>>()
  readonly #underWay = new Set<string>()
  readonly #openings = new Map<string, Told['data']>()
  /** By locker: what lay there when its door opened. */
  readonly #lay = new Map<string, readonly string[]>()
  /** A courier has it. No sensor tells, and whoever walks off without a word does not either. */
  readonly #withCourier = new Set<string>()

  constructor(parts: TruthParts) {
    this.#parts = parts
  }

  violated(what: string): void {
    this.violations.push(what)
  }

  count(name: string): void {
    this.counts[name] = (this.counts[name] ?? 0) + 1
  }

  told({ kind, data }: Told): void {
    this.count(kind)
    if (kind === 'deposit-cancelled') this.count(`wanted ${data['reason']}`)
    const lockerId = String(data['lockerId'])
    const parcelId = String(data['parcelId'])
    if (kind === 'deposit-started' || kind === 'hand-in-started') {
      this.#judgeAssignment(lockerId, parcelId, data['isTogether'] === true)
    }
    if (kind === 'opening-authorised') {
      if (this.#openings.has(lockerId)) this.violated(`${lockerId} is opened twice at once`)
      this.#openings.set(lockerId, data)
    }
    if (OPENING_ENDS.includes(kind)) this.#openings.delete(lockerId)
    const isEmpty = kind === 'locker-inspected' && data['found'] === 'empty'
    if (isEmpty || PARCEL_LEAVES.includes(kind)) this.#leaves(lockerId, parcelId)
    if (isEmpty || PARCEL_LEAVES.includes(kind) || PUT_IN.includes(kind)) {
      this.#underWay.delete(lockerId)
    }
  }

  #leaves(lockerId: string, parcelId: string): void {
    this.#assigned.get(lockerId)?.delete(parcelId)
  }

  #judgeAssignment(lockerId: string, parcelId: string, isTogether: boolean): void {
    const held = this.#assigned.get(lockerId) ?? new Set<string>()
    for (const [other, ids] of this.#assigned) {
      if (ids.has(parcelId)) this.violated(`${parcelId} gets ${lockerId} beside ${other}`)
    }
    const { contents } = this.#parts.cabinet.at(lockerId)
    if (isTogether) this.#judgeTogether(lockerId, parcelId, held)
    else if (held.size > 0) this.violated(`${lockerId} is given to ${parcelId} beside ${[...held]}`)
    else if (contents.length > 0) {
      this.violated(`${lockerId} is given out with ${contents} inside`)
    }
    this.#assigned.set(lockerId, held.add(parcelId))
    this.#underWay.add(lockerId)
    this.underWayMax = Math.max(this.underWayMax, this.#underWay.size)
  }

  #judgeTogether(lockerId: string, parcelId: string, held: ReadonlySet<string>): void {
    this.count('put together')
    const { owners, parcelsPerLockerMax } = this.#parts
    const owner = owners.get(parcelId)
    if ([...held].some((id) => owners.get(id) !== owner)) {
      this.violated(`${parcelId} is put to ${[...held]} of others in ${lockerId}`)
    }
    if (held.size + 1 > parcelsPerLockerMax) {
      this.violated(`${held.size + 1} parcels in ${lockerId}, ${parcelsPerLockerMax} are allowed`)
    }
  }

  /** Whoever stands at an open door sees parcels of one person alone, and of the right one. */
  doorMoved({ locker, door, contents }: Compartment): void {
    const { owners } = this.#parts
    const inside = new Set(contents.map((id) => owners.get(id)))
    if (inside.size > 1) this.violated(`${contents} of several people lie in ${locker.id}`)
    if (contents.length > 1 && door === 'closed') this.count('shut on several parcels')
    const opening = this.#openings.get(locker.id)
    if (door === 'open') this.#lay.set(locker.id, contents)
    else if (opening?.['purpose'] === 'retrieval') {
      const lay = this.#lay.get(locker.id) ?? []
      for (const id of lay) if (!contents.includes(id)) this.#withCourier.add(id)
    }
    if (door === 'closed' || opening?.['purpose'] !== 'pickup') return
    const [wanted = ''] = opening['parcelIds'] as readonly string[]
    const stranger = contents.find((id) => owners.get(id) !== owners.get(wanted))
    if (stranger !== undefined) this.violated(`${locker.id} shows ${stranger} to others`)
  }

  /** When everybody has gone: each parcel is where the ledger says, and each locker as it says. */
  settled(ledger: Ledger, parcelIds: readonly string[]): void {
    const places = new Map<string, string>()
    for (const { locker, contents, door } of this.#parts.cabinet.compartments.values()) {
      const row = ledger.locker(locker.id)
      for (const label of contents) places.set(label, locker.id)
      if (door === 'open') this.violated(`door ${locker.id} stays open`)
      if (!AT_REST.includes(row?.state ?? '')) {
        this.violated(`locker ${locker.id} ends ${row?.state}`)
      }
      const lying = ledger
        .parcelsAt(locker.id)
        .filter(({ id, state }) => LYING.includes(state) && !this.#withCourier.has(id))
      const known = lying.map(({ id }) => id).sort()
      if (contents.toSorted().join() !== known.join()) {
        this.violated(`${contents} lies in ${locker.id}; the ledger says ${known}`)
      }
    }
    for (const id of [...parcelIds, ...places.keys()]) {
      const parcel = ledger.parcel(id)
      if (parcel === null) this.violated(`${id} is lost to the ledger`)
      else if (LYING.includes(parcel.state)) {
        if (this.#withCourier.has(id)) this.count('taken out without a word')
        else if (places.get(id) !== parcel.lockerId)
          this.violated(`${id} is not in ${parcel.lockerId}`)
      } else if (!GONE.includes(parcel.state)) this.violated(`${id} ends ${parcel.state}`)
      else if (places.has(id)) this.violated(`${id} lies in a locker and is ${parcel.state}`)
    }
    for (const opening of ledger.liveOpenings()) this.violated(`opening ${opening.id} never ends`)
  }

  /** At the very end: everybody who has a right to something could get it. */
  emptied(): void {
    for (const { locker, contents } of this.#parts.cabinet.compartments.values()) {
      if (contents.length > 0) this.violated(`nobody gets ${contents} out of ${locker.id}`)
    }
  }
}
