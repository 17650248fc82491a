// The doors in front of the boards' locks, with springs behind them and contacts on them. A coil
// that is on for long enough lets its door spring open; what the contact tells the board may be a
// lie.
import type { Random } from '../world/random.ts'
import type { Contents, DoorPosition } from './board.ts'
import type { Schedule } from './schedule.ts'
import type { ChannelOfBoard, CoilChange } from './wire.ts'

/** From the coil's first current until the latch has let go; a shorter pulse opens nothing. */
export const SPRING_MS = 60
const BOUNCE_MS_MAX = 8

type Sensor = 'true' | 'stuck-open' | 'stuck-closed' | 'inverted'

export interface DoorBehaviour {
  /** The lock fires, and the door stays. */
  readonly isJammed: boolean
  /** How often the contact flutters before it rests. */
  readonly bounces: number
  readonly sensor: Sensor
  /** The channel whose coil opens this door, when the wires are crossed; null: its own. */
  readonly openedBy: number | null
}

const SOUND_DOOR: DoorBehaviour = {
  isJammed: false,
  bounces: 0,
  sensor: 'true',
  openedBy: null,
}

/** Where the contacts end: a wire in virtual time, or a live bus. */
interface Contacts {
  moveDoor(move: ChannelOfBoard & { readonly door: DoorPosition }): void
  moveContents(move: ChannelOfBoard & { readonly contents: Contents }): void
}

export interface DoorsOptions {
  readonly schedule: Schedule
  readonly random: Random
  readonly contacts: Contacts
  readonly boards: readonly { readonly id: string; readonly channels: number }[]
  readonly doorMoved?: (
    move: ChannelOfBoard & { readonly door: DoorPosition; readonly cause: 'lock' | 'hand' },
  ) => void
}

interface Door extends ChannelOfBoard {
  behaviour: DoorBehaviour
  position: DoorPosition
}

export class Doors {
  readonly #options: DoorsOptions
  readonly #doors: readonly Door[]
  /** By board and channel: which pulse it is, so that an old one springs nothing. */
  readonly #coils = new Map<string, number>()
  #pulses = 0

  /** All doors are closed at the start. */
  constructor(options: DoorsOptions) {
    this.#options = options
    this.#doors = options.boards.flatMap(({ id, channels }) =>
      Array.from({ length: channels }, (_, index) => ({
        board: id,
        channel: index + 1,
        behaviour: SOUND_DOOR,
        position: 'closed' as const,
      })),
    )
  }

  coilChanged(change: CoilChange): void {
    const key = keyOf(change)
    if (!change.isOn) {
      this.#coils.delete(key)
      return
    }
    this.#pulses += 1
    this.#coils.set(key, this.#pulses)
    for (const door of this.#doors) {
      if (keyOf(lockOf(door)) === key) this.#springLater(door)
    }
  }

  /** By hand, with or without a key. */
  open(at: ChannelOfBoard): void {
    this.#move(this.#at(at), { to: 'open', cause: 'hand' })
  }

  close(at: ChannelOfBoard): void {
    const door = this.#at(at)
    this.#move(door, { to: 'closed', cause: 'hand' })
    // A lock that still has current does not hold its door.
    if (this.#coils.has(keyOf(lockOf(door)))) this.#springLater(door)
  }

  put(at: ChannelOfBoard, contents: Contents): void {
    const { board, channel } = this.#at(at)
    this.#options.contacts.moveContents({ board, channel, contents })
  }

  change(at: ChannelOfBoard, behaviour: Partial<DoorBehaviour>): void {
    const door = this.#at(at)
    door.behaviour = { ...door.behaviour, ...behaviour }
    this.#report(door, door.position)
  }

  /** The wires of two locks change places; each contact stays at its own door. */
  cross(board: string, [one, other]: readonly [number, number]): void {
    this.change({ board, channel: one }, { openedBy: other })
    this.change({ board, channel: other }, { openedBy: one })
  }

  behaviourOf(at: ChannelOfBoard): DoorBehaviour {
    return this.#at(at).behaviour
  }

  positionOf(at: ChannelOfBoard): DoorPosition {
    return this.#at(at).position
  }

  #at({ board, channel }: ChannelOfBoard): Door {
    const door = this.#doors.find((each) => each.board === board && each.channel === channel)
    if (door === undefined) throw new RangeError(`no door ${board}/${channel}`)
    return door
  }

  #springLater(door: Door): void {
    const { schedule } = this.#options
    const key = keyOf(lockOf(door))
    const pulse = this.#coils.get(key)
    schedule.at(schedule.nowMs + SPRING_MS, () => {
      if (this.#coils.get(key) !== pulse || door.behaviour.isJammed) return
      this.#move(door, { to: 'open', cause: 'lock' })
    })
  }

  #move(
    door: Door,
    { to, cause }: { readonly to: DoorPosition; readonly cause: 'lock' | 'hand' },
  ): void {
    if (door.position === to) return
    door.position = to
    const { board, channel } = door
    this.#options.doorMoved?.({ board, channel, door: to, cause })
    this.#report(door, to)
    const { schedule, random } = this.#options
    let atMs = schedule.nowMs
    for (let left = door.behaviour.bounces * 2; left > 0; left -= 1) {
      atMs += random.between(1, BOUNCE_MS_MAX)
      const isBack = left % 2 === 0
      schedule.at(atMs, () => {
        if (door.position === to) this.#report(door, isBack ? oppositeOf(to) : to)
      })
    }
  }

  #report({ board, channel, behaviour: { sensor } }: Door, position: DoorPosition): void {
    this.#options.contacts.moveDoor({ board, channel, door: SEEN[sensor](position) })
  }
}

const SEEN: Readonly<Record<Sensor, (position: DoorPosition) => DoorPosition>> = {
  true: (position) => position,
  'stuck-open': () => 'open',
  'stuck-closed': () => 'closed',
  inverted: oppositeOf,
}

function oppositeOf(position: DoorPosition): DoorPosition {
  return position === 'open' ? 'closed' : 'open'
}

function lockOf({ board, channel, behaviour }: Door): ChannelOfBoard {
  return { board, channel: behaviour.openedBy ?? channel }
}

function keyOf({ board, channel }: ChannelOfBoard): string {
  return `${board}/${channel}`
}
