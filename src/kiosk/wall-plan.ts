// What follows from the wall and the policy alone: which lockers are alike, in which order they are
// tried, and how many of them stay free. Worked out once for each configuration.
import type { KioskConfig, LockerConfig, LockerId, Policy, SizeName } from './config.ts'
import { lockersOf } from './config.ts'

/** Lockers that the choice cannot tell apart except by their place. */
export interface LockerGroup {
  readonly key: string
  readonly size: SizeName
  readonly sizeRank: number
  /** A person in a wheelchair can use it. */
  readonly isWithinReach: boolean
  /** Low enough that nobody lifts a heavy parcel high. */
  readonly isForHeavy: boolean
}

export interface PlannedLocker {
  readonly locker: LockerConfig
  readonly group: LockerGroup
  /** From left to right, in each column from top to bottom. */
  readonly place: number
}

interface SizePlan {
  readonly groups: readonly LockerGroup[]
  /** Within reach, and not given to ordinary parcels while others are free. */
  readonly keptForReach: number
  /** Given only to a parcel whose first locker did not open. */
  readonly spares: number
}

export interface WallPlan {
  readonly lockers: readonly PlannedLocker[]
  readonly byId: ReadonlyMap<LockerId, PlannedLocker>
  readonly sizes: ReadonlyMap<SizeName, SizePlan>
}

/** A memory of a pure function, and no state: a configuration never changes. */
const PLANS = new WeakMap<KioskConfig, WallPlan>()

export function planOf(config: KioskConfig): WallPlan {
  const known = PLANS.get(config)
  if (known !== undefined) return known
  const plan = planWall(config)
  PLANS.set(config, plan)
  return plan
}

function planWall(config: KioskConfig): WallPlan {
  const groups = new Map<string, LockerGroup>()
  const lockers = lockersOf(config).map((locker, place) => {
    const found = groupOf(locker, config)
    const group = groups.get(found.key) ?? found
    groups.set(group.key, group)
    return { locker, group, place }
  })
  const sizes = config.sizes.map(({ name }) => {
    const own = lockers.filter(({ group }) => group.size === name)
    const ownGroups = [...groups.values()].filter(({ size }) => size === name)
    return [name, { groups: ownGroups, ...keptOf(own, config.policy) }] as const
  })
  return {
    lockers,
    byId: new Map(lockers.map((planned) => [planned.locker.id, planned])),
    sizes: new Map(sizes),
  }
}

function groupOf({ size, bottomMm }: LockerConfig, { sizes, policy }: KioskConfig): LockerGroup {
  const sizeRank = sizes.findIndex(({ name }) => name === size)
  const topMm = bottomMm + (sizes[sizeRank]?.heightMm ?? 0)
  // A hand has to come over the lower edge, and nobody should have to reach down to the floor.
  const isWithinReach = bottomMm <= policy.reachMaxMm && topMm >= policy.reachMinMm
  const isForHeavy = bottomMm <= policy.heavyBottomMaxMm
  const key = `${size} ${isWithinReach ? 'near' : 'far'} ${isForHeavy ? 'heavy' : 'light'}`
  return { key, size, sizeRank, isWithinReach, isForHeavy }
}

function keptOf(
  own: readonly PlannedLocker[],
  policy: Policy,
): Pick<SizePlan, 'keptForReach' | 'spares'> {
  const near = own.filter(({ group }) => group.isWithinReach).length
  const share = Math.ceil((own.length * policy.reachKeptPercent) / 100)
  return {
    keptForReach: Math.min(near, Math.max(share, policy.reachKeptPerSize)),
    spares: own.length >= policy.spareFromLockers ? policy.sparesPerSize : 0,
  }
}
