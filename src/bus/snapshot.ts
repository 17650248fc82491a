// A bus master's state as plain data, to go on from in another process: a field fault is taken to a
// desk with it. What follows from the configuration is left out.
import type { BusConfig } from './config.ts'
import type { Exchange } from './dialects/dialect.ts'
import { type BoardState, type BusState, createBus, type Flight } from './master/state.ts'

type BoardSnapshot = Omit<BoardState, 'config' | 'dialect' | 'counters'>

interface FlightSnapshot extends Omit<Flight, 'exchange'> {
  readonly exchange: Omit<Exchange, 'board'>
}

export interface BusSnapshot extends Omit<BusState, 'config' | 'counters' | 'boards' | 'flight'> {
  readonly boards: readonly BoardSnapshot[]
  readonly flight: FlightSnapshot | null
}

export function snapshotOf(state: BusState): BusSnapshot {
  const { config: _, counters: __, boards, flight, ...rest } = state
  return {
    ...rest,
    boards: boards.map(({ config: _, dialect: __, counters: ___, ...board }) => board),
    flight: flight === null ? null : { ...flight, exchange: withoutBoard(flight.exchange) },
  }
}

function withoutBoard({ board: _, ...exchange }: Exchange): Omit<Exchange, 'board'> {
  return exchange
}

/**
 * Counts start at zero.
 * @throws RangeError when it is no state of such a bus, or of another version's
 */
export function restoreBus(config: BusConfig, snapshot: BusSnapshot): BusState {
  const fresh = createBus(config)
  sameNames(snapshotOf(fresh), snapshot)
  if (snapshot.boards.length !== fresh.boards.length) throw new RangeError('other boards')
  const boards = fresh.boards.map((board, index) => {
    const said = snapshot.boards[index]
    sameNames(snapshotOf(fresh).boards[index], said)
    return { ...board, ...said }
  })
  const { flight } = snapshot
  if (flight === null) return { ...fresh, ...snapshot, boards, flight }
  const board = boards[flight.boardIndex]?.config
  if (board === undefined) throw new RangeError('a request to no board')
  return {
    ...fresh,
    ...snapshot,
    boards,
    flight: { ...flight, exchange: { ...flight.exchange, board } },
  }
}

function sameNames(wanted: object | undefined, found: object | undefined): void {
  const names = (value: object | undefined) =>
    Object.keys(value ?? {})
      .sort()
      .join(' ')
  if (names(wanted) === names(found)) return
  throw new RangeError(`the state has ${names(found)} instead of ${names(wanted)}`)
}
