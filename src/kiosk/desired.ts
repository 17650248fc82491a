// The desired state: what central wants to hold, in streams of versions. Central decides rights
// from now on; the kiosk's physical facts stand whatever arrives here.
import type { SizeName } from './config.ts'
import type { ParcelId } from './facts.ts'

export const STREAMS = ['parcel', 'staff', 'directory'] as const
export type StreamName = (typeof STREAMS)[number]

export interface DesiredParcel {
  readonly id: ParcelId
  readonly tracking: string | null
  readonly size: SizeName
  readonly recipientId: string
  /** Absent or null: not known. */
  readonly weightGrams?: number | null
  /** Only a locker within reach from a wheelchair will do. */
  readonly needsReach?: boolean
}

export interface DesiredStaff {
  readonly id: string
  readonly role: 'courier'
  readonly label: string
  /** Keyed index of the access code, base64url of 32 bytes; the code itself never comes here. */
  readonly verifier: string
}

/** Somebody to whom a courier may leave a parcel that was not announced. */
export interface DesiredRecipient {
  readonly id: string
  readonly label: string
  /** Only lockers within reach from a wheelchair will do. */
  readonly needsReach?: boolean
}

export interface StreamRows {
  readonly parcel: DesiredParcel
  readonly staff: DesiredStaff
  readonly directory: DesiredRecipient
}

export type StreamChange = {
  readonly [S in StreamName]: {
    readonly stream: S
    readonly version: number
    /** The rows are all there are; what is not among them goes. */
    readonly isSnapshot: boolean
    readonly puts: readonly StreamRows[S][]
    readonly deletes: readonly string[]
  }
}[StreamName]
