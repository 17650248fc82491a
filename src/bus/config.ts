// The part of the configuration that a bus needs: one line, and the boards on it. Plain and frozen;
// src/runtime reads it from files.
import type { BoardId, SenseConfig, SignalConfig } from '../kiosk/config.ts'
import { type BoardOptions, boardProblems, isWithin } from './board-options.ts'

export const BOARDS_PER_BUS_MAX = 32

export interface SerialLinkConfig {
  readonly kind: 'serial'
  /** Best a name that stays: /dev/serial/by-id/… */
  readonly path: string
  readonly baudRate: number
  /** 8, none and 1 unless said otherwise. */
  readonly dataBits?: 7 | 8
  readonly parity?: 'none' | 'even' | 'odd'
  readonly stopBits?: 1 | 2
}

/** A gateway that passes bytes between a TCP connection and an RS-485 line unchanged. */
export interface TcpLinkConfig {
  readonly kind: 'tcp'
  readonly host: string
  readonly port: number
  /** Of the line behind the gateway, where it is set: it decides how long a reply may take. */
  readonly baudRate: number
}

export type LinkConfig = SerialLinkConfig | TcpLinkConfig

/** KR-BU and its like listen here (Kerong KR-BU description). */
export const TCP_PORT_DEFAULT = 5_000
/** The slowest rate that boards come with; a reply is then waited for long enough at any rate. */
export const TCP_BAUD_RATE_DEFAULT = 9_600

export const DIALECT_NAMES = [
  'latchkey-line',
  'kerong-cu16',
  'kerong-cu48',
  'lock-board-8a',
  'wkly',
  'modbus-rtu',
] as const
export type DialectName = (typeof DIALECT_NAMES)[number]

export interface BoardConfig {
  /** Unique in the whole kiosk. */
  readonly id: BoardId
  /** As set on the board; unique on its bus. */
  readonly address: number
  readonly dialect: DialectName
  readonly channels: number
  /** Channels with no lock, whose contacts tell something else than a door. */
  readonly senses?: readonly Omit<SenseConfig, 'boardId'>[]
  /** Lights and buzzers, on channels with no lock or beside each lock. */
  readonly signals?: readonly Omit<SignalConfig, 'boardId'>[]
  /** What differs from the defaults of its family. */
  readonly options?: Partial<BoardOptions>
}

export interface BusConfig {
  readonly id: string
  readonly link: LinkConfig
  readonly boards: readonly BoardConfig[]
}

/** How a link cuts what it receives: at line feeds, or not at all. */
export type Framing = 'line' | 'bytes'

export function framingOf(dialect: DialectName): Framing {
  return dialect === 'latchkey-line' ? 'line' : 'bytes'
}

/** All boards of a bus that can be run have the same. */
export function framingOfBus({ boards }: BusConfig): Framing {
  return boards.some(({ dialect }) => framingOf(dialect) === 'bytes') ? 'bytes' : 'line'
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
  if (link.kind === 'serial') add(link.path === '', 'its serial port has no path')
  else {
    add(link.host === '', 'its gateway has no host')
    add(!isWithin(link.port, { min: 1, max: 65_535 }), `no port: ${link.port}`)
  }
  add(!isWithin(link.baudRate, { min: 300, max: 4_000_000 }), `no baud rate: ${link.baudRate}`)
  add(new Set(boards.map((board) => board.id)).size < boards.length, 'two boards have one id')
  // Both would open their door at the same order, and their replies would collide.
  const addresses = new Set(boards.map((board) => board.address))
  add(addresses.size < boards.length, 'two boards have one address')
  for (const board of boards) {
    for (const { key, message } of boardProblems(board))
      add(true, `board ${board.id}: ${key} ${message}`)
  }
  for (const problem of mixProblems(config)) add(true, problem)
  return problems
}

/** What boards and line are not good for together. */
export function mixProblems({ boards, link }: BusConfig): readonly string[] {
  const problems: string[] = []
  if (new Set(boards.map(({ dialect }) => framingOf(dialect))).size > 1) {
    problems.push('latchkey-line and boards of another kind do not share a line')
  }
  // A gateway may hold back the frame that switches the coil off.
  const isHostTimed = boards.some(({ options }) => options?.pulse === 'host-timed')
  if (link.kind === 'tcp' && isHostTimed)
    problems.push('a host-timed pulse needs a serial line of its own')
  return problems
}
