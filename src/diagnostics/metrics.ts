// What a monitoring system reads: figures as Prometheus text, format 0.0.4, in base units. A family
// is listed once, with its meaning; the manual's table is held against this list.
import type { UplinkReport } from '../kiosk/uplink-report.ts'

export const METRICS_TYPE = 'text/plain; version=0.0.4; charset=utf-8'
const MS_PER_S = 1_000

interface Sample {
  readonly labels?: Readonly<Record<string, string>>
  readonly value: number
}

export interface Family {
  /** In full, with its unit last; what only grows ends in `_total`. */
  readonly name: string
  readonly kind: 'gauge' | 'counter'
  readonly help: string
  /** None: there is nothing to tell at the moment. */
  readonly samples: readonly Sample[]
}

const LINKS: readonly UplinkReport['link'][] = ['waiting', 'connecting', 'up', 'stopped']
const CLOCKS: readonly UplinkReport['clock']['by'][] = ['nobody', 'machine', 'both', 'central']

/** A scanner or keypad. */
export interface InputFigures {
  readonly id: string
  readonly kind: string
  readonly state: string
  readonly count: number
  readonly misreads: number
}

export function inputFamilies(inputs: readonly InputFigures[]): readonly Family[] {
  const samples = (figureOf: (input: InputFigures) => number): readonly Sample[] =>
    inputs.map((input) => ({
      labels: { kind: input.kind, input: input.id },
      value: figureOf(input),
    }))
  return [
    gauge(
      'latchkey_input_up',
      '1 for a scanner or keypad that is there.',
      samples(({ state }) => Number(state === 'online')),
    ),
    counter(
      'latchkey_input_reads_total',
      'Codes or keys that it has read since the start.',
      samples(({ count }) => count),
    ),
    counter(
      'latchkey_input_misreads_total',
      'What came from it and was no code.',
      samples(({ misreads }) => misreads),
    ),
  ]
}

/** How the kiosk stands with central. */
export function uplinkFamilies(report: UplinkReport): readonly Family[] {
  const { clock, counts } = report
  const refusals = Object.entries(counts.refusals).map(([code, value]) => ({
    labels: { code },
    value,
  }))
  return [
    gauge('latchkey_outbox_facts', 'Facts that central has not confirmed.', [
      { value: report.waiting },
    ]),
    gauge(
      'latchkey_outbox_oldest_age_seconds',
      'Age of the oldest of them; 0 while none waits.',
      seconds(report.oldestAgeMs ?? 0),
    ),
    gauge(
      'latchkey_uplink_state',
      '1 for the state of the connection to the broker.',
      LINKS.map((state) => ({ labels: { state }, value: Number(state === report.link) })),
    ),
    gauge(
      'latchkey_uplink_heard_age_seconds',
      'Since central itself was heard on this connection; absent: not yet.',
      seconds(report.heardAgoMs),
    ),
    counter('latchkey_uplink_connects_total', 'Connections to a broker since the start.', [
      { value: counts.connects },
    ]),
    counter('latchkey_uplink_acks_total', 'Acks of central since the start.', [
      { value: counts.acks },
    ]),
    counter(
      'latchkey_uplink_refusals_total',
      'Messages to the kiosk that it refused since the start, by code.',
      refusals,
    ),
    gauge(
      'latchkey_uplink_round_trip_seconds',
      'On the wire, of the answer that told the time last.',
      seconds(clock.roundTripMs),
    ),
    gauge(
      'latchkey_clock_source',
      '1 for the clock that is believed.',
      CLOCKS.map((by) => ({ labels: { by }, value: Number(by === clock.by) })),
    ),
    gauge(
      'latchkey_clock_ahead_seconds',
      'The machine’s clock before central’s time; absent: central has told none.',
      seconds(clock.aheadMs),
    ),
    gauge(
      'latchkey_clock_error_seconds',
      'So far central’s time may be wrong by now.',
      seconds(clock.errorMs),
    ),
  ]
}

function gauge(name: string, help: string, samples: readonly Sample[]): Family {
  return { name, kind: 'gauge', help, samples }
}

function counter(name: string, help: string, samples: readonly Sample[]): Family {
  return { name, kind: 'counter', help, samples }
}

function seconds(ms: number | null): readonly Sample[] {
  return ms === null ? [] : [{ value: ms / MS_PER_S }]
}

export function metricsText(families: readonly Family[]): string {
  return families
    .map(({ name, kind, help, samples }) => {
      const head = [`# HELP ${name} ${help}`, `# TYPE ${name} ${kind}`]
      return [...head, ...samples.map((sample) => lineOf(name, sample)), ''].join('\n')
    })
    .join('')
}

/** Labels are words of our own: none needs quoting. */
function lineOf(name: string, { labels = {}, value }: Sample): string {
  const pairs = Object.entries(labels).map(([label, word]) => `${label}="${word}"`)
  return `${name}${pairs.length === 0 ? '' : `{${pairs.join(',')}}`} ${value}`
}
