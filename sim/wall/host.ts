// What the page of the simulated wall needs of the world behind it. The simulator implements it;
// the page and its server know nothing else of it.
import type { LockerId, SizeConfig, SizeName } from '../../src/kiosk/config.ts'

export interface WallDoor {
  readonly id: LockerId
  readonly size: SizeName
  readonly bottomMm: number
  readonly door: 'open' | 'closed'
  /** What lies inside, one label each; a label may be empty. */
  readonly contents: readonly string[]
  /** The lock fires, but the door does not move. */
  readonly isBlocked: boolean
}

/** The wall as it physically is, whatever the kiosk believes. */
export interface WallSnapshot {
  readonly kioskId: string
  readonly siteName: string
  /** Where the kiosk's own screen is served. */
  readonly screenUrl: string
  /** Smallest first. */
  readonly sizes: readonly SizeConfig[]
  /** From left to right; the lockers from top to bottom. */
  readonly columns: readonly { readonly lockers: readonly WallDoor[] }[]
}

/** What a person in front of the wall can do with the hands. */
export type WallCommand =
  | { readonly kind: 'put-in'; readonly lockerId: LockerId; readonly label: string }
  /** Everything that lies inside. */
  | { readonly kind: 'take-out'; readonly lockerId: LockerId }
  | { readonly kind: 'close'; readonly lockerId: LockerId }
  | { readonly kind: 'block'; readonly lockerId: LockerId }
  | { readonly kind: 'unblock'; readonly lockerId: LockerId }
  /** With a crowbar: no lock was fired. */
  | { readonly kind: 'force-open'; readonly lockerId: LockerId }

/** The reason is a sentence for the person: 'The door is closed.' */
export type WallResult = { readonly ok: true } | { readonly ok: false; readonly reason: string }

export interface WallHost {
  snapshot(): WallSnapshot
  act(command: WallCommand): WallResult
  onChange(changed: () => void): void
}

/** A message of central to a recipient. */
export interface Letter {
  readonly id: string
  readonly recipient: string
  /** With the PIN in it: this is the recipient's own mailbox. */
  readonly text: string
  /** Milliseconds since 1970, UTC. */
  readonly atWallMs: number
}

export interface DemoCourier {
  readonly label: string
  /** Readable here only because this is the demo. */
  readonly accessCode: string
}

export interface Announcement {
  /** A courier brings it to the recipient, or the recipient hands it in. */
  readonly way: 'deposit' | 'return'
  readonly recipientId: string
  readonly size: SizeName
  readonly tracking: string
}

/** Central, as the demo plays it. */
export interface PostHost {
  /** Newest first. */
  letters(): readonly Letter[]
  couriers(): readonly DemoCourier[]
  recipients(): readonly { readonly id: string; readonly label: string }[]
  announce(announcement: Announcement): WallResult
  onChange(changed: () => void): void
}
