// The custody chain as anybody can follow it: checks number, text and hash of each fact, and works
// out what the tables must say. Written from the contract, not from the store, so that the two
// agree only when both are right.
import { createHash } from 'node:crypto'
import type { LockerState, ParcelState } from '../../../src/kiosk/ledger.ts'

const CHAIN_START = '0'.repeat(64)

export interface ReadFact {
  readonly seq: number
  readonly kind: string
  readonly monoMs: number
  readonly body: string
  readonly data: Readonly<Record<string, unknown>>
}

interface FactText {
  readonly seq: number
  readonly type: string
  readonly mono: number
  readonly ph: string
  readonly data: FactData
}

/** The fields of any kind that are followed here. */
interface FactData extends Readonly<Record<string, unknown>> {
  readonly lockerId?: string
  readonly parcelId?: string | null
  readonly parcelIds?: readonly string[]
  readonly openingId?: number
  readonly purpose?: string
  readonly found?: string
  readonly boot?: number
}

interface ReplayedLocker {
  state: LockerState
  parcelId: string | null
}

interface ReplayedOpening {
  readonly purpose: string | undefined
  readonly parcelId: string | null
}

export class Replay {
  readonly facts: ReadFact[] = []
  readonly lockers = new Map<string, ReplayedLocker>()
  readonly parcels = new Map<string, ParcelState>()
  readonly openings = new Map<number, ReplayedOpening>()
  boot = 0
  readonly #violated: (what: string) => void
  #hash = CHAIN_START

  constructor(lockerIds: readonly string[], violated: (what: string) => void) {
    this.#violated = violated
    for (const id of lockerIds) this.lockers.set(id, { state: 'unverified', parcelId: null })
  }

  /** @param source who tells of this fact; a fact known already must be the same, whoever tells */
  take(seq: number, body: string, source: string): void {
    const known = this.facts[seq - 1]
    if (known !== undefined) {
      if (known.body !== body) this.#violated(`${source} tells fact ${seq} otherwise than before`)
      return
    }
    if (seq !== this.facts.length + 1) {
      this.#violated(`${source} has fact ${seq}, but ${this.facts.length + 1} is missing`)
      return
    }
    const { type, mono, ph, data, seq: written } = JSON.parse(body) as FactText
    if (ph !== this.#hash) this.#violated(`${source}: the chain is broken before fact ${seq}`)
    if (written !== seq) this.#violated(`${source}: fact ${seq} calls itself ${written}`)
    this.#hash = createHash('sha256').update(body).digest('hex')
    const kind = type.replace(/\/\d+$/, '')
    this.facts.push({ seq, kind, monoMs: mono, body, data })
    this.#follow(seq, kind, data)
  }

  #follow(seq: number, kind: string, data: FactData): void {
    const { lockerId, openingId = 0 } = data
    switch (kind) {
      case 'kiosk-started':
        this.boot = data.boot ?? 0
        return
      case 'opening-authorised':
        this.openings.set(seq, { parcelId: data.parcelIds?.[0] ?? null, purpose: data.purpose })
        return
      case 'opening-failed':
      case 'door-closed':
        this.openings.delete(openingId)
        return
      case 'door-opened':
        return this.#doorOpened(openingId)
      case 'door-forced':
        return this.#violated(`locker ${lockerId} raised an alarm, and nobody had forced it`)
      default:
        return this.#followParcel(kind, data)
    }
  }

  #doorOpened(openingId: number): void {
    const opening = this.openings.get(openingId)
    if (opening === undefined) return this.#violated(`opening ${openingId} opened after its end`)
    const { purpose, parcelId } = opening
    if (purpose !== 'pickup' || parcelId === null) return
    if (this.parcels.get(parcelId) !== 'deposited') {
      this.#violated(`${parcelId} was opened for its recipient as ${this.parcels.get(parcelId)}`)
    }
    this.parcels.set(parcelId, 'collecting')
  }

  #followParcel(kind: string, data: FactData): void {
    const { lockerId = '' } = data
    const parcelId = data.parcelId ?? ''
    const locker = this.lockers.get(lockerId)
    if (locker === undefined) return
    switch (kind) {
      case 'deposit-started':
        if (locker.state !== 'free') this.#violated(`${lockerId} was given as ${locker.state}`)
        this.parcels.set(parcelId, 'depositing')
        this.lockers.set(lockerId, { state: 'reserved', parcelId })
        return
      case 'deposit-interrupted':
        this.parcels.set(parcelId, 'unconfirmed')
        locker.state = 'unverified'
        return
      case 'parcel-deposited':
        this.parcels.set(parcelId, 'deposited')
        this.lockers.set(lockerId, { state: 'occupied', parcelId })
        return
      case 'parcel-collected':
        this.parcels.set(parcelId, 'collected')
        this.lockers.set(lockerId, { state: 'clearing', parcelId })
        return
      case 'locker-inspected':
        return this.#inspected(lockerId, data)
      case 'locker-released':
        this.lockers.set(lockerId, { state: 'free', parcelId: null })
        return
      case 'locker-doubted':
        locker.state = 'unverified'
    }
  }

  #inspected(lockerId: string, { parcelId, found }: FactData): void {
    if (found === 'parcel') {
      if (parcelId) this.parcels.set(parcelId, 'unconfirmed')
      return
    }
    if (parcelId && this.parcels.get(parcelId) === 'unconfirmed') {
      this.parcels.set(parcelId, 'announced')
    }
    this.lockers.set(lockerId, { state: 'free', parcelId: null })
  }
}
