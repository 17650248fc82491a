// Central without a wire: the reference central's stores, and what it answers to each message. What
// it signs is handed out as text, for whoever owns the broker.
import Sqlite from 'better-sqlite3'
import { confirmationOf } from '../../sim/central/confirmation.ts'
import { DESIRED_SCHEMA, DesiredStore } from '../../sim/central/desired-store.ts'
import { FACT_SCHEMA, FactStore } from '../../sim/central/fact-store.ts'
import type { PrivateKey } from '../../sim/central/keys.ts'
import { signDown } from '../../sim/central/sign-down.ts'
import type { DesiredStaff } from '../../src/kiosk/desired.ts'
import { checkUp } from '../../src/sync/contract/validate.ts'
import type { DownLeaf, UpLeaf } from '../../src/sync/machine/messages.ts'

export interface Wire {
  readonly kioskId: string
  readonly leaf: DownLeaf
  readonly text: string
}

/** What central wanted of one kiosk's staff at some time. */
export interface Wanted {
  readonly version: number
  readonly ids: readonly string[]
}

export class WireCentral {
  readonly facts: FactStore
  readonly desired: DesiredStore
  /** Of each kiosk, oldest first. */
  readonly wanted = new Map<string, Wanted[]>()
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

  #note(kioskId: string): void {
    const place = { kioskId, stream: 'staff' } as const
    const ids = this.desired.rows(place).map((row) => (row as DesiredStaff).id)
    const version = this.desired.versions(kioskId).staff
    const known = this.wanted.get(kioskId) ?? []
    this.wanted.set(kioskId, [...known, { version, ids }])
  }

  async employ(kioskId: string, row: DesiredStaff): Promise<readonly Wire[]> {
    return this.#change(kioskId, () => this.desired.put({ kioskId, stream: 'staff' }, row))
  }

  async dismiss(kioskId: string, id: string): Promise<readonly Wire[]> {
    return this.#change(kioskId, () => this.desired.delete({ kioskId, stream: 'staff' }, id))
  }

  async #change(kioskId: string, work: () => void): Promise<readonly Wire[]> {
    const before = this.desired.versions(kioskId).staff
    work()
    this.#note(kioskId)
    const delta = this.desired.since({ kioskId, stream: 'staff' }, before)
    return [await this.sign(kioskId, 'delta', { stream: 'staff', ...delta })]
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
    return wanted === null ? [] : [await this.sign(kioskId, 'confirm', { epoch, ...wanted })]
  }

  async #answer(
    kioskId: string,
    { id, have }: { id: string; have: Readonly<Record<string, number>> },
  ): Promise<readonly Wire[]> {
    const place = { kioskId, stream: 'staff' } as const
    const from = have['staff'] ?? 0
    const before = this.desired.versions(kioskId).staff
    this.desired.overtake(place, from)
    const ver = this.desired.versions(kioskId).staff
    if (ver !== before) this.#note(kioskId)
    const head = await this.sign(kioskId, 'head', { head: this.desired.versions(kioskId) })
    if (from === ver) return [head]
    const delta = from === 0 ? null : this.desired.since(place, from)
    const rows = this.desired.rows(place)
    const answer =
      delta === null
        ? this.sign(kioskId, 'snap', { stream: 'staff', ver, re: id, rows })
        : this.sign(kioskId, 'delta', { stream: 'staff', ...delta })
    const confirms = this.facts
      .epochs()
      .filter((known) => known.kioskId === kioskId)
      .map(({ epoch }) => this.#confirm(kioskId, epoch))
    return [await answer, head, ...(await Promise.all(confirms)).flat()]
  }
}
