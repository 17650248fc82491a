// The kiosk at a glance, for technicians and metrics. No person's data, no secret.
import { lockersOf } from './config.ts'
import { appliedConfiguration } from './configuration.ts'
import { isInDoubt } from './doubt.ts'
import type { Draft } from './draft.ts'
import type { KioskStatus } from './events.ts'
import { firmwareStatus } from './firmware.ts'
import { screenOf } from './render.ts'
import { sensesStatus } from './senses.ts'

/** Commands of central that a technician sees. */
const COMMANDS_TOLD = 5

export function statusOf(draft: Draft): KioskStatus {
  const { state, ledger, config } = draft
  return {
    kioskId: config.kioskId,
    boot: ledger.boot(),
    screen: screenOf(draft).kind,
    lockers: lockersOf(config).map(({ id, size }) => {
      const locker = ledger.locker(id)
      return {
        lockerId: id,
        size,
        state: locker?.state ?? 'unverified',
        door: state.doors[id]?.state ?? 'unknown',
        parcelIds: ledger.parcelsAt(id).map((parcel) => parcel.id),
        withdrawnFor: locker?.withdrawnFor ?? null,
        contents: state.doors[id]?.contents ?? null,
        isContentsDistrusted: locker?.isContentsDistrusted ?? false,
        lastOutcome: locker?.lastOutcome ?? null,
        distrustedFor: state.doors[id]?.distrustedFor ?? null,
      }
    }),
    boards: Object.entries(state.boards).map(([boardId, board]) => ({ boardId, ...board })),
    senses: sensesStatus(draft),
    lockersInDoubt: lockersOf(config)
      .map(({ id }) => id)
      .filter((id) => isInDoubt(draft, id)),
    isUplinkOnline: state.isUplinkOnline,
    outboxCount: ledger.outboxCount(),
    announcedCount: ledger.announcedTotal(),
    expectedReturnCount: ledger.expectedReturnCount(),
    commands: ledger.newestCommands(COMMANDS_TOLD),
    configuration: { ...appliedConfiguration(draft), isDue: state.isConfigurationDue },
    firmware: firmwareStatus(draft),
  }
}
