// The desired state: what central wants to hold, in streams of versions. Central decides rights
// from now on; the kiosk's physical facts stand whatever arrives here.
import type { LockerId, SizeName } from './config.ts'
import type { ParcelId } from './facts.ts'

export const STREAMS = [
  'parcel',
  'staff',
  'directory',
  'pickup',
  'return',
  'locker',
  'configuration',
  'firmware',
] as const
export type StreamName = (typeof STREAMS)[number]

export interface DesiredParcel {
  readonly id: ParcelId
  readonly tracking: string | null
  readonly size: SizeName
  readonly recipientId: string
  /** Only this carrier's couriers see it; absent or null: every courier does. */
  readonly carrierId?: string | null
  /** Absent or null: not known. */
  readonly weightGrams?: number | null
  /** Only a locker within reach from a wheelchair will do. */
  readonly needsReach?: boolean
}

/** `break-glass`: nobody, but a code in a sealed envelope, good for one session. */
export type StaffRole = 'courier' | 'technician' | 'operator' | 'break-glass'

/** Verifiers are keyed indexes, base64url of 32 bytes; what they verify never comes here. */
export interface DesiredStaff {
  readonly id: string
  readonly role: StaffRole
  readonly label: string
  /** Of the access code. */
  readonly verifier: string
  readonly badgeVerifier?: string | null
  /** Of the four digits that are asked for when the day's budget of wrong entries is spent. */
  readonly referenceVerifier?: string | null
  readonly carrierId?: string | null
  readonly validFromMs?: number | null
  readonly validUntilMs?: number | null
}

/** Somebody to whom a courier may leave a parcel that was not announced. */
export interface DesiredRecipient {
  readonly id: string
  readonly label: string
  /** Only lockers within reach from a wheelchair will do. */
  readonly needsReach?: boolean
}

/** What central wants of the parcels that wait for one recipient. */
export interface DesiredPickup {
  /** The recipient's. */
  readonly id: string
  /** Grows by one with every new PIN that central wants made. */
  readonly reissue: number
  /** When the PIN shall end, ms since 1970; null: as the kiosk's policy says. */
  readonly expiresAtMs: number | null
}

/** A parcel that somebody may hand in. Its code is made here, and sealed to central. */
export interface DesiredReturn {
  readonly id: ParcelId
  readonly tracking: string | null
  /** Null: chosen at the screen. */
  readonly size: SizeName | null
  /** Who hands it in. */
  readonly recipientId: string
  /** Only this carrier's couriers take it out; absent or null: every courier may. */
  readonly carrierId?: string | null
  readonly weightGrams?: number | null
  readonly needsReach?: boolean
  /** When its code ends, ms since 1970; null: as the kiosk's policy says. */
  readonly expiresAtMs: number | null
}

/**
 * - `out`: no new parcel goes in; one that lies inside can be collected
 * - `unsafe`: nobody but a technician opens it
 */
export type Service = 'in' | 'out' | 'unsafe'

/** Whether a locker is in service. */
export interface DesiredLocker {
  /** The locker, by its label. */
  readonly id: LockerId
  /** Grows with every word of central on this locker; each one is done once. */
  readonly revision: number
  readonly service: Service
  readonly reason: string
}

/** One key of the configuration; src/kiosk/setting-limits.ts says which ones are for central. */
export interface DesiredSetting {
  readonly id: string
  readonly value: string | number
}

/** Which version of a program shall run; src/kiosk/firmware.ts says what comes of it. */
export interface DesiredFirmware {
  /** The component. */
  readonly id: string
  readonly version: string
}

export interface StreamRows {
  readonly parcel: DesiredParcel
  readonly staff: DesiredStaff
  readonly directory: DesiredRecipient
  readonly pickup: DesiredPickup
  readonly return: DesiredReturn
  readonly locker: DesiredLocker
  readonly configuration: DesiredSetting
  readonly firmware: DesiredFirmware
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
