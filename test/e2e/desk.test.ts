// Help without a network with the real daemon and the real command line: no central, no broker that
// answers, two keys and a telephone.
import { afterAll, beforeAll, expect, test } from 'vitest'
import { ScreenClient } from '../campaigns/kill/screen-client.ts'
import { latchkey } from '../support/latchkey.ts'
import { Rig } from '../support/rig.ts'
import { until } from '../support/until.ts'

let rig: Rig
let screen: ScreenClient
const problems: string[] = []

beforeAll(async () => {
  rig = await Rig.start({ central: 'none' })
  screen = new ScreenClient(rig.screenUrl, {
    viewed: () => {},
    asked: () => {},
    problem: (text) => void problems.push(text),
  })
  await until('the first page', () => screen.view?.screen.kind === 'welcome')
}, 60_000)

afterAll(async () => {
  screen?.close()
  await rig?.end()
})

async function challengeFor(lockerId: string): Promise<string> {
  screen.press('help')
  await until('the help page', () => screen.view?.screen.kind === 'help')
  screen.press('desk', lockerId)
  const shown = () => (screen.view?.screen.kind === 'desk' ? screen.view.screen.challenge : null)
  await until('a challenge', () => shown() !== null)
  return shown() ?? ''
}

test('the desk’s answer to what the screen shows is the one that the kiosk waits for', async () => {
  const challenge = await challengeFor('07')
  const { helpKeyFile } = rig.site.settings.secrets
  const named = ['--kiosk', rig.kioskId, '--locker', '07', '--key', helpKeyFile]
  const { exit, out } = await latchkey(['desk', 'answer', challenge, ...named], {})
  expect(exit).toBe(0)
  screen.type('00000000')
  await until('the refusal', () => screen.view?.notice?.code === 'LK-DESK-03')
  screen.type(out.replaceAll(/\D/g, ''))
  // The locker is empty: that this is said at all proves that the answer was right.
  await until('the end', () => screen.view?.notice?.code === 'LK-DESK-04')
  expect(screen.view?.screen.kind).toBe('welcome')
  expect(problems).toEqual([])
})

test('the next challenge is another one', async () => {
  const first = await challengeFor('07')
  screen.press('back')
  await until('the first page', () => screen.view?.screen.kind === 'welcome')
  expect(await challengeFor('07')).not.toBe(first)
})
