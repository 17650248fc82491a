// What came from the boards: it belongs to the open exchange, or it is dropped.
import type { BoardReading } from '../../kiosk/events.ts'
import { isSpare } from '../board-options.ts'
import { framingOfBus } from '../config.ts'
import type { BoardReply, RefusalCause } from '../dialects/dialect.ts'
import { boardAt, pollMs, withBoard } from './boards.ts'
import { countFor, measureReply, measureRound } from './counters.ts'
import { isGreeting, load, miss, requestsOf, rest } from './exchange.ts'
import {
  HEARD_LENGTH_MAX,
  POLL_ATTENDED_MS,
  PROBE_MIN_MS,
  REFUSED_WAIT_MS,
  REOPEN_MIN_MS,
} from './limits.ts'
import {
  act,
  type BoardState,
  type BusState,
  type BusStep,
  chain,
  count,
  type Flight,
  type QueuedUnlock,
  stay,
} from './state.ts'
import { isUnsure, steady } from './steady.ts'
import { hush, restMs, stillMs } from './timing.ts'
import { endUnlock } from './unlocks.ts'

interface Answer<Kind extends BoardReply['kind'] = BoardReply['kind']> {
  readonly flight: Flight
  readonly reply: Extract<BoardReply, { readonly kind: Kind }>
}

/** @param text a whole line, or whatever bytes have come */
export function receiveFrame(state: BusState, text: string, nowMonoMs: number): BusStep {
  const { flight, link } = state
  if (flight === null || link.kind !== 'open') return stay(ignore(state, nowMonoMs))
  const heard = (flight.heard + text).slice(-HEARD_LENGTH_MAX)
  const opening = flight.opening + text.slice(0, HEARD_LENGTH_MAX - flight.opening.length)
  const decoded = boardAt(state, flight.boardIndex).dialect.decode(heard, flight.exchange)
  if (decoded.reply === null) {
    // A line is a reply or it is not; bytes may go on.
    if (framingOfBus(state.config) === 'line') return stay(dropped(state, flight, nowMonoMs))
    const { keep } = decoded
    const kept = { ...flight, opening, heard: keep === 0 ? '' : heard.slice(-keep) }
    const waiting = { ...state, flight: kept }
    return stay(keep < heard.length ? dropped(waiting, flight, nowMonoMs) : waiting)
  }
  const answered: BusState = {
    ...hush(state, { nowMonoMs, ms: restMs(state, nowMonoMs) }),
    flight: null,
    link: { kind: 'open', heardAtMonoMs: nowMonoMs },
    reopenMs: REOPEN_MIN_MS,
    isEchoing: isEchoing(state, { ...flight, opening }),
  }
  const measured = measureReply(answered, flight, nowMonoMs)
  return useReply(measured, { flight, reply: decoded.reply }, nowMonoMs)
}

/** On a line that hands back what is sent, what is dropped is that. */
function dropped(state: BusState, { boardIndex }: Flight, nowMonoMs: number): BusState {
  const counted = countFor(state, boardIndex, 'framesDropped')
  return state.isEchoing ? counted : { ...counted, unaskedAtMonoMs: nowMonoMs }
}

/** Nobody asked; a line that is still talking is not talked into, within bounds. */
function ignore(state: BusState, nowMonoMs: number): BusState {
  const ignored = { ...count(state, 'framesDropped'), unaskedAtMonoMs: nowMonoMs }
  const quietUntilMonoMs = Math.min(state.quietLimitMonoMs, nowMonoMs + stillMs(ignored, nowMonoMs))
  if (state.link.kind !== 'open' || quietUntilMonoMs <= state.quietUntilMonoMs) return ignored
  return { ...ignored, quietUntilMonoMs }
}

/** Only a question can tell: the reply to an order may look like the order itself. */
function isEchoing(state: BusState, { exchange, opening, text }: Flight): boolean {
  const isQuestion = exchange.request.kind === 'state' || exchange.request.kind === 'outputs'
  return isQuestion ? opening.includes(text) : state.isEchoing
}

function useReply(state: BusState, { flight, reply }: Answer, nowMonoMs: number): BusStep {
  switch (reply.kind) {
    case 'hello':
      return stay(greeted(state, { flight, boot: reply.boot }, nowMonoMs))
    case 'state':
      return readDoors(state, { flight, reply }, nowMonoMs)
    case 'outputs':
      if (isGreeting(state, flight.boardIndex)) return stay(done(state, flight, nowMonoMs))
      return readOutputs(state, { flight, reply }, nowMonoMs)
    case 'pulse':
      return pulsed(state, { flight, reply }, nowMonoMs)
    case 'done':
      return stay(done(state, flight, nowMonoMs))
    case 'refused': {
      const { unlock } = flight
      if (flight.exchange.request.kind === 'signal') return stay(done(state, flight, nowMonoMs))
      if (unlock === null) return miss(state, flight, nowMonoMs)
      return beRefused(state, { flight, unlock, cause: reply.cause }, nowMonoMs)
    }
  }
}

function greeted(
  state: BusState,
  { flight, boot }: { readonly flight: Flight; readonly boot: number },
  nowMonoMs: number,
): BusState {
  return withBoard(state, flight.boardIndex, { misses: 0, dueAtMonoMs: nowMonoMs, boot, turn: 0 })
}

/** One request of the greeting is done, or a signal, or the coil of a pulse is off. */
function done(state: BusState, flight: Flight, nowMonoMs: number): BusState {
  const { boardIndex, exchange } = flight
  const board = boardAt(state, boardIndex)
  if (exchange.request.kind === 'release') {
    const dueAtMonoMs = Math.max(nowMonoMs, board.mutedUntilMonoMs)
    return withBoard({ ...state, release: null }, boardIndex, { ...lifeOf(board), dueAtMonoMs })
  }
  if (exchange.request.kind === 'signal') return withBoard(state, boardIndex, lifeOf(board))
  const turn = board.turn + 1
  if (turn >= requestsOf(state, boardIndex).length) {
    return greeted(state, { flight, boot: 0 }, nowMonoMs)
  }
  return withBoard(state, boardIndex, { misses: 0, dueAtMonoMs: nowMonoMs, turn })
}

function pulsed(state: BusState, { flight, reply }: Answer<'pulse'>, nowMonoMs: number): BusStep {
  const { boardIndex, unlock } = flight
  const board = boardAt(state, boardIndex)
  const next = withBoard(load(state, flight, nowMonoMs + reply.ms), boardIndex, {
    ...lifeOf(board),
    // The doors come first.
    turn: 0,
    dueAtMonoMs: Math.max(nowMonoMs, board.mutedUntilMonoMs),
  })
  return unlock === null ? stay(next) : endUnlock(next, unlock, 'acknowledged')
}

function readDoors(
  state: BusState,
  { flight, reply }: Answer<'state'>,
  nowMonoMs: number,
): BusStep {
  const board = boardAt(state, flight.boardIndex)
  const { boot } = reply
  const { doors, contacts } = steady(board.contacts, reply.doors, board.config.options)
  const reading: BoardReading = { boardId: board.config.id, boot, doors }
  const known = withBoard(state, flight.boardIndex, { contacts, reading, isUnread: false })
  const next = nextTurn(known, flight, nowMonoMs)
  if (board.presence !== 'online') return comeBack(next, flight)
  const read = withBoard(next, flight.boardIndex, { boot })
  return isSame(board.reading, reading) ? stay(read) : tellDoors(read, reading)
}

/** A board may be two devices, relays and inputs: it is back when both have answered. */
function comeBack(state: BusState, { boardIndex }: Flight): BusStep {
  const { turn, reading } = boardAt(state, boardIndex)
  if (turn !== 0 || reading === null) return stay(state)
  const { boot } = reading
  const back = { presence: 'online', boot, probeMs: PROBE_MIN_MS } as const
  return tellDoors(withBoard(state, boardIndex, back), reading)
}

function tellDoors(state: BusState, reading: BoardReading): BusStep {
  return act(state, { kind: 'report', event: { kind: 'board-read', reading } })
}

/** Nobody else switches these coils: one that is on outside a pulse starts its board over. */
function readOutputs(
  state: BusState,
  { flight, reply }: Answer<'outputs'>,
  nowMonoMs: number,
): BusStep {
  const { presence, config, signalledUntilMonoMs } = boardAt(state, flight.boardIndex)
  const next = nextTurn(state, flight, nowMonoMs)
  const told = presence === 'online' ? stay(next) : comeBack(next, flight)
  const endsAtMonoMs = (index: number) =>
    isSpare(config, index + 1) ? signalledUntilMonoMs : state.coilsFreeAtMonoMs
  const isStray = reply.on.some((isOn, index) => isOn && nowMonoMs >= endsAtMonoMs(index))
  if (!isStray) return told
  return chain(told, (back) => stay(withBoard(back, flight.boardIndex, { boot: null, turn: 0 })))
}

/** The next request of the poll at once, or the next round in time. */
function nextTurn(state: BusState, flight: Flight, nowMonoMs: number): BusState {
  const { boardIndex } = flight
  const board = boardAt(state, boardIndex)
  // Counted from the first question, so that slow replies do not slow the rhythm down.
  const roundAtMonoMs = board.turn === 0 ? flight.sentAtMonoMs : board.roundAtMonoMs
  const turn = (board.turn + 1) % board.dialect.poll(board.config).length
  if (turn !== 0) {
    return withBoard(state, boardIndex, { turn, roundAtMonoMs, dueAtMonoMs: nowMonoMs })
  }
  const ms = isUnsure(board.contacts) ? POLL_ATTENDED_MS : pollMs(state)
  const dueAtMonoMs = Math.max(nowMonoMs, roundAtMonoMs + ms)
  const over = { turn, roundAtMonoMs, dueAtMonoMs, misses: 0 }
  return withBoard(measureRound(state, boardIndex, nowMonoMs), boardIndex, over)
}

/** Who answers an order has not answered for its inputs: only a whole round is a sign of both. */
function lifeOf({ dialect, config, misses }: BoardState): { readonly misses: number } {
  return { misses: dialect.poll(config).length > 1 ? misses : 0 }
}

function isSame(before: BoardReading | null, after: BoardReading): boolean {
  if (before === null || before.boot !== after.boot) return false
  return after.doors.every((door, index) => {
    const old = before.doors[index]
    const isSameDoor = old?.state === door.state && old.opens === door.opens
    return isSameDoor && old?.contents === door.contents
  })
}

function beRefused(
  state: BusState,
  order: { readonly flight: Flight; readonly unlock: QueuedUnlock; readonly cause: RefusalCause },
  nowMonoMs: number,
): BusStep {
  const { flight, unlock, cause } = order
  const due = { ...lifeOf(boardAt(state, flight.boardIndex)), dueAtMonoMs: nowMonoMs }
  const waitUntilMonoMs = nowMonoMs + REFUSED_WAIT_MS
  // It did not switch its coil on, so neither coils nor channel have anything to rest from.
  const unloaded = { ...rest(state, flight, nowMonoMs), coilsFreeAtMonoMs: nowMonoMs }
  const next = withBoard(unloaded, flight.boardIndex, due)
  const waiting = { ...next, unlocks: [unlock, ...next.unlocks] }
  switch (cause) {
    case 'busy':
      return stay({ ...waiting, coilsFreeAtMonoMs: waitUntilMonoMs })
    case 'resting':
      return stay(rest(waiting, flight, waitUntilMonoMs))
    case 'restarted': {
      // A repeated order may have been obeyed before the restart, which the coil itself may have
      // caused: then nobody knows.
      const outcome = flight.attempt === 1 ? 'refused' : 'unanswered'
      return endUnlock(withBoard(next, flight.boardIndex, { boot: null }), unlock, outcome)
    }
    case 'other':
      return endUnlock(next, unlock, 'refused')
  }
}
