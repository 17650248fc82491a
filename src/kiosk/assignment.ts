// The choice of a locker in the ledger of a real wall: the same answer as src/kiosk/choice.ts gives
// over all lockers, from as few rows as it takes. Only a locker that is proven empty, on a board
// that answers, behind a door that is seen closed, is ever handed out.
import {
  type Bar,
  barOf,
  type Candidate,
  type Misfit,
  meritsOf,
  misfitOf,
  type Needs,
  type Reason,
  rankOf,
  type Shelf,
  type Stock,
  sizeRankOf,
} from './choice.ts'
import type { LockerId, SizeName } from './config.ts'
import { contentsOf } from './contents.ts'
import type { Draft } from './draft.ts'
import type { AssignmentWhy } from './facts.ts'
import type { LockerRow, ParcelRow } from './ledger.ts'
import type { FreeBySize } from './view.ts'
import { type PlannedLocker, planOf } from './wall-plan.ts'

/** Rows asked for at first: one of them nearly always will do. */
const ROWS_FIRST = 4
const ROWS_MORE = 64

export interface Assignment {
  readonly lockerId: LockerId
  /** Stored with the deposit, so that it can be explained for ever. */
  readonly why: AssignmentWhy
}

export function needsOf(
  draft: Draft,
  parcel: Pick<ParcelRow, 'size' | 'recipientId' | 'weightGrams' | 'needsReach' | 'depositSeq'>,
): Needs {
  const { heavyFromGrams } = draft.config.policy
  return {
    size: parcel.size,
    isHeavy: parcel.weightGrams !== null && parcel.weightGrams >= heavyFromGrams,
    needsReach:
      parcel.needsReach || (draft.ledger.recipient(parcel.recipientId)?.needsReach ?? false),
    // It had a locker before, and could not be left there.
    isReplacement: parcel.depositSeq !== null,
  }
}

/** @returns null when no locker may be had */
export function assignLocker(draft: Draft, needs: Needs): Assignment | null {
  const sizeRank = sizeRankOf(planOf(draft.config), needs.size)
  if (sizeRank < 0) return null
  const shelves = shelvesFor(draft, needs, sizeRank)
  const stocks = new Map<SizeName, Stock>()
  const passed: AssignmentWhy['passed'][number][] = []
  // What is kept for people who need it low goes to others only when nothing else is left.
  for (const allowed of [null, 'kept-for-reach'] as const) {
    for (const shelf of shelves) {
      const { size } = shelf.group
      const stock = stocks.get(size) ?? stockOf(draft, size)
      stocks.set(size, stock)
      const misfit = misfitOf(shelf.group, { ...needs, sizeRank }, stock)
      const planned = misfit === allowed ? ready(draft, shelf).next().value : undefined
      if (planned !== undefined) {
        const merits: readonly Reason[] = meritsOf(shelf, { ...needs, sizeRank })
        const reasons = allowed === null ? merits : [...merits, 'last-resort' as const]
        return { lockerId: planned.locker.id, why: { needs: needWords(needs), reasons, passed } }
      }
      if (allowed === null && !shelf.isShaky) passed.push(passedOver(draft, shelf, misfit))
    }
  }
  return null
}

function passedOver(
  draft: Draft,
  shelf: Shelf,
  misfit: Misfit | null,
): AssignmentWhy['passed'][number] {
  const { size, isWithinReach } = shelf.group
  const why = ready(draft, shelf).next().done === true ? 'none-free' : (misfit ?? 'none-free')
  return { size, reach: isWithinReach ? 'near' : 'far', why }
}

function needWords({ isHeavy, needsReach, isReplacement }: Needs): AssignmentWhy['needs'] {
  return [
    ...(isHeavy ? (['heavy'] as const) : []),
    ...(needsReach ? (['reach'] as const) : []),
    ...(isReplacement ? (['replacement'] as const) : []),
  ]
}

/** Everything large enough, in the order in which it is tried. */
function shelvesFor({ config }: Draft, needs: Needs, sizeRank: number): readonly Shelf[] {
  const groups = [...planOf(config).sizes.values()].flatMap((size) => size.groups)
  return groups
    .filter((group) => group.sizeRank >= sizeRank)
    .flatMap((group) => [false, true].map((isShaky) => ({ group, isShaky })))
    .map((shelf) => ({ shelf, rank: rankNumber(rankOf(shelf, needs)) }))
    .toSorted((a, b) => a.rank - b.rank)
    .map(({ shelf }) => shelf)
}

/** Each part is smaller than a hundred: there are sixteen sizes at the most. */
function rankNumber(parts: readonly number[]): number {
  return parts.reduce((sum, part) => sum * 100 + part, 0)
}

/** Counted only as far as it matters, and only when it does. */
function stockOf(draft: Draft, size: SizeName): Stock {
  const { groups = [], keptForReach = 0, spares = 0 } = planOf(draft.config).sizes.get(size) ?? {}
  const shelves = groups.flatMap((group) => [false, true].map((isShaky) => ({ group, isShaky })))
  const near = shelves.filter(({ group }) => group.isWithinReach)
  return {
    isReachScarce: once(() => keptForReach > 0 && !hasMoreThan(draft, near, keptForReach)),
    isSpareLeft: once(() => spares > 0 && !hasMoreThan(draft, shelves, spares)),
  }
}

function once(count: () => boolean): () => boolean {
  let known: boolean | null = null
  return () => {
    known ??= count()
    return known
  }
}

function hasMoreThan(draft: Draft, shelves: readonly Shelf[], limit: number): boolean {
  let count = 0
  for (const shelf of shelves) {
    for (const _ of ready(draft, shelf)) {
      count += 1
      if (count > limit) return true
    }
  }
  return false
}

/** What lies on a shelf and may be handed out now, by its place; reads no further than asked. */
function* ready(draft: Draft, { group, isShaky }: Shelf): Generator<PlannedLocker, undefined> {
  const { byId } = planOf(draft.config)
  let afterPlace = -1
  for (let limit = ROWS_FIRST; ; limit = ROWS_MORE) {
    const ids = draft.ledger.freeLockers({ group: group.key, isShaky, afterPlace, limit })
    for (const id of ids) {
      const planned = byId.get(id)
      if (planned === undefined) continue
      afterPlace = planned.place
      if (barOfFree(draft, planned) === null) yield planned
    }
    if (ids.length < limit) return
  }
}

const FREE: Pick<LockerRow, 'state' | 'withdrawnFor' | 'distrustedFor'> = {
  state: 'free',
  withdrawnFor: null,
  distrustedFor: null,
}

function barOfFree(draft: Draft, planned: PlannedLocker): Bar | null {
  return barOf(FREE, seenOf(draft, planned))
}

function seenOf(draft: Draft, { locker: { id, boardId } }: PlannedLocker) {
  const { state } = draft
  return {
    isBoardOnline: state.boards[boardId]?.isOnline ?? false,
    door: state.doors[id]?.state ?? 'unknown',
    isOpening: state.openings[id] !== undefined,
    // Only a sensor that says so is asked whether it may be believed.
    contents: state.doors[id]?.contents === 'present' ? contentsOf(draft, id) : null,
  } as const
}

/** Every locker of the wall as the choice sees it. For explanations: it reads all rows. */
export function candidatesOf(draft: Draft): readonly Candidate[] {
  const rows = new Map(draft.ledger.lockers().map((row) => [row.id, row]))
  return planOf(draft.config).lockers.map((planned) => {
    const row = rows.get(planned.locker.id) ?? null
    const bar = barOf(row, seenOf(draft, planned))
    return { planned, isShaky: row?.wear.isShaky ?? false, bar }
  })
}

/** For the screen: what lies ready of each size, kept back or not. */
export function freeBySize(draft: Draft): readonly FreeBySize[] {
  const { byId } = planOf(draft.config)
  const counts = new Map<SizeName, number>()
  for (const id of draft.ledger.freeLockerIds()) {
    const planned = byId.get(id)
    if (planned === undefined || barOfFree(draft, planned) !== null) continue
    counts.set(planned.group.size, (counts.get(planned.group.size) ?? 0) + 1)
  }
  return draft.config.sizes.map(({ name }) => ({ size: name, free: counts.get(name) ?? 0 }))
}
