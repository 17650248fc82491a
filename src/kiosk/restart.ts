// The first step after a start. Nothing is pulsed: what was under way is settled by reading doors.
import { resumeAudit } from './audit-course.ts'
import { applyConfiguration } from './configuration.ts'
import { type Draft, putClearing, putDoor, putOpening, record, remember, update } from './draft.ts'
import { restoreGuesses } from './guesses.ts'
import { interrupt } from './hand-in.ts'
import { prepareOwedPins } from './pins.ts'
import { tellRestore } from './restore.ts'
import { restoreSenses } from './senses.ts'
import { restoreStandstills } from './standstill.ts'
import { UNKNOWN_DOOR } from './state.ts'
import { planOf } from './wall-plan.ts'
import { obeyWishes } from './wishes.ts'

export function restart(draft: Draft, version: string): void {
  const { ledger, now } = draft
  update(draft, { version })
  const isRestored = tellRestore(draft)
  record(draft, { kind: 'kiosk-started', data: { boot: ledger.boot() + 1, version } })
  applyConfiguration(draft)
  arrangeWall(draft)
  restoreGuesses(draft)
  prepareOwedPins(draft)
  obeyWishes(draft)
  restoreSenses(draft)
  restoreStandstills(draft)
  resumeAudit(draft)
  for (const parcel of ledger.parcelsIn('depositing')) {
    if (parcel.lockerId === null) continue
    record(draft, {
      kind: 'deposit-interrupted',
      data: { parcelId: parcel.id, lockerId: parcel.lockerId, cause: 'restart' },
    })
  }
  for (const { id: parcelId, lockerId } of ledger.parcelsIn('handing-in')) {
    if (lockerId !== null) interrupt(draft, { parcelId, lockerId }, 'restart')
  }
  for (const row of ledger.liveOpenings()) {
    putOpening(draft, {
      id: row.id,
      lockerId: row.lockerId,
      purpose: row.purpose,
      parcelIds: row.parcelIds,
      by: row.by,
      phase: row.isOpened ? 'open' : 'commanded',
      pulses: 0,
      isUnsettled: true,
      isInterrupted: true,
      isBlind: (ledger.locker(row.lockerId)?.distrustedFor ?? null) !== null,
      isOpened: row.isOpened,
      heard: null,
      cycleOpenSinceMonoMs: null,
      isAbandoned: true,
      isLeftOpen: row.isLeftOpen,
      seenByMonoMs: 0,
      openSinceMonoMs: null,
      boardBoot: row.boardBoot,
      opensBefore: row.opensBefore,
      requestId: null,
      // Unless it was answered before the start, it is when the door has been read.
      commandId: ledger.commandOfOpening(row.id),
    })
  }
  // Against these the first reading is held: what opened while nobody was there, shows.
  for (const { id, opens, boardBoot, distrustedFor } of ledger.lockers()) {
    if (draft.state.doors[id] !== undefined)
      putDoor(draft, id, { ...UNKNOWN_DOOR, opens, boardBoot, distrustedFor })
  }
  // They were held in a past that went on without this ledger.
  if (isRestored) return
  // How long these were held before the start is not known: they are held the whole time again.
  for (const locker of ledger.lockers().filter(({ state }) => state === 'clearing')) {
    putClearing(draft, locker.id, {
      untilMonoMs: now.monoMs + draft.config.policy.reopenMs,
      isProvenEmpty: locker.isProvenEmpty,
    })
  }
}

/** Wall and policy may have changed since the last start: the choice goes by what is configured. */
function arrangeWall(draft: Draft): void {
  const lockers = planOf(draft.config).lockers.map(({ locker: { id }, group, place }) => ({
    id,
    group: group.key,
    place,
  }))
  remember(draft, { kind: 'wall-arranged', data: { lockers } })
}
