// `test/screen/looks.test.ts` draws a part of the looks: the whole is `npm run campaign:looks`.
import { expect, test } from 'vitest'
import { runLooks } from './looks/campaign.ts'

test('a look that there is not is told, instead of finding nothing wrong with it', async () => {
  await expect(runLooks({ only: ['large', '640 × 480'] })).rejects.toThrow('no such look: large')
})
