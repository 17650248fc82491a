// Lights and buzzers: asked for, and forgotten when the line had no time for them. One is never
// repeated, and an unlock never waits for more than the one that is on the line.
import type { KioskAction } from '../../kiosk/events.ts'
import { boardOffers } from '../board-options.ts'
import { countFor } from './counters.ts'
import { SIGNAL_PATIENCE_MS, SIGNALS_MAX } from './limits.ts'
import { type BoardState, type BusState, type BusStep, type Flight, stay } from './state.ts'
import { gapMs, hush, lateMs } from './timing.ts'

/** `expiresAtMonoMs`: at and after this moment it is never sent. */
export type Signal = Omit<Extract<KioskAction, { readonly kind: 'signal' }>, 'kind'>

export interface QueuedSignal extends Signal {
  readonly requestedAtMonoMs: number
}

/** What its board does not offer is not done, and nobody has to know. */
export function requestSignal(state: BusState, signal: Signal, nowMonoMs: number): BusState {
  const board = boardOf(state, signal)
  if (board?.presence !== 'online' || !boardOffers(board.config, signal)) return state
  const waiting = state.signals.filter(({ expiresAtMonoMs }) => expiresAtMonoMs > nowMonoMs)
  const signals = [...waiting, { ...signal, requestedAtMonoMs: nowMonoMs }].slice(-SIGNALS_MAX)
  return { ...state, signals }
}

export function expireSignals(state: BusState, nowMonoMs: number): BusState {
  const signals = state.signals.filter(({ expiresAtMonoMs }) => expiresAtMonoMs > nowMonoMs)
  return signals.length === state.signals.length ? state : { ...state, signals }
}

/** The oldest one that may be sent now. */
export function readySignal(state: BusState, nowMonoMs: number): QueuedSignal | null {
  return (
    state.signals.find((signal) => (signalReadyAt(state, signal) ?? Infinity) <= nowMonoMs) ?? null
  )
}

/** Null: not before its board has spoken. Doors that may just have moved come first. */
export function signalReadyAt(state: BusState, signal: Signal): number | null {
  const board = boardOf(state, signal)
  if (board?.presence !== 'online' || board.boot === null || board.isUnread) return null
  return board.mutedUntilMonoMs
}

/** On a long line some poll is always due: a signal lets them pass for a while, not for ever. */
export function isPatient({ requestedAtMonoMs }: QueuedSignal, nowMonoMs: number): boolean {
  return nowMonoMs < requestedAtMonoMs + SIGNAL_PATIENCE_MS
}

/** No reply: whether the board is there, its next poll tells. */
export function missSignal(state: BusState, flight: Flight, nowMonoMs: number): BusStep {
  const { boardIndex, exchange } = flight
  const expected = state.boards[boardIndex]?.dialect.expects(exchange)
  const over = { ...state, flight: null }
  const counted = expected === 'always' ? countFor(over, boardIndex, 'failures') : over
  const ms = expected === 'never' ? gapMs(counted) : lateMs(counted, flight)
  return stay(hush(counted, { nowMonoMs, ms }))
}

function boardOf(state: BusState, { boardId }: Signal): BoardState | undefined {
  return state.boards.find(({ config }) => config.id === boardId)
}
