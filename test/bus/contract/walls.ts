// The walls that the contract is held against: each dialect in each of its shapes, two boards on
// one line. What the kiosk is told of them, and what really hangs there.
import { SIM_DIALECTS } from '../../../sim/boards/catalogue.ts'
import type { WireBoard } from '../../../sim/boards/wire.ts'
import type { BoardOptions } from '../../../src/bus/board-options.ts'
import type { BoardConfig, BusConfig, DialectName, LinkConfig } from '../../../src/bus/config.ts'

export type LinkKind = 'serial' | 'tcp'

export const BOARDS = ['A', 'B'] as const
/** A third board with the address of A. It has no power until a fault gives it some. */
export const TWIN = 'A-twin'

export interface Wall {
  readonly name: string
  readonly dialect: DialectName
  readonly baudRate: number
  readonly channels: number
  readonly links: readonly LinkKind[]
  readonly boards: readonly BoardConfig[]
  /** What is on the wire: a name of the simulator's catalogue for each. */
  readonly devices: readonly {
    readonly id: string
    readonly kind: string
    readonly address: number
  }[]
  /** Where the contacts of a board's doors end, when not on itself. */
  readonly contactsOf: Readonly<Record<string, string>>
}

const BOTH: readonly LinkKind[] = ['serial', 'tcp']
/** Input boards, when they are separate, have the address of their relays and this. */
const INPUTS_FROM = 10

interface Shape {
  readonly name: string
  readonly options?: Partial<BoardOptions>
  readonly links?: readonly LinkKind[]
  readonly ids?: readonly string[]
}

function wall(dialect: DialectName, { name, options, links = BOTH, ids = BOARDS }: Shape): Wall {
  const { firstAddress, channels, baudRate } = kindOf(dialect)
  const first = Math.max(1, firstAddress)
  const boards = ids.map((id, index): BoardConfig => {
    const board = { id, dialect, address: first + index, channels }
    return options === undefined ? board : { ...board, options }
  })
  const devices = boards.map(({ id, address }) => ({ id, kind: dialect, address }))
  const twin = { id: TWIN, kind: dialect, address: first }
  const all = [...devices, twin]
  return { name, dialect, baudRate, channels, links, boards, devices: all, contactsOf: {} }
}

function separateInputs(ids: readonly string[]): Wall {
  const name = 'modbus-rtu, inputs on another board'
  const whole = wall('modbus-rtu', { name, ids })
  const { channels, baudRate } = kindOf('modbus-rtu-relays')
  const boards = whole.boards.map((board) => {
    return { ...board, channels, options: { inputAddress: board.address + INPUTS_FROM } }
  })
  const devices = whole.devices.map((device) => ({ ...device, kind: 'modbus-rtu-relays' }))
  const inputs = boards.map(({ id, options }) => {
    return { id: `${id}-inputs`, kind: 'modbus-rtu-inputs', address: options.inputAddress }
  })
  const contactsOf = Object.fromEntries(ids.map((id) => [id, `${id}-inputs`]))
  return { ...whole, channels, baudRate, boards, devices: [...devices, ...inputs], contactsOf }
}

/** @param ids of the boards on each line */
export function wallsOf(ids: readonly string[]): readonly Wall[] {
  const commands = '50-51-65'
  return [
    wall('latchkey-line', { name: 'latchkey-line', ids }),
    wall('kerong-cu16', { name: 'kerong-cu16', ids }),
    wall('kerong-cu48', { name: 'kerong-cu48, 60 61 75', ids }),
    wall('kerong-cu48', { name: 'kerong-cu48, 50 51 65', options: { commands }, ids }),
    wall('lock-board-8a', { name: 'lock-board-8a', ids }),
    wall('wkly', { name: 'wkly', ids }),
    wall('modbus-rtu', { name: 'modbus-rtu', ids }),
    separateInputs(ids),
    wall('modbus-rtu', {
      name: 'modbus-rtu, host-timed',
      options: { pulse: 'host-timed' },
      links: ['serial'],
      ids,
    }),
  ]
}

export const WALLS = wallsOf(BOARDS)

function kindOf(kind: string) {
  const found = SIM_DIALECTS[kind]
  if (found === undefined) throw new RangeError(kind)
  return found
}

export function busOf({ boards }: Pick<Wall, 'boards'>, link: LinkConfig): BusConfig {
  return { id: 'wall', link, boards }
}

/** Fresh boards for one run. */
export function devicesOf({ devices, channels, baudRate }: Wall): readonly WireBoard[] {
  return devices.map(({ id, kind, address }) => ({
    id,
    model: kindOf(kind).create({ address, channels, feedback: 'door-closed', baudRate }),
    behaviour: { isDead: id === TWIN },
  }))
}
