// What really goes over the wire: one session of the uplink with Mosquitto, recorded on the way,
// read by the specification and by tshark, and its payloads held against the published schemas.
import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { openCentral } from '../../../sim/central/central.ts'
import { loadCentralKeys, SIGNING_KEYS_FILE } from '../../../sim/central/keys.ts'
import { LiveUplink } from '../../support/live-uplink.ts'
import { startMosquitto } from '../../support/mosquitto.ts'
import { Fields, type Packet, PROPERTY, packetReader, TYPE } from '../../support/mqtt-packets.ts'
import { type RecordingProxy, startRecordingProxy } from '../../support/recording-proxy.ts'
import { until } from '../../support/until.ts'
import { misfitsOf } from '../../support/wire-tap.ts'

const BROKER_WINDOW = 3
const FACTS = 300
const RECIPIENTS = 40
const OWN_TOPIC = /^lk\/v1\/test\/k1\/(up|dn)\/[a-z]+$/u

interface Seen extends Packet {
  readonly isFromClient: boolean
}

let folder: string
let capture: string
let port: number
let proxy: RecordingProxy
let seen: readonly Seen[]

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'latchkey-packets-'))
  capture = join(folder, 'session.pcap')
  const broker = await startMosquitto([], undefined, [`max_inflight_messages ${BROKER_WINDOW}`])
  port = broker.port
  proxy = await startRecordingProxy(port)
  await loadCentralKeys(folder)
  const central = await openCentral({
    folder,
    mqttUrls: [broker.url],
    namespace: 'test',
    kiosks: [{ kioskId: 'k1', staffKey: Buffer.alloc(32).toString('base64url') }],
    headIntervalMs: 200,
  })
  const keys = JSON.parse(readFileSync(join(folder, SIGNING_KEYS_FILE), 'utf8'))
  const config = { protocol: '5', batchEventsMax: 10 } as const
  const kiosk = await LiveUplink.start({ host: '127.0.0.1', port: proxy.port, keys, config })
  for (let fact = 0; fact < FACTS; fact += 1) {
    kiosk.append('locker-released/1', { lockerId: `A${fact % 24}` })
  }
  for (let index = 0; index < RECIPIENTS; index += 1) {
    central.setRecipient({ kioskId: 'k1', id: `r${index}`, label: `Recipient ${index}` })
  }
  await until('central is heard', () => kiosk.isOnline())
  await broker.publish('lk/v1/test/k1/dn/delta', 'what no central says')
  await until('all facts are confirmed', () => kiosk.outboxCount() === 0)
  const last = `r${RECIPIENTS - 1}`
  await until('all rows are there', () => kiosk.ledger.rows.directory.has(last))
  await until('the refusal is told', () => central.rejections().length > 0)
  kiosk.stop()
  // The broker may still be sending something when it comes.
  const isGoodbye = ({ type }: Seen): boolean => type === TYPE.DISCONNECT
  await until('the goodbye is said', () => packets().some(isGoodbye))
  seen = packets()
  proxy.writeCapture(capture, port)
  await central.close()
  proxy.close()
  await broker.stop()
})

afterAll(() => rmSync(folder, { recursive: true, force: true }))

/** Of both directions, in the order in which they came by. */
function packets(): readonly Seen[] {
  const readers = [packetReader(), packetReader()] as const
  return proxy.chunks.flatMap(({ isFromClient, bytes }) =>
    readers[isFromClient ? 0 : 1](bytes).map((packet) => ({ ...packet, isFromClient })),
  )
}

function of(type: number): readonly Seen[] {
  return seen.filter((packet) => packet.type === type)
}

interface Publication extends Seen {
  readonly topic: string
  readonly qos: number
  readonly isRetained: boolean
  readonly isAgain: boolean
  readonly id: number
}

function publications(isFromClient: boolean): readonly Publication[] {
  return of(TYPE.PUBLISH)
    .filter((packet) => packet.isFromClient === isFromClient)
    .map((packet) => {
      const fields = new Fields(packet.body)
      const topic = fields.text()
      const { flags } = packet
      const named = { topic, qos: (flags >> 1) & 3, isRetained: (flags & 1) === 1 }
      return { ...packet, ...named, isAgain: (flags & 8) !== 0, id: fields.word() }
    })
}

describe('the connection', () => {
  test('begins clean, with a will, and names its limits', () => {
    const [first, ...others] = of(TYPE.CONNECT)
    expect([seen[0], others]).toEqual([first, []])
    const fields = new Fields(first?.body ?? Buffer.alloc(0))
    const [name, level, flags, keepaliveS] = [
      fields.text(),
      fields.byte(),
      fields.byte(),
      fields.word(),
    ]
    expect([name, level]).toEqual(['MQTT', 5])
    const [cleanStart, will, willQos, willRetain] = [2, 4, 24, 32].map((mask) => flags & mask)
    expect([cleanStart, will, willQos, willRetain]).toEqual([2, 4, 8, 32])
    expect(keepaliveS).toBeGreaterThan(0)
    const properties = fields.properties()
    expect(properties.get(PROPERTY.SESSION_EXPIRY) ?? 0).toBe(0)
    expect(properties.get(PROPERTY.RECEIVE_MAXIMUM)).toBe(16)
    expect(properties.get(PROPERTY.PACKET_MAXIMUM)).toBe(4 * 1024 * 1024)
    expect(fields.text()).toBe('k1')
    fields.properties()
    expect(fields.text()).toBe('lk/v1/test/k1/up/state')
    const body = JSON.parse(fields.text())
    expect(body).toMatchObject({ k: 'k1', online: false })
    expect(misfitsOf({ topic: 'lk/v1/test/k1/up/state', payload: JSON.stringify(body) })).toEqual(
      [],
    )
    expect(fields.hasMore()).toBe(false)
  })

  test('subscribes to its own topics once, and says nothing before that is granted', () => {
    const [subscribe, ...others] = of(TYPE.SUBSCRIBE)
    expect(others).toEqual([])
    const fields = new Fields(subscribe?.body ?? Buffer.alloc(0))
    fields.word()
    fields.properties()
    expect([fields.text(), fields.byte() & 3, fields.hasMore()]).toEqual([
      'lk/v1/test/k1/dn/#',
      1,
      false,
    ])
    const granted = seen.findIndex(({ type }) => type === TYPE.SUBACK)
    const spoken = seen.findIndex(({ type, isFromClient }) => type === TYPE.PUBLISH && isFromClient)
    expect(granted).toBeGreaterThan(0)
    expect(spoken).toBeGreaterThan(granted)
  })

  test('ends with a goodbye to central, and one to the broker', () => {
    const end = seen.filter(({ isFromClient }) => isFromClient).slice(-2)
    expect(end.map(({ type }) => type)).toEqual([TYPE.PUBLISH, TYPE.DISCONNECT])
    expect(end[0]?.body.toString()).toContain('"online":false')
  })
})

describe('every message', () => {
  test('is sent with QoS 1, once, on a topic of its own; presence alone is retained', () => {
    const sent = publications(true)
    expect(sent.length).toBeGreaterThan(FACTS / 10)
    expect(sent.filter(({ qos, isAgain }) => qos !== 1 || isAgain)).toEqual([])
    expect(sent.filter(({ topic }) => !OWN_TOPIC.test(topic))).toEqual([])
    const leaves = new Set(sent.map(({ topic }) => topic.split('/').at(-1)))
    expect(leaves).toEqual(new Set(['state', 'sync', 'ev', 'rej']))
    const retained = sent.filter(({ isRetained }) => isRetained).map(({ topic }) => topic)
    expect(new Set(retained)).toEqual(new Set(['lk/v1/test/k1/up/state']))
  })

  test('of the kiosk waits for a place in the broker’s window', () => {
    const [connack] = of(TYPE.CONNACK)
    const fields = new Fields(connack?.body ?? Buffer.alloc(0))
    fields.word()
    expect(fields.properties().get(PROPERTY.RECEIVE_MAXIMUM)).toBe(BROKER_WINDOW)
    const most = openAtMost(true)
    expect(most).toBeLessThanOrEqual(BROKER_WINDOW)
    // Less would prove nothing.
    expect(most).toBe(BROKER_WINDOW)
    expect(openAtMost(false)).toBeLessThanOrEqual(16)
  })

  test.each([
    ['the kiosk', true],
    ['the broker', false],
  ])('of %s is acknowledged, under a number that nobody else has meanwhile', (_who, isKiosk) => {
    const open = new Set<number>()
    for (const { type, isFromClient, body } of seen) {
      if (type === TYPE.PUBLISH && isFromClient === isKiosk) {
        const id = idOf(body)
        expect([id > 0, open.has(id)]).toEqual([true, false])
        open.add(id)
      }
      if (type === TYPE.PUBACK && isFromClient !== isKiosk) {
        expect(open.delete(body.readUInt16BE(0))).toBe(true)
      }
    }
    // The broker may have been speaking when the kiosk left.
    expect(isKiosk ? open.size : Math.max(0, open.size - 1)).toBe(0)
  })

  function idOf(body: Buffer): number {
    return body.readUInt16BE(2 + body.readUInt16BE(0))
  }

  /** Publications without their PUBACK, at the busiest moment. */
  function openAtMost(isKiosk: boolean): number {
    let [open, most] = [0, 0]
    for (const { type, isFromClient } of seen) {
      if (type === TYPE.PUBLISH && isFromClient === isKiosk) open += 1
      if (type === TYPE.PUBACK && isFromClient !== isKiosk) open -= 1
      most = Math.max(most, open)
    }
    return most
  }
})

describe('to tshark', () => {
  function tshark(...args: readonly string[]): readonly string[] {
    const decode = ['-r', capture, '-d', `tcp.port==${port},mqtt`]
    const options = { encoding: 'utf8', stdio: 'pipe', maxBuffer: 64 * 1024 * 1024 } as const
    return execFileSync('tshark', [...decode, ...args], options)
      .split('\n')
      .filter(Boolean)
  }

  test('no packet is malformed, and each one is MQTT', () => {
    const wanted = ['mqtt.msgtype', '_ws.malformed', 'mqtt.unknown_version', 'mqtt.prop_unknown']
    const frames = tshark('-T', 'fields', ...wanted.flatMap((field) => ['-e', field]))
    expect(frames.length).toBeGreaterThan(FACTS / 10)
    expect(frames.filter((line) => line.split('\t').slice(1).join('') !== '')).toEqual([])
    const count = (type: number): number => {
      const types = frames.flatMap((line) => (line.split('\t')[0] ?? '').split(','))
      return types.filter((each) => each === String(type)).length
    }
    for (const type of Object.values(TYPE))
      expect([type, count(type)]).toEqual([type, of(type).length])
  })

  test('payloads are those of the published schemas, but for the one that nobody signed', () => {
    const fields = ['-T', 'fields', '-e', 'mqtt.topic', '-e', 'mqtt.msg', '-Y', 'mqtt.msgtype == 3']
    const messages = tshark(...fields).flatMap((line) => {
      const [topics = '', payloads = ''] = line.split('\t').map((part) => part.split(','))
      return [...payloads].map((hex, index) => ({
        topic: topics[index] ?? '',
        payload: Buffer.from(hex, 'hex').toString('utf8'),
      }))
    })
    expect(messages).toHaveLength(of(TYPE.PUBLISH).length)
    expect(messages.flatMap(misfitsOf)).toEqual(['lk/v1/test/k1/dn/delta: not JSON'])
    const facts = messages.filter(({ topic }) => topic.endsWith('/ev'))
    const numbers = facts.flatMap(({ payload }) => JSON.parse(payload).ev.map(seqOf))
    expect(new Set(numbers).size).toBe(FACTS)
  })

  function seqOf(text: string): number {
    return JSON.parse(text).seq
  }
})
