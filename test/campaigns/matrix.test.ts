// A short round of the kill matrix: the whole one is `npm run campaign:matrix`.
import { expect, test } from 'vitest'
import { runMatrix } from './matrix/campaign.ts'

test('broker, kiosk and central are killed, and their databases agree afterwards', async () => {
  const { verdict, kills, interludes } = await runMatrix({
    broker: 'mosquitto',
    kills: 3,
    facts: 90,
    versions: 60,
    frozenMs: 500,
    seed: 'short',
    interludes: ['a copy of central', 'central restored'],
  })
  expect(verdict.violations).toEqual([])
  expect(kills).toEqual({ broker: 1, kiosk: 1, central: 1 })
  expect(interludes).toHaveLength(2)
  expect(verdict.facts).toBeGreaterThan(90)
}, 120_000)
