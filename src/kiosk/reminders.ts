// Who has to be reminded: once for each parcel, so long after its deposit, by a clock that is
// believed. The kiosk sends no mail; it says that one is due.
import { type Draft, record, remember, update } from './draft.ts'
import { lockersStandingStill } from './standstill.ts'

const LOOK_EVERY_MS = 600_000
/** Told in one step; what is left waits for the next look. */
const REMINDED_MAX = 100
const HOUR_MS = 3_600_000

export function remindersOverdue(draft: Draft): void {
  const { now, state, ledger, config } = draft
  if (state.remindAtMonoMs !== null && state.remindAtMonoMs > now.monoMs) return
  update(draft, { remindAtMonoMs: now.monoMs + LOOK_EVERY_MS })
  if (!now.isWallBelieved) return
  // Deposited while no clock was believed: the time counts from the first believed moment.
  if (ledger.hasUndatedWaits())
    remember(draft, { kind: 'waits-dated', data: { wallMs: now.wallMs } })
  const wallMs = now.wallMs - config.policy.reminderAfterHours * HOUR_MS
  // Nobody is reminded of what cannot be collected.
  const asked = { wallMs, limit: REMINDED_MAX, exceptIn: lockersStandingStill(draft) }
  for (const parcel of ledger.waitingSince(asked)) {
    const { id: parcelId, recipientId, lockerId } = parcel
    if (lockerId === null) continue
    const pinExpiresAtWallMs = ledger.livePin(recipientId)?.expiresAtWallMs ?? null
    const data = { parcelId, recipientId, lockerId, pinExpiresAtWallMs }
    record(draft, { kind: 'reminder-due', data })
  }
}
