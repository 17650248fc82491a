// What central has told a kiosk of the bench before its first day: staff, people, parcels.
import type { StoreRecord } from '../../src/kiosk/facts.ts'

export interface BenchParcel {
  readonly id: string
  readonly size: string
  readonly recipientId?: string
  readonly carrierId?: string
  readonly weightGrams?: number
  readonly needsReach?: boolean
}

export function firstDay(parcels: readonly BenchParcel[]): readonly StoreRecord[] {
  return [
    {
      kind: 'stream-applied',
      data: {
        stream: 'staff',
        version: 1,
        isSnapshot: true,
        puts: [{ id: 'c-1', role: 'courier', label: 'Courier 1', verifier: 'code-1' }],
        deletes: [],
      },
    },
    {
      kind: 'stream-applied',
      data: {
        stream: 'directory',
        version: 1,
        isSnapshot: true,
        puts: [{ id: 'r-1', label: 'Flat 1' }],
        deletes: [],
      },
    },
    {
      kind: 'stream-applied',
      data: {
        stream: 'parcel',
        version: 1,
        isSnapshot: true,
        puts: parcels.map(({ id, recipientId = 'r-1', ...parcel }) => ({
          ...parcel,
          id,
          tracking: `T-${id}`,
          recipientId,
        })),
        deletes: [],
      },
    },
  ]
}
