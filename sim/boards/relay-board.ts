// What all bought lock boards have inside, whatever they speak: a receiver that cuts frames out of
// bytes, coils with a timer each, contacts, and things still to do. A dialect adds its firmware:
// how long a frame is, and what is done about it. Pure, like every board.
import type { BoardEvent, BoardModel, BoardOutput, Contents, DoorPosition } from './board.ts'
import {
  type Act,
  follow,
  OFF,
  perform,
  type RelayBoardState,
  type RelayBoardStep,
  type Thought,
} from './relay-acts.ts'

/** From power to the first frame that is understood. */
const RELAY_BOARD_START_MS = 300

/** When a lock's feedback contact is closed. Boards know contacts, not doors. */
export type Feedback = 'door-closed' | 'door-open'

export interface RelayBoardConfig {
  readonly channels: number
  readonly feedback?: Feedback
  /** By channel, at the start; the rest is closed and empty. */
  readonly doors?: readonly DoorPosition[]
  readonly contents?: readonly Contents[]
}

/** What the first held bytes are; `undecided`: more bytes or silence will tell. */
export type Cut = { readonly frameBytes: number } | 'undecided' | 'no-frame'

export interface Firmware<Memory> {
  /** How long a silence ends a frame, or gives half of one up. */
  readonly silenceMs: number
  readonly memory: Memory
  /** Called whenever a byte has come; not for firmware that cuts at silence. */
  readonly cut: ((held: readonly number[]) => Cut) | 'at-silence'
  readonly answer: (
    state: RelayBoardState<Memory>,
    frame: readonly number[],
  ) => readonly Act<Memory>[]
  /** What it does as soon as it has power, before anybody has asked. */
  readonly started?: Thought<Memory>
  /** A contact has changed. */
  readonly moved?: (state: RelayBoardState<Memory>, channel: number) => readonly Act<Memory>[]
}

export function relayBoard<Memory>(
  firmware: Firmware<Memory>,
  config: RelayBoardConfig,
): BoardModel<RelayBoardState<Memory>> {
  const feedback = config.feedback ?? 'door-closed'
  const contactOf = (door: DoorPosition) => (feedback === `door-${door}` ? 'made' : 'broken')
  const each = Array.from({ length: config.channels }, (_, index) => index)
  return {
    create: (nowMs) => ({
      readyAtMs: nowMs,
      held: [],
      heardAtMs: nowMs,
      contacts: each.map((index) => contactOf(config.doors?.[index] ?? 'closed')),
      contents: each.map((index) => config.contents?.[index] ?? 'absent'),
      coils: each.map(() => OFF),
      tasks: firstTasks(firmware, nowMs),
      memory: firmware.memory,
    }),
    step: (state, event, nowMs) => {
      const passed = passTime(firmware, state, nowMs)
      const before = passed.state
      if (event.kind === 'door-moved') {
        const contact = contactOf(event.door)
        return follow(passed, () => moveContact(firmware, before, { ...event, contact, nowMs }))
      }
      return follow(passed, () => take(firmware, before, { event, nowMs }))
    },
    nextWake: (state) => earliest(firmware, state)?.atMs ?? null,
  }
}

function take<Memory>(
  firmware: Firmware<Memory>,
  state: RelayBoardState<Memory>,
  { event, nowMs }: { readonly event: BoardEvent; readonly nowMs: number },
): RelayBoardStep<Memory> {
  switch (event.kind) {
    case 'contents-moved': {
      checkChannel(state, event.channel)
      const contents = state.contents.with(event.channel - 1, event.contents)
      return { state: { ...state, contents }, outputs: [] }
    }
    case 'power-cycled':
      return restart(firmware, state, nowMs)
    case 'bytes-received':
      return receive(firmware, state, { bytes: event.bytes, nowMs })
    case 'door-moved':
    case 'time-passed':
      return { state, outputs: [] }
  }
}

function checkChannel<Memory>(state: RelayBoardState<Memory>, channel: number): void {
  if (state.contacts[channel - 1] === undefined) throw new RangeError(`no channel ${channel}`)
}

function moveContact<Memory>(
  firmware: Firmware<Memory>,
  state: RelayBoardState<Memory>,
  move: {
    readonly channel: number
    readonly contact: 'made' | 'broken'
    readonly nowMs: number
  },
): RelayBoardStep<Memory> {
  const { channel, contact, nowMs } = move
  checkChannel(state, channel)
  if (state.contacts[channel - 1] === contact) return { state, outputs: [] }
  const moved = { ...state, contacts: state.contacts.with(channel - 1, contact) }
  const acts = nowMs < state.readyAtMs ? [] : (firmware.moved?.(moved, channel) ?? [])
  return perform(moved, { acts, nowMs })
}

function restart<Memory>(
  firmware: Firmware<Memory>,
  state: RelayBoardState<Memory>,
  nowMs: number,
): RelayBoardStep<Memory> {
  const off = state.coils.flatMap(({ isOn }, index): BoardOutput[] =>
    isOn ? [{ kind: 'output-off', channel: index + 1 }] : [],
  )
  const readyAtMs = nowMs + RELAY_BOARD_START_MS
  const coils = state.coils.map(() => OFF)
  const tasks = firstTasks(firmware, readyAtMs)
  return { state: { ...state, readyAtMs, held: [], coils, tasks }, outputs: off }
}

function firstTasks<Memory>(firmware: Firmware<Memory>, atMs: number) {
  return firmware.started === undefined ? [] : [{ atMs, think: firmware.started }]
}

function receive<Memory>(
  firmware: Firmware<Memory>,
  state: RelayBoardState<Memory>,
  { bytes, nowMs }: { readonly bytes: Uint8Array; readonly nowMs: number },
): RelayBoardStep<Memory> {
  if (nowMs < state.readyAtMs) return { state, outputs: [] }
  let step: RelayBoardStep<Memory> = { state, outputs: [] }
  for (const byte of bytes) {
    step = follow(step, (current) => {
      const held = [...current.held, byte].slice(-HELD_BYTES_MAX)
      return cutFrames(firmware, { ...current, held, heardAtMs: nowMs }, nowMs)
    })
  }
  return step
}

/** Longer than any frame of any dialect. */
const HELD_BYTES_MAX = 256

function cutFrames<Memory>(
  firmware: Firmware<Memory>,
  state: RelayBoardState<Memory>,
  nowMs: number,
): RelayBoardStep<Memory> {
  if (firmware.cut === 'at-silence') return { state, outputs: [] }
  let step: RelayBoardStep<Memory> = { state, outputs: [] }
  for (;;) {
    const { held } = step.state
    const cut = held.length === 0 ? 'undecided' : firmware.cut(held)
    if (cut === 'undecided') return step
    const skip = cut === 'no-frame' ? 1 : cut.frameBytes
    const frame = cut === 'no-frame' ? null : held.slice(0, skip)
    step = follow(step, (current) => {
      const rest = { ...current, held: held.slice(skip) }
      const acts = frame === null ? [] : firmware.answer(rest, frame)
      return perform(rest, { acts, nowMs })
    })
  }
}

interface Deadline<Memory> {
  readonly atMs: number
  readonly happen: (state: RelayBoardState<Memory>) => RelayBoardStep<Memory>
}

function earliest<Memory>(
  firmware: Firmware<Memory>,
  state: RelayBoardState<Memory>,
): Deadline<Memory> | null {
  const deadlines: Deadline<Memory>[] = state.coils.flatMap((coil, index) => {
    const atMs = coil.endsAtMs
    const act = { kind: 'switch-off', channel: index + 1 } as const
    return atMs === null
      ? []
      : [{ atMs, happen: (current) => perform(current, { acts: [act], nowMs: atMs }) }]
  })
  for (const task of state.tasks) {
    const happen = (current: RelayBoardState<Memory>) => {
      const tasks = current.tasks.filter((other) => other !== task)
      const rest = { ...current, tasks }
      return perform(rest, { acts: task.think(rest), nowMs: task.atMs })
    }
    deadlines.push({ atMs: task.atMs, happen })
  }
  if (state.held.length > 0) {
    const atMs = state.heardAtMs + firmware.silenceMs
    deadlines.push({ atMs, happen: (current) => endFrame(firmware, current, atMs) })
  }
  // Of two at one time the first stays: a coil goes off before its report is written.
  return deadlines.reduce<Deadline<Memory> | null>(
    (first, other) => (first === null || other.atMs < first.atMs ? other : first),
    null,
  )
}

function endFrame<Memory>(
  firmware: Firmware<Memory>,
  state: RelayBoardState<Memory>,
  nowMs: number,
): RelayBoardStep<Memory> {
  const rest = { ...state, held: [] }
  if (firmware.cut !== 'at-silence') return { state: rest, outputs: [] }
  return perform(rest, { acts: firmware.answer(rest, state.held), nowMs })
}

function passTime<Memory>(
  firmware: Firmware<Memory>,
  state: RelayBoardState<Memory>,
  nowMs: number,
): RelayBoardStep<Memory> {
  let step: RelayBoardStep<Memory> = { state, outputs: [] }
  for (;;) {
    const deadline = earliest(firmware, step.state)
    if (deadline === null || deadline.atMs > nowMs) return step
    step = follow(step, deadline.happen)
  }
}
