// What central wants of lockers: in service, out of it, or shut for everybody. Each word is done
// once; whoever stands before the locker may decide otherwise afterwards, until central's next one.
import { type Draft, lockerConfig, record, remember } from './draft.ts'
import type { LockerWish } from './ledger.ts'
import { goOn, standStill } from './standstill.ts'

const BY = { role: 'central' } as const

export function obeyLockerWishes(draft: Draft): void {
  for (const wish of draft.ledger.openLockerWishes()) {
    if (lockerConfig(draft, wish.lockerId) !== undefined) obey(draft, wish)
    const { lockerId } = wish
    remember(draft, { kind: 'locker-wish-settled', data: { lockerId } })
  }
}

function obey(draft: Draft, { lockerId, service, reason }: LockerWish): void {
  const present = draft.ledger.locker(lockerId)?.withdrawnFor ?? null
  // Wires are put right at the wires, and nobody says from afar that they are.
  if (present === 'crossed-wiring') return
  if (service === 'in') {
    if (present === null) return
    record(draft, { kind: 'locker-returned', data: { lockerId, by: BY, reason } })
    goOn(draft, 'locker-blocked', { lockerId })
    goOn(draft, 'door-stuck', { lockerId })
    return
  }
  const cause = service === 'unsafe' ? 'unsafe' : 'central'
  // Out of service is out of service, whoever said so first.
  if (present === cause || (cause === 'central' && present === 'technician')) return
  record(draft, { kind: 'locker-withdrawn', data: { lockerId, cause, by: BY, reason } })
  // What lies there cannot be collected, or can be again.
  if (cause === 'unsafe') standStill(draft, 'locker-blocked', { lockerId })
  else if (present === 'unsafe') goOn(draft, 'locker-blocked', { lockerId })
}
