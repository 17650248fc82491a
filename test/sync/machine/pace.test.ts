// Central sets the pace of the log, and how far its kiosks spread their return.
import { describe, expect, test } from 'vitest'
import { DEFAULT_UPLINK } from '../../../src/sync/machine/config.ts'
import { HOLD_MAX_MS, SPREAD_MAX_MS } from '../../../src/sync/machine/pace.ts'
import { published, UplinkBench } from '../../support/uplink-bench.ts'

type Wish = Readonly<Record<string, number>>

function withFacts(count: number): UplinkBench {
  const bench = new UplinkBench({ ...DEFAULT_UPLINK, batchEventsMax: 10, windowBatches: 4 })
  for (let seq = 1; seq <= count; seq += 1) bench.ledger.append('locker-released/1', { seq })
  bench.up()
  return bench
}

/** Sizes of the batches that follow an ack with this wish. */
function batchesAfter(bench: UplinkBench, cum: number, pace?: Wish): readonly number[] {
  const wish = pace === undefined ? {} : { pace }
  const body = {
    v: 1,
    k: 'k1',
    t: 1,
    epoch: 'e1',
    since: 1,
    cum,
    hash: bench.ledger.factHash(cum) ?? '0'.repeat(64),
    head: {},
    ...wish,
  } as const
  const actions = bench.receive({ leaf: 'ack', body })
  return published(actions, 'ev').map(({ body: { ev } }) => (ev as readonly string[]).length)
}

test('fewer facts in a batch, fewer batches at once, and back to its own', () => {
  const bench = withFacts(200)
  expect(batchesAfter(bench, 40, { batchEvents: 3, windowBatches: 2 })).toEqual([3, 3])
  expect(batchesAfter(bench, 46, { batchEvents: 3 })).toEqual([3, 3, 3, 3])
  expect(batchesAfter(bench, 58)).toEqual([10, 10, 10, 10])
})

test('never more than the kiosk’s own limits', () => {
  const bench = withFacts(200)
  expect(batchesAfter(bench, 40, { batchEvents: 1_000, windowBatches: 1_000 })).toEqual([
    10, 10, 10, 10,
  ])
})

describe('a pause', () => {
  test('holds the log, and nothing is repeated meanwhile; then it goes on by itself', () => {
    const bench = withFacts(200)
    const holdMs = DEFAULT_UPLINK.ackTimeoutMs * 3
    expect(batchesAfter(bench, 30, { holdMs })).toEqual([])
    const { syncMinMs } = DEFAULT_UPLINK
    bench.pass(syncMinMs)
    expect(published(bench.delta(5, 6), 'sync')).toHaveLength(1)
    expect(published(bench.pass(holdMs - syncMinMs - 1), 'ev')).toEqual([])
    expect(bench.wake()).toBeLessThanOrEqual(bench.monoMs + 1)
    expect(published(bench.pass(1), 'ev').length).toBeGreaterThan(0)
  })

  test('of central’s wish has an end', () => {
    const bench = withFacts(200)
    batchesAfter(bench, 40, { holdMs: Number.MAX_SAFE_INTEGER })
    expect(published(bench.pass(HOLD_MAX_MS - 1), 'ev')).toEqual([])
    expect(published(bench.pass(1), 'ev').length).toBeGreaterThan(0)
  })

  test('ends with an ack that wishes for none, also one that confirms nothing new', () => {
    const bench = withFacts(200)
    bench.pass(DEFAULT_UPLINK.resendMinMs)
    expect(batchesAfter(bench, 0, { holdMs: HOLD_MAX_MS })).toEqual([])
    expect(batchesAfter(bench, 0)).toEqual([10, 10, 10, 10])
  })

  test('ends with the connection', () => {
    const bench = withFacts(200)
    batchesAfter(bench, 40, { holdMs: HOLD_MAX_MS })
    bench.down('closed')
    expect(bench.up().map(({ leaf }) => leaf)).toContain('ev')
  })
})

describe('the spread of the return', () => {
  /** The delays after many losses, each of a connection that had been steady. */
  function delays(pace: Wish | undefined): readonly number[] {
    const bench = withFacts(1)
    return Array.from({ length: 60 }, () => {
      if (bench.state.link.kind !== 'up') bench.up()
      batchesAfter(bench, 1, pace)
      bench.monoMs += DEFAULT_UPLINK.steadyMs
      batchesAfter(bench, 1, pace)
      bench.down('closed')
      return bench.sleep()
    })
  }

  test('is central’s, which knows its fleet, and else the configuration’s', () => {
    const own = Math.max(...delays(undefined))
    expect(own).toBeLessThanOrEqual(DEFAULT_UPLINK.retrySpreadMs)
    const wide = Math.max(...delays({ spreadMs: 300_000 }))
    expect(wide).toBeLessThanOrEqual(300_000)
    expect(wide).toBeGreaterThan(200_000)
  })

  test('keeps nobody away for longer than an hour', () => {
    const widest = Math.max(...delays({ spreadMs: 1e12 }))
    expect(widest).toBeLessThanOrEqual(SPREAD_MAX_MS)
    expect(widest).toBeGreaterThan(SPREAD_MAX_MS / 2)
  })
})
