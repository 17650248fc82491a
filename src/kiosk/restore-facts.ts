// What is stored when the ledger turns out to be an older copy of itself.
import type { LockerId } from './config.ts'
import type { Actor, Fact, ParcelId } from './facts.ts'

/**
 * How it showed.
 * - `journal-ahead`: the journal of the newest fact has a later one
 * - `journal-differs`: the journal has another fact under that number
 * - `journal-missing`: there is no journal that can be read, and the ledger is not new
 * - `central-ahead`: central has confirmed a fact that is not here
 * - `central-differs`: central has another fact under a number that it confirmed
 */
export type RestoreCause =
  | 'journal-ahead'
  | 'journal-differs'
  | 'journal-missing'
  | 'central-ahead'
  | 'central-differs'

/** A parcel and the locker in which it lies. */
export interface ParcelPlace {
  readonly parcelId: ParcelId
  readonly lockerId: LockerId
}

export interface VouchedParcel extends ParcelPlace {
  /** The PIN that the copy knows was replaced or revoked since. */
  readonly isPinStale?: boolean
}

export interface RestoreFactData {
  /** The first fact of a new epoch; its number goes on from the copy's newest one: an alarm. */
  'ledger-restored': {
    readonly cause: RestoreCause
    readonly epoch: string
    readonly previousEpoch: string
    /** The newest fact that is known to have been there; null: nobody knows how much is lost. */
    readonly knownSeq: number | null
    /** What the ledger says of these is not believed until it is confirmed. */
    readonly lockerIds: readonly LockerId[]
  }
  /** Central, which has every fact that was lost, says that these lie where the ledger says. */
  'parcels-confirmed': { readonly parcels: readonly ParcelPlace[]; readonly by: Actor }
}

export type RestoreFact = Extract<Fact, { kind: keyof RestoreFactData }>

export function isRestoreFact(fact: Fact): fact is RestoreFact {
  return fact.kind === 'ledger-restored' || fact.kind === 'parcels-confirmed'
}
