// A bus master on a bench: time is a number, and the test plays the link and the boards by hand.
import { decodeLine } from '../../../firmware-protocol/line.ts'
import {
  decodeRequest,
  encodeReply,
  type Reply,
  type Request,
} from '../../../firmware-protocol/messages.ts'
import type { BusConfig } from '../../../src/bus/config.ts'
import { SETTLE_MS } from '../../../src/bus/master/limits.ts'
import {
  type BusAction,
  type BusEvent,
  type BusReport,
  type BusState,
  createBus,
  type Unlock,
} from '../../../src/bus/master/state.ts'
import { nextBusWake, stepBus } from '../../../src/bus/master/step.ts'

export const CHANNELS = 4
export const BOOT = 7

export interface Sent {
  readonly atMs: number
  readonly address: number
  readonly sequence: number
  readonly request: Request
}

/** Boards `A`, `B`, … at the addresses 1, 2, … */
export function busConfig({ boards }: { readonly boards: number }): BusConfig {
  return {
    id: 'bus-1',
    link: { kind: 'serial', path: '/dev/null', baudRate: 115_200 },
    boards: Array.from({ length: boards }, (_, index) => ({
      id: String.fromCharCode('A'.charCodeAt(0) + index),
      address: index + 1,
      dialect: 'latchkey-line',
      channels: CHANNELS,
    })),
  }
}

export function stateReply(change: { boot?: number; opens?: readonly number[] } = {}): Reply {
  const opens = change.opens ?? Array(CHANNELS).fill(0)
  return {
    kind: 'state',
    boot: change.boot ?? BOOT,
    doors: opens.map((count) => (count > 0 ? 'open' : 'closed')),
    outputs: opens.map(() => 'off'),
    opens,
  }
}

/** What a healthy board says. */
export function goodReply(request: Request): Reply {
  switch (request.kind) {
    case 'hello':
      return {
        kind: 'hello',
        version: 1,
        boot: BOOT,
        channels: CHANNELS,
        firmware: '1',
        serial: 'S',
      }
    case 'state':
      return stateReply()
    case 'pulse':
      return { kind: 'pulse', channel: request.channel, ms: request.ms }
  }
}

export class Bench {
  nowMs = 1_000
  state: BusState
  readonly sent: Sent[] = []
  readonly reports: BusReport[] = []
  readonly linkActions: { readonly atMs: number; readonly kind: 'open-link' | 'close-link' }[] = []
  /** What the boards say, at once; null: nothing. */
  answer: (sent: Sent) => Reply | null = () => null
  #depth = 0

  constructor(config: BusConfig) {
    this.state = createBus(config)
  }

  tell(event: BusEvent): void {
    const step = stepBus(this.state, event, this.nowMs)
    this.state = step.state
    for (const action of step.actions) this.#perform(action)
  }

  /** Lets time pass, waking the master when it wishes. */
  pass(ms: number): void {
    const untilMs = this.nowMs + ms
    for (;;) {
      const wakeMs = nextBusWake(this.state)
      if (wakeMs === null || wakeMs > untilMs) break
      if (wakeMs < this.nowMs) throw new Error('the master wants to be woken in the past')
      this.nowMs = wakeMs
      this.#depth += 1
      if (this.#depth > 100_000) throw new Error('the master does not let time pass')
      this.tell({ kind: 'time-passed' })
    }
    this.nowMs = untilMs
  }

  /** Up to the moment when frames may leave; boards answer well unless told otherwise. */
  open(answer: (sent: Sent) => Reply | null = ({ request }) => goodReply(request)): void {
    this.answer = answer
    this.tell({ kind: 'time-passed' })
    this.tell({ kind: 'link-opened' })
    this.pass(SETTLE_MS)
  }

  reply(to: Sent, reply: Reply): void {
    const { address, sequence } = to
    const text = encodeReply({ address, sequence }, reply).trimEnd()
    this.tell({ kind: 'frame-received', text })
  }

  unlock(change: Partial<Unlock> = {}): void {
    this.tell({
      kind: 'unlock-requested',
      openingId: 1,
      boardId: 'A',
      channel: 1,
      pulseMs: 500,
      expiresAtMonoMs: this.nowMs + 5_000,
      ...change,
    })
  }

  pulses(): readonly Sent[] {
    return this.sent.filter(({ request }) => request.kind === 'pulse')
  }

  outcomes(): readonly string[] {
    return this.reports.flatMap((report) =>
      report.kind === 'unlock-ended' ? `${report.openingId} ${report.outcome}` : [],
    )
  }

  boardReports(): readonly string[] {
    return this.reports.flatMap((report) => {
      if (report.kind === 'board-lost') return `${report.boardId} lost`
      return report.kind === 'board-read' ? `${report.reading.boardId} read` : []
    })
  }

  #perform(action: BusAction): void {
    switch (action.kind) {
      case 'send': {
        const line = decodeLine(action.text.trimEnd())
        const request = line === null ? null : decodeRequest(line)
        if (line === null || request === null || request.kind === 'nak') {
          throw new Error(`not a request: ${action.text}`)
        }
        const { address, sequence } = line
        const sent = { atMs: this.nowMs, address, sequence, request }
        this.sent.push(sent)
        const reply = this.answer(sent)
        if (reply !== null) this.reply(sent, reply)
        return
      }
      case 'report':
        this.reports.push(action.event)
        return
      case 'open-link':
      case 'close-link':
        this.linkActions.push({ atMs: this.nowMs, kind: action.kind })
    }
  }
}

/** A bus whose boards have all been read, and nothing noted yet. */
export function openBench(boards = 1): Bench {
  const bench = new Bench(busConfig({ boards }))
  bench.open()
  bench.pass(1_000)
  bench.reports.length = 0
  bench.sent.length = 0
  return bench
}

/** Answers everything but the pulses, which the test answers itself. */
export function onlyPulses(answer: (sent: Sent) => Reply | null) {
  return (sent: Sent) => (sent.request.kind === 'pulse' ? answer(sent) : goodReply(sent.request))
}
