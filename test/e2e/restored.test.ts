// An older copy of the ledger is put back under a real daemon, with a real broker and the reference
// central: what is gone stays gone, and what lies there is confirmed without anybody's help.
import { copyFileSync } from 'node:fs'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { ScreenClient } from '../campaigns/kill/screen-client.ts'
import { latchkey } from '../support/latchkey.ts'
import { COURIER, Rig } from '../support/rig.ts'
import { until } from '../support/until.ts'

let rig: Rig
let screen: ScreenClient
const problems: string[] = []

const kind = () => screen.view?.screen.kind
const lockerId = () => {
  const shown = screen.view?.screen
  return shown !== undefined && 'lockerId' in shown ? shown.lockerId : ''
}

async function connect(): Promise<void> {
  screen?.close()
  screen = new ScreenClient(rig.screenUrl, {
    viewed: () => {},
    asked: () => {},
    problem: (text) => void problems.push(text),
  })
  await until('the first page', () => kind() === 'welcome')
  await until('the boards', async () => (await rig.status()).boards.every((each) => each.isOnline))
}

async function deposit(to: string): Promise<string> {
  await rig.announce({ tracking: `JD-${to}`, size: 'S', to })
  screen.press('courier')
  await until('the pad', () => kind() === 'courier-code')
  screen.type(COURIER.code)
  await until('the menu', () => kind() === 'courier-menu')
  screen.scan(`JD-${to}`)
  await until('the open door', () => kind() === 'deposit-open')
  const id = lockerId()
  rig.putIn(id, to)
  await until('the deposit', () => kind() === 'courier-menu')
  screen.press('sign-out')
  await until('the first page', () => kind() === 'welcome')
  await until('the letter', () => rig.pinFor(to) !== null)
  return id
}

async function collect(to: string): Promise<string> {
  screen.type(rig.pinFor(to) ?? '')
  await until('the open door', () => kind() === 'pickup-open')
  const id = lockerId()
  expect(rig.takeOut(id)).toEqual([to])
  await until('the end', () => kind() === 'pickup-done' || kind() === 'welcome')
  await until('the first page', () => kind() === 'welcome')
  return id
}

beforeAll(async () => {
  rig = await Rig.start({ central: 'reference' })
  await rig.introduce(['r-gone', 'r-here'].map((id) => ({ id, label: id })))
  await connect()
}, 60_000)

afterAll(async () => {
  screen?.close()
  await rig?.end()
})

test('what was collected since opens nothing; what lies there opens for its own', async () => {
  await deposit('r-gone')
  const here = await deposit('r-here')
  await rig.stopDaemon()
  copyFileSync(rig.ledgerPath, `${rig.folder}/copy.db`)
  await rig.startDaemon()
  await connect()
  await collect('r-gone')
  const heard = () => rig.central.facts().some(({ type }) => type === 'parcel-collected/1')
  await until('central knows', heard)
  await rig.stopDaemon()
  copyFileSync(`${rig.folder}/copy.db`, rig.ledgerPath)
  await rig.startDaemon()
  await connect()
  const confirmed = () => rig.central.facts().some(({ type }) => type === 'parcels-confirmed/1')
  await until('central confirms', confirmed)
  expect((await rig.status()).lockersInDoubt).not.toContain(here)
  screen.type(rig.pinFor('r-gone') ?? '')
  await until('the refusal', () => screen.view?.notice?.code === 'LK-PIN-11')
  const { exit, out, err } = await latchkey(
    ['status', '--socket', rig.site.settings.control.path],
    {},
  )
  expect({ exit, text: out + err }).toMatchObject({
    exit: 3,
    text: expect.stringContaining('restored from an older copy'),
  })
  expect(await collect('r-here')).toBe(here)
  const verified = await latchkey(['verify', rig.ledgerPath, '--json'], {})
  expect(JSON.parse(verified.out)).toMatchObject({ kind: 'sound' })
  expect(rig.central.counters()).toMatchObject({ chainBreaks: 0, conflicts: 0, gaps: 0 })
  expect(problems).toEqual([])
}, 60_000)

test('a broker that plays all of it again, twice and backwards, changes nothing', async () => {
  await until('all is told', async () => (await rig.status()).outboxCount === 0)
  await until('nothing is cleared', async () => (await rig.status()).lockers.every(isAtRest))
  const before = rig.dump()
  const down = rig.tap.messages().filter(({ topic }) => topic.includes('/dn/'))
  expect(down.length).toBeGreaterThan(20)
  const again = [...down, ...down.toReversed()]
  for (const { topic, payload } of again) await rig.broker.publish(topic, payload)
  await until('it is refused', () => rig.central.rejections().length > 0)
  await until('it is quiet', async () => (await rig.status()).outboxCount === 0)
  expect(rig.dump()).toEqual(before)
}, 60_000)

function isAtRest({ state, door }: { readonly state: string; readonly door: string }): boolean {
  return state !== 'clearing' && door === 'closed'
}
