// Goal: the bench of sync measures what it says. Method: its smallest run, whose own checks throw
// when a fact or an answer does not come.
import { mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { measureSync } from './sync-bench/measure.ts'
import { tableOf } from './sync-bench/table.ts'

test('the bench of sync measures every row, over a real daemon and a long line', async () => {
  const figures = await measureSync({
    folder: mkdtempSync(join(tmpdir(), 'latchkey-sync-bench-')),
    facts: 400,
    farFacts: 400,
    roundTripMs: 100,
  })
  const { alone, near, far, answerMs } = figures
  expect(Object.values(alone).every((factsPerS) => factsPerS > 0)).toBe(true)
  expect(near.factsPerS).toBeGreaterThan(0)
  // Four batches of 50 are under way at a time: two more round trips at least.
  expect(far.factsPerS).toBeLessThan(4_000)
  expect(answerMs).toHaveLength(25)
  expect(tableOf(figures).split('\n')).toHaveLength(10)
}, 120_000)
