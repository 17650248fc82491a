// The wall as programs get it: real geometry, and what is known of every locker.
import type { KioskConfig } from '../kiosk/config.ts'
import type { KioskStatus, LockerStatus } from '../kiosk/events.ts'

export interface WallLocker {
  readonly id: string
  readonly size: string
  readonly state: LockerStatus['state']
  readonly door: LockerStatus['door']
  /** Why it is out of service; null while it is not. */
  readonly withdrawnFor: LockerStatus['withdrawnFor']
  /** Why its door’s sensor is not believed; null while it is. */
  readonly distrustedFor: LockerStatus['distrustedFor']
  readonly lastOutcome: LockerStatus['lastOutcome']
  readonly widthMm: number
  readonly heightMm: number
  readonly bottomMm: number
}

export interface Wall {
  readonly apiVersion: 1
  readonly kioskId: string
  /** From left to right; in each column from top to bottom. */
  readonly columns: readonly { readonly lockers: readonly WallLocker[] }[]
}

export function wallOf(config: KioskConfig, status: KioskStatus): Wall {
  const known = new Map(status.lockers.map((locker) => [locker.lockerId, locker]))
  const sizes = new Map(config.sizes.map((size) => [size.name, size]))
  const columns = config.columns.map(({ lockers }) => ({
    lockers: lockers.map(({ id, size, bottomMm }) => ({
      id,
      size,
      // A locker that the status leaves out is one that nothing is known of.
      state: known.get(id)?.state ?? 'unverified',
      door: known.get(id)?.door ?? 'unknown',
      withdrawnFor: known.get(id)?.withdrawnFor ?? null,
      distrustedFor: known.get(id)?.distrustedFor ?? null,
      lastOutcome: known.get(id)?.lastOutcome ?? null,
      widthMm: sizes.get(size)?.widthMm ?? 0,
      heightMm: sizes.get(size)?.heightMm ?? 0,
      bottomMm,
    })),
  }))
  return { apiVersion: 1, kioskId: config.kioskId, columns }
}
