// What a relay board's firmware can do, and what it does to the board.
import type { BoardStep, Contents } from './board.ts'

interface Coil {
  readonly isOn: boolean
  readonly endsAtMs: number | null
}

/** What a firmware wants done. */
export type Act<Memory> =
  | { readonly kind: 'reply'; readonly bytes: readonly number[] }
  | { readonly kind: 'switch-on'; readonly channel: number; readonly ms: number | null }
  | { readonly kind: 'switch-off'; readonly channel: number }
  | { readonly kind: 'flash-lamp'; readonly channel: number }
  | { readonly kind: 'remember'; readonly memory: Memory }
  /** To be thought about again then, with the world as it is by then. */
  | { readonly kind: 'later'; readonly afterMs: number; readonly think: Thought<Memory> }

export type Thought<Memory> = (state: RelayBoardState<Memory>) => readonly Act<Memory>[]

interface Task<Memory> {
  readonly atMs: number
  readonly think: Thought<Memory>
}

export interface RelayBoardState<Memory> {
  readonly readyAtMs: number
  readonly held: readonly number[]
  readonly heardAtMs: number
  readonly contacts: readonly ('made' | 'broken')[]
  readonly contents: readonly Contents[]
  readonly coils: readonly Coil[]
  readonly tasks: readonly Task<Memory>[]
  readonly memory: Memory
}

export type RelayBoardStep<Memory> = BoardStep<RelayBoardState<Memory>>

export const OFF: Coil = { isOn: false, endsAtMs: null }

export function follow<Memory>(
  before: RelayBoardStep<Memory>,
  next: (state: RelayBoardState<Memory>) => RelayBoardStep<Memory>,
): RelayBoardStep<Memory> {
  const after = next(before.state)
  return { state: after.state, outputs: [...before.outputs, ...after.outputs] }
}

export function perform<Memory>(
  state: RelayBoardState<Memory>,
  { acts, nowMs }: { readonly acts: readonly Act<Memory>[]; readonly nowMs: number },
): RelayBoardStep<Memory> {
  let step: RelayBoardStep<Memory> = { state, outputs: [] }
  for (const act of acts) step = follow(step, (current) => performOne(current, { act, nowMs }))
  return step
}

function performOne<Memory>(
  state: RelayBoardState<Memory>,
  { act, nowMs }: { readonly act: Act<Memory>; readonly nowMs: number },
): RelayBoardStep<Memory> {
  switch (act.kind) {
    case 'reply':
      return { state, outputs: [{ kind: 'bytes', bytes: Uint8Array.from(act.bytes) }] }
    case 'remember':
      return { state: { ...state, memory: act.memory }, outputs: [] }
    case 'later': {
      const tasks = [...state.tasks, { atMs: nowMs + act.afterMs, think: act.think }]
      return { state: { ...state, tasks }, outputs: [] }
    }
    case 'flash-lamp':
      return { state, outputs: [{ kind: 'lamp-flashed', channel: act.channel }] }
    case 'switch-off': {
      const { channel } = act
      if (state.coils[channel - 1]?.isOn !== true) return { state, outputs: [] }
      const coils = state.coils.with(channel - 1, OFF)
      return { state: { ...state, coils }, outputs: [{ kind: 'output-off', channel }] }
    }
    case 'switch-on': {
      const { channel, ms } = act
      if (state.coils[channel - 1] === undefined) return { state, outputs: [] }
      const coil = { isOn: true, endsAtMs: ms === null ? null : nowMs + ms }
      const coils = state.coils.with(channel - 1, coil)
      return { state: { ...state, coils }, outputs: [{ kind: 'output-on', channel, ms }] }
    }
  }
}
