// The part of the configuration that a bus needs: one serial line, and the boards on it. Plain and
// frozen; src/runtime reads it from files.
import type { BoardId } from '../kiosk/config.ts'

export const BOARDS_PER_BUS_MAX = 32
const ADDRESS_MAX = 0xfe
const CHANNELS_MAX = 16

interface SerialLinkConfig {
  readonly kind: 'serial'
  /** Best a name that stays: /dev/serial/by-id/… */
  readonly path: string
  readonly baudRate: number
}

export type LinkConfig = SerialLinkConfig

const DIALECT_NAMES = ['latchkey-line'] as const
export type DialectName = (typeof DIALECT_NAMES)[number]

export interface BoardConfig {
  /** Unique in the whole kiosk. */
  readonly id: BoardId
  /** As set on the board; unique on its bus. */
  readonly address: number
  readonly dialect: DialectName
  readonly channels: number
}

export interface BusConfig {
  readonly id: string
  readonly link: LinkConfig
  readonly boards: readonly BoardConfig[]
}

/** What is wrong with a bus, a sentence each; empty when it can be run. */
export function busProblems(config: BusConfig): readonly string[] {
  const { boards, link } = config
  const problems: string[] = []
  const add = (isWrong: boolean, problem: string) => {
    if (isWrong) problems.push(`bus ${config.id}: ${problem}`)
  }
  add(boards.length === 0, 'it has no board')
  add(boards.length > BOARDS_PER_BUS_MAX, `it has more than ${BOARDS_PER_BUS_MAX} boards`)
  add(link.path === '', 'its serial port has no path')
  add(!isWithin(link.baudRate, { min: 300, max: 4_000_000 }), `no baud rate: ${link.baudRate}`)
  add(new Set(boards.map((board) => board.id)).size < boards.length, 'two boards have one id')
  // Both would open their door at the same order, and their replies would collide.
  const addresses = new Set(boards.map((board) => board.address))
  add(addresses.size < boards.length, 'two boards have one address')
  for (const { id, address, channels } of boards) {
    add(!isWithin(address, { min: 1, max: ADDRESS_MAX }), `board ${id} has no address: ${address}`)
    add(!isWithin(channels, { min: 1, max: CHANNELS_MAX }), `board ${id}: channels: ${channels}`)
  }
  return problems
}

function isWithin(
  value: number,
  { min, max }: { readonly min: number; readonly max: number },
): boolean {
  return Number.isInteger(value) && value >= min && value <= max
}
