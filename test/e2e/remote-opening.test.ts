// Central opens a locker for a caller: the unmodified daemon, a real Mosquitto, the reference
// central, and somebody at the broker who keeps what passes and sends it again.
import mqtt, { type MqttClient } from 'mqtt'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { loadCentralKeys } from '../../sim/central/keys.ts'
import { signDown } from '../../sim/central/sign-down.ts'
import { checkUp } from '../../src/sync/contract/validate.ts'
import { Rig } from '../support/rig.ts'
import { until } from '../support/until.ts'

const LOCKER = '07'
const ORDER = { lockerId: LOCKER, reason: 'caller left a bag', operator: 'Mara' }

let rig: Rig
let broker: MqttClient
const passed: Buffer[] = []
// biome-ignore lint/suspicious/noExplicitAny: a test reads what it expects.
const results: any[] = []

beforeAll(async () => {
  rig = await Rig.start({ central: 'reference' })
  broker = await mqtt.connectAsync(rig.broker.url)
  broker.on('message', (topic, payload) => {
    if (topic.endsWith('/dn/cmd')) passed.push(payload)
    else results.push(JSON.parse(payload.toString()))
  })
  await broker.subscribeAsync([topicOf('dn/cmd'), topicOf('up/res')], { qos: 1 })
}, 60_000)

afterAll(async () => {
  await broker?.endAsync(true)
  await rig?.end()
})

function topicOf(leaf: string): string {
  return `lk/v1/${rig.site.settings.namespace}/${rig.kioskId}/${leaf}`
}

async function deliver(message: Buffer | string): Promise<void> {
  await broker.publishAsync(topicOf('dn/cmd'), message, { qos: 1 })
}

const pulses = () => rig.wall.cabinet.at(LOCKER).pulses
const last = (cid: string) => results.findLast((each) => each.cid === cid)

test('an order opens the door, and the answer comes when it was seen open', async () => {
  const before = pulses()
  const { kioskId } = rig
  const answer = await rig.central.command({ kioskId, type: 'open', args: ORDER })
  expect(answer).toMatchObject({
    ...{ type: 'open', status: 'done', result: { outcome: 'opened' } },
    left: { in10Min: 2, today: 9 },
  })
  expect(rig.wall.cabinet.at(LOCKER).door).toBe('open')
  expect(pulses() - before).toBe(1)
  rig.close(LOCKER)
  await until('central has the fact', () =>
    rig.central.facts().some(({ type }) => type === 'command-obeyed/1'),
  )
  const { commands } = await rig.status()
  expect(commands[0]).toMatchObject({ type: 'open', target: LOCKER, end: { status: 'done' } })
})

test('the same message again opens nothing, also after a restart of the daemon', async () => {
  const message = passed.at(-1)
  if (message === undefined) throw new Error('no order passed the broker')
  const before = pulses()
  for (const replay of ['once', 'after a kill']) {
    if (replay === 'after a kill') {
      await rig.stopDaemon('SIGKILL')
      await rig.startDaemon()
      await until('it is online', async () => (await rig.status()).isUplinkOnline)
    }
    const count = results.length
    await deliver(message)
    await until(`the answer ${replay}`, () => results.length > count)
    expect(results.at(-1)).toMatchObject({ type: 'open', status: 'done', again: true })
  }
  expect(pulses()).toBe(before)
})

test('an order that came too late opens nothing', async () => {
  const { signing } = await loadCentralKeys(rig.site.centralFolder)
  const header = { v: 1, k: rig.kioskId, t: Date.now(), iat: Date.now() }
  const sign = (fields: object) =>
    signDown(signing, { leaf: 'cmd', body: { ...header, exp: header.iat + 500, ...fields } })
  await deliver(await sign({ cid: 'asks', type: 'status', args: {} }))
  await until('a nonce', () => last('asks') !== undefined)
  const { nonce, counter, result } = last('asks')
  expect(result.left).toEqual({ in10Min: 2, today: 9 })
  const order = { type: 'open', args: ORDER, nonce, counter: counter + 1 }
  const late = await sign({ cid: 'late', ...order })
  const before = pulses()
  const signedAtMs = performance.now()
  await until('it is too late', () => performance.now() - signedAtMs > 700)
  await deliver(late)
  await until('the answer', () => last('late') !== undefined)
  expect(last('late')).toMatchObject({ status: 'expired', code: 'LK-CMD-01' })
  expect(pulses()).toBe(before)
  for (const each of results) expect(checkUp('res', each)).toEqual({ isValid: true })
})
