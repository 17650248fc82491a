// A short round of the kill campaign: the whole one is `npm run campaign:kill`.
import { expect, test } from 'vitest'
import { runCampaign } from './kill/campaign.ts'

const KILLS = 8

test('a daemon killed within deposits and pickups comes back to what is true', async () => {
  const { kills, violations, deposits, pickups } = await runCampaign({
    count: KILLS,
    seed: 'short',
  })
  expect(violations).toEqual([])
  expect(new Set(kills.map(({ step }) => step)).size).toBe(KILLS)
  expect(deposits).toBeGreaterThan(0)
  expect(pickups).toBeGreaterThan(0)
}, 120_000)
