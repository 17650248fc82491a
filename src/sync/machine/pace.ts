// Central sets the pace (B1): how much at once, a pause, and how far its kiosks spread their return
// after a loss. Only ever slower than the kiosk's own limits, and never for long: a wish is good
// for this connection, a pause has an end. Only the log waits; nothing at the kiosk does.
import type { AckBody } from './messages.ts'
import type { PaceState, Turn } from './state.ts'

export const FREE_PACE: PaceState = {
  batchEventsMax: null,
  windowBatches: null,
  heldUntilMonoMs: null,
}

/** The longest pause and the widest spread that one message can ask for. */
export const HOLD_MAX_MS = 300_000
export const SPREAD_MAX_MS = 3_600_000

/** Each ack carries the whole of it: what it does not name is as the kiosk likes. */
export function takePace(turn: Turn, { pace = {} }: AckBody): void {
  const { batchEvents, windowBatches, holdMs, spreadMs } = pace
  const heldUntilMonoMs =
    holdMs === undefined ? null : turn.now.monoMs + Math.min(holdMs, HOLD_MAX_MS)
  turn.state = {
    ...turn.state,
    pace: {
      batchEventsMax: batchEvents ?? null,
      windowBatches: windowBatches ?? null,
      heldUntilMonoMs,
    },
    // It is needed when there is no central to ask.
    ...(spreadMs !== undefined && { spreadMs: Math.min(spreadMs, SPREAD_MAX_MS) }),
  }
}

export function isHeld({ state, now }: Turn): boolean {
  const { heldUntilMonoMs } = state.pace
  return heldUntilMonoMs !== null && now.monoMs < heldUntilMonoMs
}

export function batchEventsMax({ state, config }: Turn): number {
  return Math.min(config.batchEventsMax, state.pace.batchEventsMax ?? config.batchEventsMax)
}

export function windowBatches({ state, config }: Turn): number {
  return Math.min(config.windowBatches, state.pace.windowBatches ?? config.windowBatches)
}
