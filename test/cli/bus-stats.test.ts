// `latchkey bus stats` against boards on a real port, through a real control socket.
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { SAMPLES_MAX } from '../../src/bus/master/limits.ts'
import { spreadOf } from '../../src/bus/stats.ts'
import { askControl } from '../support/control.ts'
import { type Ended, latchkey } from '../support/latchkey.ts'
import { LiveBench } from '../support/live-bench.ts'
import { until } from '../support/until.ts'

let bench: LiveBench

beforeEach(async () => {
  bench = await LiveBench.start({
    baudRate: 19_200,
    boards: [
      { dialect: 'kerong-cu48', address: 1, channels: 48 },
      { dialect: 'kerong-cu16', address: 2, channels: 16 },
    ],
  })
})

afterEach(() => bench.end())

function stats(...args: readonly string[]): Promise<Ended> {
  return latchkey(['bus', 'stats', ...args], { LATCHKEY_SOCKET: bench.socketPath })
}

describe('latchkey bus stats', () => {
  it('shows every board with its reply times and its poll cycle', async () => {
    await until('rounds', () => (bench.runner.stats.boards[0]?.cycle?.samples ?? 0) > 2)
    const { exit, out, err } = await stats()
    expect({ exit, err }).toEqual({ exit: 0, err: '' })
    expect(out).toMatch(/^bus east: 127\.0\.0\.1:\d+, 19200 baud, open\n/)
    expect(out).toMatch(/B1 +kerong-cu48 +1 +online +\d+ +0 +0 +\d+ +[\d.]+\/[\d.]+\/[\d.]+ /)
    expect(out).toMatch(/B2 +kerong-cu16 +2 +online/)
  })

  it('writes JSON, and ends with 3 when a board is silent', async () => {
    bench.line.live.change('B2', { isDead: true })
    await until('a lost board', () => bench.runner.stats.boards[1]?.presence === 'lost')
    const { exit, out } = await stats('--json')
    expect(exit).toBe(3)
    const { apiVersion, buses, warnings } = JSON.parse(out)
    expect(apiVersion).toBe(1)
    expect(warnings).toEqual(['No answer on bus east from: B2.'])
    const [one, two] = buses[0].boards
    expect(one.latency.p50Ms).toBeGreaterThanOrEqual(10)
    expect(one.latency.maxMs).toBeGreaterThanOrEqual(one.latency.p95Ms)
    expect(two).toMatchObject({ presence: 'lost', address: 2 })
    expect(two.failures).toBeGreaterThan(0)
    expect(buses[0].failures).toBe(one.failures + two.failures)
    expect(buses[0].framesSent).toBe(one.framesSent + two.framesSent)
  })

  it('tells an unknown question and a daemon that is not there', async () => {
    expect((await askControl(bench.socketPath, '/v1/buses?all=1')).body.code).toBe('LK-CTL-01')
    expect((await stats('--socket', '/nowhere/control.sock')).exit).toBe(4)
    expect((await latchkey(['bus', 'frobnicate'], {})).exit).toBe(2)
  })
})

describe('a spread', () => {
  it('consists of numbers that were measured', () => {
    expect(spreadOf([])).toBeNull()
    expect(spreadOf([7])).toEqual({ samples: 1, p50Ms: 7, p95Ms: 7, maxMs: 7 })
    const hundred = Array.from({ length: 100 }, (_, index) => 100 - index)
    expect(spreadOf(hundred)).toEqual({ samples: 100, p50Ms: 50, p95Ms: 95, maxMs: 100 })
  })

  it('is made of a bounded number of replies', async () => {
    bench.runner.attend(true)
    await until(
      'more replies than are remembered',
      () => (bench.runner.stats.boards[0]?.replies ?? 0) > SAMPLES_MAX,
      18_000,
    )
    expect(bench.runner.stats.boards[0]?.latency?.samples).toBe(SAMPLES_MAX)
  })
})
