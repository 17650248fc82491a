// Which faults exist in one run, and how strong. Every seed draws its own mix: with all faults
// always on, the rare meetings of two of them would never be seen.
import type { Random } from './random.ts'

export interface Faults {
  /** Per line on the cable, in either direction. */
  readonly lineLost: number
  readonly lineDamaged: number
  /** The reply comes after the master stopped waiting. */
  readonly replyLate: number
  /** Just before a pulse order leaves: the cable is pulled out. */
  readonly unplugAtPulse: number
  /** Per minute. */
  readonly unplugsPerMinute: number
  readonly boardRestartsPerMinute: number
  readonly powerCutsPerMinute: number
  readonly killsPerMinute: number
  /** Per turn of the core: the process dies before, between or after what the turn does. */
  readonly crashAtTurn: number
  readonly uplinkCutsPerMinute: number
  readonly messageLost: number
  readonly jamsPerMinute: number
  readonly forcedPerMinute: number
  /** Contacts that stick or flutter. */
  readonly sensorFaultsPerMinute: number
  /** Somebody breaks a door open and takes a parcel, or puts it where another one was. */
  readonly theftsPerMinute: number
  /** The kiosk is switched off, and its database put back from a copy of earlier. */
  readonly restoresPerMinute: number
}

export const NO_FAULTS: Faults = {
  lineLost: 0,
  lineDamaged: 0,
  replyLate: 0,
  unplugAtPulse: 0,
  unplugsPerMinute: 0,
  boardRestartsPerMinute: 0,
  powerCutsPerMinute: 0,
  killsPerMinute: 0,
  crashAtTurn: 0,
  uplinkCutsPerMinute: 0,
  messageLost: 0,
  jamsPerMinute: 0,
  forcedPerMinute: 0,
  sensorFaultsPerMinute: 0,
  theftsPerMinute: 0,
  restoresPerMinute: 0,
}

const STRONGEST: Faults = {
  lineLost: 0.08,
  lineDamaged: 0.08,
  replyLate: 0.04,
  unplugAtPulse: 0.1,
  unplugsPerMinute: 0.5,
  boardRestartsPerMinute: 0.4,
  powerCutsPerMinute: 0.6,
  killsPerMinute: 0.8,
  crashAtTurn: 0.02,
  uplinkCutsPerMinute: 1.5,
  messageLost: 0.1,
  jamsPerMinute: 0.5,
  forcedPerMinute: 0.1,
  sensorFaultsPerMinute: 1.2,
  theftsPerMinute: 2.4,
  restoresPerMinute: 0.6,
}

/** @param texts as on a command line, each `name=number` */
export function faultsIn(texts: readonly string[]): Partial<Faults> {
  return Object.fromEntries(
    texts.map((text) => {
      const [name = '', value = ''] = text.split('=')
      if (!(name in NO_FAULTS) || !(Number(value) >= 0)) throw new RangeError(`no fault: ${text}`)
      return [name, Number(value)]
    }),
  )
}

export function drawFaults(random: Random): Faults {
  return Object.fromEntries(
    Object.entries(STRONGEST).map(([name, strongest]) => [
      name,
      random.chance(0.5) ? strongest * random.next() : 0,
    ]),
  ) as unknown as Faults
}
