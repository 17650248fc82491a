// What the boards have in common whose frames end with an exclusive or of everything before it:
// they answer their own address, give half a frame up after a silence, and some tell every change
// without being asked.
import type { BoardModel } from './board.ts'
import { xorOf } from './bytes.ts'
import type { Act, RelayBoardState } from './relay-acts.ts'
import { type Cut, type RelayBoardConfig, relayBoard } from './relay-board.ts'

const SILENCE_MS = 50

export interface XorBoardConfig extends RelayBoardConfig {
  /** As set by the switches. */
  readonly address: number
  readonly pulseMs?: number
  readonly changes?: 'silent' | 'told'
}

export type Acts = readonly Act<null>[]
export type State = RelayBoardState<null>

interface Firmware {
  readonly cut: (held: readonly number[]) => Cut
  /** To a whole frame, for whomever it is. */
  readonly answer: (state: State, frame: readonly number[]) => Acts
  /** What it says of a channel that has changed, without its end. */
  readonly change: (state: State, channel: number) => readonly number[]
}

export function xorBoard(
  config: XorBoardConfig,
  { cut, answer, change }: Firmware,
): BoardModel<unknown> {
  const moved = (state: State, channel: number): Acts => [sealed(change(state, channel))]
  const telling = config.changes === 'told' ? { moved } : {}
  return relayBoard<null>({ silenceMs: SILENCE_MS, memory: null, cut, answer, ...telling }, config)
}

/** Whether so many bytes are a frame. */
export function isSealed(held: readonly number[], length: number): boolean {
  return held[length - 1] === xorOf(held.slice(0, length - 1))
}

export function sealed(bytes: readonly number[]): Act<null> {
  return { kind: 'reply', bytes: [...bytes, xorOf(bytes)] }
}
