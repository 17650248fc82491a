// What the dialect tests share: frames as people write them, and exchanges with one board.
import { type BoardOptions, boardOf } from '../../../src/bus/board-options.ts'
import type { BoardConfig, DialectName } from '../../../src/bus/config.ts'
import type { BoardReply, BoardRequest, Exchange } from '../../../src/bus/dialects/dialect.ts'
import { dialectOf } from '../../../src/bus/dialects/dialects.ts'

/** `02 00 30` → three characters; `00*12` is twelve times 00. */
export function bytes(hex: string): string {
  const codes = hex.split(' ').flatMap((part) => {
    const [code = '', times = '1'] = part.split('*')
    return Array.from({ length: Number(times) }, () => Number.parseInt(code, 16))
  })
  return String.fromCharCode(...codes)
}

export function hexOf(text: string): string {
  return [...text]
    .map((character) => character.charCodeAt(0).toString(16).toUpperCase().padStart(2, '0'))
    .join(' ')
}

export interface BoardChange {
  readonly address?: number
  readonly channels?: number
  readonly options?: Partial<BoardOptions>
}

const CHANNELS: Readonly<Record<DialectName, number>> = {
  'latchkey-line': 16,
  'kerong-cu16': 16,
  'kerong-cu48': 48,
  'lock-board-8a': 24,
  wkly: 24,
  'modbus-rtu': 8,
}

export function boardConfig(dialect: DialectName, change: BoardChange = {}): BoardConfig {
  const isZeroBased = dialect.startsWith('kerong') || dialect === 'wkly'
  const address = isZeroBased ? 0 : 1
  return { id: 'A', dialect, address, channels: CHANNELS[dialect], ...change }
}

export function exchangeOf(
  dialect: DialectName,
  request: BoardRequest,
  change: BoardChange = {},
): Exchange {
  const board = boardOf(boardConfig(dialect, change))
  return { board, request, sequence: 1, isEchoing: false }
}

export function pulseOf(channel: number, ms = 500): BoardRequest {
  return { kind: 'pulse', channel, ms, boot: 0 }
}

export const STATE: BoardRequest = { kind: 'state' }

export function encodeHex(exchange: Exchange): string {
  return hexOf(dialectOf(exchange.board.dialect).encode(exchange))
}

export function decodeText(exchange: Exchange, text: string): BoardReply | null {
  return dialectOf(exchange.board.dialect).decode(text, exchange).reply
}

/** The channels that are closed, and those that hold something; null: no reply with doors. */
export function closedIn(reply: BoardReply | null): readonly number[] | null {
  if (reply?.kind !== 'state') return null
  return reply.doors.flatMap(({ state }, index) => (state === 'closed' ? [index + 1] : []))
}

export function presentIn(reply: BoardReply | null): readonly number[] | null {
  if (reply?.kind !== 'state') return null
  return reply.doors.flatMap(({ contents }, index) => (contents === 'present' ? [index + 1] : []))
}

export function upTo(channels: number): readonly number[] {
  return Array.from({ length: channels }, (_, index) => index + 1)
}
