// No locker and no parcel is stranded: each state has one meaning, and a next step that somebody
// can name. For `latchkey explain`, for central and for the manual.
import type { LockerRow, LockerState, ParcelState } from './ledger.ts'
import type { ReturnState } from './return-ledger.ts'

/** Stable words, each with the sentence for people. */
export const NEXT_STEPS = {
  assign: 'It is ready for the next parcel.',
  'close-door': 'Whoever puts the parcel in closes the door, or cancels.',
  collect: 'The recipient collects with the PIN.',
  'wait-clearing': 'It is free again when the time to open it once more is over.',
  'courier-looks': 'The courier whose deposit was not finished looks inside, at the screen.',
  'carrier-looks': 'A courier of the return’s carrier looks inside, at the screen.',
  'technician-looks': 'A technician opens it and says what lies inside: latchkey inspect.',
  'settle-dispute': 'The operator finds out whose it is; then a technician says: latchkey inspect.',
  'find-parcel':
    'The operator finds out where it is; then a technician says what its locker holds: inspect.',
  'courier-retrieves': 'A courier takes the parcel out, at the screen.',
  'mend-wiring': 'A technician puts the wires right, then: latchkey door enable.',
  enable: 'A technician puts it back in service: latchkey door enable.',
  'mend-sensor': 'A technician sees to the door’s sensor, then: latchkey door trust.',
  deposit: 'A courier brings it.',
  'finish-pickup': 'The recipient takes it out and closes the door.',
  'make-code': 'The kiosk makes its code, and central sends that to the recipient.',
  'hand-in': 'The recipient hands it in, with its code.',
  'finish-hand-in': 'The recipient puts it in, closes the door and says so.',
  nothing: 'It is over.',
} as const

export type NextStep = keyof typeof NEXT_STEPS

const BY_LOCKER_STATE: Readonly<Record<LockerState, NextStep>> = {
  free: 'assign',
  reserved: 'close-door',
  occupied: 'collect',
  clearing: 'wait-clearing',
  unverified: 'technician-looks',
  disputed: 'settle-dispute',
  'awaiting-courier': 'courier-retrieves',
}

const BY_PARCEL_STATE: Readonly<Record<ParcelState, NextStep>> = {
  announced: 'deposit',
  depositing: 'close-door',
  unconfirmed: 'technician-looks',
  deposited: 'collect',
  collecting: 'finish-pickup',
  collected: 'nothing',
  missing: 'find-parcel',
  recalled: 'courier-retrieves',
  'handing-in': 'finish-hand-in',
  'handed-in': 'courier-retrieves',
  withdrawn: 'nothing',
}

export function nextStepOfLocker(
  row: Pick<LockerRow, 'state' | 'withdrawnFor' | 'courierId' | 'returnId' | 'distrustedFor'>,
): NextStep {
  if (row.withdrawnFor === 'crossed-wiring') return 'mend-wiring'
  if (row.state === 'unverified' && row.courierId !== null) return 'courier-looks'
  if (row.state === 'unverified' && row.returnId !== null) return 'carrier-looks'
  if (row.withdrawnFor !== null && row.state === 'free') return 'enable'
  if (row.distrustedFor !== null && row.state === 'free') return 'mend-sensor'
  return BY_LOCKER_STATE[row.state]
}

export function nextStepOfParcel(state: ParcelState): NextStep {
  return BY_PARCEL_STATE[state]
}

const BY_RETURN_STATE: Readonly<Record<ReturnState, NextStep>> = {
  announced: 'make-code',
  expected: 'hand-in',
  'handed-in': 'nothing',
  expired: 'nothing',
}

/** Of a return whose parcel is in no locker. */
export function nextStepOfReturn(state: ReturnState): NextStep {
  return BY_RETURN_STATE[state]
}
