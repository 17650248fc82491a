// A wall in memory, for the tests of its page: doors that obey hands, and no kiosk behind them.
import type {
  Announcement,
  Letter,
  PostHost,
  WallCommand,
  WallDoor,
  WallHost,
  WallResult,
  WallSnapshot,
} from '../../sim/wall/host.ts'
import { HELLO } from './views.ts'

const OK: WallResult = { ok: true }

export class MemoryWall implements WallHost {
  readonly commands: WallCommand[] = []
  readonly #doors = new Map<string, WallDoor>()
  readonly #listeners: (() => void)[] = []

  constructor() {
    for (const { lockers } of HELLO.wall.columns) {
      for (const locker of lockers) {
        this.#doors.set(locker.id, { ...locker, door: 'closed', contents: [], isBlocked: false })
      }
    }
  }

  snapshot(): WallSnapshot {
    const { kioskId, siteName, wall } = HELLO
    return {
      kioskId,
      siteName,
      screenUrl: 'http://127.0.0.1:7080/',
      sizes: wall.sizes,
      columns: wall.columns.map(({ lockers }) => ({
        lockers: lockers.map(({ id }) => this.door(id)),
      })),
    }
  }

  door(id: string): WallDoor {
    const door = this.#doors.get(id)
    if (door === undefined) throw new Error(`There is no door ${id}.`)
    return door
  }

  change(id: string, changes: Partial<WallDoor>): void {
    this.#doors.set(id, { ...this.door(id), ...changes })
    for (const tell of this.#listeners) tell()
  }

  act(command: WallCommand): WallResult {
    this.commands.push(command)
    const { lockerId, kind } = command
    if (!this.#doors.has(lockerId)) return { ok: false, reason: 'There is no such door.' }
    const door = this.door(lockerId)
    const isHandInside = kind === 'put-in' || kind === 'take-out'
    if (isHandInside && door.door === 'closed') return { ok: false, reason: 'The door is closed.' }
    this.change(lockerId, changesOf(command, door))
    return OK
  }

  onChange(changed: () => void): void {
    this.#listeners.push(changed)
  }
}

function changesOf(command: WallCommand, door: WallDoor): Partial<WallDoor> {
  switch (command.kind) {
    case 'put-in':
      return { contents: [...door.contents, command.label] }
    case 'take-out':
      return { contents: [] }
    case 'close':
      return { door: 'closed' }
    case 'force-open':
      return { door: 'open' }
    case 'block':
      return { isBlocked: true }
    case 'unblock':
      return { isBlocked: false }
  }
}

export class MemoryPost implements PostHost {
  readonly announced: Announcement[] = []
  readonly #letters: Letter[] = []
  readonly #listeners: (() => void)[] = []

  letters(): readonly Letter[] {
    return this.#letters.toReversed()
  }

  write(letter: Letter): void {
    this.#letters.push(letter)
    for (const tell of this.#listeners) tell()
  }

  couriers() {
    return [{ label: 'Blue Van 7', accessCode: '70142358' }]
  }

  recipients() {
    return [
      { id: 'r-1', label: 'Flat 3' },
      { id: 'r-2', label: 'Flat 5' },
    ]
  }

  announce(announcement: Announcement): WallResult {
    this.announced.push(announcement)
    return OK
  }

  onChange(changed: () => void): void {
    this.#listeners.push(changed)
  }
}
