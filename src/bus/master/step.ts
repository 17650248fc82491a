// The bus master: a pure machine per bus. It polls the boards one after another, with one frame on
// the line at a time; unlocks go first, and only as long as they have not expired.
import { attend, dueBoard, greetAll, loseBoard } from './boards.ts'
import { askBoard, missReply, sendRelease, sendSignal, sendUnlock } from './exchange.ts'
import {
  ALARM_LATE_MS,
  GATEWAY_FRESH_MS,
  LINK_SILENCE_MS,
  LOOK_AGAIN_MS,
  OPEN_TIMEOUT_MS,
  REOPEN_MAX_MS,
  REOPEN_MIN_MS,
  SETTLE_MS,
} from './limits.ts'
import { receiveFrame } from './replies.ts'
import { expireSignals, isPatient, readySignal, requestSignal, signalReadyAt } from './signals.ts'
import {
  act,
  type BusEvent,
  type BusState,
  type BusStep,
  chain,
  count,
  type QueuedUnlock,
  stay,
} from './state.ts'
import { endUnlock, expireUnlocks, readyAt, readyUnlock, requestUnlock } from './unlocks.ts'

/** @param nowMonoMs never less than in the step before */
export function stepBus(state: BusState, event: BusEvent, nowMonoMs: number): BusStep {
  let step = take(state, event, nowMonoMs)
  step = chain(step, (next) => expireUnlocks(next, nowMonoMs))
  step = chain(step, (next) => stay(expireSignals(next, nowMonoMs)))
  step = chain(step, (next) => passTime(next, nowMonoMs))
  return chain(step, (next) => sendNext(next, nowMonoMs))
}

/** When to come back with `time-passed`; null: not before something else happens. */
export function nextBusWake(state: BusState): number | null {
  const deadlines = state.unlocks.map((unlock) => unlock.expiresAtMonoMs)
  deadlines.push(linkWake(state))
  if (state.link.kind === 'open') deadlines.push(state.flight?.deadlineMonoMs ?? sendWake(state))
  const wake = Math.min(...deadlines)
  return Number.isFinite(wake) ? wake : null
}

function take(state: BusState, event: BusEvent, nowMonoMs: number): BusStep {
  switch (event.kind) {
    case 'link-opened':
      if (state.link.kind !== 'opening') return stay(state)
      return stay(settle(state, nowMonoMs))
    case 'link-closed':
      // Ports may tell their end twice.
      if (state.link.kind === 'closed') return stay(state)
      return loseLink(state, nowMonoMs)
    case 'frame-received':
      return receiveFrame(state, event.text, nowMonoMs)
    case 'unlock-requested': {
      const { kind: _, ...unlock } = event
      return requestUnlock(state, unlock, nowMonoMs)
    }
    case 'signal-requested': {
      const { kind: _, ...signal } = event
      return stay(requestSignal(state, signal, nowMonoMs))
    }
    case 'attended':
      return stay(attend(state, event.isAttended, nowMonoMs))
    case 'time-passed':
      return stay(state)
  }
}

/** Everything in flight fails, and no board is reachable; the link is opened again, for ever. */
function loseLink(state: BusState, nowMonoMs: number): BusStep {
  const { flight, reopenMs } = state
  const closed: BusState = {
    ...state,
    flight: null,
    release: null,
    link: { kind: 'closed', reopenAtMonoMs: nowMonoMs + reopenMs },
    reopenMs: Math.min(reopenMs * 2, REOPEN_MAX_MS),
  }
  const unlock = flight?.unlock ?? null
  let step = unlock === null ? stay(closed) : endUnlock(closed, unlock, 'unanswered')
  for (const index of state.boards.keys()) {
    step = chain(step, (next) => loseBoard(next, index, nowMonoMs))
  }
  return step
}

function passTime(state: BusState, nowMonoMs: number): BusStep {
  const { link, flight } = state
  switch (link.kind) {
    case 'closed': {
      if (nowMonoMs < link.reopenAtMonoMs) return stay(state)
      return openLink(state, { nowMonoMs, heardAtMonoMs: null })
    }
    case 'opening':
      return nowMonoMs < link.untilMonoMs ? stay(state) : closeLink(state, nowMonoMs)
    case 'settling': {
      if (nowMonoMs < link.untilMonoMs) return stay(state)
      const { heardAtMonoMs } = link
      if (heardAtMonoMs !== null) return stay({ ...state, link: { kind: 'open', heardAtMonoMs } })
      const open = { kind: 'open', heardAtMonoMs: nowMonoMs } as const
      return stay({ ...greetAll(state, nowMonoMs), link: open })
    }
    case 'open':
      if (isSilent(state, nowMonoMs)) {
        return closeLink({ ...state, reopenMs: REOPEN_MIN_MS }, nowMonoMs)
      }
      if (flight === null || nowMonoMs < flight.deadlineMonoMs) return stay(state)
      if (!flight.isProlonged && nowMonoMs >= flight.deadlineMonoMs + ALARM_LATE_MS) {
        const deadlineMonoMs = nowMonoMs + LOOK_AGAIN_MS
        return stay({ ...state, flight: { ...flight, deadlineMonoMs, isProlonged: true } })
      }
      return resetGateway(missReply(state, flight, nowMonoMs), state, nowMonoMs)
  }
}

function openLink(
  state: BusState,
  { nowMonoMs, heardAtMonoMs }: { nowMonoMs: number; heardAtMonoMs: number | null },
): BusStep {
  const untilMonoMs = nowMonoMs + OPEN_TIMEOUT_MS
  const link = { kind: 'opening', untilMonoMs, heardAtMonoMs } as const
  return act(count({ ...state, link }, 'linkOpenings'), { kind: 'open-link' })
}

/** A connection that replaces another one has no boards to wait for. */
function settle(state: BusState, nowMonoMs: number): BusState {
  if (state.link.kind !== 'opening') return state
  const { heardAtMonoMs } = state.link
  const untilMonoMs = nowMonoMs + (heardAtMonoMs === null ? SETTLE_MS : 0)
  return { ...state, link: { kind: 'settling', untilMonoMs, heardAtMonoMs } }
}

/**
 * A reply that is missing behind a gateway may be on its way for minutes, and so may what was sent:
 * the connection is thrown away with everything in it. Its boards are not lost by that.
 */
function resetGateway(missed: BusStep, before: BusState, nowMonoMs: number): BusStep {
  const { state } = missed
  const isFailure = state.counters.failures > before.counters.failures
  if (state.config.link.kind !== 'tcp' || state.link.kind !== 'open' || !isFailure) return missed
  const { heardAtMonoMs } = state.link
  const closed = chain(missed, (next) => act(next, { kind: 'close-link' }))
  return chain(closed, (next) => openLink(next, { nowMonoMs, heardAtMonoMs }))
}

function closeLink(state: BusState, nowMonoMs: number): BusStep {
  return chain(act(state, { kind: 'close-link' }), (next) => loseLink(next, nowMonoMs))
}

function isSilent({ link, boards }: BusState, nowMonoMs: number): boolean {
  if (link.kind !== 'open' || nowMonoMs < link.heardAtMonoMs + LINK_SILENCE_MS) return false
  return boards.every((board) => board.presence === 'lost')
}

function sendNext(state: BusState, nowMonoMs: number): BusStep {
  if (state.link.kind !== 'open' || state.flight !== null) return stay(state)
  if (nowMonoMs < state.quietUntilMonoMs) return stay(state)
  const { release } = state
  if (release !== null) {
    return nowMonoMs < release.atMonoMs ? stay(state) : sendRelease(state, release, nowMonoMs)
  }
  const unlock = readyUnlock(state, nowMonoMs)
  if (unlock !== null && isReachable(state, unlock, nowMonoMs))
    return sendUnlock(state, unlock, nowMonoMs)
  if (unlock !== null) {
    const index = state.boards.findIndex(({ config }) => config.id === unlock.boardId)
    return askBoard(state, index, nowMonoMs)
  }
  const boardIndex = dueBoard(state, nowMonoMs)
  const signal = readySignal(state, nowMonoMs)
  if (signal !== null && !(boardIndex !== null && isPatient(signal, nowMonoMs)))
    return sendSignal(state, signal, nowMonoMs)
  return boardIndex === null ? stay(state) : askBoard(state, boardIndex, nowMonoMs)
}

/**
 * What a gateway has taken it may still deliver after a reset, minutes later. So it gets a pulse
 * only when a reply younger than the order has come through it, and right after it passed something
 * on; until then, the unlock's board is asked for its doors.
 */
function isReachable(
  { config, link, unaskedAtMonoMs }: BusState,
  { requestedAtMonoMs }: QueuedUnlock,
  nowMonoMs: number,
): boolean {
  if (config.link.kind !== 'tcp') return true
  if (link.kind !== 'open' || link.heardAtMonoMs <= requestedAtMonoMs) return false
  return nowMonoMs - Math.max(link.heardAtMonoMs, unaskedAtMonoMs ?? 0) <= GATEWAY_FRESH_MS
}

function linkWake({ link, boards }: BusState): number {
  switch (link.kind) {
    case 'closed':
      return link.reopenAtMonoMs
    case 'opening':
    case 'settling':
      return link.untilMonoMs
    case 'open': {
      const isNobodyThere = boards.every((board) => board.presence === 'lost')
      return isNobodyThere ? link.heardAtMonoMs + LINK_SILENCE_MS : Number.POSITIVE_INFINITY
    }
  }
}

function sendWake(state: BusState): number {
  if (state.release !== null) return Math.max(state.quietUntilMonoMs, state.release.atMonoMs)
  const boards = state.boards.map((board) => board.dueAtMonoMs)
  const unlocks = state.unlocks.map((unlock) => readyAt(state, unlock) ?? Number.POSITIVE_INFINITY)
  const signals = state.signals.map((each) => signalReadyAt(state, each) ?? Infinity)
  return Math.max(state.quietUntilMonoMs, Math.min(...boards, ...unlocks, ...signals))
}
