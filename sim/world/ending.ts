// How a seed has to end: the faults are over, the people have gone, and nothing is left behind.
import type { View } from '../../src/kiosk/view.ts'
import type { Ledger } from '../../src/store/ledger.ts'
import type { Cabinet } from '../cabinet.ts'
import type { Central } from './central.ts'
import type { Checkers } from './checkers.ts'

/** No parcel may end in one of these. */
const UNFINISHED = [
  'depositing',
  'unconfirmed',
  'deposited',
  'collecting',
  'missing',
  'handing-in',
  'handed-in',
] as const

export interface Ending {
  readonly checkers: Checkers
  /** Null: no daemon is alive. */
  readonly ledger: Ledger | null
  readonly view: View | null
  readonly cabinet: Cabinet
  readonly central: Central
}

export function checkEnd({ checkers, ledger, view, cabinet, central }: Ending): void {
  if (ledger === null) {
    checkers.violated('no daemon is alive at the end')
    return
  }
  checkers.openingsAccounted()
  if (ledger.outboxCount() !== 0) checkers.violated(`${ledger.outboxCount()} facts undelivered`)
  if (central.facts.length !== ledger.headSeq()) checkers.violated('central lacks facts')
  if (view?.screen.kind !== 'welcome') {
    checkers.violated(`the screen ends at ${view?.screen.kind}`)
  }
  for (const { locker, contents, door } of cabinet.compartments.values()) {
    const row = ledger.locker(locker.id)
    if (door === 'open') checkers.violated(`door ${locker.id} stays open`)
    if (contents.length > 0) checkers.violated(`${contents} is stranded in ${locker.id}`)
    if (row?.state !== 'free' && row?.state !== 'clearing') {
      checkers.violated(`locker ${locker.id} ends ${row?.state}`)
    }
  }
  for (const state of UNFINISHED) {
    for (const { id } of ledger.parcelsIn(state)) checkers.violated(`${id} ends ${state}`)
  }
}
