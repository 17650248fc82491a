// What central's clock says (T1). The kiosk asks under an id that nobody can foresee; central signs
// when that came (t1) and when it answers (t2). The way there and back is measured by the monotonic
// clock, so the answer is right within half of it, whatever a broker delays. From then on the
// monotonic clock carries it; no clock of the machine is ever set.
import { type Now, WALL_FLOOR_MS } from '../../kiosk/time.ts'
import type { ClockReport } from '../../kiosk/uplink-report.ts'
import type { CentralTime, DownLeaf } from './messages.ts'
import { refuse } from './refusals.ts'
import type { TimeSample, TimeState, Turn } from './state.ts'

/** Questions that may still be answered; older ones are forgotten. */
export const TIME_QUESTIONS_MAX = 4
/** Facts ask along when nothing has asked for so long, once central has told the time. */
export const TIME_EVERY_MS = 60_000
/** An answer that was longer under way says too little. */
export const ROUND_TRIP_MAX_MS = 60_000
/** So wrong a cheap crystal runs in a cold or hot cabinet: 17 s a day. */
export const DRIFT_PPM = 200
/** So far central's time may be wrong and count alone: five weeks of that drift. */
export const CLOCK_ERROR_MAX_MS = 600_000
/** So far beside central's time, and what that may be wrong, the machine's clock stays in use. */
export const CLOCK_APART_MAX_MS = 5_000
/** Four stamps in whole milliseconds, and half of one. */
const ROUNDING_MS = 3
const MILLION = 1_000_000

export const NO_TIME: TimeState = { asked: [], sample: null }

export function noteTimeAsked(turn: Turn, id: string): void {
  const { state, now } = turn
  const asked = [...state.time.asked, { id, atMonoMs: now.monoMs }].slice(-TIME_QUESTIONS_MAX)
  turn.state = { ...state, time: { ...state.time, asked } }
}

/** By the facts: each batch asks until central has told the time once. */
export function isTimeWanted({ state, now }: Turn): boolean {
  const { asked, sample } = state.time
  if (sample === null) return true
  const lastMonoMs = asked.at(-1)?.atMonoMs ?? sample.atMonoMs
  return now.monoMs - lastMonoMs >= TIME_EVERY_MS
}

/** No clock is believed, and central is there. */
export function isTimeOwed({ state, machine }: Turn): boolean {
  return judge(state.time, machine).by === 'nobody'
}

/** What answers no open question was played back, or is late: it says nothing of now. */
export function takeTime(turn: Turn, leaf: DownLeaf, told: CentralTime | undefined): void {
  if (told === undefined) return
  const { time } = turn.state
  const at = time.asked.findIndex(({ id }) => id === told.re)
  const question = time.asked[at]
  if (question === undefined) return
  // Whatever was asked before would say less.
  const asked = time.asked.slice(at + 1)
  turn.state = { ...turn.state, time: { ...time, asked } }
  const tookMs = turn.now.monoMs - question.atMonoMs
  const heldMs = told.t2 - told.t1
  const slackMs = ROUNDING_MS + driftMs(tookMs)
  if (told.t1 < WALL_FLOOR_MS || heldMs < 0 || heldMs > tookMs + slackMs) {
    const detail = `t1 ${told.t1}, t2 ${told.t2}, answered after ${Math.round(tookMs)} ms`
    refuse(turn, { leaf, code: 'LK-SYNC-10', detail })
    return
  }
  const roundTripMs = Math.max(0, tookMs - heldMs)
  if (roundTripMs > ROUND_TRIP_MAX_MS) return
  const sample: TimeSample = {
    atMonoMs: turn.now.monoMs,
    wallMs: Math.floor((told.t1 + told.t2 + tookMs) / 2),
    errorMs: Math.ceil(roundTripMs / 2) + slackMs,
    roundTripMs,
  }
  turn.state = { ...turn.state, time: { asked, sample: better(time.sample, sample) } }
}

/** The one that is less wrong by now; when they cannot both be right, central's newest word. */
function better(known: TimeSample | null, fresh: TimeSample): TimeSample {
  if (known === null) return fresh
  const carried = carry(known, fresh.atMonoMs)
  const isApart = Math.abs(carried.wallMs - fresh.wallMs) > carried.errorMs + fresh.errorMs
  return isApart || fresh.errorMs <= carried.errorMs ? fresh : known
}

function driftMs(durationMs: number): number {
  return Math.ceil((durationMs * DRIFT_PPM) / MILLION)
}

/** What a sample says at another moment of the same run. */
function carry(sample: TimeSample, monoMs: number): { wallMs: number; errorMs: number } {
  const ageMs = monoMs - sample.atMonoMs
  return { wallMs: sample.wallMs + ageMs, errorMs: sample.errorMs + driftMs(ageMs) }
}

/**
 * The time that counts, and whether it is believed. The machine's own clock is in use while central
 * does not contradict it: whatever sets it, NTP or a battery, may be finer than an answer.
 * @param machine as the machine has it; believed when it was set at all
 */
export function believedNow(time: TimeState, machine: Now): Now {
  const { by, wallMs } = judge(time, machine)
  return { monoMs: machine.monoMs, wallMs, isWallBelieved: by !== 'nobody' }
}

function judge({ sample }: TimeState, machine: Now): { by: ClockReport['by']; wallMs: number } {
  const { wallMs: machineMs, monoMs } = machine
  if (sample === null)
    return { by: machine.isWallBelieved ? 'machine' : 'nobody', wallMs: machineMs }
  const { wallMs, errorMs } = carry(sample, monoMs)
  const isConfirmed = Math.abs(machineMs - wallMs) <= errorMs + CLOCK_APART_MAX_MS
  if (isConfirmed) return { by: 'both', wallMs: machineMs }
  // After weeks without central nobody knows any more which of the two is wrong.
  return errorMs <= CLOCK_ERROR_MAX_MS
    ? { by: 'central', wallMs }
    : { by: 'nobody', wallMs: machineMs }
}

export function clockReport({ state, machine }: Pick<Turn, 'state' | 'machine'>): ClockReport {
  const { sample } = state.time
  const { by } = judge(state.time, machine)
  if (sample === null) {
    return { by, aheadMs: null, errorMs: null, roundTripMs: null, toldAgoMs: null }
  }
  const { wallMs, errorMs } = carry(sample, machine.monoMs)
  const { roundTripMs, atMonoMs } = sample
  return {
    by,
    aheadMs: machine.wallMs - wallMs,
    errorMs,
    roundTripMs,
    toldAgoMs: machine.monoMs - atMonoMs,
  }
}
