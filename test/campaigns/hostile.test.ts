// A short round of the hostile messages: the whole one is `npm run campaign:hostile`.
import { expect, test } from 'vitest'
import { PASSED_OVER, runHostile } from './hostile/campaign.ts'
import { KINDS } from './hostile/mutations.ts'

test('whatever is put on its topics, nothing opens and nothing changes', async () => {
  const { codes, violations } = await runHostile({ count: 450, seed: 'short' })
  expect(violations).toEqual([])
  expect([...codes.keys()]).toEqual(Object.keys(KINDS))
  const passedOver = [...codes].filter(([, byCode]) => byCode.has(PASSED_OVER))
  // What is old and harmless needs no word.
  expect(passedOver.map(([kind]) => kind)).toEqual(['a replay'])
  expect([...codes].flatMap(([, byCode]) => [...byCode.keys()])).toEqual(
    expect.arrayContaining(['LK-SYNC-01', 'LK-SYNC-02', 'LK-SYNC-03', 'LK-SYNC-04', 'LK-SYNC-05']),
  )
}, 60_000)
