// The workbench of one step: rules write here, and what lies on it at the end is the step's result.
// It lives for one synchronous call and is never kept.
import type { Code } from './codes.ts'
import type { BoardId, KioskConfig, LockerConfig, LockerId } from './config.ts'
import type { Answer, KioskAction } from './events.ts'
import type { Fact, Note, StoreRecord } from './facts.ts'
import type { Ledger } from './ledger.ts'
import { areUsual, SLOW_FACTOR, usualPreferences } from './preferences.ts'
import { hasReceipt, isOneAct } from './receipt.ts'
import {
  type Clearing,
  type Door,
  endsVisit,
  type KioskState,
  type LiveOpening,
  type Session,
} from './state.ts'
import type { Now } from './time.ts'
import type { Notice } from './view.ts'
import { planOf } from './wall-plan.ts'

/** What became of an opening in this step; src/kiosk/settlement.ts says what it means. */
export type Happening =
  | { readonly kind: 'stuck' | 'failed'; readonly opening: LiveOpening; readonly code: Code }
  | { readonly kind: 'opened' | 'left-open'; readonly opening: LiveOpening }
  | { readonly kind: 'closed'; readonly opening: LiveOpening; readonly openMs: number | null }

export interface Draft {
  state: KioskState
  readonly records: StoreRecord[]
  readonly actions: KioskAction[]
  readonly happenings: Happening[]
  readonly now: Now
  readonly ledger: Ledger
  /** What holds: the file's, and what central set over it. */
  config: KioskConfig
  /** As the file says. */
  readonly fileConfig: KioskConfig
  /** The number the next recorded fact will get. */
  nextSeq: number
}

export function openDraft(
  parts: Pick<Draft, 'state' | 'now' | 'ledger'> & {
    /** As the file says. */
    readonly config: KioskConfig
  },
): Draft {
  const { state, config: fileConfig } = parts
  const nextSeq = parts.ledger.nextSeq()
  const empty = { records: [], actions: [], happenings: [] }
  return { ...parts, ...empty, config: state.config, fileConfig, nextSeq }
}

/** @returns the fact's sequence number */
export function record(draft: Draft, fact: Fact): number {
  const before = draft.records.at(-1)
  draft.records.push(fact)
  if (hasReceipt(fact)) {
    const isSame = before !== undefined && hasReceipt(before) && isOneAct(before, fact)
    const count = isSame ? (draft.state.receiptFact?.count ?? 0) + 1 : 1
    update(draft, { receiptFact: { seq: draft.nextSeq, lockerId: fact.data.lockerId, count } })
  }
  draft.nextSeq += 1
  return draft.nextSeq - 1
}

export function remember(draft: Draft, note: Note): void {
  draft.records.push(note)
}

export function update(draft: Draft, change: Partial<KioskState>): void {
  draft.state = { ...draft.state, ...change }
}

export function happen(draft: Draft, happening: Happening): void {
  draft.happenings.push(happening)
}

export function answer(draft: Draft, to: string, body: Answer): void {
  draft.actions.push({ kind: 'answer', to, answer: body })
}

export function putDoor(draft: Draft, lockerId: LockerId, door: Door): void {
  const { doors, notShut } = draft.state
  const isShut = door.state === 'closed' && door.reads === 'closed'
  const wasShut = !notShut.includes(lockerId)
  update(draft, { doors: { ...doors, [lockerId]: door } })
  if (isShut && !wasShut) update(draft, { notShut: notShut.filter((id) => id !== lockerId) })
  if (!isShut && wasShut) update(draft, { notShut: [...notShut, lockerId] })
}

export function putOpening(draft: Draft, opening: LiveOpening): void {
  update(draft, { openings: { ...draft.state.openings, [opening.lockerId]: opening } })
}

export function dropOpening(draft: Draft, lockerId: LockerId): void {
  const { [lockerId]: _, ...openings } = draft.state.openings
  update(draft, { openings })
}

export function putClearing(draft: Draft, lockerId: LockerId, clearing: Clearing): void {
  update(draft, { clearing: { ...draft.state.clearing, [lockerId]: clearing } })
}

export function dropClearing(draft: Draft, lockerId: LockerId): void {
  const { [lockerId]: _, ...clearing } = draft.state.clearing
  update(draft, { clearing })
}

/**
 * Moves the screen on.
 *
 * @param lastsMs until the session ends by itself; null: a door's timer decides, or nobody is there
 */
export function goTo(
  draft: Draft,
  session: Session,
  lastsMs: number | null,
  said: Notice | null = null,
): void {
  const isOver = session.kind === 'welcome' && endsVisit(draft.state.session)
  if (isOver) update(draft, { preferences: usualPreferences(draft.config) })
  update(draft, { session, notice: said })
  lastFor(draft, lastsMs)
}

/**
 * From now on, longer for whoever wants more time. The first screen, too, comes to an end where
 * somebody likes it in another way than the next person does.
 */
export function lastFor(draft: Draft, lastsMs: number | null): void {
  const { config, state, now } = draft
  const { kind } = state.session
  const isOwn = kind === 'welcome' && !areUsual(state.preferences, config)
  const wantedMs = isOwn ? config.policy.idleMs : lastsMs
  // A challenge's time is its own.
  const isSlow = state.preferences.isSlow && kind !== 'desk'
  const factor = isSlow ? SLOW_FACTOR : 1
  const sessionEndsAtMonoMs = wantedMs === null ? null : now.monoMs + factor * wantedMs
  update(draft, { sessionEndsAtMonoMs })
}

export function lockerConfig(draft: Draft, lockerId: LockerId): LockerConfig | undefined {
  return planOf(draft.config).byId.get(lockerId)?.locker
}

export function isBoardOnline(draft: Draft, boardId: BoardId): boolean {
  return draft.state.boards[boardId]?.isOnline ?? false
}
