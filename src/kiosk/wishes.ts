// What central wants, stream by stream: looked at whenever a row has come, and at every start.
import type { Draft } from './draft.ts'
import { compareFirmware } from './firmware.ts'
import { obeyLockerWishes } from './locker-wishes.ts'
import { obeyPickupWishes } from './pins.ts'
import { obeyReturns } from './returns.ts'

export function obeyWishes(draft: Draft): void {
  obeyPickupWishes(draft)
  obeyLockerWishes(draft)
  obeyReturns(draft)
  compareFirmware(draft)
}
