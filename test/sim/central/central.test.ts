import { createHash } from 'node:crypto'
import { existsSync, mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import mqtt, { type MqttClient } from 'mqtt'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { createCentralApi } from '../../../sim/central/api.ts'
import { accessVerifier, type Central, openCentral } from '../../../sim/central/central.ts'
import { SEALING_KEYS_FILE, SIGNING_KEYS_FILE } from '../../../sim/central/keys.ts'
import { createDownOpener, type DownOpener } from '../../../src/sync/contract/open-down.ts'
import type { DownLeaf, DownMessage } from '../../../src/sync/machine/messages.ts'
import { createPinSealer, type PinSealer } from '../../../src/sync/seal.ts'
import { MemoryOutbox } from '../../support/memory-outbox.ts'
import { type Mosquitto, startMosquitto } from '../../support/mosquitto.ts'
import { until } from '../../support/until.ts'

const STAFF_KEY = Buffer.alloc(32, 7).toString('base64url')
const EPOCH = 'e1'

let broker: Mosquitto
let folder: string
let central: Central
let kiosk: MqttClient
let openDown: DownOpener
let seal: PinSealer
let outbox: MemoryOutbox
let received: DownMessage[]
let refused: unknown[]

const readKeys = (name: string) => JSON.parse(readFileSync(join(folder, name), 'utf8'))

function startCentral(): Promise<Central> {
  return openCentral({
    folder,
    mqttUrls: [broker.url],
    namespace: 'test',
    kiosks: [{ kioskId: 'k1', staffKey: STAFF_KEY }],
    headIntervalMs: 200,
    commandWaitMs: 3_000,
  })
}

beforeEach(async () => {
  broker = await startMosquitto()
  folder = mkdtempSync(join(tmpdir(), 'latchkey-central-'))
  central = await startCentral()
  openDown = await createDownOpener('k1', readKeys(SIGNING_KEYS_FILE))
  seal = await createPinSealer(readKeys(SEALING_KEYS_FILE))
  outbox = new MemoryOutbox(EPOCH)
  received = []
  refused = []
  kiosk = await mqtt.connectAsync(broker.url)
  kiosk.on('message', (topic, payload) => {
    void openDown(topic, payload).then((opened) => {
      if (opened.kind === 'message') received.push(opened.message)
      else refused.push(opened.refusal)
    })
  })
  await kiosk.subscribeAsync('lk/v1/test/k1/dn/#', { qos: 1 })
  await until('central is there', () => received.length > 0)
})

afterEach(async () => {
  await kiosk.endAsync(true)
  await central.close()
  await broker.stop()
  rmSync(folder, { recursive: true, force: true })
  expect(refused).toEqual([])
})

async function send(leaf: string, fields: object): Promise<void> {
  const body = JSON.stringify({ v: 1, k: 'k1', t: 1, ...fields })
  await kiosk.publishAsync(`lk/v1/test/k1/up/${leaf}`, body, { qos: 1 })
}

/** Sends facts and waits for the ack that follows. */
async function sendFacts(from: number, to: number): Promise<number> {
  const acks = messages('ack').length
  await send('ev', { epoch: EPOCH, first: from, ev: outbox.texts.slice(from - 1, to) })
  await until('an ack', () => messages('ack').length > acks)
  return messages('ack').at(-1)?.body.cum ?? -1
}

function messages<L extends DownLeaf>(leaf: L): Extract<DownMessage, { leaf: L }>[] {
  return received.filter((message) => message.leaf === leaf) as Extract<DownMessage, { leaf: L }>[]
}

async function deposit(parcelId: string, sealedFor = parcelId): Promise<void> {
  const sealedPin = await seal({
    pin: '12345678',
    reference: '0815',
    parcelId: sealedFor,
    kioskId: 'k1',
  })
  const parcel = { parcelId, lockerId: 'A3', courierId: 'c1', recipientId: 'r1', sealedPin }
  outbox.append('parcel-deposited/1', parcel)
}

function collect(parcelId: string): void {
  outbox.append('parcel-collected/1', { parcelId, lockerId: 'A3', openingId: 1, rule: 'closed' })
}

describe('letters', () => {
  test('a deposit writes one, with locker and PIN, however often its fact is sent', async () => {
    await deposit('p1')
    for (let time = 0; time < 3; time += 1) expect(await sendFacts(1, 1)).toBe(1)
    expect(central.letters()).toMatchObject([{ kind: 'deposited', recipientId: 'r1' }])
    expect(central.letters()[0]?.text).toBe(
      'Your parcel is in locker A3, PIN 12345678. It opens all that waits for you here. ' +
        'Should the kiosk ask for a reference: 0815.',
    )
    expect(central.counters()).toMatchObject({ facts: 1, duplicates: 2, conflicts: 0 })
    expect(central.letters()[0]?.token).toMatch(/^LKT[B-X]{234}$/)
  })

  test('a collection writes another, and the parcel is wanted no more', async () => {
    central.announce({ kioskId: 'k1', id: 'p1', tracking: 'T1', size: 'S', recipientId: 'r1' })
    await deposit('p1')
    collect('p1')
    await sendFacts(1, 2)
    expect(central.letters().map(({ kind }) => kind)).toEqual(['deposited', 'collected'])
    await until('the parcel goes', () => messages('delta').length === 2)
    expect(messages('delta')[1]?.body.ops).toEqual([{ del: 'p1' }])
  })

  test('a further parcel comes without a PIN, and a new PIN has a letter of its own', async () => {
    await deposit('p1')
    const place = { lockerId: 'A4', courierId: 'c1', recipientId: 'r1' }
    outbox.append('parcel-deposited/1', { ...place, parcelId: 'p2', sealedPin: null })
    const sealedPin = await seal({
      pin: '87654321',
      reference: '4711',
      parcelId: 'p1',
      kioskId: 'k1',
    })
    const parcelIds = ['p1', 'p2']
    outbox.append('pin-reissued/1', { recipientId: 'r1', parcelId: 'p1', parcelIds, sealedPin })
    await sendFacts(1, 3)
    const [, further, again] = central.letters()
    expect(further?.text).toContain('The PIN that you have opens it too.')
    expect(again?.kind).toBe('reissued')
    expect(again?.text).toContain('old PIN is void, PIN 87654321')
  })

  test('a return has one with its code, and one when it is handed in', async () => {
    const row = { tracking: null, size: null, recipientId: 'r1', expiresAtMs: null }
    central.expectReturn({ kioskId: 'k1', id: 'ret1', ...row })
    await until('it is announced', () => messages('delta').length === 1)
    const sealedCode = await seal({
      pin: '12345678',
      reference: '0815',
      parcelId: 'ret1',
      kioskId: 'k1',
    })
    const about = { parcelId: 'ret1', recipientId: 'r1' }
    outbox.append('return-expected/1', { ...about, sealedCode, expiresAtWallMs: null })
    const lockerId = 'A3'
    outbox.append('parcel-handed-in/1', { ...about, lockerId, carrierId: null, proof: 'confirmed' })
    outbox.append('parcel-retrieved/1', { parcelId: 'ret1', lockerId, isProvenEmpty: true })
    await sendFacts(1, 3)
    expect(central.letters().map(({ kind }) => kind)).toEqual(['return-code', 'handed-in'])
    expect(central.letters()[0]?.text).toContain('with the code 12345678.')
    await until('it goes', () => messages('delta').length === 2)
    expect(messages('delta')[1]?.body).toMatchObject({ stream: 'return', ops: [{ del: 'ret1' }] })
  })

  test('a PIN sealed for another parcel is not believed', async () => {
    await deposit('p1', 'p2')
    await sendFacts(1, 1)
    expect(central.letters()[0]?.text).not.toContain('12345678')
  })

  test('a restart of central writes none again', async () => {
    await deposit('p1')
    await sendFacts(1, 1)
    await central.close()
    central = await startCentral()
    await until('central says where it stands', () => messages('ack').length === 2)
    expect(messages('ack')[1]?.body.cum).toBe(1)
    await sendFacts(1, 1)
    expect(central.letters()).toHaveLength(1)
  })
})

describe('facts', () => {
  test('beyond a gap are not taken, and the old number is acknowledged', async () => {
    for (let fact = 0; fact < 6; fact += 1) outbox.append('locker-released/1', {})
    expect(await sendFacts(1, 2)).toBe(2)
    expect(await sendFacts(4, 6)).toBe(2)
    expect(await sendFacts(2, 6)).toBe(6)
    expect(central.counters()).toMatchObject({ gaps: 1, duplicates: 1, chainBreaks: 0 })
    expect(central.facts().map(({ body }) => body)).toEqual(outbox.texts)
  })

  test('with a broken chain or a strange text are kept, marked and acknowledged', async () => {
    outbox.append('locker-released/1', {})
    outbox.append('locker-released/1', {})
    outbox.texts[1] = (outbox.texts[1] ?? '').replace(/"ph":"[0-9a-f]{8}/, '"ph":"00000000')
    outbox.texts.push('not an event')
    expect(await sendFacts(1, 3)).toBe(3)
    expect(central.counters()).toMatchObject({ chainBreaks: 1, problems: 2 })
    expect(central.facts().map(({ problem }) => problem !== null)).toEqual([false, true, true])
  })

  test('under a known number that differ are kept beside, and acknowledged, too', async () => {
    for (let fact = 0; fact < 2; fact += 1) outbox.append('locker-released/1', {})
    await sendFacts(1, 2)
    const own = outbox.factHash(2)
    outbox.texts[0] = (outbox.texts[0] ?? '').replace('believed', 'doubted')
    await sendFacts(1, 1)
    await until('both acks', () => messages('ack').length === 3)
    const told = messages('ack')
      .slice(1)
      .map(({ body: { cum, hash } }) => [cum, hash])
    expect(told).toEqual([
      [2, own],
      [1, outbox.factHash(1)],
    ])
    expect(central.counters()).toMatchObject({ conflicts: 1, facts: 2 })
  })

  test('chain over the exact text', async () => {
    outbox.append('locker-released/1', { text: 'Zürich, \u{1F4E6}' })
    outbox.append('locker-released/1', {})
    const first = createHash('sha256')
      .update(outbox.texts[0] ?? '')
      .digest('hex')
    expect(JSON.parse(outbox.texts[1] ?? '').ph).toBe(first)
    await sendFacts(1, 2)
    expect(central.counters().chainBreaks).toBe(0)
  })

  test('of an unknown kiosk, and messages that do not fit, are not taken', async () => {
    outbox.append('locker-released/1', {})
    const ev = { v: 1, k: 'k2', t: 1, epoch: EPOCH, first: 1, ev: outbox.texts }
    await kiosk.publishAsync('lk/v1/test/k2/up/ev', JSON.stringify(ev))
    await kiosk.publishAsync('lk/v1/test/k1/up/ev', JSON.stringify(ev))
    await kiosk.publishAsync('lk/v1/test/k1/up/ev', 'x')
    await until('three refused', () => central.counters().refused === 3)
    expect(central.facts()).toEqual([])
  })
})

describe('the desired state', () => {
  const none = { parcel: 0, staff: 0, directory: 0 }

  test('goes out as a change happens, and again when asked for', async () => {
    central.setRecipient({ kioskId: 'k1', id: 'r1', label: 'Ada' })
    central.setCourier({ kioskId: 'k1', id: 'c1', label: 'Bo', code: '87654321' })
    await until('two deltas', () => messages('delta').length === 2)
    await send('sync', { id: 'q1', have: { ...none, directory: 1 } })
    await until('the staff', () => messages('snap').length === 1)
    const staffKey = STAFF_KEY
    const verifier = accessVerifier({ kioskId: 'k1', staffKey }, '87654321')
    const row = { id: 'c1', role: 'courier', label: 'Bo', verifier }
    expect(messages('snap')[0]?.body).toMatchObject({ stream: 'staff', ver: 1, rows: [row] })
    central.setRecipient({ kioskId: 'k1', id: 'r2', label: 'Cy' })
    await send('sync', { id: 'q2', have: { ...none, directory: 1, staff: 1 } })
    await until('the rest again', () => messages('delta').length === 4)
    expect(messages('delta')[3]?.body).toMatchObject({ stream: 'directory', from: 1, to: 2 })
  })

  test('a request is answered with a head even when nothing is missing', async () => {
    await central.settled()
    const heads = messages('head').length
    await send('sync', { id: 'q1', have: none })
    await until('a head', () => messages('head').length > heads)
    expect(messages('delta')).toEqual([])
  })

  test('a kiosk ahead of central gets a snapshot above what it has', async () => {
    central.setRecipient({ kioskId: 'k1', id: 'r1', label: 'Ada' })
    await send('sync', { id: 'q7', have: { ...none, directory: 9 } })
    await until('a snapshot', () => messages('snap').length === 1)
    const rows = [{ id: 'r1', label: 'Ada' }]
    expect(messages('snap')[0]?.body).toMatchObject({ re: 'q7', ver: 1_000_009, rows })
    await send('sync', { id: 'q8', have: { ...none, directory: 9e15 } })
    await until('another one', () => messages('snap').length === 2)
    expect(messages('snap')[1]?.body).toMatchObject({ re: 'q8', ver: 1_000_009 })
  })

  test('a large snapshot comes in parts', async () => {
    for (let n = 0; n < 201; n += 1) {
      central.setRecipient({ kioskId: 'k1', id: `r${n}`, label: 'Ada' })
    }
    await central.settled()
    await send('sync', { id: 'q1', have: none })
    await until('both parts', () => messages('snap').length === 2)
    const parts = messages('snap').map(({ body }) => [body.part, body.rows.length])
    expect(parts).toEqual([
      [{ i: 1, n: 2 }, 200],
      [{ i: 2, n: 2 }, 1],
    ])
  })

  test('so does one further back than the log reaches', async () => {
    for (let change = 0; change < 510; change += 1) {
      central.setRecipient({ kioskId: 'k1', id: 'r1', label: `Ada ${change}` })
    }
    await central.settled()
    await send('sync', { id: 'q8', have: { ...none, directory: 3 } })
    await until('a snapshot', () => messages('snap').length === 1)
    expect(messages('snap')[0]?.body).toMatchObject({ ver: 510 })
  })
})

describe('an order for now', () => {
  const order = {
    kioskId: 'k1',
    type: 'open',
    args: { lockerId: 'A3', reason: 'a caller' },
  } as const
  const commands = (type: string) => messages('cmd').filter(({ body }) => body.type === type)
  const newest = (type: string) => commands(type).at(-1)?.body as never as Record<string, string>

  /** The kiosk says where its counter stands, and gives a nonce. */
  async function giveNonce(nonce: string, counter: number, asked = 1): Promise<void> {
    await until('a question', () => commands('status').length >= asked)
    const { cid } = newest('status')
    await send('res', { cid, type: 'status', status: 'done', nonce, counter, result: {} })
  }

  test('names the nonce, counts on, and resolves with the kiosk’s answer', async () => {
    const answered = central.command(order)
    await giveNonce('n1', 41)
    await until('the order', () => commands('open').length === 1)
    expect(newest('open')).toMatchObject({ nonce: 'n1', counter: 42, args: order.args })
    const told = { cid: newest('open')['cid'], type: 'open' }
    await send('res', { ...told, status: 'accepted' })
    await send('res', { ...told, status: 'refused', code: 'LK-CTL-03' })
    expect(await answered).toMatchObject({ status: 'refused', code: 'LK-CTL-03' })
  })

  test('is sent again as it was, while no answer comes', async () => {
    const answered = central.command(order)
    await giveNonce('n1', 0)
    await until('a repetition', () => commands('open').length === 2)
    const [first, second] = commands('open').map(({ body }) => body as never as { cid: string })
    expect(second?.cid).toBe(first?.cid)
    expect((await answered).status).toBe('silent')
  })

  test('never uses a counter twice, also over a restart, and leaps only so far', async () => {
    const first = central.command(order)
    await giveNonce('n1', 0)
    await until('the first order', () => commands('open').length === 1)
    await central.close()
    expect((await first).status).toBe('silent')
    central = await startCentral()
    const second = central.command(order)
    const asked = commands('status').length + 1
    await giveNonce('n2', 2 ** 50, asked)
    await until('the second order', () => newest('open')['nonce'] === 'n2')
    expect(newest('open')['counter']).toBe(1_000_002)
    await send('res', { cid: newest('open')['cid'], type: 'open', status: 'done' })
    expect((await second).status).toBe('done')
  })

  test('that a kiosk would refuse is not even asked for', () => {
    const all = { ...order, args: { lockerId: '*', reason: 'a caller' } }
    expect(() => central.command(all)).toThrow('does not fit')
  })
})

test('presence ignores a late will of an earlier connection', async () => {
  const birth = { online: true, epoch: EPOCH, boot: 1, seq: 0, acked: 0, have: {} }
  await send('state', { ...birth, session: 's1' })
  await send('state', { ...birth, session: 's2' })
  await send('state', { online: false, session: 's1' })
  await until('the second session', () => central.counters().refused === 0)
  await send('rej', { leaf: 'ack', code: 'LK-SYNC-02', detail: '', suppressed: 0 })
  await until('all is read', () => central.rejections().length === 1)
  expect(central.presence('k1')).toMatchObject({ isOnline: true, session: 's2' })
})

test('secret keys are private files, public ones hold no secret', () => {
  const secret = join(folder, 'central-signing.secret.jwk.json')
  expect(existsSync(secret)).toBe(true)
  expect(statSync(secret).mode & 0o077).toBe(0)
  expect(readKeys(SIGNING_KEYS_FILE).keys[0].d).toBeUndefined()
  expect(readKeys(SEALING_KEYS_FILE).keys[0].d).toBeUndefined()
})

test('its HTTP interface announces, and refuses a row that a kiosk would refuse', async () => {
  const app = createCentralApi(central)
  const parcel = { kioskId: 'k1', id: 'p1', tracking: 'T1', size: 'S', recipientId: 'r1' }
  const good = await app.inject({ method: 'POST', url: '/parcels', payload: parcel })
  expect(good.statusCode).toBe(204)
  const bad = { ...parcel, id: 'no dots.' }
  expect((await app.inject({ method: 'POST', url: '/parcels', payload: bad })).statusCode).toBe(400)
  await until('the delta', () => messages('delta').length === 1)
  expect((await app.inject('/letters')).json()).toEqual([])
  const all = { kioskId: 'k1', type: 'open-all', args: { reason: 'a caller' } }
  const refused = await app.inject({ method: 'POST', url: '/commands', payload: all })
  expect(refused.statusCode).toBe(400)
  await app.close()
})
