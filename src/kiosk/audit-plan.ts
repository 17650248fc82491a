// Which lockers a guided audit looks into, and in which order.
import type { AuditChoice } from './audit-facts.ts'
import type { LockerId } from './config.ts'
import type { Draft } from './draft.ts'
import type { LockerRow } from './ledger.ts'
import { planOf } from './wall-plan.ts'

export interface AuditWish {
  readonly choice: AuditChoice
  /** Counted from 1, from the left; null unless it is one column. */
  readonly column: number | null
}

/** @returns none when nothing fits */
export function planAudit(draft: Draft, { choice, column }: AuditWish): readonly LockerId[] {
  const { config, ledger } = draft
  const wall = planOf(config).lockers.map(({ locker }) => locker.id)
  switch (choice) {
    case 'all':
      return wall
    case 'column':
      return config.columns[(column ?? 0) - 1]?.lockers.map(({ id }) => id) ?? []
    case 'doubtful': {
      const doubtful = new Set(
        ledger
          .lockers()
          .filter(isDoubtful)
          .map(({ id }) => id),
      )
      return wall.filter((id) => doubtful.has(id))
    }
    case 'oldest': {
      const looked = new Map(ledger.lockers().map(({ id, lookedSeq }) => [id, lookedSeq]))
      return wall.toSorted((a, b) => (looked.get(a) ?? 0) - (looked.get(b) ?? 0))
    }
  }
}

/** The ledger itself is not sure what lies there, or whether its sensors can tell. */
export function isDoubtful(locker: LockerRow): boolean {
  const { state, distrustedFor, isContentsDistrusted, lastOutcome } = locker
  const isUnproven = state === 'unverified' || state === 'disputed'
  const isBlind = distrustedFor !== null || isContentsDistrusted
  return isUnproven || isBlind || lastOutcome === 'forced' || lastOutcome === 'wrong-door'
}
