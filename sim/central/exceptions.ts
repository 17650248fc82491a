// Where central and a kiosk have decided without each other: what happened at the doors stands, and
// somebody of the operator has to know. Each is filed once, with the fact that shows it, in the
// transaction that takes the fact.
import type Database from 'better-sqlite3'
import type { DesiredPickup } from '../../src/kiosk/desired.ts'
import type { DesiredStore, Place } from './desired-store.ts'
import { type FactStore, readEvent, type TakenFact } from './fact-store.ts'
import { COLLECTED, DEPOSITED, HANDED_IN } from './letters.ts'

export const EXCEPTION_SCHEMA = `
  CREATE TABLE IF NOT EXISTS exception (
    id INTEGER PRIMARY KEY, kiosk TEXT NOT NULL, epoch TEXT NOT NULL, seq INTEGER NOT NULL,
    kind TEXT NOT NULL, parcel TEXT NOT NULL, at INTEGER NOT NULL,
    UNIQUE (kiosk, epoch, seq)
  ) STRICT;
`

/**
 * - `picked-up-after-revoke`: by a PIN that central wanted replaced already
 * - `picked-up-after-end`: by a PIN whose end central had moved before that moment
 * - `deposited-after-withdrawal`, `handed-in-after-withdrawal`: central wanted it no more
 */
type ExceptionKind =
  | 'picked-up-after-revoke'
  | 'picked-up-after-end'
  | 'deposited-after-withdrawal'
  | 'handed-in-after-withdrawal'

export interface Exception {
  readonly kioskId: string
  readonly epoch: string
  readonly seq: number
  readonly kind: ExceptionKind
  readonly parcelId: string
  readonly atWallMs: number
}

interface Parts {
  readonly db: Database.Database
  readonly facts: FactStore
  readonly desired: DesiredStore
}

export class ExceptionDesk {
  readonly #parts: Parts

  constructor(parts: Parts) {
    this.#parts = parts
  }

  /** Before the fact's own consequences: what it ends is wanted no more by them. */
  follow(fact: TakenFact): void {
    const parcelId = fact.event?.data['parcelId']
    if (fact.event === null || typeof parcelId !== 'string') return
    const kind = this.#kindOf(fact, parcelId)
    if (kind === null) return
    const { kioskId, epoch, seq } = fact
    this.#parts.db
      .prepare(
        'INSERT INTO exception (kiosk, epoch, seq, kind, parcel, at) VALUES (?, ?, ?, ?, ?, ?)',
      )
      .run(kioskId, epoch, seq, kind, parcelId, fact.event.t)
  }

  #kindOf(fact: TakenFact, parcelId: string): ExceptionKind | null {
    const { kioskId } = fact
    const { facts } = this.#parts
    switch (fact.type) {
      case COLLECTED:
        return this.#ofPickup(fact, parcelId)
      case DEPOSITED:
        // It lay here before, and somebody has found it again.
        if (facts.deposited(kioskId, parcelId) !== null) return null
        return this.#isWithdrawn({ kioskId, stream: 'parcel' }, parcelId)
          ? 'deposited-after-withdrawal'
          : null
      case HANDED_IN:
        if (fact.event?.data['proof'] === 'inspected') return null
        return this.#isWithdrawn({ kioskId, stream: 'return' }, parcelId)
          ? 'handed-in-after-withdrawal'
          : null
      default:
        return null
    }
  }

  /** It was wanted once, and is no more. What never was is a matter of couriers and recipients. */
  #isWithdrawn(place: Place, id: string): boolean {
    const last = this.#parts.desired.changesOf(place, id).at(-1)
    return last !== undefined && 'del' in last.op
  }

  /** The opening tells by which version of `pickup` its PIN was judged. */
  #ofPickup(fact: TakenFact, parcelId: string): ExceptionKind | null {
    const { kioskId, epoch } = fact
    const { facts, desired } = this.#parts
    const recipientId = facts.deposited(kioskId, parcelId)?.recipientId
    const openingId = Number(fact.event?.data['openingId'])
    const body = facts.bodyOf({ kioskId, epoch, seq: openingId })
    const opening = body === null ? null : readEvent(body, openingId).event
    const basis = opening?.data['basis'] as { readonly pickup: number } | undefined
    if (recipientId === undefined || basis === undefined) return null
    let reissue = 0
    const kinds = new Set<ExceptionKind>()
    for (const { version, op } of desired.changesOf({ kioskId, stream: 'pickup' }, recipientId)) {
      if (!('put' in op)) continue
      const row = op.put as DesiredPickup
      const isUnheard = version > basis.pickup
      if (isUnheard && row.reissue > reissue) kinds.add('picked-up-after-revoke')
      const endMs = row.expiresAtMs ?? Number.POSITIVE_INFINITY
      if (isUnheard && endMs < (fact.event?.t ?? 0)) kinds.add('picked-up-after-end')
      reissue = Math.max(reissue, row.reissue)
    }
    return [...kinds][0] ?? null
  }

  list(): readonly Exception[] {
    return this.#parts.db
      .prepare<[], Exception>(
        `SELECT kiosk AS kioskId, epoch, seq, kind, parcel AS parcelId, at AS atWallMs
         FROM exception ORDER BY id`,
      )
      .all()
  }
}
