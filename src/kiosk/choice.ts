// Which locker a parcel gets, and why. A pure function over what is known of each locker: what
// speaks against it, what for it, and which one comes first. src/kiosk/assignment.ts asks the
// ledger for no more lockers than the answer needs; a property test holds both against each other.
import type { LockerId, SizeName } from './config.ts'
import type { Contents } from './contents.ts'
import type { LockerRow } from './ledger.ts'
import type { Door } from './state.ts'
import type { LockerGroup, PlannedLocker, WallPlan } from './wall-plan.ts'

export interface Needs {
  readonly size: SizeName
  readonly isHeavy: boolean
  /** The recipient cannot use a locker that lies high. */
  readonly needsReach: boolean
  /** Its first locker did not open: the spare ones are for this. */
  readonly isReplacement: boolean
}

/** What keeps a locker from any new parcel. Stable words; docs/assignment.md has the sentences. */
export type Bar =
  | 'not-in-wall'
  | 'reserved'
  | 'occupied'
  | 'clearing'
  | 'unverified'
  | 'disputed'
  | 'awaiting-courier'
  | 'out-of-service'
  | 'crossed-wiring'
  | 'board-silent'
  | 'door-open'
  | 'door-unknown'
  | 'opening'
  | 'sensor-distrusted'
  | 'contents-seen'

/** What keeps it from this parcel. */
export type Misfit = 'too-small' | 'out-of-reach' | 'kept-for-reach' | 'kept-spare'

/** What speaks for it, or puts it behind others. */
export type Merit =
  | 'fits'
  | 'larger'
  | 'steady'
  | 'shaky'
  | 'within-reach'
  | 'leaves-reach-free'
  | 'low-for-weight'
  | 'high-for-weight'
  | 'last-resort'
  | 'together'

export type Reason = Bar | Misfit | Merit

export interface Candidate {
  readonly planned: PlannedLocker
  readonly isShaky: boolean
  /** Null: it may be handed out as far as ledger, board and door know. */
  readonly bar: Bar | null
}

interface Verdict {
  readonly lockerId: LockerId
  readonly isEligible: boolean
  readonly reasons: readonly Reason[]
}

export interface Choice {
  readonly lockerId: LockerId | null
  readonly verdicts: readonly Verdict[]
}

/** What stands in the way of a locker, the most lasting thing first. */
export function barOf(
  row: Pick<LockerRow, 'state' | 'withdrawnFor' | 'distrustedFor'> | null,
  seen: {
    readonly isBoardOnline: boolean
    readonly door: Door['state']
    readonly isOpening: boolean
    readonly contents: Contents | null
  },
): Bar | null {
  if (row === null) return 'not-in-wall'
  if (row.withdrawnFor === 'crossed-wiring') return 'crossed-wiring'
  if (row.withdrawnFor !== null) return 'out-of-service'
  if (row.state !== 'free') return row.state
  if (row.distrustedFor !== null) return 'sensor-distrusted'
  if (!seen.isBoardOnline) return 'board-silent'
  if (seen.isOpening) return 'opening'
  if (seen.door === 'closed') return seen.contents === 'present' ? 'contents-seen' : null
  return seen.door === 'open' ? 'door-open' : 'door-unknown'
}

/** What is kept back of one size, counted over lockers that could be handed out now. */
export interface Stock {
  /** No more lockers within reach are left than are kept for people who need them. */
  readonly isReachScarce: () => boolean
  /** No more lockers are left than are kept for faults. */
  readonly isSpareLeft: () => boolean
}

/** Lockers that the choice tells apart only by their place. */
export interface Shelf {
  readonly group: LockerGroup
  readonly isShaky: boolean
}

export function misfitOf(
  group: LockerGroup,
  needs: Needs & { readonly sizeRank: number },
  stock: Stock,
): Misfit | null {
  if (group.sizeRank < needs.sizeRank) return 'too-small'
  if (needs.needsReach && !group.isWithinReach) return 'out-of-reach'
  if (!needs.isReplacement && stock.isSpareLeft()) return 'kept-spare'
  return !needs.needsReach && group.isWithinReach && stock.isReachScarce() ? 'kept-for-reach' : null
}

/**
 * The order in which lockers are tried: sound doors before shaky ones, low before high for what is
 * heavy, small before large; for ordinary parcels what lies out of reach first, and for light ones
 * what is too high for heavy ones.
 */
export function rankOf({ group, isShaky }: Shelf, needs: Needs): readonly number[] {
  return [
    isShaky ? 1 : 0,
    needs.isHeavy && !group.isForHeavy ? 1 : 0,
    group.sizeRank,
    !needs.needsReach && group.isWithinReach ? 1 : 0,
    // No two groups of a size are alike in everything: their order never hangs on the rows read.
    !needs.isHeavy && group.isForHeavy ? 1 : 0,
  ]
}

export function meritsOf(
  { group, isShaky }: Shelf,
  needs: Needs & { readonly sizeRank: number },
): readonly Merit[] {
  const weight: Merit = group.isForHeavy ? 'low-for-weight' : 'high-for-weight'
  const reach: readonly Merit[] = group.isWithinReach ? [] : ['leaves-reach-free']
  return [
    group.sizeRank === needs.sizeRank ? 'fits' : 'larger',
    isShaky ? 'shaky' : 'steady',
    ...(needs.isHeavy ? [weight] : []),
    ...(needs.needsReach ? (['within-reach'] as const) : reach),
  ]
}

/** @returns the place of the size among all, or a negative number when there is none such */
export function sizeRankOf(plan: WallPlan, size: SizeName): number {
  return [...plan.sizes.keys()].indexOf(size)
}

/** Judges every locker and takes the best one. */
export function choose(candidates: readonly Candidate[], needs: Needs, plan: WallPlan): Choice {
  const sized = { ...needs, sizeRank: sizeRankOf(plan, needs.size) }
  const stocks = stocksOf(candidates, plan)
  const judged = candidates.map((candidate) => {
    const { group } = candidate.planned
    const stock = stocks.get(group.size)
    const isKnown = stock !== undefined && sized.sizeRank >= 0
    return { candidate, misfit: isKnown ? misfitOf(group, sized, stock) : ('too-small' as const) }
  })
  const best = (allowed: Misfit | null) =>
    judged
      .filter(({ candidate, misfit }) => candidate.bar === null && misfit === allowed)
      .toSorted((a, b) => compare(a.candidate, b.candidate, needs))[0]
  // What is kept for people who need it low goes to others only when nothing else is left.
  const chosen = best(null) ?? best('kept-for-reach')
  const verdicts = judged.map(({ candidate, misfit }): Verdict => {
    const { planned, isShaky, bar } = candidate
    const lockerId = planned.locker.id
    const merits = () => meritsOf({ group: planned.group, isShaky }, sized)
    if (candidate === chosen?.candidate) {
      const last: readonly Reason[] = misfit === null ? [] : ['last-resort']
      return { lockerId, isEligible: true, reasons: [...merits(), ...last] }
    }
    const against = [bar, misfit].filter((reason) => reason !== null)
    const isEligible = against.length === 0
    return { lockerId, isEligible, reasons: isEligible ? merits() : against }
  })
  return { lockerId: chosen?.candidate.planned.locker.id ?? null, verdicts }
}

function stocksOf(candidates: readonly Candidate[], plan: WallPlan): ReadonlyMap<SizeName, Stock> {
  const ready = candidates.filter(({ bar }) => bar === null)
  return new Map(
    [...plan.sizes].map(([size, { keptForReach, spares }]) => {
      const own = ready.filter(({ planned }) => planned.group.size === size)
      const near = own.filter(({ planned }) => planned.group.isWithinReach)
      const isReachScarce = keptForReach > 0 && near.length <= keptForReach
      const isSpareLeft = spares > 0 && own.length <= spares
      return [size, { isReachScarce: () => isReachScarce, isSpareLeft: () => isSpareLeft }]
    }),
  )
}

function compare(one: Candidate, other: Candidate, needs: Needs): number {
  const rank = ({ planned: { group }, isShaky }: Candidate) => rankOf({ group, isShaky }, needs)
  const [a, b] = [rank(one), rank(other)]
  const at = a.findIndex((value, index) => value !== b[index])
  return at < 0 ? one.planned.place - other.planned.place : (a[at] ?? 0) - (b[at] ?? 0)
}
