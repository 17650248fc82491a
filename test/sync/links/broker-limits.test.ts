// What a broker allows is kept, and a broker that is stuck is left: by a broker made by hand, since
// the real ones here forgive more.
import { exportJWK, generateKeyPair } from 'jose'
import { afterEach, beforeAll, expect, test } from 'vitest'
import type { KeySet } from '../../../src/sync/contract/open-down.ts'
import { LiveUplink, type LiveUplinkOptions } from '../../support/live-uplink.ts'
import { packetReader, TYPE } from '../../support/mqtt-packets.ts'
import { type RawBroker, startRawBroker } from '../../support/raw-broker.ts'
import { until } from '../../support/until.ts'

const PINGRESP = Buffer.from([0xd0, 0])

let keys: KeySet
let broker: RawBroker
let kiosk: LiveUplink

beforeAll(async () => {
  const pair = await generateKeyPair('EdDSA', { crv: 'Ed25519', extractable: true })
  keys = { keys: [{ ...(await exportJWK(pair.publicKey)), kid: 'x' }] }
})

afterEach(() => {
  kiosk.kill()
  broker.close()
})

interface Limits {
  readonly receiveMaximum?: number
  readonly maximumPacketSize?: number
}

/** MQTT 5 §3.2: the properties are the broker's limits. */
function connack({ receiveMaximum, maximumPacketSize }: Limits): Buffer {
  const properties = Buffer.alloc(8)
  let length = 0
  if (receiveMaximum !== undefined) {
    properties[length] = 0x21
    length = properties.writeUInt16BE(receiveMaximum, length + 1)
  }
  if (maximumPacketSize !== undefined) {
    properties[length] = 0x27
    length = properties.writeUInt32BE(maximumPacketSize, length + 1)
  }
  const body = Buffer.concat([Buffer.from([0, 0, length]), properties.subarray(0, length)])
  return Buffer.concat([Buffer.from([0x20, body.length]), body])
}

interface Stand {
  /** Packet ids of publications that have no PUBACK yet. */
  readonly open: Buffer[]
  release(): void
}

/** @param acknowledges false: the test does it */
async function start(limits: Limits, options: Partial<LiveUplinkOptions> = {}): Promise<Stand> {
  const open: Buffer[] = []
  let answer: (bytes: Buffer) => void = () => {}
  const read = packetReader()
  broker = await startRawBroker((socket, bytes) => {
    answer = (reply) => void socket.write(reply)
    for (const { type, body } of read(bytes)) {
      if (type === TYPE.CONNECT) answer(connack(limits))
      if (type === TYPE.SUBSCRIBE) answer(Buffer.from([0x90, 4, body[0] ?? 0, body[1] ?? 0, 0, 1]))
      if (type === TYPE.PINGREQ) answer(PINGRESP)
      if (type === TYPE.PUBLISH) {
        const topicBytes = body.readUInt16BE(0)
        open.push(body.subarray(2 + topicBytes, 4 + topicBytes))
      }
    }
  })
  const config = { protocol: '5', ackTimeoutMs: 60_000, batchEventsMax: 1 } as const
  const { port } = broker
  kiosk = await LiveUplink.start({ host: '127.0.0.1', port, keys, config, ...options })
  return {
    open,
    release: () => {
      for (const id of open.splice(0)) answer(Buffer.concat([Buffer.from([0x40, 2]), id]))
    },
  }
}

test('no more is sent without a PUBACK than the broker receives at once', async () => {
  const stand = await start({ receiveMaximum: 2 })
  for (let fact = 0; fact < 4; fact += 1) kiosk.append('locker-released/1', { fact })
  let most = 0
  let seen = 0
  // Birth, request and four facts.
  while (seen < 6) {
    await until('something came', () => stand.open.length > 0)
    // Had the window been larger, the rest would have come with it.
    await new Promise(setImmediate)
    most = Math.max(most, stand.open.length)
    seen += stand.open.length
    stand.release()
  }
  expect([most, seen]).toEqual([2, 6])
  expect(kiosk.causes()).toEqual([])
})

test('a broker that answers pings and nothing else is left', async () => {
  await start({}, { pubackWaitMs: 200, keepaliveS: 1 })
  await until('given up', () => kiosk.causes().length > 0)
  expect(kiosk.causes()[0]).toBe('timeout')
  expect(kiosk.details()[0]).toBe('no PUBACK in 200 ms')
})

test('what is larger than the broker takes is not sent, and the log says so', async () => {
  const stand = await start({ maximumPacketSize: 2_000 })
  await until('the birth is there', () => stand.open.length > 0)
  kiosk.append('locker-released/1', { text: 'x'.repeat(2_000) })
  await until('given up', () => kiosk.causes().length > 0)
  expect(kiosk.causes()[0]).toBe('publication-refused')
  expect(kiosk.details()[0]).toMatch(/^ev: the broker takes 2000 bytes/)
})
