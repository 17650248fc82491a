import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { generateKeyPair } from 'jose'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { type Central, openCentral } from '../../../sim/central/central.ts'
import { type CentralKeys, loadCentralKeys, SIGNING_KEYS_FILE } from '../../../sim/central/keys.ts'
import { signDown } from '../../../sim/central/sign-down.ts'
import { createDownOpener, type KeySet } from '../../../src/sync/contract/open-down.ts'
import { createMqttLink } from '../../../src/sync/links/mqtt-link.ts'
import type { DownLeaf } from '../../../src/sync/machine/messages.ts'
import type { LinkEvent } from '../../../src/sync/machine/state.ts'
import { LiveUplink, type LiveUplinkOptions } from '../../support/live-uplink.ts'
import { type Mosquitto, startMosquitto } from '../../support/mosquitto.ts'
import { packetReader, TYPE } from '../../support/mqtt-packets.ts'
import { CONNACK, SUBSCRIBE, startRawBroker } from '../../support/raw-broker.ts'
import { startRecordingProxy } from '../../support/recording-proxy.ts'
import { until } from '../../support/until.ts'

const STAFF_KEY = Buffer.alloc(32, 7).toString('base64url')

const REQUEST = {
  session: 's',
  broker: 0,
  protocol: '5',
  wallMs: Date.now(),
  isWallBelieved: true,
  will: '{}',
} as const

let broker: Mosquitto
let folder: string
let keys: CentralKeys
let publicKeys: KeySet
let central: Central
let kiosks: LiveUplink[]

function startCentral(): Promise<Central> {
  return openCentral({
    folder,
    mqttUrls: [broker.url],
    namespace: 'test',
    kiosks: [{ kioskId: 'k1', staffKey: STAFF_KEY }],
    headIntervalMs: 300,
  })
}

async function startKiosk(options: Partial<LiveUplinkOptions> = {}): Promise<LiveUplink> {
  const { host, port } = broker
  const kiosk = await LiveUplink.start({ host, port, keys: publicKeys, ...options })
  kiosks.push(kiosk)
  return kiosk
}

beforeEach(async () => {
  kiosks = []
  broker = await startMosquitto()
  folder = mkdtempSync(join(tmpdir(), 'latchkey-central-'))
  keys = await loadCentralKeys(folder)
  publicKeys = JSON.parse(readFileSync(join(folder, SIGNING_KEYS_FILE), 'utf8'))
  central = await startCentral()
})

afterEach(async () => {
  for (const kiosk of kiosks) kiosk.kill()
  await central.close()
  await broker.stop()
  rmSync(folder, { recursive: true, force: true })
})

function plain(host: string, port: number) {
  const brokers = [{ host, port, isEncrypted: false }]
  const identity = { caFile: null, certificateFile: null, keyFile: null }
  const now = () => ({ wallMs: Date.now(), isWallBelieved: true })
  return { brokers, identity, now, serverName: null }
}

function factTexts(): readonly string[] {
  return central.facts().map(({ body }) => body)
}

describe.each(['5', '3.1.1'] as const)('over MQTT %s', (protocol) => {
  const config = { protocol }

  test('facts go up, wishes come down, and presence is told', async () => {
    const kiosk = await startKiosk({ config })
    kiosk.append('locker-released/1', { lockerId: 'A1' })
    central.setRecipient({ kioskId: 'k1', id: 'r1', label: 'Ada' })
    await until('the fact is confirmed', () => kiosk.outboxCount() === 0)
    await until('the row is there', () => kiosk.ledger.rows.directory.has('r1'))
    await until('online', () => kiosk.isOnline())
    expect(factTexts()).toEqual(kiosk.ledger.texts)
    await until('present', () => central.presence('k1')?.isOnline === true)
    kiosk.stop()
    await until('gone', () => central.presence('k1')?.isOnline === false)
  })

  test('a broker killed and restarted costs nothing but time', async () => {
    const kiosk = await startKiosk({ config })
    for (let fact = 0; fact < 50; fact += 1) kiosk.append('locker-released/1', { fact })
    await until('online', () => kiosk.isOnline())
    await broker.kill()
    for (let fact = 50; fact < 100; fact += 1) kiosk.append('locker-released/1', { fact })
    central.setRecipient({ kioskId: 'k1', id: 'r1', label: 'Ada' })
    await until('offline', () => !kiosk.isOnline())
    await broker.start()
    await until('all facts are confirmed', () => kiosk.outboxCount() === 0)
    await until('the row is there', () => kiosk.ledger.rows.directory.has('r1'))
    expect(factTexts()).toEqual(kiosk.ledger.texts)
  })

  test('a frozen broker is noticed by its silence', async () => {
    const kiosk = await startKiosk({ config, keepaliveS: 1 })
    await until('online', () => kiosk.isOnline())
    broker.freeze()
    kiosk.append('locker-released/1', {})
    await until('the connection is given up', () => kiosk.causes().length > 0)
    expect(kiosk.causes()[0]).toBe('timeout')
    broker.thaw()
    await until('the fact is confirmed', () => kiosk.outboxCount() === 0)
    expect(factTexts()).toEqual(kiosk.ledger.texts)
  })

  test('a message of one megabyte is refused with a reason and the connection stays', async () => {
    const kiosk = await startKiosk({ config })
    await until('online', () => kiosk.isOnline())
    await broker.publish('lk/v1/test/k1/dn/delta', Buffer.alloc(1024 * 1024, 'x'))
    await until('the refusal is told', () => central.rejections().length > 0)
    expect(central.rejections()[0]).toMatchObject({ leaf: 'delta', code: 'LK-SYNC-01' })
    central.setRecipient({ kioskId: 'k1', id: 'r1', label: 'Ada' })
    await until('the row is there', () => kiosk.ledger.rows.directory.has('r1'))
    expect(kiosk.causes()).toEqual([])
  })
})

describe('a bad announcement', () => {
  const row = { id: 'p1', tracking: 'T1', size: 'S', recipientId: 'r1' }
  const good = { v: 1, k: 'k1', t: 1, stream: 'parcel', from: 1, to: 2, ops: [{ put: row }] }
  const sign = (body: object, leaf: DownLeaf = 'delta') => signDown(keys.signing, { leaf, body })
  const cases: readonly [name: string, code: string, message: () => Promise<string>][] = [
    ['not JSON', 'LK-SYNC-02', async () => '{"v":1,'],
    ['unsigned', 'LK-SYNC-03', async () => JSON.stringify(good)],
    [
      'signed by a stranger under central’s name',
      'LK-SYNC-03',
      async () => {
        const pair = await generateKeyPair('EdDSA', { crv: 'Ed25519' })
        const stranger = { kid: keys.signing.kid, key: pair.privateKey }
        return signDown(stranger, { leaf: 'delta', body: good })
      },
    ],
    [
      'signed with a key nobody pinned',
      'LK-SYNC-03',
      async () => signDown({ ...keys.signing, kid: 'other' }, { leaf: 'delta', body: good }),
    ],
    [
      'changed after signing',
      'LK-SYNC-03',
      async () => {
        const jws = JSON.parse(await sign(good))
        const body = JSON.stringify({ ...good, to: 3 })
        return JSON.stringify({ ...jws, payload: Buffer.from(body).toString('base64url') })
      },
    ],
    ['signed as another kind of message', 'LK-SYNC-06', () => sign(good, 'snap')],
    ['for another kiosk', 'LK-SYNC-05', () => sign({ ...good, k: 'k2' })],
    ['with a field missing', 'LK-SYNC-04', () => sign({ ...good, to: undefined })],
    ['with a wrong type', 'LK-SYNC-04', () => sign({ ...good, from: '1' })],
    [
      'with a row of another stream',
      'LK-SYNC-04',
      () => sign({ ...good, ops: [{ put: { id: 'r1', label: 'x' } }] }),
    ],
    ['of another major version', 'LK-SYNC-04', () => sign({ ...good, v: 2 })],
  ]

  test.each(cases)('%s is refused with %s and changes nothing', async (_name, code, message) => {
    const kiosk = await startKiosk()
    await until('online', () => kiosk.isOnline())
    await broker.publish('lk/v1/test/k1/dn/delta', await message())
    await until('the refusal is told', () => central.rejections().length > 0)
    expect(central.rejections()).toMatchObject([{ kioskId: 'k1', leaf: 'delta', code }])
    expect(kiosk.ledger.versions).toEqual({
      parcel: 0,
      staff: 0,
      directory: 0,
      pickup: 0,
      return: 0,
      locker: 0,
      configuration: 0,
      firmware: 0,
    })
    expect(kiosk.causes()).toEqual([])
  })

  test('on an unknown leaf is refused, and the good one is then applied', async () => {
    const kiosk = await startKiosk()
    await until('online', () => kiosk.isOnline())
    await broker.publish('lk/v1/test/k1/dn/open-all/doors', await sign(good))
    await until('the refusal is told', () => central.rejections().length > 0)
    expect(central.rejections()[0]).toMatchObject({ leaf: 'open-all/doors', code: 'LK-SYNC-06' })
    central.announce({ ...row, kioskId: 'k1', id: 'p0', tracking: 'T0' })
    await until('the first row is there', () => kiosk.ledger.rows.parcel.has('p0'))
    await broker.publish('lk/v1/test/k1/dn/delta', await sign(good))
    await until('the row is there', () => kiosk.ledger.rows.parcel.has('p1'))
    expect(kiosk.ledger.rows.parcel.get('p1')).toEqual(row)
  })
})

test('a snapshot of more rows than one message holds arrives whole', async () => {
  for (let n = 0; n < 450; n += 1) {
    central.setRecipient({ kioskId: 'k1', id: `r${n}`, label: `Recipient ${n}` })
  }
  await central.settled()
  const kiosk = await startKiosk()
  await until('all rows are there', () => kiosk.ledger.rows.directory.size === 450)
  expect(kiosk.ledger.versions.directory).toBe(450)
  expect(kiosk.refusals()).toEqual([])
})

describe('the link', () => {
  test('falls back when a broker closes on MQTT 5 without a word', async () => {
    const picky = await startRawBroker((socket, bytes) => {
      // The protocol level follows the name "MQTT" in the variable header.
      if (bytes[bytes.indexOf('MQTT') + 4] === 5) socket.destroy()
      else socket.write(CONNACK)
    })
    const kiosk = await startKiosk({ port: picky.port })
    await until('the older protocol', () => kiosk.protocol() === '3.1.1')
    expect(kiosk.causes().slice(0, 2)).toEqual(['closed-early', 'closed-early'])
    kiosk.kill()
    picky.close()
  })

  test('falls back when a broker says that it does not speak MQTT 5', async () => {
    const old = await startRawBroker((socket, bytes) => {
      const isFive = bytes[bytes.indexOf('MQTT') + 4] === 5
      socket.write(isFive ? Buffer.from([0x20, 2, 0, 1]) : CONNACK)
    })
    const kiosk = await startKiosk({ port: old.port })
    await until('the older protocol', () => kiosk.protocol() === '3.1.1')
    expect(kiosk.causes()[0]).toBe('protocol-refused')
    kiosk.kill()
    old.close()
  })

  test('a broker that accepts and never answers is given up', async () => {
    const silent = await startRawBroker(() => {
      // It listens, and that is all.
    })
    const kiosk = await startKiosk({ port: silent.port, connectTimeoutMs: 200 })
    await until('two attempts', () => kiosk.causes().length >= 2)
    expect(new Set(kiosk.causes())).toEqual(new Set(['timeout']))
    kiosk.kill()
    silent.close()
  })

  test('a subscription not granted is no connection', async () => {
    const strict = await startRawBroker((socket, bytes) => {
      if ((bytes[0] ?? 0) >> 4 !== SUBSCRIBE) {
        socket.write(CONNACK)
        return
      }
      socket.write(Buffer.from([0x90, 3, bytes[2] ?? 0, bytes[3] ?? 0, 0x80]))
    })
    const kiosk = await startKiosk({ port: strict.port, config: { protocol: '3.1.1' } })
    await until('refused', () => kiosk.causes().length > 0)
    expect(kiosk.causes()[0]).toBe('subscription-refused')
    expect(kiosk.isUp()).toBe(false)
    kiosk.kill()
    strict.close()
  })

  test('a publication that the broker does not allow is named as such', async () => {
    const strict = await startMosquitto(['topic read lk/v1/test/k1/dn/#'])
    const kiosk = await startKiosk({ port: strict.port, config: { protocol: '5' } })
    await until('refused', () => kiosk.causes().length > 0)
    expect(kiosk.causes()[0]).toBe('publication-refused')
    kiosk.kill()
    await strict.stop()
  })

  test('nobody there is unreachable, and waited for', async () => {
    await broker.kill()
    const kiosk = await startKiosk()
    await until('two attempts', () => kiosk.causes().length >= 2)
    expect(new Set(kiosk.causes())).toEqual(new Set(['unreachable']))
    await broker.start()
    await until('online', () => kiosk.isOnline())
  })

  test('another client under the kiosk’s name takes over, and the kiosk comes back', async () => {
    const kiosk = await startKiosk({ config: { protocol: '5' } })
    await until('online', () => kiosk.isOnline())
    await broker.publish('nowhere', 'x', ['-i', 'k1'])
    await until('taken over', () => kiosk.causes().length === 1)
    await until('online again', () => kiosk.isOnline())
  })

  test('central restarted in the middle gets every fact once', async () => {
    const kiosk = await startKiosk()
    await until('online', () => kiosk.isOnline())
    for (let fact = 0; fact < 300; fact += 1) {
      kiosk.append('locker-released/1', { fact })
      if (fact === 100) {
        await central.close()
      }
      if (fact === 200) central = await startCentral()
    }
    await until('all facts are confirmed', () => kiosk.outboxCount() === 0)
    expect(factTexts()).toEqual(kiosk.ledger.texts)
  })

  test('a kiosk killed with facts in its outbox sends them after its restart', async () => {
    const first = await startKiosk()
    await until('online', () => first.isOnline())
    for (let fact = 0; fact < 100; fact += 1) first.append('locker-released/1', { fact })
    first.kill()
    const second = await startKiosk({ ledger: first.ledger })
    await until('all facts are confirmed', () => second.outboxCount() === 0)
    expect(factTexts()).toEqual(second.ledger.texts)
    expect(central.counters().chainBreaks).toBe(0)
  })
})

test('a broker that is to keep nothing is asked for nothing, and facts arrive', async () => {
  const proxy = await startRecordingProxy(broker.port)
  const config = { protocol: '3.1.1' } as const
  const kiosk = await startKiosk({ port: proxy.port, brokerKeeps: false, config })
  kiosk.append('locker-released/1', { lockerId: 'A1' })
  await until('the fact is confirmed', () => kiosk.outboxCount() === 0)
  const read = packetReader()
  const sent = proxy.chunks.filter(({ isFromClient }) => isFromClient)
  const packets = sent.flatMap(({ bytes }) => read(bytes))
  proxy.close()
  const of = (type: number) => packets.filter((packet) => packet.type === type)
  // MQTT 3.1.1 §3.1.2.3, §3.8.3, §3.3.1: flags of CONNECT, the wanted QoS, flags of PUBLISH.
  expect(of(TYPE.CONNECT).map(({ body }) => (body[7] ?? 0) & 32)).toEqual([0])
  expect(of(TYPE.SUBSCRIBE).map(({ body }) => body.at(-1))).toEqual([0])
  const published = of(TYPE.PUBLISH).map(({ flags }) => flags & 7)
  expect(new Set(published)).toEqual(new Set([2]))
})

describe('the acknowledgement to the broker', () => {
  async function connect(commitWaitMs: number) {
    const events: LinkEvent[] = []
    const { host, port } = broker
    const link = createMqttLink(
      {
        ...{ namespace: 'test', kioskId: 'k9', keepaliveS: 5, ...plain(host, port) },
        ...{ connectTimeoutMs: 1_000, commitWaitMs, pubackWaitMs: 5_000, brokerKeeps: true },
        openDown: await createDownOpener('k9', publicKeys),
      },
      (event) => events.push(event),
    )
    link.connect(REQUEST)
    await until('up', () => events.length === 1)
    return { link, events }
  }

  test('waits for the core: the next message comes only after it', async () => {
    const { link, events } = await connect(5_000)
    await broker.publish('lk/v1/test/k9/dn/one', 'x')
    await broker.publish('lk/v1/test/k9/dn/two', 'x')
    await until('the first', () => events.length === 2)
    link.acknowledge('s:99')
    // The broker answers in order: had the second message been let through, it would be here.
    await broker.publish('lk/v1/test/k9/dn/three', 'x')
    expect(events).toHaveLength(2)
    link.acknowledge('s:1')
    await until('the second', () => events.length === 3)
    expect(events[2]).toMatchObject({ receipt: 's:2', refusal: { leaf: 'two' } })
    link.disconnect()
  })

  test('never comes from a core that does not commit: the connection ends instead', async () => {
    const { events } = await connect(100)
    await broker.publish('lk/v1/test/k9/dn/one', 'x')
    await until('given up', () => events.length === 3)
    expect(events[2]).toMatchObject({ kind: 'link-down', cause: 'core-stalled', session: 's' })
  })

  test('nothing throws after the end', async () => {
    const { link, events } = await connect(100)
    link.disconnect()
    link.publish({ leaf: 'ev', body: '{}', isRetained: false })
    link.acknowledge('s:1')
    link.disconnect()
    expect(events).toHaveLength(1)
  })

  test('a connection that cannot even be tried is an event', () => {
    const events: LinkEvent[] = []
    const options = { namespace: 'test', kioskId: 'k9', ...plain('127.0.0.1', 70_000) }
    const timing = {
      keepaliveS: 5,
      connectTimeoutMs: 1_000,
      commitWaitMs: 1_000,
      pubackWaitMs: 5_000,
      brokerKeeps: true,
    }
    const openDown = () => Promise.reject(new Error('never called'))
    const link = createMqttLink({ ...options, ...timing, openDown }, (event) => events.push(event))
    link.connect(REQUEST)
    expect(events).toMatchObject([{ kind: 'link-down', session: 's', cause: 'unreachable' }])
  })
})
