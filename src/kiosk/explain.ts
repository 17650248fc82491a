// Why a parcel got its locker, why a locker is not handed out, and what comes next: for a
// technician at the command line. Reads much and decides nothing.
import { candidatesOf, needsOf } from './assignment.ts'
import { choose, type Needs, type Reason } from './choice.ts'
import type { LockerId, SizeName } from './config.ts'
import type { Draft } from './draft.ts'
import type { AssignmentWhy, ParcelId } from './facts.ts'
import type { LockerState, LockerWear, ParcelRow, ParcelState } from './ledger.ts'
import {
  type NextStep,
  nextStepOfLocker,
  nextStepOfParcel,
  nextStepOfReturn,
} from './next-steps.ts'
import type { ReturnRow, ReturnState } from './return-ledger.ts'
import { causesAt } from './standstill.ts'
import type { StandstillCause } from './standstill-facts.ts'
import { planOf } from './wall-plan.ts'

export interface LockerExplained {
  readonly subject: 'locker'
  readonly lockerId: LockerId
  readonly size: SizeName
  readonly state: LockerState
  /** A plain parcel of this very size, brought now, might get it. */
  readonly isOffered: boolean
  readonly reasons: readonly Reason[]
  readonly wear: LockerWear
  readonly nextStep: NextStep
  /** What lies here, or may lie here until somebody has looked, and why. */
  readonly parcels: readonly {
    readonly parcelId: ParcelId
    readonly state: ParcelState
    readonly why: AssignmentWhy | null
  }[]
}

/** Until when a parcel may be collected, and what has to do with it. */
export interface DeadlineExplained {
  /** Null while no clock has been believed since its deposit. */
  readonly expiresAtWallMs: number | null
  /** By how much standstills moved it in all, and which. */
  readonly movedMs: number
  readonly movedFor: readonly StandstillCause[]
  /** Why it stands still at present. */
  readonly standsFor: readonly StandstillCause[]
}

export interface ParcelExplained {
  readonly subject: 'parcel'
  readonly parcelId: ParcelId
  readonly state: ParcelState
  readonly size: SizeName
  readonly lockerId: LockerId | null
  /** Of its newest deposit or hand-in; null when there was none yet. */
  readonly why: AssignmentWhy | null
  /** Null unless it waits for its recipient under a living PIN. */
  readonly deadline: DeadlineExplained | null
  readonly nextStep: NextStep
  /** Of a parcel still to be brought: where it would go now, and what each locker says to that. */
  readonly now: {
    readonly lockerId: LockerId | null
    readonly verdicts: readonly {
      readonly lockerId: LockerId
      readonly reasons: readonly Reason[]
    }[]
  } | null
}

/** To be handed in, and in no locker now. */
export interface ReturnExplained {
  readonly subject: 'return'
  readonly parcelId: ParcelId
  readonly state: ReturnState
  /** Null: chosen at the screen. */
  readonly size: SizeName | null
  readonly nextStep: NextStep
}

export type Explanation = LockerExplained | ParcelExplained | ReturnExplained

/** @returns null when neither a locker nor a parcel nor a return is called so */
export function explain(draft: Draft, name: string): Explanation | null {
  if (planOf(draft.config).byId.has(name)) return explainLocker(draft, name)
  const parcel = draft.ledger.parcel(name) ?? draft.ledger.announcedByTracking(name, 'all')
  const isOut = parcel === null || parcel.state === 'withdrawn'
  const wanted = isOut ? draft.ledger.returnOf(name) : null
  if (wanted !== null) return explainReturn(wanted)
  return parcel === null ? null : explainParcel(draft, parcel)
}

function explainLocker(draft: Draft, lockerId: LockerId): LockerExplained | null {
  const row = draft.ledger.locker(lockerId)
  const size = planOf(draft.config).byId.get(lockerId)?.group.size
  if (row === null || size === undefined) return null
  const plain: Needs = { size, isHeavy: false, needsReach: false, isReplacement: false }
  const { verdicts } = choose(candidatesOf(draft), plain, planOf(draft.config))
  const verdict = verdicts.find((each) => each.lockerId === lockerId)
  return {
    subject: 'locker',
    lockerId,
    size,
    state: row.state,
    isOffered: verdict?.isEligible ?? false,
    reasons: verdict?.reasons ?? [],
    wear: row.wear,
    nextStep: nextStepOfLocker(row),
    parcels: draft.ledger.parcelsAt(lockerId).map((parcel) => ({
      parcelId: parcel.id,
      state: parcel.state,
      why: whyOf(draft, parcel),
    })),
  }
}

function explainReturn({ id: parcelId, state, size }: ReturnRow): ReturnExplained {
  return { subject: 'return', parcelId, state, size, nextStep: nextStepOfReturn(state) }
}

function explainParcel(draft: Draft, parcel: ParcelRow): ParcelExplained {
  const { id: parcelId, state, size, lockerId } = parcel
  const isToCome = state === 'announced'
  const choice = isToCome
    ? choose(candidatesOf(draft), needsOf(draft, parcel), planOf(draft.config))
    : null
  return {
    subject: 'parcel',
    parcelId,
    state,
    size,
    lockerId,
    why: whyOf(draft, parcel),
    deadline: deadlineOf(draft, parcel),
    nextStep: nextStepOfParcel(state),
    now: choice && {
      lockerId: choice.lockerId,
      verdicts: choice.verdicts.map(({ lockerId: id, reasons }) => ({ lockerId: id, reasons })),
    },
  }
}

function deadlineOf(draft: Draft, { state, ...parcel }: ParcelRow): DeadlineExplained | null {
  const { recipientId, lockerId } = parcel
  const pin = state === 'deposited' ? draft.ledger.livePin(recipientId) : null
  if (pin === null || lockerId === null) return null
  const moved = draft.ledger.deadlineMoved(recipientId)
  return {
    expiresAtWallMs: pin.expiresAtWallMs,
    movedMs: moved?.byMs ?? 0,
    movedFor: moved?.causes ?? [],
    standsFor: causesAt(draft, lockerId),
  }
}

/** It stands in the chain, with the deposit it belongs to. */
function whyOf({ ledger }: Draft, { depositSeq }: ParcelRow): AssignmentWhy | null {
  const body = depositSeq === null ? null : ledger.factBody(depositSeq)
  if (body === null) return null
  const { data } = JSON.parse(body) as { data?: { why?: AssignmentWhy } }
  return data?.why ?? null
}
