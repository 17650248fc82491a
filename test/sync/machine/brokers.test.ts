// Several brokers, tried in turn.
import { describe, expect, test } from 'vitest'
import { DEFAULT_UPLINK } from '../../../src/sync/machine/config.ts'
import type { LinkCause } from '../../../src/sync/machine/state.ts'
import { UplinkBench } from '../../support/uplink-bench.ts'

const THREE = { ...DEFAULT_UPLINK, brokers: 3 }

/** The brokers of all attempts so far. */
function tried(bench: UplinkBench): readonly number[] {
  return bench.actions.filter((action) => action.kind === 'connect').map(({ broker }) => broker)
}

function fail(bench: UplinkBench, causes: readonly LinkCause[]): readonly number[] {
  return causes.map((cause) => {
    if (bench.state.link.kind === 'waiting') bench.sleep()
    bench.down(cause)
    return bench.sleep()
  })
}

test('an attempt that fails leads to the next one, and round again', () => {
  const bench = new UplinkBench(THREE)
  fail(bench, ['unreachable', 'unreachable', 'unreachable', 'unreachable'])
  expect(tried(bench)).toEqual([0, 1, 2, 0, 1])
})

test('a lost connection is sought again where it was, and then elsewhere', () => {
  const bench = new UplinkBench(THREE)
  fail(bench, ['unreachable'])
  bench.up()
  fail(bench, ['closed', 'unreachable'])
  expect(tried(bench)).toEqual([0, 1, 1, 2])
})

test('delays double with each round, not with each broker', () => {
  const longest = (brokers: number): number => {
    const bench = new UplinkBench({ ...DEFAULT_UPLINK, brokers, retryCapMs: 1e9 })
    return Math.max(...fail(bench, Array<LinkCause>(12).fill('unreachable')))
  }
  const rounds = 4
  expect(longest(3)).toBeLessThan(DEFAULT_UPLINK.retrySpreadMs * 2 ** rounds)
  expect(longest(1)).toBeGreaterThan(DEFAULT_UPLINK.retrySpreadMs * 2 ** rounds)
})

describe('a refusal', () => {
  test('by one broker does not keep the kiosk from the others', () => {
    const bench = new UplinkBench(THREE)
    const [first, second, third] = fail(bench, ['broker-unknown', 'identity-refused', 'refused'])
    expect(first).toBeLessThan(DEFAULT_UPLINK.slowRetryMinMs)
    expect(second).toBeLessThan(DEFAULT_UPLINK.slowRetryMinMs)
    expect(third).toBeGreaterThanOrEqual(DEFAULT_UPLINK.slowRetryMinMs)
  })

  test('of a connection that was up is no reason to hurry', () => {
    const bench = new UplinkBench(THREE)
    fail(bench, ['unreachable'])
    bench.up()
    const [delay] = fail(bench, ['taken-over'])
    expect(delay).toBeGreaterThanOrEqual(DEFAULT_UPLINK.slowRetryMinMs)
  })
})

test('the older protocol is remembered for the broker that needs it', () => {
  const bench = new UplinkBench(THREE)
  fail(bench, ['unreachable'])
  bench.down('protocol-refused')
  fail(bench, ['unreachable', 'unreachable', 'unreachable', 'unreachable'])
  const protocols = bench.actions
    .filter((action) => action.kind === 'connect')
    .map(({ broker, protocol }) => `${broker}: ${protocol}`)
  expect(protocols).toEqual(['0: 5', '1: 5', '1: 3.1.1', '2: 5', '0: 5', '1: 3.1.1', '2: 5'])
})

describe('a broker without central', () => {
  test('is left for the next one', () => {
    const bench = new UplinkBench(THREE)
    bench.up()
    bench.pass(DEFAULT_UPLINK.onlineMs - 1)
    expect(bench.state.link.kind).toBe('up')
    bench.pass(1)
    expect(bench.actions.at(-1)).toEqual({ kind: 'disconnect' })
    bench.sleep()
    expect(tried(bench)).toEqual([0, 1])
  })

  test('is kept while central is heard, and when there is no other', () => {
    const heard = new UplinkBench(THREE)
    heard.up()
    heard.pass(DEFAULT_UPLINK.onlineMs - 1)
    heard.head({})
    heard.pass(DEFAULT_UPLINK.onlineMs - 1)
    expect(heard.state.link.kind).toBe('up')
    const only = new UplinkBench({ ...DEFAULT_UPLINK, brokers: 1 })
    only.up()
    only.pass(10 * DEFAULT_UPLINK.onlineMs)
    expect(only.state.link.kind).toBe('up')
  })

  test('wakes the machine in time', () => {
    const bench = new UplinkBench({ ...THREE, syncPeriodMs: 1e9 })
    bench.up()
    for (let turn = 0; bench.state.link.kind === 'up' && turn < 50; turn += 1) bench.sleep()
    expect(bench.state.link.kind).toBe('waiting')
  })
})
