// What every simulated board is: a pure machine. Bytes, doors, parcels, power and time go in; bytes
// and lock outputs come out. A live port and a seeded virtual world both drive it.

export type DoorPosition = 'open' | 'closed'

/** What an infrared sensor inside the locker sees. */
export type Contents = 'present' | 'absent'

/** Channels count from 1. */
export type BoardEvent =
  | { readonly kind: 'bytes-received'; readonly bytes: Uint8Array }
  | { readonly kind: 'door-moved'; readonly channel: number; readonly door: DoorPosition }
  | { readonly kind: 'contents-moved'; readonly channel: number; readonly contents: Contents }
  | { readonly kind: 'power-cycled' }
  | { readonly kind: 'time-passed' }

export type BoardOutput =
  /** To the wire, as one frame. */
  | { readonly kind: 'bytes'; readonly bytes: Uint8Array }
  /** On for so long from now, told again when that is changed; null: until it is switched off. */
  | { readonly kind: 'output-on'; readonly channel: number; readonly ms: number | null }
  | { readonly kind: 'output-off'; readonly channel: number }
  /** The lamp beside a lock, which the board itself turns off again. */
  | { readonly kind: 'lamp-flashed'; readonly channel: number }

export interface BoardStep<State> {
  readonly state: State
  readonly outputs: readonly BoardOutput[]
}

// Methods, and not properties, so that boards of different kinds fit into one list as
// BoardModel<unknown>: a model is only ever given states that it has made itself.
export interface BoardModel<State> {
  /** A board that has just finished its start. */
  create(nowMs: number): State
  step(state: State, event: BoardEvent, nowMs: number): BoardStep<State>
  /** When it wants to be told the time again; null: not before something happens to it. */
  nextWake(state: State): number | null
}
