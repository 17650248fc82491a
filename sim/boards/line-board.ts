// One door board that speaks our own line protocol: the board's side of PROTOCOL.md as a pure
// machine. A live pseudoterminal and a seeded virtual world both drive it; doors are moved from
// outside, and the world decides what an output does to its lock.
import {
  collectLines,
  decodeLine,
  type Line,
  SEQUENCE_RESTART,
} from '../../firmware-protocol/line.ts'
import {
  CHANNEL_REST_MS,
  DEBOUNCE_MS,
  decodeRequest,
  encodeReply,
  HOST_ALIVE_MS,
  type NakReason,
  PROTOCOL_VERSION,
  PULSE_MS_MAX,
  PULSE_MS_MIN,
  type Reply,
  type Request,
} from '../../firmware-protocol/messages.ts'
import type { BoardEvent, BoardModel, BoardOutput, BoardStep, DoorPosition } from './board.ts'

/** From power to the first answer, like a small microcontroller. */
export const BOARD_START_MS = 200

export interface LineBoardConfig {
  readonly address: number
  readonly channels: number
  readonly firmware: string
  readonly serial: string
  readonly boot: number
  /** What each door's contact says at the start, by channel. */
  readonly doors: readonly DoorPosition[]
}

interface Door {
  readonly contact: DoorPosition
  readonly seen: DoorPosition
  /** When the contact will have been steady for long enough; null when nothing changes. */
  readonly settlesAtMs: number | null
  readonly opens: number
}

interface Pulse {
  readonly channel: number
  readonly endsAtMs: number
}

export interface LineBoardState {
  readonly config: LineBoardConfig
  readonly boot: number
  readonly readyAtMs: number
  readonly held: string
  readonly stored: { readonly request: string; readonly reply: string } | null
  readonly heardAtMs: number
  readonly pulse: Pulse | null
  /** By channel: when its rest is over. */
  readonly restedAtMs: readonly number[]
  readonly doors: readonly Door[]
}

type LineBoardStep = BoardStep<LineBoardState>

export function lineBoard(config: LineBoardConfig): BoardModel<LineBoardState> {
  return {
    create: (nowMs) => createLineBoard(config, nowMs),
    step: stepLineBoard,
    nextWake: nextLineBoardWake,
  }
}

function createLineBoard(config: LineBoardConfig, nowMs: number): LineBoardState {
  const contacts = Array.from(
    { length: config.channels },
    (_, index) => config.doors[index] ?? 'closed',
  )
  return {
    config,
    boot: config.boot,
    readyAtMs: nowMs,
    held: '',
    stored: null,
    heardAtMs: nowMs,
    pulse: null,
    restedAtMs: contacts.map(() => nowMs),
    doors: contacts.map(freshDoor),
  }
}

function stepLineBoard(state: LineBoardState, event: BoardEvent, nowMs: number): LineBoardStep {
  const passed = passTime(state, nowMs)
  switch (event.kind) {
    case 'time-passed':
      return passed
    case 'door-moved':
      return { ...passed, state: moveDoor(passed.state, event, nowMs) }
    case 'contents-moved':
      // This board has no sensors for what lies in a locker.
      return passed
    case 'power-cycled':
      return follow(passed, (current) => restart(current, nowMs))
    case 'bytes-received': {
      const text = Buffer.from(event.bytes).toString('latin1')
      return follow(passed, (current) => receive(current, { text, nowMs }))
    }
  }
}

function nextLineBoardWake(state: LineBoardState): number | null {
  const deadlines = state.doors.flatMap((door) => door.settlesAtMs ?? [])
  if (state.pulse !== null) {
    deadlines.push(Math.min(state.pulse.endsAtMs, state.heardAtMs + HOST_ALIVE_MS))
  }
  return deadlines.length === 0 ? null : Math.min(...deadlines)
}

function follow(
  before: LineBoardStep,
  next: (state: LineBoardState) => LineBoardStep,
): LineBoardStep {
  const after = next(before.state)
  return { state: after.state, outputs: [...before.outputs, ...after.outputs] }
}

function freshDoor(contact: DoorPosition): Door {
  return { contact, seen: contact, settlesAtMs: null, opens: 0 }
}

function passTime(state: LineBoardState, nowMs: number): LineBoardStep {
  const settled = { ...state, doors: state.doors.map((door) => settleDoor(door, nowMs)) }
  const { pulse } = settled
  const isHostSilent = nowMs >= settled.heardAtMs + HOST_ALIVE_MS
  if (pulse === null || (nowMs < pulse.endsAtMs && !isHostSilent)) {
    return { state: settled, outputs: [] }
  }
  const { restedAtMs } = settled
  return {
    state: {
      ...settled,
      pulse: null,
      restedAtMs: restedAtMs.with(pulse.channel - 1, nowMs + CHANNEL_REST_MS),
    },
    outputs: [{ kind: 'output-off', channel: pulse.channel }],
  }
}

function settleDoor(door: Door, nowMs: number): Door {
  if (door.settlesAtMs === null || nowMs < door.settlesAtMs) return door
  const opens = door.contact === 'open' ? (door.opens + 1) % 256 : door.opens
  return { contact: door.contact, seen: door.contact, settlesAtMs: null, opens }
}

function moveDoor(
  state: LineBoardState,
  move: { readonly channel: number; readonly door: DoorPosition },
  nowMs: number,
): LineBoardState {
  const index = move.channel - 1
  const door = state.doors[index]
  if (door === undefined) throw new RangeError(`no such channel: ${move.channel}`)
  if (door.contact === move.door) return state
  // A door that moves while the board starts is only found as it is, and not counted (P-5.4).
  const next =
    nowMs < state.readyAtMs
      ? { ...freshDoor(move.door), opens: door.opens }
      : {
          ...door,
          contact: move.door,
          settlesAtMs: move.door === door.seen ? null : nowMs + DEBOUNCE_MS,
        }
  return { ...state, doors: state.doors.with(index, next) }
}

function restart(state: LineBoardState, nowMs: number): LineBoardStep {
  const contacts = state.doors.map((door) => door.contact)
  const fresh = createLineBoard({ ...state.config, doors: contacts }, nowMs + BOARD_START_MS)
  const { pulse } = state
  return {
    state: { ...fresh, boot: (state.boot + 1) & 0xffff },
    outputs: pulse === null ? [] : [{ kind: 'output-off', channel: pulse.channel }],
  }
}

function receive(
  state: LineBoardState,
  { text, nowMs }: { readonly text: string; readonly nowMs: number },
): LineBoardStep {
  if (nowMs < state.readyAtMs) return { state, outputs: [] }
  const { held, lines } = collectLines(state.held, text)
  let step: LineBoardStep = { state: { ...state, held }, outputs: [] }
  for (const line of lines) {
    step = follow(step, (current) => hear(current, { text: line, nowMs }))
  }
  return step
}

function hear(
  state: LineBoardState,
  { text, nowMs }: { readonly text: string; readonly nowMs: number },
): LineBoardStep {
  const line = decodeLine(text)
  if (line === null || line.direction !== 'request') return { state, outputs: [] }
  const heard = { ...state, heardAtMs: nowMs }
  if (line.address !== state.config.address) return { state: heard, outputs: [] }
  const isRestart = line.sequence === SEQUENCE_RESTART
  if (!isRestart && state.stored?.request === text) {
    // P-4.4: the same order again means that our reply was lost, not that it shall happen twice.
    return { state: heard, outputs: [bytesOf(state.stored.reply)] }
  }
  const acted = act(heard, { line, nowMs })
  const { address, sequence } = line
  const reply = encodeReply({ address, sequence }, acted.reply)
  return {
    state: { ...acted.state, stored: isRestart ? null : { request: text, reply } },
    outputs: [...acted.outputs, bytesOf(reply)],
  }
}

function bytesOf(text: string): BoardOutput {
  return { kind: 'bytes', bytes: Buffer.from(text, 'latin1') }
}

interface Acted extends LineBoardStep {
  readonly reply: Reply
}

function act(
  state: LineBoardState,
  { line, nowMs }: { readonly line: Line; readonly nowMs: number },
): Acted {
  const request = decodeRequest(line)
  switch (request.kind) {
    case 'nak':
      return { state, outputs: [], reply: request }
    case 'hello':
      return { state, outputs: [], reply: helloOf(state) }
    case 'state':
      return { state, outputs: [], reply: stateOf(state) }
    case 'pulse': {
      const reason = refusal(state, { line, request, nowMs })
      if (reason !== null) return { state, outputs: [], reply: { kind: 'nak', reason } }
      const { channel } = request
      const ms = Math.min(PULSE_MS_MAX, Math.max(PULSE_MS_MIN, request.ms))
      return {
        state: { ...state, pulse: { channel, endsAtMs: nowMs + ms } },
        outputs: [{ kind: 'output-on', channel, ms }],
        reply: { kind: 'pulse', channel, ms },
      }
    }
  }
}

function refusal(
  state: LineBoardState,
  order: {
    readonly line: Line
    readonly request: Request & { readonly kind: 'pulse' }
    readonly nowMs: number
  },
): NakReason | null {
  const restedAtMs = state.restedAtMs[order.request.channel - 1]
  if (order.line.sequence === SEQUENCE_RESTART) return 'SEQ'
  if (restedAtMs === undefined) return 'RANGE'
  if (order.request.boot !== state.boot) return 'BOOT'
  if (state.pulse !== null) return 'BUSY'
  return order.nowMs < restedAtMs ? 'LOCKOUT' : null
}

function helloOf(state: LineBoardState): Reply {
  const { channels, firmware, serial } = state.config
  const { boot } = state
  return { kind: 'hello', version: PROTOCOL_VERSION, boot, channels, firmware, serial }
}

function stateOf(state: LineBoardState): Reply {
  return {
    kind: 'state',
    boot: state.boot,
    doors: state.doors.map((door) => door.seen),
    outputs: state.doors.map((_, index) => (state.pulse?.channel === index + 1 ? 'on' : 'off')),
    opens: state.doors.map((door) => door.opens),
  }
}
