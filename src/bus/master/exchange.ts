// One exchange with a board: its frame leaves, is repeated under the same sequence number, and ends
// with the board's reply or without one.
import type { BoardReading } from '../../kiosk/events.ts'
import type { LinkConfig } from '../config.ts'
import type { BoardReply, BoardRequest, RefusalCause } from '../dialects/dialect.ts'
import { boardAt, loseBoard, pollMs, withBoard } from './boards.ts'
import {
  ATTEMPTS_MAX,
  BITS_PER_CHARACTER,
  CHANNEL_REST_MS,
  HELLO_ATTEMPTS_MAX,
  MISSES_MAX,
  PROBE_MIN_MS,
  PULSE_SPACING_MS,
  REFUSED_WAIT_MS,
  REOPEN_MIN_MS,
  REPLY_GRACE_MS,
  TURNAROUND_MS,
} from './limits.ts'
import {
  act,
  type BusState,
  type BusStep,
  chain,
  count,
  type Flight,
  stay,
  type Unlock,
} from './state.ts'
import { endUnlock, isExpired } from './unlocks.ts'

/** Time that so many characters need on the line. */
export function lineMs(link: LinkConfig, characters: number): number {
  return (characters * BITS_PER_CHARACTER * 1_000) / link.baudRate
}

/** Hello to a board whose run is not known, otherwise the question for its doors. */
export function askBoard(state: BusState, boardIndex: number, nowMonoMs: number): BusStep {
  const kind = boardAt(state, boardIndex).boot === null ? 'hello' : 'state'
  return begin(state, { boardIndex, request: { kind }, unlock: null }, nowMonoMs)
}

export function sendUnlock(state: BusState, unlock: Unlock, nowMonoMs: number): BusStep {
  const boardIndex = state.boards.findIndex(({ config }) => config.id === unlock.boardId)
  const { boot } = boardAt(state, boardIndex)
  if (boot === null) throw new RangeError(`the run of board ${unlock.boardId} is not known`)
  const { channel, pulseMs: ms } = unlock
  const unlocks = state.unlocks.filter((other) => other !== unlock)
  const request = { kind: 'pulse', channel, ms, boot } as const
  return begin({ ...state, unlocks }, { boardIndex, request, unlock }, nowMonoMs)
}

function begin(
  state: BusState,
  order: Pick<Flight, 'boardIndex' | 'unlock'> & { readonly request: BoardRequest },
  nowMonoMs: number,
): BusStep {
  const { boardIndex, request, unlock } = order
  const board = boardAt(state, boardIndex)
  const isHello = request.kind === 'hello'
  const sequence = isHello ? 0 : (board.sequence % board.dialect.sequenceMax) + 1
  const { address, channels } = board.config
  const exchange = { address, sequence, request, channels }
  const text = board.dialect.encode(exchange)
  const begun = isHello ? state : withBoard(state, boardIndex, { sequence })
  return transmit(begun, { boardIndex, exchange, text, unlock, attempt: 1 }, nowMonoMs)
}

function transmit(
  state: BusState,
  frame: Omit<Flight, 'sentAtMonoMs' | 'deadlineMonoMs'>,
  nowMonoMs: number,
): BusStep {
  const { exchange, text } = frame
  const { link } = state.config
  const replyLength = boardAt(state, frame.boardIndex).dialect.replyLengthMax(exchange)
  const deadlineMonoMs = nowMonoMs + REPLY_GRACE_MS + lineMs(link, text.length + replyLength)
  const flight = { ...frame, sentAtMonoMs: nowMonoMs, deadlineMonoMs }
  const sent = count({ ...state, flight }, 'framesSent')
  // Until the board says otherwise, its coil goes on at the last moment of this exchange.
  const { request } = exchange
  const loaded = request.kind === 'pulse' ? load(sent, flight, deadlineMonoMs + request.ms) : sent
  return act(loaded, { kind: 'send', text })
}

/** Keeps all coils off this line until a pulse is over, and its channel until it has cooled. */
function load(state: BusState, flight: Flight, pulseEndMonoMs: number): BusState {
  const rested = rest(state, flight, pulseEndMonoMs + CHANNEL_REST_MS)
  return { ...rested, coilsFreeAtMonoMs: pulseEndMonoMs + PULSE_SPACING_MS }
}

function rest(state: BusState, flight: Flight, untilMonoMs: number): BusState {
  const { request } = flight.exchange
  if (request.kind !== 'pulse') return state
  const { restedAtMonoMs } = boardAt(state, flight.boardIndex)
  const rested = restedAtMonoMs.with(request.channel - 1, untilMonoMs)
  return withBoard(state, flight.boardIndex, { restedAtMonoMs: rested })
}

/** The reply's time is over: the same frame again, or the end of the exchange. */
export function missReply(state: BusState, flight: Flight, nowMonoMs: number): BusStep {
  const { unlock, attempt, exchange } = flight
  const attemptsMax = exchange.request.kind === 'hello' ? HELLO_ATTEMPTS_MAX : ATTEMPTS_MAX
  const isTooLate = unlock !== null && isExpired(unlock, nowMonoMs)
  if (attempt < attemptsMax && !isTooLate) {
    return transmit(count(state, 'repetitions'), { ...flight, attempt: attempt + 1 }, nowMonoMs)
  }
  const over = count({ ...state, flight: null }, 'failures')
  const ended = unlock === null ? stay(over) : endUnlock(over, unlock, 'unanswered')
  return chain(ended, (next) => miss(next, flight, nowMonoMs))
}

function miss(state: BusState, flight: Flight, nowMonoMs: number): BusStep {
  const { boardIndex, unlock } = flight
  const board = boardAt(state, boardIndex)
  const misses = board.misses + 1
  const isProbe = board.presence === 'lost' && flight.exchange.request.kind === 'hello'
  if (misses >= MISSES_MAX || isProbe) return loseBoard(state, boardIndex, nowMonoMs)
  // After an unanswered pulse the door is the only witness.
  const dueAtMonoMs = unlock === null ? flight.sentAtMonoMs + pollMs(state) : nowMonoMs
  return stay(withBoard(state, boardIndex, { misses, dueAtMonoMs }))
}

/** Whatever came: it belongs to the open exchange, or it is dropped. */
export function receiveFrame(state: BusState, text: string, nowMonoMs: number): BusStep {
  const { flight, link } = state
  if (flight === null || link.kind !== 'open') return stay(count(state, 'framesDropped'))
  const { dialect } = boardAt(state, flight.boardIndex)
  const reply = dialect.decode(text, flight.exchange)
  if (reply === null) return stay(count(state, 'framesDropped'))
  const heard: BusState = {
    ...state,
    flight: null,
    link: { kind: 'open', heardAtMonoMs: nowMonoMs },
    reopenMs: REOPEN_MIN_MS,
    quietUntilMonoMs: nowMonoMs + TURNAROUND_MS,
  }
  return useReply(heard, { flight, reply }, nowMonoMs)
}

function useReply(
  state: BusState,
  { flight, reply }: { readonly flight: Flight; readonly reply: BoardReply },
  nowMonoMs: number,
): BusStep {
  const { boardIndex, unlock } = flight
  const due = { misses: 0, dueAtMonoMs: nowMonoMs }
  switch (reply.kind) {
    case 'hello':
      return stay(withBoard(state, boardIndex, { ...due, boot: reply.boot }))
    case 'state':
      return readDoors(state, { flight, reply }, nowMonoMs)
    case 'pulse': {
      const loaded = load(state, flight, nowMonoMs + reply.ms)
      const next = withBoard(loaded, boardIndex, due)
      return unlock === null ? stay(next) : endUnlock(next, unlock, 'acknowledged')
    }
    case 'refused':
      if (unlock === null) return miss(state, flight, nowMonoMs)
      return beRefused(state, { flight, unlock, cause: reply.cause }, nowMonoMs)
  }
}

function readDoors(
  state: BusState,
  answer: { readonly flight: Flight; readonly reply: BoardReply & { readonly kind: 'state' } },
  nowMonoMs: number,
): BusStep {
  const { flight, reply } = answer
  const board = boardAt(state, flight.boardIndex)
  const { boot, doors } = reply
  const reading: BoardReading = { boardId: board.config.id, boot, doors }
  const next = withBoard(state, flight.boardIndex, {
    presence: 'online',
    boot,
    reading,
    misses: 0,
    // Counted from the question, so that slow replies do not slow the rhythm down.
    dueAtMonoMs: Math.max(nowMonoMs, flight.sentAtMonoMs + pollMs(state)),
    probeMs: PROBE_MIN_MS,
  })
  const isNews = board.presence !== 'online' || !isSame(board.reading, reading)
  return isNews ? act(next, { kind: 'report', event: { kind: 'board-read', reading } }) : stay(next)
}

function isSame(before: BoardReading | null, after: BoardReading): boolean {
  if (before === null || before.boot !== after.boot) return false
  return after.doors.every((door, index) => {
    const old = before.doors[index]
    return old?.state === door.state && old.opens === door.opens
  })
}

function beRefused(
  state: BusState,
  order: { readonly flight: Flight; readonly unlock: Unlock; readonly cause: RefusalCause },
  nowMonoMs: number,
): BusStep {
  const { flight, unlock, cause } = order
  const due = { misses: 0, dueAtMonoMs: nowMonoMs }
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
