// What is stored about returns: parcels that a recipient hands in and a courier takes out. None of
// it holds a code or a digit.
import type { LockerId, SizeName } from './config.ts'
import type { AssignmentWhy, CancelReason, Fact, ParcelId } from './facts.ts'

/**
 * How a hand-in was proven, beside the door that was seen to open and to close.
 * - `confirmed`: the person said that it is inside
 * - `contents`: the sensor inside sees it
 * - `unanswered`: the person was asked, and went without a word
 * - `said-closed`: by the person, at a door that could not be seen
 * - `inspected`: somebody looked, after the hand-in had broken off
 */
export type HandInProof = 'confirmed' | 'contents' | 'unanswered' | 'said-closed' | 'inspected'

interface HandInPlace {
  readonly parcelId: ParcelId
  readonly lockerId: LockerId
  /** Who hands it in. */
  readonly recipientId: string
}

export interface ReturnFactData {
  /** The code of a return that central announced, readable by central alone. */
  'return-expected': {
    readonly parcelId: ParcelId
    readonly recipientId: string
    readonly sealedCode: string
    /** Null while no clock is believed. */
    readonly expiresAtWallMs: number | null
  }
  /** Central took it back before it was handed in: its code is dead. */
  'return-withdrawn': { readonly parcelId: ParcelId; readonly recipientId: string }
  'return-expired': {
    readonly parcelId: ParcelId
    readonly recipientId: string
    readonly expiresAtWallMs: number
  }
  'hand-in-started': HandInPlace & {
    readonly carrierId: string | null
    readonly size: SizeName
    readonly why: AssignmentWhy
  }
  /** It broke off before, and its code opens the same locker again. */
  'hand-in-resumed': HandInPlace
  /** Its code stays valid. */
  'hand-in-cancelled': HandInPlace & { readonly reason: CancelReason }
  /** The parcel may lie inside or not: its code opens this locker only. */
  'hand-in-interrupted': {
    readonly parcelId: ParcelId
    readonly lockerId: LockerId
    readonly cause: 'restart' | 'left-open' | 'session-ended' | 'unseen'
  }
  /** Its code is spent, and a courier takes it out. */
  'parcel-handed-in': HandInPlace & {
    readonly carrierId: string | null
    readonly proof: HandInProof
  }
  /** There was no room for it. Its code stays valid. */
  'parcel-not-handed-in': {
    readonly parcelId: ParcelId
    readonly recipientId: string
    readonly reason: 'bank-full'
  }
}

export interface ReturnNoteData {
  'return-code-issued': {
    readonly parcelId: ParcelId
    readonly recipientId: string
    readonly index: string
    readonly referenceIndex: string
    /** Null while no clock was believed: its life begins when one is. */
    readonly expiresAtWallMs: number | null
  }
  'return-code-dated': { readonly parcelId: ParcelId; readonly expiresAtWallMs: number }
}

export type ReturnFact = Extract<Fact, { kind: keyof ReturnFactData }>

/** A record, so that the compiler misses a kind that is not listed here. */
const KINDS: Readonly<Record<keyof ReturnFactData, true>> = {
  'return-expected': true,
  'return-withdrawn': true,
  'return-expired': true,
  'hand-in-started': true,
  'hand-in-resumed': true,
  'hand-in-cancelled': true,
  'hand-in-interrupted': true,
  'parcel-handed-in': true,
  'parcel-not-handed-in': true,
}

export function isReturnFact(fact: Fact): fact is ReturnFact {
  return Object.hasOwn(KINDS, fact.kind)
}
