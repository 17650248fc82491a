// Lights and buzzers for the person in front of the wall. Nothing depends on them: they are asked
// for once, and a kiosk without them is the same kiosk.
import type { SignalConfig } from './config.ts'
import { type Draft, lockerConfig, update } from './draft.ts'
import type { LiveOpening } from './state.ts'

/** A light that comes later than this tells nothing any more. */
export const SIGNAL_EXPIRY_MS = 2_000
/** How long a relay is on, unless the configuration says otherwise. */
const SIGNAL_MS = { 'locker-light': 1_000, light: 5_000, buzzer: 500 } as const

/** Somebody may open a locker now: where is it? */
export function lightUp(draft: Draft, opening: LiveOpening): void {
  const locker = lockerConfig(draft, opening.lockerId)
  if (locker === undefined || !isForPerson(opening)) return
  for (const signal of draft.config.signals ?? []) {
    const { kind, boardId, channel } = signal
    if (kind === 'locker-light' && boardId === locker.boardId) send(draft, signal, locker.channel)
    if (kind === 'light' && channel !== undefined) send(draft, signal, channel)
  }
}

/** Once for each opening, when its door has been open for so long that the screen says so. */
export function remind(draft: Draft, afterMs: number): void {
  const { openings, remindedIds } = draft.state
  const live = Object.values(openings)
  const due = live.filter(
    ({ openSinceMonoMs }) =>
      openSinceMonoMs !== null && openSinceMonoMs + afterMs <= draft.now.monoMs,
  )
  for (const opening of due) {
    if (!remindedIds.includes(opening.id) && isForPerson(opening)) buzz(draft)
  }
  const ids = live.map(({ id }) => id)
  const kept = remindedIds.filter((id) => ids.includes(id))
  const reminded = [...new Set([...kept, ...due.map(({ id }) => id)])]
  if (reminded.length > 0 || remindedIds.length > 0) update(draft, { remindedIds: reminded })
}

function buzz(draft: Draft): void {
  for (const signal of draft.config.signals ?? []) {
    const { kind, channel } = signal
    if (kind === 'buzzer' && channel !== undefined) send(draft, signal, channel)
  }
}

function isForPerson({ by: { role } }: LiveOpening): boolean {
  return role !== 'technician' && role !== 'kiosk'
}

function send(draft: Draft, { boardId, kind, ms }: SignalConfig, channel: number): void {
  draft.actions.push({
    kind: 'signal',
    signal: kind,
    boardId,
    channel,
    ms: ms ?? SIGNAL_MS[kind],
    expiresAtMonoMs: draft.now.monoMs + SIGNAL_EXPIRY_MS,
  })
}
