// The boards that can be simulated, by the names under which a kiosk's configuration knows them.
import type { BoardModel } from './board.ts'
import { kerongCu16Board } from './kerong-cu16-board.ts'
import { kerongCu48Board } from './kerong-cu48-board.ts'
import { lineBoard } from './line-board.ts'
import { lockBoard8a } from './lock-board-8a-board.ts'
import { modbusRelayBoard } from './modbus-relay-board.ts'
import type { Feedback } from './relay-board.ts'
import { wklyBoard } from './wkly-board.ts'

interface BoardRequest {
  readonly address: number
  readonly channels: number
  readonly feedback: Feedback
  /** Of the line, when it is not what such boards come with. */
  readonly baudRate?: number
  readonly bitsPerCharacter?: number
}

export interface SimDialect {
  readonly what: string
  readonly baudRate: number
  /** What a board has when nobody says otherwise, and at most. */
  readonly channels: number
  readonly channelsMax: number
  readonly firstAddress: number
  readonly lastAddress: number
  readonly create: (request: BoardRequest) => BoardModel<unknown>
}

export const SIM_DIALECTS: Readonly<Record<string, SimDialect>> = {
  'latchkey-line': {
    what: "Latchkey's own door board",
    baudRate: 115_200,
    channels: 8,
    channelsMax: 16,
    firstAddress: 1,
    lastAddress: 254,
    create: ({ address, channels }) =>
      lineBoard({
        address,
        channels,
        firmware: 'sim',
        serial: `SIM-${address}`,
        boot: 1,
        doors: [],
      }),
  },
  'kerong-cu16': {
    what: 'Kerong CU16, short frames',
    baudRate: 19_200,
    channels: 16,
    channelsMax: 16,
    firstAddress: 0,
    lastAddress: 9,
    create: (request) => kerongCu16Board(request),
  },
  'kerong-cu48': {
    what: 'Kerong CU48 and CU48B, long frames',
    baudRate: 19_200,
    channels: 48,
    channelsMax: 48,
    firstAddress: 0,
    lastAddress: 9,
    create: (request) => kerongCu48Board(request),
  },
  'lock-board-8a': {
    what: 'lock board with 8A and 80 frames',
    baudRate: 9_600,
    channels: 24,
    channelsMax: 50,
    firstAddress: 1,
    lastAddress: 32,
    create: (request) => lockBoard8a(request),
  },
  wkly: {
    what: 'lock board with WKLY frames',
    baudRate: 9_600,
    channels: 24,
    channelsMax: 24,
    firstAddress: 0,
    lastAddress: 31,
    create: (request) => wklyBoard(request),
  },
  'modbus-rtu': {
    what: 'Modbus RTU relays, each with an input',
    baudRate: 9_600,
    channels: 8,
    channelsMax: 32,
    firstAddress: 1,
    lastAddress: 247,
    create: (request) => modbus(request, { relays: request.channels, inputs: request.channels }),
  },
  'modbus-rtu-relays': {
    what: 'Modbus RTU relays without inputs',
    baudRate: 9_600,
    channels: 16,
    channelsMax: 32,
    firstAddress: 1,
    lastAddress: 247,
    create: (request) => modbus(request, { relays: request.channels, inputs: 0 }),
  },
  'modbus-rtu-inputs': {
    what: 'Modbus RTU inputs without relays',
    baudRate: 9_600,
    channels: 16,
    channelsMax: 32,
    firstAddress: 1,
    lastAddress: 247,
    create: (request) => modbus(request, { relays: 0, inputs: request.channels }),
  },
}

function modbus(
  request: BoardRequest,
  counts: { readonly relays: number; readonly inputs: number },
): BoardModel<unknown> {
  const { channels: _, ...settings } = request
  return modbusRelayBoard({ ...settings, ...counts })
}
