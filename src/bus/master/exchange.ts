// One exchange with a board: its frame leaves, is repeated where that is safe, and ends with the
// board's reply or without one.
import type { BoardRequest } from '../dialects/dialect.ts'
import { boardAt, loseBoard, pollMs, withBoard } from './boards.ts'
import { countFor } from './counters.ts'
import {
  ATTEMPTS_MAX,
  CHANNEL_REST_MS,
  HELLO_ATTEMPTS_MAX,
  HOST_TIMED_PULSE_MAX_MS,
  MISSES_MAX,
  MISSES_OBEYED_MAX,
  MISSES_UNKNOWN_MAX,
  PULSE_SPACING_MS,
  RELEASE_ATTEMPTS_MAX,
} from './limits.ts'
import { missSignal, type QueuedSignal } from './signals.ts'
import {
  act,
  type BoardState,
  type BusState,
  type BusStep,
  chain,
  type Flight,
  type QueuedUnlock,
  type Release,
  stay,
} from './state.ts'
import { gapMs, hush, lateMs, lineMs, replyMs } from './timing.ts'
import { endUnlock, isExpired } from './unlocks.ts'

/** What a board hears next: its greeting while its run is not known, otherwise its poll. */
export function askBoard(state: BusState, boardIndex: number, nowMonoMs: number): BusStep {
  const request = requestsOf(state, boardIndex)[boardAt(state, boardIndex).turn]
  if (request === undefined) throw new RangeError('a board has nothing to be asked')
  return begin(state, { boardIndex, request, unlock: null }, nowMonoMs)
}

/** A board without a greeting is greeted by being polled. */
export function requestsOf(state: BusState, boardIndex: number): readonly BoardRequest[] {
  const { boot, dialect, config } = boardAt(state, boardIndex)
  const greeting = boot === null ? dialect.greeting(config) : []
  return greeting.length > 0 ? greeting : dialect.poll(config)
}

export function isGreeting(state: BusState, boardIndex: number): boolean {
  const { boot, dialect, config } = boardAt(state, boardIndex)
  return boot === null && dialect.greeting(config).length > 0
}

export function sendSignal(state: BusState, signal: QueuedSignal, nowMonoMs: number): BusStep {
  const boardIndex = state.boards.findIndex(({ config }) => config.id === signal.boardId)
  const { channel, ms } = signal
  const signals = state.signals.filter((other) => other !== signal)
  const request = { kind: 'signal', channel, ms } as const
  return begin({ ...state, signals }, { boardIndex, request, unlock: null }, nowMonoMs)
}

export function sendUnlock(state: BusState, unlock: QueuedUnlock, nowMonoMs: number): BusStep {
  const boardIndex = state.boards.findIndex(({ config }) => config.id === unlock.boardId)
  const { boot } = boardAt(state, boardIndex)
  if (boot === null) throw new RangeError(`the run of board ${unlock.boardId} is not known`)
  const { channel, pulseMs: ms } = unlock
  const unlocks = state.unlocks.filter((other) => other !== unlock)
  const request = { kind: 'pulse', channel, ms, boot } as const
  return begin({ ...state, unlocks }, { boardIndex, request, unlock }, nowMonoMs)
}

/** Ends the pulse that the board does not end itself. */
export function sendRelease(state: BusState, release: Release, nowMonoMs: number): BusStep {
  const { boardIndex, channel } = release
  const tried = { ...state, release: { ...release, attempts: release.attempts + 1 } }
  const request = { kind: 'release', channel } as const
  return begin(tried, { boardIndex, request, unlock: null }, nowMonoMs)
}

function begin(
  state: BusState,
  order: Pick<Flight, 'boardIndex' | 'unlock'> & { readonly request: BoardRequest },
  nowMonoMs: number,
): BusStep {
  const { boardIndex, request, unlock } = order
  const { config: board, dialect, sequence: last } = boardAt(state, boardIndex)
  const isHello = request.kind === 'hello'
  const sequence = isHello ? 0 : (last % dialect.sequenceMax) + 1
  const exchange = { board, sequence, request, isEchoing: state.isEchoing }
  const text = dialect.encode(exchange)
  const begun = isHello ? state : withBoard(state, boardIndex, { sequence })
  return transmit(begun, { boardIndex, exchange, text, unlock, attempt: 1 }, nowMonoMs)
}

function transmit(
  state: BusState,
  frame: Pick<Flight, 'boardIndex' | 'exchange' | 'text' | 'unlock' | 'attempt'>,
  nowMonoMs: number,
): BusStep {
  const deadlineMonoMs = nowMonoMs + replyMs(state, frame)
  const fresh = { isProlonged: false, heard: '', opening: '' }
  const flight = { ...frame, sentAtMonoMs: nowMonoMs, deadlineMonoMs, ...fresh }
  const sent = countFor({ ...state, flight }, frame.boardIndex, 'framesSent')
  return act(energise(sent, flight), { kind: 'send', text: frame.text })
}

/** A pulse leaves: what has to wait for its end, and who sees to it that there is one. */
function energise(state: BusState, flight: Flight): BusState {
  const { exchange, boardIndex, deadlineMonoMs, sentAtMonoMs, text } = flight
  const { request, board } = exchange
  if (request.kind === 'signal') {
    const signalledUntilMonoMs = deadlineMonoMs + request.ms + PULSE_SPACING_MS
    return withBoard(state, boardIndex, { signalledUntilMonoMs })
  }
  if (request.kind !== 'pulse') return state
  const { dialect, mutedUntilMonoMs } = boardAt(state, boardIndex)
  const hold = dialect.hold(board, request.ms)
  // Until the board says otherwise, its coil goes on at the last moment of this exchange.
  const loaded = load(state, flight, deadlineMonoMs + hold.ms)
  if (dialect.repetition === 'answered') return loaded
  const onAtMonoMs = sentAtMonoMs + lineMs(state.config.link, text.length)
  const muted = withBoard(loaded, boardIndex, {
    isUnread: true,
    mutedUntilMonoMs: Math.max(mutedUntilMonoMs, onAtMonoMs + board.options.muteAfterUnlockMs),
  })
  if (hold.endedBy === 'board') return muted
  const { channel } = request
  const atMonoMs = onAtMonoMs + Math.min(hold.ms, HOST_TIMED_PULSE_MAX_MS)
  return { ...muted, release: { boardIndex, channel, atMonoMs, attempts: 0 } }
}

/** Keeps all coils off this line until a pulse is over, and its channel until it has cooled. */
export function load(state: BusState, flight: Flight, pulseEndMonoMs: number): BusState {
  const rested = rest(state, flight, pulseEndMonoMs + CHANNEL_REST_MS)
  return { ...rested, coilsFreeAtMonoMs: pulseEndMonoMs + PULSE_SPACING_MS }
}

export function rest(state: BusState, flight: Flight, untilMonoMs: number): BusState {
  const { request } = flight.exchange
  if (request.kind !== 'pulse') return state
  const { restedAtMonoMs } = boardAt(state, flight.boardIndex)
  const rested = restedAtMonoMs.with(request.channel - 1, untilMonoMs)
  return withBoard(state, flight.boardIndex, { restedAtMonoMs: rested })
}

/** The reply's time is over: the same frame again, or the end of the exchange. */
export function missReply(state: BusState, flight: Flight, nowMonoMs: number): BusStep {
  const { unlock, attempt, boardIndex, exchange } = flight
  if (exchange.request.kind === 'signal') return missSignal(state, flight, nowMonoMs)
  const isTooLate = unlock !== null && isExpired(unlock, nowMonoMs)
  if (attempt < attemptsMax(state, flight) && !isTooLate) {
    const repeated = countFor(state, boardIndex, 'repetitions')
    return transmit(repeated, { ...flight, attempt: attempt + 1 }, nowMonoMs)
  }
  const over = { ...state, flight: null }
  const expected = boardAt(state, boardIndex).dialect.expects(exchange)
  if (expected === 'always') return failExchange(over, flight, nowMonoMs)
  // Silence was to be expected, and tells nothing about the board.
  const isLatePossible = expected === 'maybe'
  const ms = isLatePossible ? lateMs(over, flight) : gapMs(over)
  const due = withBoard(hush(over, { nowMonoMs, ms }), boardIndex, {
    dueAtMonoMs: Math.max(nowMonoMs, boardAt(over, boardIndex).mutedUntilMonoMs),
  })
  return unlock === null ? stay(due) : endUnlock(due, unlock, 'unanswered')
}

function attemptsMax(state: BusState, { boardIndex, exchange }: Flight): number {
  // Twice is two pulses, and a question's late reply would answer its repetition.
  if (boardAt(state, boardIndex).dialect.repetition === 'obeyed') return 1
  return exchange.request.kind === 'hello' ? HELLO_ATTEMPTS_MAX : ATTEMPTS_MAX
}

function failExchange(state: BusState, flight: Flight, nowMonoMs: number): BusStep {
  const { unlock, boardIndex } = flight
  const failed = countFor(state, boardIndex, 'failures')
  const ms = isHarmlessLate(state, boardIndex) ? 0 : lateMs(state, flight)
  const quiet = ms === 0 ? failed : hush(failed, { nowMonoMs, ms })
  const ended = unlock === null ? stay(quiet) : endUnlock(quiet, unlock, 'unanswered')
  return chain(ended, (next) => miss(next, flight, nowMonoMs))
}

/**
 * A lost board that stays lost is asked again only much later, and its late reply names it: nobody
 * else has to wait for that, unless another board reads its doors from the same address.
 */
function isHarmlessLate(state: BusState, boardIndex: number): boolean {
  const board = boardAt(state, boardIndex)
  const { config } = board
  const isGivenUp = board.presence === 'lost' && board.misses + 1 >= missesMax(board)
  const { inputAddress } = config.options
  const isShared = state.boards.some(
    (other) => other.config !== config && other.config.options.inputAddress === inputAddress,
  )
  return isGivenUp && (inputAddress === 0 || !isShared)
}

export function miss(state: BusState, flight: Flight, nowMonoMs: number): BusStep {
  const { boardIndex, unlock } = flight
  const board = boardAt(state, boardIndex)
  const misses = board.misses + 1
  const isStuckOn = (state.release?.attempts ?? 0) >= RELEASE_ATTEMPTS_MAX
  if (misses >= missesMax(board) || isStuckOn) {
    return loseBoard(state, boardIndex, nowMonoMs)
  }
  // After an unanswered pulse the door is the only witness.
  const dueAtMonoMs = unlock === null ? flight.sentAtMonoMs + pollMs(state) : nowMonoMs
  return stay(
    withBoard(state, boardIndex, {
      misses,
      // What it has been told in its greeting need not be told again.
      turn: isGreeting(state, boardIndex) ? board.turn : 0,
      dueAtMonoMs: Math.max(dueAtMonoMs, board.mutedUntilMonoMs),
    }),
  )
}

function missesMax({ presence, dialect, boot, turn }: BoardState): number {
  // A lost board that answers again is given as much patience as a new one, a silent one none.
  if (presence === 'lost' && boot === null && turn === 0) return 1
  if (presence !== 'online') return MISSES_UNKNOWN_MAX
  return dialect.repetition === 'answered' ? MISSES_MAX : MISSES_OBEYED_MAX
}
