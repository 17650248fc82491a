// The words of the choice, each with its sentence: for the command line and the manual. A word
// keeps its meaning for ever, since it stands in the chain.
import type { Reason } from './choice.ts'

export const REASONS: Readonly<Record<Reason, string>> = {
  'not-in-wall': 'the ledger does not know it',
  reserved: 'a deposit is under way in it',
  occupied: 'a parcel lies in it',
  clearing: 'its parcel was just collected, and it may still be opened again',
  unverified: 'nobody has proven it empty',
  disputed: 'what lies in it is not what the ledger says',
  'awaiting-courier': 'a courier has to take its parcel out first',
  'out-of-service': 'a technician took it out of service',
  'crossed-wiring': 'its lock opens another door',
  'board-silent': 'its board does not answer',
  'door-open': 'its door stands open',
  'door-unknown': 'nobody knows how its door stands',
  'sensor-distrusted': 'the sensor of its door is not believed',
  'contents-seen': 'the sensor inside sees something',
  opening: 'its door is being opened',
  'too-small': 'it is too small',
  'out-of-reach': 'the recipient cannot reach it',
  'kept-for-reach': 'it is kept for people who need a locker within reach',
  'kept-spare': 'it is kept for a parcel whose door does not open',
  fits: 'it is the smallest size that fits',
  larger: 'it is larger than needed',
  steady: 'its door opens well',
  shaky: 'its door has made trouble lately',
  'within-reach': 'the recipient can reach it',
  'leaves-reach-free': 'it leaves the lockers within reach to those who need them',
  'low-for-weight': 'it is low, for a heavy parcel',
  'high-for-weight': 'it is high for a heavy parcel',
  'last-resort': 'nothing else was free',
}
