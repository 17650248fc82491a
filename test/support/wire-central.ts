// Central without a wire: the reference central's stores, and what it answers to each message. What
// it signs is handed out as text, for whoever owns the broker.
import Sqlite from 'better-sqlite3'
import { confirmationOf } from '../../sim/central/confirmation.ts'
import { DESIRED_SCHEMA, DesiredStore } from '../../sim/central/desired-store.ts'
import { FACT_SCHEMA, FactStore } from '../../sim/central/fact-store.ts'
import type { PrivateKey } from '../../sim/central/keys.ts'
import { signDown } from '../../sim/central/sign-down.ts'
import type { DesiredSetting, DesiredStaff } from '../../src/kiosk/desired.ts'
import { checkUp } from '../../src/sync/contract/validate.ts'
import type { DownLeaf, UpLeaf } from '../../src/sync/machine/messages.ts'

export interface Wire {
  readonly kioskId: string
  readonly leaf: DownLeaf
  readonly text: string
}

/** Streams that an attacker would like to have for himself. */
export const WATCHED = ['staff', 'configuration'] as const
export type Watched = (typeof WATCHED)[number]

/** What central wanted of one kiosk in one stream at some time: its rows, in a word each. */
interface Wanted {
  readonly version: number
  readonly rows: readonly string[]
}

/** Staff by their ids alone: what else stands there travels as a verifier. */
export function wordOf(row: DesiredStaff | DesiredSetting): string {
  return 'value' in row ? `${row.id} ${row.value}` : row.id
}

interface WatchedPlace {
  readonly kioskId: string
  readonly stream: Watched
}

export class WireCentral {
  readonly facts: FactStore
  readonly desired: DesiredStore
  /** By kiosk and stream, oldest first. */
  readonly #wanted = new Map<string, Wanted[]>()
  readonly #key: PrivateKey

  constructor(key: PrivateKey) {
    const db = new Sqlite(':memory:').exec(FACT_SCHEMA + DESIRED_SCHEMA)
    this.facts = new FactStore(db)
    this.desired = new DesiredStore(db)
    this.#key = key
  }

  async sign(kioskId: string, leaf: DownLeaf, fields: object): Promise<Wire> {
    const body = { v: 1, k: kioskId, t: 1, ...fields }
    return { kioskId, leaf, text: await signDown(this.#key, { leaf, body }) }
  }

  wanted(kioskId: string, stream: Watched): readonly Wanted[] {
    return this.#wanted.get(`${kioskId} ${stream}`) ?? []
  }

  #note(place: WatchedPlace): void {
    const { kioskId, stream } = place
    const rows = this.desired.rows(place).map((row) => wordOf(row as DesiredStaff | DesiredSetting))
    const version = this.desired.versions(kioskId)[stream]
    const known = this.wanted(kioskId, stream)
    this.#wanted.set(`${kioskId} ${stream}`, [...known, { version, rows }])
  }

  async employ(kioskId: string, row: DesiredStaff): Promise<readonly Wire[]> {
    const place = { kioskId, stream: 'staff' } as const
    return this.#change(place, () => this.desired.put(place, row))
  }

  async dismiss(kioskId: string, id: string): Promise<readonly Wire[]> {
    const place = { kioskId, stream: 'staff' } as const
    return this.#change(place, () => this.desired.delete(place, id))
  }

  async configure(kioskId: string, row: DesiredSetting): Promise<readonly Wire[]> {
    const place = { kioskId, stream: 'configuration' } as const
    return this.#change(place, () => this.desired.put(place, row))
  }

  async #change(place: WatchedPlace, work: () => void): Promise<readonly Wire[]> {
    const { kioskId, stream } = place
    const before = this.desired.versions(kioskId)[stream]
    work()
    this.#note(place)
    const delta = this.desired.since(place, before)
    return [await this.sign(kioskId, 'delta', { stream, ...delta })]
  }

  /** @returns what it signs; nothing for what is not of the contract */
  async take(kioskId: string, leaf: UpLeaf, text: string): Promise<readonly Wire[]> {
    const body = JSON.parse(text)
    if (!checkUp(leaf, body).isValid || body.k !== kioskId) return []
    if (leaf === 'ev') return this.#takeFacts(kioskId, body)
    return leaf === 'sync' ? this.#answer(kioskId, body) : []
  }

  async #takeFacts(
    kioskId: string,
    { epoch, first, ev }: { epoch: string; first: number; ev: readonly string[] },
  ): Promise<readonly Wire[]> {
    const batch = { kioskId, epoch, first, texts: ev }
    const progress = this.facts.take(batch, () => {})
    const head = this.desired.versions(kioskId)
    const told = this.facts.told(batch)
    const acks = [progress, ...(told === null ? [] : [told])].map((each) =>
      this.sign(kioskId, 'ack', { epoch, ...each, head }),
    )
    return [...(await Promise.all(acks)), ...(await this.#confirm(kioskId, epoch))]
  }

  async #confirm(kioskId: string, epoch: string): Promise<readonly Wire[]> {
    const wanted = confirmationOf(this.facts, { kioskId, epoch })
    if (wanted === null || wanted.parcels.length === 0) return []
    return [await this.sign(kioskId, 'confirm', { epoch, ...wanted })]
  }

  async #answer(
    kioskId: string,
    { id, have }: { id: string; have: Readonly<Record<string, number>> },
  ): Promise<readonly Wire[]> {
    const answers: Wire[] = []
    for (const stream of WATCHED) {
      answers.push(...(await this.#bring({ kioskId, stream }, { id, from: have[stream] ?? 0 })))
    }
    const head = await this.sign(kioskId, 'head', { head: this.desired.versions(kioskId) })
    if (answers.length === 0) return [head]
    const confirms = this.facts
      .epochs()
      .filter((known) => known.kioskId === kioskId)
      .map(({ epoch }) => this.#confirm(kioskId, epoch))
    return [...answers, head, ...(await Promise.all(confirms)).flat()]
  }

  async #bring(
    place: WatchedPlace,
    { id, from }: { readonly id: string; readonly from: number },
  ): Promise<readonly Wire[]> {
    const { kioskId, stream } = place
    const before = this.desired.versions(kioskId)[stream]
    this.desired.overtake(place, from)
    const ver = this.desired.versions(kioskId)[stream]
    if (ver !== before) this.#note(place)
    if (from === ver) return []
    const delta = from === 0 ? null : this.desired.since(place, from)
    if (delta !== null) return [await this.sign(kioskId, 'delta', { stream, ...delta })]
    const rows = this.desired.rows(place)
    return [await this.sign(kioskId, 'snap', { stream, ver, re: id, rows })]
  }
}
