// Goal: coils never add up on one supply, and no solenoid is pulsed before it has rested.
import { describe, expect, test } from 'vitest'
import { ATTEMPTS_MAX, CHANNEL_REST_MS, PULSE_SPACING_MS } from '../../../src/bus/master/limits.ts'
import { goodReply, onlyPulses, openBench } from './bench.ts'

describe('the coils of a bus', () => {
  test('are on one at a time, with a pause between two', () => {
    const bench = openBench(2)
    for (const [index, boardId] of ['A', 'B', 'A', 'B'].entries()) {
      bench.unlock({ openingId: index + 1, boardId, channel: index + 1, pulseMs: 400 })
    }
    bench.pass(5_000)
    const times = bench.pulses().map(({ atMs }) => atMs)
    expect(times).toHaveLength(4)
    for (const [index, atMs] of times.slice(1).entries()) {
      expect(atMs - (times[index] ?? 0)).toBeGreaterThanOrEqual(400 + PULSE_SPACING_MS)
    }
  })

  test('wait for the time that the board really applies', () => {
    const bench = openBench()
    bench.answer = onlyPulses(() => ({ kind: 'pulse', channel: 1, ms: 1_500 }))
    bench.unlock({ openingId: 1, pulseMs: 50 })
    bench.pass(1)
    bench.answer = ({ request }) => goodReply(request)
    bench.unlock({ openingId: 2, channel: 2, pulseMs: 50 })
    bench.pass(5_000)
    const [first, second] = bench.pulses()
    expect((second?.atMs ?? 0) - (first?.atMs ?? 0)).toBeGreaterThanOrEqual(1_500)
  })

  test('rest before the same one is pulsed again, while another one may go first', () => {
    const bench = openBench()
    bench.unlock({ openingId: 1, channel: 1, pulseMs: 100 })
    bench.unlock({ openingId: 2, channel: 1, pulseMs: 100 })
    bench.unlock({ openingId: 3, channel: 2, pulseMs: 100 })
    bench.pass(3_000)
    expect(bench.outcomes()).toEqual(['1 acknowledged', '3 acknowledged', '2 acknowledged'])
    const [first, , again] = bench.pulses()
    expect((again?.atMs ?? 0) - (first?.atMs ?? 0)).toBeGreaterThanOrEqual(100 + CHANNEL_REST_MS)
  })

  test('count as on after an unanswered pulse', () => {
    const bench = openBench()
    bench.answer = onlyPulses(() => null)
    bench.unlock({ openingId: 1, channel: 1, pulseMs: 1_000 })
    bench.unlock({ openingId: 2, channel: 2, pulseMs: 1_000 })
    bench.pass(400)
    bench.answer = ({ request }) => goodReply(request)
    bench.pass(5_000)
    const last = bench.pulses()[ATTEMPTS_MAX - 1]
    const next = bench.pulses()[ATTEMPTS_MAX]
    expect((next?.atMs ?? 0) - (last?.atMs ?? 0)).toBeGreaterThanOrEqual(1_000 + PULSE_SPACING_MS)
    expect(bench.outcomes()).toEqual(['1 unanswered', '2 acknowledged'])
  })
})
