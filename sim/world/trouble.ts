// What happens to the kiosk from outside, each now and then, as often as the seed has drawn.
import type { BusConfig } from '../../src/bus/config.ts'
import type { Cabinet } from '../cabinet.ts'
import type { Cable } from './cable.ts'
import type { Central } from './central.ts'
import type { Faults } from './faults.ts'
import type { Lives } from './lives.ts'
import type { Random } from './random.ts'
import type { Timeline } from './timeline.ts'

const MINUTE_MS = 60_000
const COPIES_PER_RESTORE = 3
const KEEPS = 0.3
/** So many doors that stand open before somebody are looked at per theft behind a shut one. */
const GRABS_PER_THEFT = 3

export interface TroubleParts {
  readonly timeline: Timeline
  readonly random: Random
  /** For what thieves do. */
  readonly thief: Random
  /** For what is taken while somebody stands there. */
  readonly grabber: Random
  readonly faults: Faults
  readonly cabinet: Cabinet
  readonly cable: Cable
  readonly central: Central
  readonly boards: BusConfig['boards']
  readonly isTroubled: () => boolean
  readonly isQuiet: () => boolean
  /** For whoever keeps copies of the database, and puts one back. */
  readonly keeper: Random
  readonly lives: Pick<Lives, 'die' | 'keepCopy'>
  readonly log: (what: string) => void
  /** Somebody's parcel is gone before that one's eyes. */
  readonly grabbed: () => void
}

export function scheduleTrouble(parts: TroubleParts): void {
  const { timeline, random, faults, cabinet, cable, central, boards, lives } = parts
  const nowAndThen = (perMinute: number, run: () => void, from: Random = random): void => {
    if (perMinute === 0) return
    const waitMs = (-Math.log(1 - from.next()) * MINUTE_MS) / perMinute
    timeline.after(waitMs, () => {
      if (!parts.isTroubled()) return
      run()
      nowAndThen(perMinute, run, from)
    })
  }
  const anyDoor = () => random.pick([...cabinet.compartments.values()])
  nowAndThen(faults.powerCutsPerMinute, () => lives.die('power'))
  nowAndThen(faults.killsPerMinute, () => lives.die('kill'))
  nowAndThen(faults.unplugsPerMinute, () => {
    cable.unplug()
    timeline.after(random.between(500, 40_000), () => cable.plug())
  })
  nowAndThen(faults.boardRestartsPerMinute, () => cable.powerCycle(random.pick(boards).id))
  nowAndThen(faults.uplinkCutsPerMinute, () => {
    central.isReachable = false
    central.cutWire()
    timeline.after(random.between(1_000, 60_000), () => {
      central.isReachable = true
    })
  })
  nowAndThen(faults.jamsPerMinute, () => {
    const door = anyDoor()
    door.isJammed = true
    timeline.after(random.between(5_000, 60_000), () => {
      door.isJammed = false
    })
  })
  nowAndThen(faults.forcedPerMinute, () => cabinet.force(anyDoor()))
  nowAndThen(faults.theftsPerMinute, () => steal(parts), parts.thief)
  const grabsPerMinute = faults.theftsPerMinute * GRABS_PER_THEFT
  nowAndThen(grabsPerMinute, () => grab(parts), parts.grabber)
  nowAndThen(faults.restoresPerMinute, () => lives.die('restore'), parts.keeper)
  const copiesPerMinute = faults.restoresPerMinute * COPIES_PER_RESTORE
  nowAndThen(copiesPerMinute, () => lives.keepCopy(), parts.keeper)
}

/**
 * Comes when nobody is there and every door is shut, and never leaves a parcel where none was:
 * that would be a deposit that no kiosk can know of.
 */
function steal({ thief, cabinet, isQuiet, log }: TroubleParts): void {
  const all = [...cabinet.compartments.values()]
  const full = all.filter(({ contents }) => contents.length > 0)
  if (full.length === 0 || !isQuiet() || all.some(({ door }) => door === 'open')) return
  const door = thief.pick(full)
  // Who does not keep what he finds leaves it behind another door.
  const other = thief.chance(KEEPS) ? door : thief.pick(full)
  log(`${door.contents} out of ${door.locker.id}`)
  for (const each of new Set([door, other])) cabinet.force(each)
  const taken = door.contents
  door.contents = door === other ? [] : other.contents
  if (door !== other) other.contents = taken
}

/** Out of a door that stands open, whoever is about to take it or has just put it in. */
function grab({ grabber, cabinet, grabbed, log }: TroubleParts): void {
  const all = [...cabinet.compartments.values()]
  const open = all.filter(({ door, contents }) => door === 'open' && contents.length > 0)
  if (open.length === 0) return
  const compartment = grabber.pick(open)
  log(`grabs ${compartment.contents} out of ${compartment.locker.id}`)
  grabbed()
  compartment.contents = []
}
