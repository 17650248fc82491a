// Figures for a monitoring system: their text, and the names that the manual tells.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { inputFamilies, metricsText, uplinkFamilies } from '../../src/diagnostics/metrics.ts'
import type { UplinkReport } from '../../src/kiosk/uplink-report.ts'
import { TimeBench } from '../support/time-bench.ts'

const MANUAL = readFileSync(join(import.meta.dirname, '../../docs/operations.md'), 'utf8')
const ROW = /^\| `(latchkey_\w+)` +\| (gauge|counter) +\|/gmu

function reportOf(bench: TimeBench): UplinkReport {
  const asked = { kind: 'asked', requestId: 'q', question: { kind: 'report' } } as const
  const tell = bench.bench.step(asked).find((action) => action.kind === 'tell')
  if (tell?.answer.kind !== 'uplink') throw new Error('the uplink does not answer')
  return tell.answer.report
}

const linesOf = (bench: TimeBench): readonly string[] =>
  metricsText(uplinkFamilies(reportOf(bench))).split('\n')

const everyFamily = () => [
  ...uplinkFamilies(reportOf(new TimeBench({ machineWallMs: 0 }))),
  ...inputFamilies([]),
]

describe('the figures', () => {
  test('are those of the manual, each with its kind', () => {
    const families = everyFamily()
    const told = families.map(({ name, kind }) => [name, kind])
    expect(told.length).toBeGreaterThan(8)
    expect([...MANUAL.matchAll(ROW)].map(([, name, kind]) => [name, kind])).toEqual(told)
  })

  test('are in base units, and what only grows says so', () => {
    const families = everyFamily()
    const wrong = families.filter(
      ({ name, kind }) =>
        !/^latchkey_[a-z_]+$/u.test(name) ||
        (kind === 'counter') !== name.endsWith('_total') ||
        /_(ms|minutes|milliseconds|bytes_k)\b/u.test(name),
    )
    expect(wrong).toEqual([])
  })

  test('of scanners and keypads are told one by one', () => {
    const text = metricsText(
      inputFamilies([
        { id: 'front', kind: 'scanner', state: 'online', count: 12, misreads: 2 },
        { id: 'pad', kind: 'keypad', state: 'lost', count: 40, misreads: 0 },
      ]),
    )
    expect(text.split('\n').filter((line) => line !== '' && !line.startsWith('#'))).toEqual([
      'latchkey_input_up{kind="scanner",input="front"} 1',
      'latchkey_input_up{kind="keypad",input="pad"} 0',
      'latchkey_input_reads_total{kind="scanner",input="front"} 12',
      'latchkey_input_reads_total{kind="keypad",input="pad"} 40',
      'latchkey_input_misreads_total{kind="scanner",input="front"} 2',
      'latchkey_input_misreads_total{kind="keypad",input="pad"} 0',
    ])
  })

  test('follow what happens', () => {
    const bench = new TimeBench({ machineWallMs: 60_000 })
    expect(linesOf(bench)).toEqual(
      expect.arrayContaining([
        '# TYPE latchkey_uplink_connects_total counter',
        'latchkey_uplink_connects_total 1',
        'latchkey_uplink_state{state="up"} 1',
        'latchkey_uplink_state{state="waiting"} 0',
        'latchkey_outbox_facts 0',
        'latchkey_outbox_oldest_age_seconds 0',
        'latchkey_uplink_acks_total 0',
        'latchkey_clock_source{by="nobody"} 1',
      ]),
    )
    expect(linesOf(bench).filter((line) => /^latchkey_clock_(ahead|error)/u.test(line))).toEqual([])

    const { id } = bench.ask()
    bench.wait(50)
    bench.tell({ re: id, t1: bench.centralMs - 10, t2: bench.centralMs })
    bench.store()
    bench.store()
    bench.acknowledge()
    bench.store()
    const refusal = { leaf: 'head', code: 'LK-SYNC-03', detail: 'x' } as const
    for (let times = 0; times < 12; times += 1) {
      bench.bench.step({ kind: 'message-refused', refusal, receipt: null })
    }
    bench.reconnect()
    const { oldestWallMs, clock } = reportOf(bench)
    const ageS = (bench.now().wallMs - (oldestWallMs ?? 0)) / 1_000
    expect(linesOf(bench)).toEqual(
      expect.arrayContaining([
        'latchkey_uplink_connects_total 2',
        'latchkey_uplink_acks_total 1',
        'latchkey_outbox_facts 1',
        `latchkey_outbox_oldest_age_seconds ${ageS}`,
        // Also those that are not reported one by one any more.
        'latchkey_uplink_refusals_total{code="LK-SYNC-03"} 12',
        'latchkey_uplink_round_trip_seconds 0.04',
        'latchkey_clock_source{by="central"} 1',
        `latchkey_clock_ahead_seconds ${(clock.aheadMs ?? 0) / 1_000}`,
        `latchkey_clock_error_seconds ${(clock.errorMs ?? 0) / 1_000}`,
      ]),
    )
  })
})
