// The buses in numbers, as a technician reads them.
import type { BoardStats, BusStats, Spread } from '../bus/stats.ts'
import { type Column, tableOf } from './table.ts'

export interface Buses {
  readonly apiVersion: 1
  readonly buses: readonly BusStats[]
}

const COLUMNS: readonly Column[] = [
  { head: 'board', side: 'left' },
  { head: 'dialect', side: 'left' },
  { head: 'address', side: 'right' },
  { head: 'state', side: 'left' },
  { head: 'sent', side: 'right' },
  { head: 'repeated', side: 'right' },
  { head: 'failed', side: 'right' },
  { head: 'dropped', side: 'right' },
  { head: 'reply p50/p95/max ms', side: 'right' },
  { head: 'cycle p50/p95/max ms', side: 'right' },
]

/** @returns one sentence for everything that wants attention; none when all is well */
export function busWarningsOf({ buses }: Buses): readonly string[] {
  return buses.flatMap(({ id, link, boards }) => {
    if (!link.isOpen) return [`Bus ${id} is not open: ${link.place}.`]
    const silent = boards.filter(({ presence }) => presence !== 'online')
    return silent.length === 0
      ? []
      : [`No answer on bus ${id} from: ${silent.map((board) => board.id).join(', ')}.`]
  })
}

export function busPage({ buses }: Buses): readonly string[] {
  if (buses.length === 0) return ['The kiosk has no bus.']
  return buses.flatMap((bus, index) => {
    const { link } = bus
    const rows = bus.boards.map(rowOf)
    return [
      ...(index === 0 ? [] : ['']),
      `bus ${bus.id}: ${link.place}, ${link.baudRate} baud, ${link.isOpen ? 'open' : 'NOT OPEN'}`,
      `${bus.framesSent} frames sent, ${bus.repetitions} repeated, ${bus.failures} failed, ` +
        `${bus.framesDropped} received in vain, ${bus.linkOpenings} openings of the link`,
      ...tableOf(COLUMNS, rows),
    ]
  })
}

function rowOf(board: BoardStats): readonly string[] {
  return [
    board.id,
    board.dialect,
    `${board.address}`,
    board.presence === 'online' ? 'online' : board.presence.toUpperCase(),
    `${board.framesSent}`,
    `${board.repetitions}`,
    `${board.failures}`,
    `${board.framesDropped}`,
    spreadText(board.latency),
    spreadText(board.cycle),
  ]
}

function spreadText(spread: Spread | null): string {
  return spread === null ? '-' : `${spread.p50Ms}/${spread.p95Ms}/${spread.maxMs}`
}
