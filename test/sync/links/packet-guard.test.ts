import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { OversizePacketError, PacketGuard } from '../../../src/sync/links/packet-guard.ts'

const MARKER = Buffer.from('marker')

function guard(packetBytesMax: number): PacketGuard {
  return new PacketGuard({ packetBytesMax, hasProperties: false, marker: MARKER })
}

/** A packet of MQTT 3.1.1 with QoS 1. */
function publishPacket(topic: string, payloadBytes: number): Buffer {
  const head = Buffer.alloc(2)
  head.writeUInt16BE(topic.length)
  const body = Buffer.concat([
    head,
    Buffer.from(topic),
    Buffer.from([0, 7]),
    Buffer.alloc(payloadBytes),
  ])
  return Buffer.concat([Buffer.from([0x32]), lengthBytes(body.length), body])
}

function lengthBytes(length: number): Buffer {
  if (length < 128) return Buffer.from([length])
  return Buffer.concat([
    Buffer.from([(length % 128) | 0x80]),
    lengthBytes(Math.floor(length / 128)),
  ])
}

function pushInPieces(target: PacketGuard, bytes: Buffer, cuts: readonly number[]): Buffer {
  const places = [0, ...cuts.map((cut) => cut % (bytes.length + 1)).sort((a, b) => a - b)]
  return Buffer.concat(
    places.map((from, index) => target.push(bytes.subarray(from, places[index + 1]))),
  )
}

describe('the packet guard', () => {
  test('passes packets within the limit unchanged, however they are cut', () => {
    const packets = Buffer.concat([
      Buffer.from([0xd0, 0]),
      publishPacket('a/b', 3),
      publishPacket('a/b', 200),
      Buffer.from([0x40, 2, 0, 7]),
    ])
    fc.assert(
      fc.property(fc.array(fc.nat()), (cuts) => {
        expect(pushInPieces(guard(300), packets, cuts)).toEqual(packets)
      }),
    )
  })

  test('replaces an oversize message and goes on with the next one, however they are cut', () => {
    const next = publishPacket('a/b', 3)
    const stream = Buffer.concat([publishPacket('a/b', 5_000), next])
    const header = Buffer.from([0x32, 17, 0, 3, ...Buffer.from('a/b'), 0, 7])
    const expected = Buffer.concat([header, MARKER, Buffer.from('5007'), next])
    fc.assert(
      fc.property(fc.array(fc.nat()), (cuts) => {
        expect(pushInPieces(guard(300), stream, cuts)).toEqual(expected)
      }),
    )
  })

  test('gives up on anything else oversize', () => {
    const connack = Buffer.concat([Buffer.from([0x20]), lengthBytes(1_000)])
    expect(() => guard(300).push(connack)).toThrow(OversizePacketError)
    expect(() => guard(300).push(Buffer.from([0x32, 255, 255, 255, 255, 1]))).toThrow(
      OversizePacketError,
    )
    const longTopic = Buffer.concat([Buffer.from([0x32]), lengthBytes(9_000), Buffer.from([32, 0])])
    expect(() => guard(300).push(longTopic)).toThrow(OversizePacketError)
  })
})
