// The fair clock: while a parcel cannot be collected its deadline stands still. What is wrong is
// kept as a short list of places; parcels are looked at only when something long enough is over, or
// when a PIN has reached its end. Lengths are of the monotonic clock; only across a start they are
// of the wall clock, and nothing is decided before that is believed.
import type { LockerId } from './config.ts'
import { type Draft, type Happening, record, remember, update } from './draft.ts'
import { BLOCKING } from './facts.ts'
import type { ParcelRow } from './ledger.ts'
import type {
  DeadlineMove,
  StandstillCause,
  StandstillFactData,
  StandstillPlace,
} from './standstill-facts.ts'
import type { Deadline } from './standstill-ledger.ts'
import type { KioskState, Moment, Standstill } from './state.ts'
import type { Now } from './time.ts'
import { planOf } from './wall-plan.ts'

/** What lasts longer counts as so long: then somebody has to decide about the parcels. */
export const STANDSTILL_MAX_MS = 30 * 86_400_000
/** Recipients in one fact; what is left goes into the next one of the same step. */
export const MOVES_MAX = 100
/** Ended ones that wait for a clock to be believed; older ones are forgotten. */
export const UNCOUNTED_MAX = 64

const WHOLE_KIOSK: StandstillPlace = { boardId: null, lockerId: null }

export function standStill(
  draft: Draft,
  cause: StandstillCause,
  place: Partial<StandstillPlace> = {},
): void {
  const whole = { ...WHOLE_KIOSK, ...place }
  const { standstills } = draft.state
  if (standstills.some((each) => each.ended === null && isSame(each, { cause, ...whole }))) return
  const since = { monoMs: draft.now.monoMs }
  const begun: Standstill = { ...whole, cause, since, ended: null, isTold: false }
  update(draft, { standstills: [...standstills, begun] })
}

export function goOn(
  draft: Draft,
  cause: StandstillCause,
  place: Partial<StandstillPlace> = {},
): void {
  const { standstills } = draft.state
  const over = { ...WHOLE_KIOSK, ...place, cause }
  if (!standstills.some((each) => each.ended === null && isSame(each, over))) return
  const ended = { monoMs: draft.now.monoMs }
  update(draft, {
    standstills: standstills.map((each) =>
      each.ended === null && isSame(each, over) ? { ...each, ended } : each,
    ),
  })
}

/** A door that nobody could open stands still until it is seen open, whoever opens it. */
export function watchDoor(draft: Draft, happening: Happening): void {
  const { lockerId } = happening.opening
  if (happening.kind === 'opened') goOn(draft, 'door-stuck', { lockerId })
  if (happening.kind !== 'failed') return
  const { code } = happening
  if (code !== 'LK-DOOR-01' && code !== 'LK-BUS-03') return
  if (draft.ledger.locker(lockerId)?.state === 'occupied') {
    standStill(draft, 'door-stuck', { lockerId })
  }
}

/** What the ledger says lasted, and the outage that lies between the last run and this one. */
export function restoreStandstills(draft: Draft): void {
  const { ledger, now, config } = draft
  const alive = ledger.lastAlive()
  // A run in between whose clock was not believed may have seen it end, and so may any number of
  // them that a restored ledger does not know.
  const isUnbroken = alive?.boot === ledger.boot() && ledger.restored() === null
  const standstills = ledger.standstills().map(({ sinceWallMs, ...row }): Standstill => {
    const isLasting = isUnbroken && isInWall(draft, row)
    const ended = isLasting ? null : { wallMs: alive?.wallMs ?? sinceWallMs }
    return { ...row, since: { wallMs: sinceWallMs }, ended, isTold: true }
  })
  if (alive !== null && isUnbroken) {
    // It may have run for so long after it was noted last.
    const since = { wallMs: alive.wallMs + config.policy.standstillFromMs }
    const ended = { monoMs: now.monoMs }
    standstills.push({ ...WHOLE_KIOSK, cause: 'power-out', since, ended, isTold: false })
  }
  update(draft, { standstills })
  for (const boardId of Object.keys(draft.state.boards))
    standStill(draft, 'board-silent', { boardId })
  for (const { id: lockerId, withdrawnFor } of ledger.lockers()) {
    if (BLOCKING.has(withdrawnFor)) standStill(draft, 'locker-blocked', { lockerId })
  }
  if (ledger.hasHeldPins()) remember(draft, { kind: 'pins-released', data: {} })
}

/** @returns whether deadlines are other ones now than the ledger says until this step is stored */
export function standstillsOverdue(draft: Draft): boolean {
  noteAlive(draft)
  if (draft.state.standstills.length === 0) return false
  const before = draft.state.standstills
  forgetShort(draft)
  if (draft.now.isWallBelieved) {
    for (const each of draft.state.standstills) tell(draft, each)
    const { standstills } = draft.state
    const over = standstills.filter(({ ended }) => ended !== null)
    if (over.length > 0) count(draft, over)
    update(draft, { standstills: standstills.filter(({ ended }) => ended === null) })
  }
  if (draft.state.standstills.length === before.length) return false
  if (draft.ledger.hasHeldPins()) remember(draft, { kind: 'pins-released', data: {} })
  return true
}

/** Can none of these be collected from its place now, or is that still to be counted? */
export function isStandingStill(draft: Draft, parcels: readonly ParcelRow[]): boolean {
  const { standstills } = draft.state
  if (standstills.length === 0) return false
  return parcels.some(({ lockerId }) =>
    standstills.some((each) => lockerId !== null && covers(draft, each, lockerId)),
  )
}

export function lockersStandingStill(draft: Draft): readonly LockerId[] {
  const { standstills } = draft.state
  if (standstills.length === 0) return []
  const ids = planOf(draft.config).lockers.map(({ locker }) => locker.id)
  return ids.filter((id) => standstills.some((each) => covers(draft, each, id)))
}

export function causesAt(draft: Draft, lockerId: LockerId): readonly StandstillCause[] {
  const standing = draft.state.standstills.filter(
    (each) => each.ended === null && covers(draft, each, lockerId),
  )
  return [...new Set(standing.map(({ cause }) => cause))]
}

export function standstillDeadlines(state: KioskState): readonly number[] {
  const { aliveAtMonoMs, config, standstills } = state
  return [
    ...(aliveAtMonoMs === null ? [] : [aliveAtMonoMs]),
    ...standstills.flatMap(({ since, isTold, ended }) =>
      isTold || ended !== null || !('monoMs' in since)
        ? []
        : [since.monoMs + config.policy.standstillFromMs],
    ),
  ]
}

function noteAlive(draft: Draft): void {
  const { now, state, config } = draft
  if (state.aliveAtMonoMs !== null && state.aliveAtMonoMs > now.monoMs) return
  update(draft, { aliveAtMonoMs: now.monoMs + config.policy.standstillFromMs })
  const { ledger } = draft
  const isNoted = ledger.lastAlive()?.boot === ledger.boot()
  if (!now.isWallBelieved && !isNoted) return
  const wallMs = now.isWallBelieved ? now.wallMs : null
  remember(draft, { kind: 'alive-noted', data: { wallMs } })
}

/** A board that comes and goes while no clock is believed must not fill the memory. */
function forgetShort(draft: Draft): void {
  const { standstills } = draft.state
  const over = standstills.filter(({ ended }) => ended !== null)
  if (over.length === 0) return
  const isKept = (each: Standstill): boolean => each.isTold || !isSurelyShort(draft, each)
  const kept = new Set(over.filter(isKept).slice(-UNCOUNTED_MAX))
  if (kept.size === over.length) return
  update(draft, {
    standstills: standstills.filter((each) => each.ended === null || kept.has(each)),
  })
}

function isSurelyShort({ config }: Draft, { since, ended }: Standstill): boolean {
  if (ended === null || !('monoMs' in since) || !('monoMs' in ended)) return false
  return ended.monoMs - since.monoMs < config.policy.standstillFromMs
}

function tell(draft: Draft, standstill: Standstill): void {
  const { now, config } = draft
  if (standstill.ended !== null) return
  const { cause, boardId, lockerId, isTold } = standstill
  const { fromWallMs: sinceWallMs, lastsMs } = spanOf(now, standstill)
  let told = standstill
  if (!isTold && lastsMs >= config.policy.standstillFromMs) {
    record(draft, { kind: 'standstill-began', data: { cause, boardId, lockerId, sinceWallMs } })
    told = { ...told, isTold: true }
  }
  if (lastsMs >= STANDSTILL_MAX_MS) told = { ...told, ended: { monoMs: now.monoMs } }
  if (told === standstill) return
  update(draft, {
    standstills: draft.state.standstills.map((each) => (each === standstill ? told : each)),
  })
}

interface Span {
  readonly fromWallMs: number
  readonly toWallMs: number
  readonly lastsMs: number
}

/** Up to now while it lasts. To be asked on a believed clock alone. */
function spanOf(now: Now, { since, ended }: Standstill): Span {
  const toWallMs = wallOf(now, ended ?? now)
  const lastsMs = Math.max(0, toWallMs - wallOf(now, since))
  const countedMs = Math.min(lastsMs, STANDSTILL_MAX_MS)
  return { fromWallMs: toWallMs - countedMs, toWallMs, lastsMs: countedMs }
}

function wallOf(now: Now, moment: Moment): number {
  return 'monoMs' in moment ? now.wallMs - (now.monoMs - moment.monoMs) : moment.wallMs
}

/** Records what is over, and moves the deadlines that stood still. */
function count(draft: Draft, over: readonly Standstill[]): void {
  const { now, ledger, config } = draft
  const isLong = (each: Standstill): boolean =>
    spanOf(now, each).lastsMs >= config.policy.standstillFromMs
  for (const each of over) {
    if (!each.isTold && !isLong(each)) continue
    const { cause, boardId, lockerId } = each
    const { fromWallMs, toWallMs } = spanOf(now, each)
    const place = { cause, boardId, lockerId }
    record(draft, { kind: 'standstill-ended', data: { ...place, fromWallMs, toWallMs } })
  }
  const long = over.filter(isLong)
  if (long.length === 0) return
  const moves = ledger.deadlines().flatMap((deadline) => moveOf(draft, deadline, long) ?? [])
  for (let first = 0; first < moves.length; first += MOVES_MAX) {
    const moved = moves.slice(first, first + MOVES_MAX)
    record(draft, { kind: 'deadlines-moved', data: { moved } })
  }
}

/**
 * Whatever of the recipient's parcels stood still up to the end of one of `over` counts from the
 * first cause's beginning, be it over or not, and no moment counts twice.
 */
function moveOf(
  draft: Draft,
  { parcels, recipientId, ...deadline }: Deadline,
  over: readonly Standstill[],
): DeadlineMove | null {
  const { now } = draft
  const isHere = (each: Standstill): boolean =>
    parcels.some(({ lockerId }) => covers(draft, each, lockerId))
  const here = draft.state.standstills.filter(isHere)
  let countedUntilWallMs = deadline.countedUntilWallMs ?? 0
  let byMs = 0
  const causes = new Set<StandstillCause>()
  const ends = over.filter(isHere).map((each) => spanOf(now, each).toWallMs)
  for (const toWallMs of ends.toSorted((one, other) => one - other)) {
    const reaching = here.filter((each) => {
      const span = spanOf(now, each)
      return span.fromWallMs < toWallMs && span.toWallMs >= toWallMs
    })
    const starts = reaching.map((each) => spanOf(now, each).fromWallMs)
    const stoodMs = toWallMs - Math.max(countedUntilWallMs, Math.min(toWallMs, ...starts))
    if (stoodMs <= 0) continue
    byMs += stoodMs
    countedUntilWallMs = toWallMs
    for (const { cause } of reaching) causes.add(cause)
  }
  if (byMs === 0) return null
  return {
    recipientId,
    parcelIds: parcels.map(({ id }) => id),
    byMs,
    causes: [...causes],
    expiresAtWallMs: deadline.expiresAtWallMs + byMs,
    countedUntilWallMs,
  }
}

function covers({ config }: Draft, place: StandstillPlace, lockerId: LockerId): boolean {
  if (place.lockerId !== null) return place.lockerId === lockerId
  if (place.boardId === null) return true
  return planOf(config).byId.get(lockerId)?.locker.boardId === place.boardId
}

/** The wall may have been configured anew since. */
function isInWall({ config, state }: Draft, { boardId, lockerId }: StandstillPlace): boolean {
  if (lockerId !== null) return planOf(config).byId.has(lockerId)
  return boardId === null || state.boards[boardId] !== undefined
}

type Named = StandstillPlace & Pick<StandstillFactData['standstill-began'], 'cause'>

function isSame(one: Named, other: Named): boolean {
  return (
    one.cause === other.cause && one.boardId === other.boardId && one.lockerId === other.lockerId
  )
}
