// What the bus master remembers, and the words in which it is spoken to.
import type { BoardId } from '../../kiosk/config.ts'
import type { BoardReading, KioskEvent } from '../../kiosk/events.ts'
import type { OpeningId } from '../../kiosk/facts.ts'
import { type Board, boardOf } from '../board-options.ts'
import { type BoardConfig, type BusConfig, busProblems } from '../config.ts'
import type { Dialect, Exchange } from '../dialects/dialect.ts'
import { dialectOf } from '../dialects/dialects.ts'
import { PROBE_MIN_MS, REOPEN_MIN_MS } from './limits.ts'
import type { QueuedSignal, Signal } from './signals.ts'
import type { Steady } from './steady.ts'

export interface Unlock {
  readonly openingId: OpeningId
  readonly boardId: BoardId
  /** Counted from 1. */
  readonly channel: number
  readonly pulseMs: number
  /** At and after this moment it is never sent. */
  readonly expiresAtMonoMs: number
}

/** An unlock that waits for the line. */
export interface QueuedUnlock extends Unlock {
  readonly requestedAtMonoMs: number
}

export type BusEvent =
  | { readonly kind: 'link-opened' }
  | { readonly kind: 'link-closed'; readonly cause: string }
  | { readonly kind: 'frame-received'; readonly text: string }
  | ({ readonly kind: 'unlock-requested' } & Unlock)
  | ({ readonly kind: 'signal-requested' } & Signal)
  | { readonly kind: 'attended'; readonly isAttended: boolean }
  | { readonly kind: 'time-passed' }

export type BusReport = Extract<
  KioskEvent,
  { readonly kind: 'board-read' | 'board-lost' | 'unlock-ended' }
>

export type BusAction =
  | { readonly kind: 'open-link' }
  | { readonly kind: 'close-link' }
  | { readonly kind: 'send'; readonly text: string }
  | { readonly kind: 'report'; readonly event: BusReport }

type LinkState =
  | { readonly kind: 'closed'; readonly reopenAtMonoMs: number }
  /** `heardAtMonoMs`: carried over a reset of the connection; null: the boards start over. */
  | {
      readonly kind: 'opening' | 'settling'
      readonly untilMonoMs: number
      readonly heardAtMonoMs: number | null
    }
  /** `heardAtMonoMs`: when it opened, or a board last answered. */
  | { readonly kind: 'open'; readonly heardAtMonoMs: number }

export interface BoardState {
  readonly config: Board
  readonly dialect: Dialect
  /** `unknown` until the first reply, or until it was given up, after the start. */
  readonly presence: 'unknown' | 'online' | 'lost'
  /** Its run; null: greet it before anything else. */
  readonly boot: number | null
  /** Which request of its greeting or of its poll is next. */
  readonly turn: number
  /** As reported last; null: report the next one even if nothing changed. */
  readonly reading: BoardReading | null
  /** Its contacts as read last; null: not read since it came back. */
  readonly contacts: Steady['contacts'] | null
  /** The sequence number used last. */
  readonly sequence: number
  /** Failed requests since its last whole round: of two devices, one may still answer. */
  readonly misses: number
  /** When its round of questions began. */
  readonly roundAtMonoMs: number
  /** When to say hello or to ask for the doors. */
  readonly dueAtMonoMs: number
  readonly probeMs: number
  /** It was pulsed, and its doors have not been read since: no further pulse before. */
  readonly isUnread: boolean
  /** It was pulsed and does not listen until then. */
  readonly mutedUntilMonoMs: number
  /** By channel, the first one at index 0: when it may be pulsed again. */
  readonly restedAtMonoMs: readonly number[]
  /** Its lights and buzzers may be on until then. */
  readonly signalledUntilMonoMs: number
  /** When the last round of questions ended; null: none since it came back. */
  readonly polledAtMonoMs: number | null
  readonly counters: BoardCounters
}

/** Since the start, for diagnostics. */
export interface BoardCounters {
  readonly framesSent: number
  readonly repetitions: number
  /** Requests that failed after all repetitions. */
  readonly failures: number
  /** Frames that were no reply while this board was asked. */
  readonly framesDropped: number
  readonly replies: number
  /** From frame to reply, of the newest replies, the newest one last. */
  readonly latenciesMs: readonly number[]
  /** From the end of one round of questions to the next, of the newest rounds. */
  readonly cyclesMs: readonly number[]
}

/** The one request that is on the line. */
export interface Flight {
  readonly boardIndex: number
  readonly exchange: Exchange
  readonly text: string
  /** Of a pulse; null otherwise. */
  readonly unlock: QueuedUnlock | null
  /** 1 for the first frame. */
  readonly attempt: number
  readonly sentAtMonoMs: number
  readonly deadlineMonoMs: number
  /** Its deadline was moved because this process was late itself. */
  readonly isProlonged: boolean
  /** What came since, as far as it may be the beginning of the reply. */
  readonly heard: string
  /** The very first of what came since: does the line echo? */
  readonly opening: string
}

/** A pulse that this end has to finish. */
export interface Release {
  readonly boardIndex: number
  readonly channel: number
  readonly atMonoMs: number
  readonly attempts: number
}

/** Since the start, for diagnostics. */
export interface BusCounters {
  readonly framesSent: number
  readonly repetitions: number
  /** Requests that failed after all repetitions. */
  readonly failures: number
  /** Frames that were damaged, late or not for us. */
  readonly framesDropped: number
  readonly linkOpenings: number
}

export interface BusState {
  readonly config: BusConfig
  readonly link: LinkState
  readonly reopenMs: number
  readonly boards: readonly BoardState[]
  /** Oldest first. */
  readonly unlocks: readonly QueuedUnlock[]
  /** Oldest first. */
  readonly signals: readonly QueuedSignal[]
  readonly flight: Flight | null
  /** The one pulse that the board does not end itself; nothing else is sent before its end. */
  readonly release: Release | null
  /** No frame before. */
  readonly quietUntilMonoMs: number
  /** When something last came that nobody had asked for; null: never. */
  readonly unaskedAtMonoMs: number | null
  /** The line is not held back by noise beyond this. */
  readonly quietLimitMonoMs: number
  /** The line hands back what is sent, as its last replies showed. */
  readonly isEchoing: boolean
  /** No pulse before: a coil may be on. */
  readonly coilsFreeAtMonoMs: number
  readonly isAttended: boolean
  readonly counters: BusCounters
}

export interface BusStep {
  readonly state: BusState
  readonly actions: readonly BusAction[]
}

/** A bus before its first moment. @throws RangeError when its configuration cannot be run */
export function createBus(config: BusConfig): BusState {
  const problems = busProblems(config)
  if (problems.length > 0) throw new RangeError(problems.join('; '))
  return {
    config,
    link: { kind: 'closed', reopenAtMonoMs: 0 },
    reopenMs: REOPEN_MIN_MS,
    boards: config.boards.map(createBoard),
    unlocks: [],
    signals: [],
    flight: null,
    release: null,
    quietUntilMonoMs: 0,
    unaskedAtMonoMs: null,
    quietLimitMonoMs: 0,
    isEchoing: false,
    coilsFreeAtMonoMs: 0,
    isAttended: false,
    counters: { framesSent: 0, repetitions: 0, failures: 0, framesDropped: 0, linkOpenings: 0 },
  }
}

function createBoard(config: BoardConfig): BoardState {
  return {
    config: boardOf(config),
    dialect: dialectOf(config.dialect),
    presence: 'unknown',
    boot: null,
    turn: 0,
    reading: null,
    contacts: null,
    sequence: 0,
    misses: 0,
    roundAtMonoMs: 0,
    dueAtMonoMs: 0,
    probeMs: PROBE_MIN_MS,
    isUnread: false,
    mutedUntilMonoMs: 0,
    restedAtMonoMs: Array.from({ length: config.channels }, () => 0),
    signalledUntilMonoMs: 0,
    polledAtMonoMs: null,
    counters: {
      framesSent: 0,
      repetitions: 0,
      failures: 0,
      framesDropped: 0,
      replies: 0,
      latenciesMs: [],
      cyclesMs: [],
    },
  }
}

export function count(state: BusState, name: keyof BusCounters): BusState {
  return { ...state, counters: { ...state.counters, [name]: state.counters[name] + 1 } }
}

/** The step that does nothing. */
export function stay(state: BusState): BusStep {
  return { state, actions: [] }
}

export function act(state: BusState, ...actions: readonly BusAction[]): BusStep {
  return { state, actions }
}

/** One part of a step after another. */
export function chain(before: BusStep, next: (state: BusState) => BusStep): BusStep {
  const after = next(before.state)
  if (after.actions.length === 0) return { state: after.state, actions: before.actions }
  return { state: after.state, actions: [...before.actions, ...after.actions] }
}
