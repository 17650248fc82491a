// Stands between a client and a broker, passes every byte on and keeps a record, which other
// people's programs can read as a capture of packets.
import { once } from 'node:events'
import { writeFileSync } from 'node:fs'
import { connect, createServer, type Socket } from 'node:net'

interface Chunk {
  /** Of the connection, in the order in which they were opened. */
  readonly connection: number
  readonly isFromClient: boolean
  readonly bytes: Buffer
}

export interface RecordingProxy {
  readonly port: number
  /** In the order in which they came by. */
  readonly chunks: readonly Chunk[]
  /** @see https://www.tcpdump.org/manpages/pcap-savefile.5.html */
  writeCapture(path: string, brokerPort: number): void
  close(): void
}

export async function startRecordingProxy(target: number): Promise<RecordingProxy> {
  const chunks: Chunk[] = []
  const sockets = new Set<Socket>()
  let connections = 0
  const pipe = (from: Socket, to: Socket, place: Omit<Chunk, 'bytes'>): void => {
    sockets.add(from)
    from.on('data', (bytes: Buffer) => {
      chunks.push({ ...place, bytes })
      to.write(bytes)
    })
    from.on('end', () => to.end())
    from.on('error', () => to.destroy())
    from.on('close', () => sockets.delete(from))
  }
  const server = createServer((client) => {
    const connection = connections
    connections += 1
    const broker = connect({ host: '127.0.0.1', port: target, noDelay: true })
    client.setNoDelay(true)
    pipe(client, broker, { connection, isFromClient: true })
    pipe(broker, client, { connection, isFromClient: false })
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('no port')
  return {
    port: address.port,
    chunks,
    writeCapture: (path, brokerPort) => writeFileSync(path, captureOf(chunks, brokerPort)),
    close: () => {
      server.close()
      for (const socket of sockets) socket.destroy()
    },
  }
}

const MAGIC = 0xa1b2c3d4
/** LINKTYPE_RAW: packets begin with the IP header. */
const RAW_IP = 101
const SNAP_BYTES = 0xffff
/** A packet's length is a number of 16 bits, headers and all. */
const SEGMENT_BYTES_MAX = 32_768
const CLIENT_PORT = 50_000
const ACK = 0x10

function captureOf(chunks: readonly Chunk[], brokerPort: number): Buffer {
  const head = Buffer.alloc(24)
  head.writeUInt32LE(MAGIC, 0)
  head.writeUInt16LE(2, 4)
  head.writeUInt16LE(4, 6)
  head.writeUInt32LE(SNAP_BYTES, 16)
  head.writeUInt32LE(RAW_IP, 20)
  /** The next byte's number, by connection and direction. */
  const next = new Map<string, number>()
  const records: Buffer[] = [head]
  for (const { connection, isFromClient, bytes } of chunks) {
    const [own, other] = [`${connection} ${isFromClient}`, `${connection} ${!isFromClient}`]
    for (let at = 0; at < bytes.length; at += SEGMENT_BYTES_MAX) {
      const part = bytes.subarray(at, at + SEGMENT_BYTES_MAX)
      const sequence = next.get(own) ?? 1
      const ports = [CLIENT_PORT + connection, brokerPort]
      const [from = 0, to = 0] = isFromClient ? ports : ports.toReversed()
      const packet = tcpPacket({ from, to, sequence, acknowledged: next.get(other) ?? 1, part })
      next.set(own, sequence + part.length)
      const record = Buffer.alloc(16)
      record.writeUInt32LE(records.length, 0)
      record.writeUInt32LE(packet.length, 8)
      record.writeUInt32LE(packet.length, 12)
      records.push(record, packet)
    }
  }
  return Buffer.concat(records)
}

function tcpPacket(options: {
  readonly from: number
  readonly to: number
  readonly sequence: number
  readonly acknowledged: number
  readonly part: Buffer
}): Buffer {
  const { from, to, sequence, acknowledged, part } = options
  const packet = Buffer.alloc(40 + part.length)
  packet.writeUInt16BE(0x4500, 0)
  packet.writeUInt16BE(packet.length, 2)
  packet.writeUInt16BE(0x4006, 8)
  packet.writeUInt32BE(0x7f000001, 12)
  packet.writeUInt32BE(0x7f000001, 16)
  packet.writeUInt16BE(from, 20)
  packet.writeUInt16BE(to, 22)
  packet.writeUInt32BE(sequence, 24)
  packet.writeUInt32BE(acknowledged, 28)
  packet.writeUInt16BE(0x5000 | ACK, 32)
  packet.writeUInt16BE(0xffff, 34)
  part.copy(packet, 40)
  return packet
}
