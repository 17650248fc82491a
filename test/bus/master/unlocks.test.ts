// Goal: an unlock becomes at most one pulse, in time or never, and always ends in one outcome.
import { describe, expect, test } from 'vitest'
import type { NakReason } from '../../../firmware-protocol/messages.ts'
import { ATTEMPTS_MAX, PULSE_MAX_MS, UNLOCKS_MAX } from '../../../src/bus/master/limits.ts'
import {
  Bench,
  BOOT,
  busConfig,
  goodReply,
  onlyPulses,
  openBench,
  type Sent,
  stateReply,
} from './bench.ts'

describe('an unlock', () => {
  test('becomes one pulse for the run of the board that is known, and is acknowledged', () => {
    const bench = openBench()
    bench.unlock({ channel: 3, pulseMs: 500 })
    bench.pass(10_000)
    const request = { kind: 'pulse', boot: BOOT, channel: 3, ms: 500 }
    expect(bench.pulses()).toMatchObject([{ address: 1, request }])
    expect(bench.outcomes()).toEqual(['1 acknowledged'])
  })

  test('jumps the queue of the polls', () => {
    const bench = openBench(8)
    bench.answer = () => null
    bench.pass(300)
    expect(bench.state.flight).not.toBe(null)
    const open = bench.sent.at(-1)
    const before = bench.sent.length
    bench.unlock({ boardId: 'H' })
    bench.pass(500)
    const isRepetition = (sent: Sent) =>
      sent.address === open?.address && sent.sequence === open.sequence
    const next = bench.sent.slice(before).find((sent) => !isRepetition(sent))
    expect(next?.request.kind).toBe('pulse')
  })

  test('waits for the first word of its board after the start', () => {
    const bench = new Bench(busConfig({ boards: 1 }))
    bench.tell({ kind: 'time-passed' })
    bench.unlock()
    expect(bench.outcomes()).toEqual([])
    bench.open()
    bench.pass(100)
    expect(bench.sent.map(({ request }) => request.kind).slice(0, 3)).toEqual([
      'hello',
      'state',
      'pulse',
    ])
    expect(bench.outcomes()).toEqual(['1 acknowledged'])
  })

  test('expires in the queue while the link does not open, and is never sent', () => {
    const bench = new Bench(busConfig({ boards: 1 }))
    bench.tell({ kind: 'time-passed' })
    bench.unlock({ expiresAtMonoMs: bench.nowMs + 3_000 })
    bench.pass(2_999)
    expect(bench.outcomes()).toEqual([])
    bench.pass(1)
    expect(bench.outcomes()).toEqual(['1 expired'])
    bench.open()
    bench.pass(5_000)
    expect(bench.pulses()).toEqual([])
  })

  test('that has expired already is not even queued', () => {
    const bench = openBench()
    bench.unlock({ expiresAtMonoMs: bench.nowMs })
    expect(bench.outcomes()).toEqual(['1 expired'])
    expect(bench.pulses()).toEqual([])
  })

  test('is refused on a channel that senses something: no lock hangs there', () => {
    const { boards, ...bus } = busConfig({ boards: 1 })
    const senses = [{ channel: 2, what: 'mains' }] as const
    const bench = new Bench({ ...bus, boards: boards.map((board) => ({ ...board, senses })) })
    bench.open()
    bench.unlock({ channel: 2 })
    bench.pass(5_000)
    expect(bench.outcomes()).toEqual(['1 refused'])
    expect(bench.pulses()).toEqual([])
  })

  test('expires while the coil of another one is on', () => {
    const bench = openBench()
    bench.unlock({ openingId: 1, pulseMs: 1_500 })
    bench.unlock({ openingId: 2, channel: 2, expiresAtMonoMs: bench.nowMs + 1_000 })
    bench.pass(5_000)
    expect(bench.outcomes()).toEqual(['1 acknowledged', '2 expired'])
    expect(bench.pulses()).toHaveLength(1)
  })

  test('without a reply is repeated under its sequence number and ends unanswered', () => {
    const bench = openBench()
    bench.answer = onlyPulses(() => null)
    bench.unlock()
    bench.pass(60_000)
    expect(bench.pulses()).toHaveLength(ATTEMPTS_MAX)
    expect(new Set(bench.pulses().map(({ sequence }) => sequence)).size).toBe(1)
    expect(bench.outcomes()).toEqual(['1 unanswered'])
  })

  test('is not repeated after its expiry', () => {
    const bench = openBench()
    bench.answer = onlyPulses(() => null)
    bench.unlock({ expiresAtMonoMs: bench.nowMs + 50 })
    bench.pass(10_000)
    expect(bench.pulses()).toHaveLength(1)
    expect(bench.outcomes()).toEqual(['1 unanswered'])
  })

  test('is acknowledged by the reply to its repetition', () => {
    const bench = openBench()
    let frames = 0
    bench.answer = onlyPulses(({ request }) => (++frames < 2 ? null : goodReply(request)))
    bench.unlock()
    bench.pass(1_000)
    expect(bench.outcomes()).toEqual(['1 acknowledged'])
  })

  test.each<NakReason>(['VERB', 'ARGS', 'SEQ', 'RANGE', 'BOOT'])(
    'ends refused after NAK %s',
    (reason) => {
      const bench = openBench()
      bench.answer = onlyPulses(() => ({ kind: 'nak', reason }))
      bench.unlock()
      bench.pass(10_000)
      expect(bench.pulses()).toHaveLength(1)
      expect(bench.outcomes()).toEqual(['1 refused'])
    },
  )

  test('ends unanswered when its repetition meets a restarted board', () => {
    const bench = openBench()
    let frames = 0
    bench.answer = onlyPulses(() => (++frames < 2 ? null : { kind: 'nak', reason: 'BOOT' }))
    bench.unlock()
    bench.pass(10_000)
    expect(bench.outcomes()).toEqual(['1 unanswered'])
  })

  test.each<NakReason>(['BUSY', 'LOCKOUT'])('waits while the board says %s', (reason) => {
    const bench = openBench()
    let frames = 0
    bench.answer = onlyPulses(({ request }) =>
      ++frames < 4 ? { kind: 'nak', reason } : goodReply(request),
    )
    bench.unlock()
    bench.pass(2_000)
    expect(bench.pulses()).toHaveLength(4)
    expect(new Set(bench.pulses().map(({ sequence }) => sequence)).size).toBe(4)
    expect(bench.outcomes()).toEqual(['1 acknowledged'])
  })

  test('expires when the board stays busy', () => {
    const bench = openBench()
    bench.answer = onlyPulses(() => ({ kind: 'nak', reason: 'BUSY' }))
    bench.unlock({ expiresAtMonoMs: bench.nowMs + 2_000 })
    bench.pass(10_000)
    expect(bench.outcomes()).toEqual(['1 expired'])
    const last = bench.pulses().at(-1)
    expect(last?.atMs).toBeLessThan(bench.nowMs - 8_000)
  })

  test('asked twice is one pulse with one end', () => {
    const bench = openBench()
    bench.answer = onlyPulses(() => null)
    bench.unlock()
    bench.unlock()
    bench.answer = ({ request }) => goodReply(request)
    bench.pass(5_000)
    expect(bench.outcomes()).toEqual(['1 acknowledged'])
    expect(new Set(bench.pulses().map(({ sequence }) => sequence)).size).toBe(1)
  })

  test.each([
    ['an unknown board', { boardId: 'Z' }],
    ['channel 0', { channel: 0 }],
    ['a channel that the board does not have', { channel: 5 }],
    ['half a channel', { channel: 1.5 }],
    ['no time', { pulseMs: Number.NaN }],
    ['no expiry', { expiresAtMonoMs: Number.NaN }],
  ])('for %s is refused', (_, change) => {
    const bench = openBench()
    bench.unlock(change)
    bench.pass(1_000)
    expect(bench.outcomes()).toEqual(['1 refused'])
    expect(bench.pulses()).toEqual([])
  })

  test('never asks for a longer pulse than a solenoid can take', () => {
    const bench = openBench()
    bench.unlock({ pulseMs: 60_000 })
    bench.pass(100)
    expect(bench.pulses()[0]?.request).toMatchObject({ ms: PULSE_MAX_MS })
  })

  test('over the limit of the queue is refused', () => {
    const bench = new Bench(busConfig({ boards: 1 }))
    for (let openingId = 1; openingId <= UNLOCKS_MAX + 1; openingId += 1)
      bench.unlock({ openingId })
    expect(bench.outcomes()).toEqual([`${UNLOCKS_MAX + 1} refused`])
  })
})

describe('an unlock and its board', () => {
  test('for a lost board ends board-offline at once', () => {
    const bench = openBench(2)
    bench.answer = ({ address, request }) => (address === 1 ? null : goodReply(request))
    bench.pass(5_000)
    expect(bench.boardReports()).toEqual(['A lost'])
    bench.unlock({ boardId: 'A' })
    expect(bench.outcomes()).toEqual(['1 board-offline'])
  })

  test('that waits when its board is lost ends board-offline', () => {
    const bench = openBench(2)
    bench.unlock({ openingId: 1, boardId: 'B', channel: 1, pulseMs: 1_500 })
    bench.answer = ({ address, request }) => (address === 1 ? null : goodReply(request))
    bench.unlock({ openingId: 2, boardId: 'A', expiresAtMonoMs: bench.nowMs + 60_000 })
    bench.state = { ...bench.state, coilsFreeAtMonoMs: bench.nowMs + 30_000 }
    bench.pass(5_000)
    expect(bench.outcomes()).toEqual(['1 acknowledged', '2 board-offline'])
  })

  test('in flight when the link closes ends unanswered and is not sent again', () => {
    const bench = openBench()
    bench.answer = onlyPulses(() => null)
    bench.unlock()
    bench.pass(5)
    bench.tell({ kind: 'link-closed', cause: 'unplugged' })
    expect(bench.outcomes()).toEqual(['1 unanswered'])
    bench.pass(600)
    bench.open()
    bench.pass(10_000)
    expect(bench.pulses()).toHaveLength(1)
    expect(bench.outcomes()).toEqual(['1 unanswered'])
  })

  test('uses the new run of a restarted board', () => {
    const bench = openBench()
    bench.answer = ({ request }) =>
      request.kind === 'state' ? stateReply({ boot: 8 }) : goodReply(request)
    bench.pass(300)
    expect(bench.reports).toMatchObject([{ kind: 'board-read', reading: { boot: 8 } }])
    bench.unlock()
    bench.pass(100)
    expect(bench.pulses()[0]?.request).toMatchObject({ boot: 8 })
  })
})
