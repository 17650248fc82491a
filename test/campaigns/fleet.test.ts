// Goal: a fleet that spreads its return over the window of docs/fleet.md never overruns its broker,
// and one that does not, does. Method: 2,000 of the 100,000 kiosks of `npm run fleet -- --virtual`,
// against a broker that is slower in proportion; and 20 real connections.
import { expect, test } from 'vitest'
import { runLiveFleet } from './fleet/live.ts'
import { runVirtualFleet, windowMs } from './fleet/virtual.ts'

const FLEET = { kiosks: 2_000, connectsPerS: 20, awayMs: 60_000, seed: 'fleet' }

test('a fleet whose window fits it comes back without one attempt in vain', () => {
  const spreadMs = windowMs(FLEET.kiosks, FLEET.connectsPerS)
  const returns = runVirtualFleet({ ...FLEET, spreadMs })
  expect(returns.map(({ wasted }) => wasted)).toEqual([0, 0, 0])
  for (const { attempts, metNobody } of returns) {
    expect(attempts - metNobody).toBe(FLEET.kiosks)
  }
  // Whoever met nobody draws from a window that is twice as long, and then from one twice that.
  for (const [index, windows] of [1.05, 1.05, 5].entries()) {
    expect(returns[index]?.allUpMs).toBeLessThan(windows * spreadMs)
  }
  expect(returns.map(({ metNobody }) => metNobody > 0)).toEqual([false, false, true])
  expect(runVirtualFleet({ ...FLEET, spreadMs })).toEqual(returns)
})

test('a fleet whose window is too short overruns its broker', () => {
  const spreadMs = windowMs(FLEET.kiosks, FLEET.connectsPerS) / 5
  const returns = runVirtualFleet({ ...FLEET, spreadMs })
  for (const { wasted, allUpMs } of returns) {
    expect(wasted).toBeGreaterThan(FLEET.kiosks / 10)
    expect(allUpMs).not.toBeNull()
  }
})

test('twenty kiosks on a real broker send at once, and central has every fact once', async () => {
  const live = await runLiveFleet({ kiosks: 20, factsEach: 30, spreadMs: 200 })
  expect(live.verdict).toEqual({ made: 600, lost: 0, doubled: 0, otherOrder: 0, problems: 0 })
  expect(live.failedAttempts).toBe(0)
  expect(live.connectsPerS).toBeGreaterThan(0)
  expect(live.factsPerS).toBeGreaterThan(0)
}, 120_000)
