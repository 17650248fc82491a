// What is stored about the times in which parcels could not be collected.
import type { BoardId, LockerId } from './config.ts'
import type { Fact, Note, ParcelId } from './facts.ts'

/**
 * Why nobody could collect.
 * - `door-stuck`: the door did not open when it was tried last
 * - `locker-blocked`: its lock opens another door, so that nothing may be unlocked there
 * - `board-silent`: the locker's board does not answer
 * - `screen-gone`: no screen is connected on which a PIN could be typed
 * - `power-out`: the kiosk, or its daemon, did not run
 */
export type StandstillCause =
  | 'door-stuck'
  | 'locker-blocked'
  | 'board-silent'
  | 'screen-gone'
  | 'power-out'

/** Both null: the whole kiosk. */
export interface StandstillPlace {
  readonly boardId: BoardId | null
  readonly lockerId: LockerId | null
}

/** The new end of one recipient's PIN, and with it of everything that waits for them. */
export interface DeadlineMove {
  readonly recipientId: string
  readonly parcelIds: readonly ParcelId[]
  readonly byMs: number
  readonly causes: readonly StandstillCause[]
  readonly expiresAtWallMs: number
  /** What stood still before this moment is counted. */
  readonly countedUntilWallMs: number
}

export interface StandstillFactData {
  /** It lasts long enough to count; deadlines move when it ends. */
  'standstill-began': StandstillPlace & {
    readonly cause: StandstillCause
    readonly sinceWallMs: number
  }
  'standstill-ended': StandstillPlace & {
    readonly cause: StandstillCause
    readonly fromWallMs: number
    readonly toWallMs: number
  }
  'deadlines-moved': { readonly moved: readonly DeadlineMove[] }
}

export type StandstillFact = Extract<Fact, { kind: keyof StandstillFactData }>

export function isStandstillFact(fact: Fact): fact is StandstillFact {
  const { kind } = fact
  return kind === 'standstill-began' || kind === 'standstill-ended' || kind === 'deadlines-moved'
}

export interface StandstillNoteData {
  /**
   * The kiosk ran at this time: what is missing after it was an outage. Null: it ran on after what
   * was noted before, and does not know how long.
   */
  'alive-noted': { readonly wallMs: number | null }
  /** Its end has come, but its parcels cannot be collected: looked at again when they can. */
  'pin-held': { readonly recipientId: string }
  'pins-released': Readonly<Record<string, never>>
}

export type StandstillNote = Extract<Note, { kind: keyof StandstillNoteData }>
