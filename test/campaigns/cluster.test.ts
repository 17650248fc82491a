// Goal: a cluster that loses its leader loses nobody's facts. Method: a short round of
// `npm run campaign:cluster`, one node down for a second.
import { expect, test } from 'vitest'
import { runCluster } from './cluster/campaign.ts'

test('the leader of a NATS cluster is killed, and every kiosk is acknowledged again', async () => {
  const { kills, verdict } = await runCluster({
    kiosks: 4,
    factsEach: 30,
    downMs: 1_000,
    watchMs: 14_000,
    victims: ['leader of the message stream'],
  })
  expect(kills).toMatchObject([{ missing: 0 }])
  expect(verdict).toEqual({ made: 120, lost: 0, doubled: 0, otherOrder: 0, problems: 0 })
}, 120_000)
