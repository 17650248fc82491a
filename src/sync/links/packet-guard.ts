// Bounds the memory that one MQTT packet can take. MQTT.js gathers a packet whole before it looks
// at its size, and a packet may announce 256 MiB. The guard reads the stream before the parser
// does: an oversize PUBLISH is replaced by an empty one of the same topic and packet id, so that it
// is still acknowledged and can be refused with a reason; anything else oversize is an error.

const PUBLISH = 3
const LENGTH_BYTES_MAX = 4
const TOPIC_BYTES_MAX = 1024
const PACKET_ID_BYTES = 2

export interface PacketGuardOptions {
  readonly packetBytesMax: number
  /** MQTT 5 puts properties before the payload. */
  readonly hasProperties: boolean
  /** Random bytes; they and the refused size in decimal become the replacement's payload. */
  readonly marker: Uint8Array
}

type Phase =
  | { readonly kind: 'header' }
  | { readonly kind: 'passing'; readonly left: number }
  /** Gathering an oversize PUBLISH's variable header. */
  | { readonly kind: 'gathering'; readonly first: number; readonly length: number }
  | { readonly kind: 'skipping'; readonly left: number }

export class OversizePacketError extends Error {}

export class PacketGuard {
  private readonly options: PacketGuardOptions
  private phase: Phase = { kind: 'header' }
  private held: Buffer = Buffer.alloc(0)

  constructor(options: PacketGuardOptions) {
    this.options = options
  }

  /** @returns what the parser may see; throws when the stream cannot be followed */
  push(chunk: Buffer): Buffer {
    const out: Buffer[] = []
    let rest = this.held.length === 0 ? chunk : Buffer.concat([this.held, chunk])
    this.held = Buffer.alloc(0)
    while (rest.length > 0) {
      const used = this.step(rest, out)
      if (used === null) {
        this.held = Buffer.from(rest)
        break
      }
      rest = rest.subarray(used)
    }
    return Buffer.concat(out)
  }

  /** @returns how many bytes were used, or null when more are needed first */
  private step(bytes: Buffer, out: Buffer[]): number | null {
    const { phase } = this
    switch (phase.kind) {
      case 'header':
        return this.readHeader(bytes, out)
      case 'passing':
      case 'skipping': {
        const used = Math.min(phase.left, bytes.length)
        if (phase.kind === 'passing') out.push(bytes.subarray(0, used))
        const left = phase.left - used
        this.phase = left === 0 ? { kind: 'header' } : { kind: phase.kind, left }
        return used
      }
      case 'gathering':
        return this.replace(bytes, out, phase)
    }
  }

  private readHeader(bytes: Buffer, out: Buffer[]): number | null {
    const first = bytes[0] ?? 0
    let length = 0
    for (let index = 0; index < LENGTH_BYTES_MAX; index += 1) {
      const byte = bytes[1 + index]
      if (byte === undefined) return null
      length += (byte & 0x7f) * 128 ** index
      if ((byte & 0x80) !== 0) continue
      const used = 2 + index
      if (used + length <= this.options.packetBytesMax) {
        out.push(bytes.subarray(0, used))
        this.phase = length === 0 ? { kind: 'header' } : { kind: 'passing', left: length }
      } else if (first >> 4 === PUBLISH) {
        this.phase = { kind: 'gathering', first, length }
      } else {
        throw new OversizePacketError(`a packet of type ${first >> 4} has ${length} bytes`)
      }
      return used
    }
    throw new OversizePacketError('a packet’s length has more than four bytes')
  }

  private replace(
    bytes: Buffer,
    out: Buffer[],
    { first, length }: { readonly first: number; readonly length: number },
  ): number | null {
    if (bytes.length < 2) return null
    const topicBytes = bytes.readUInt16BE(0)
    if (topicBytes > TOPIC_BYTES_MAX) {
      throw new OversizePacketError(`a topic has ${topicBytes} bytes`)
    }
    const isAcknowledged = (first & 0b110) !== 0
    const used = 2 + topicBytes + (isAcknowledged ? PACKET_ID_BYTES : 0)
    if (used > length) throw new OversizePacketError('a packet is shorter than its topic')
    if (bytes.length < used) return null
    const { marker, hasProperties } = this.options
    const body = Buffer.concat([
      bytes.subarray(0, used),
      Buffer.alloc(hasProperties ? 1 : 0),
      marker,
      Buffer.from(String(length)),
    ])
    out.push(Buffer.from([first]), variableByteInteger(body.length), body)
    this.phase = length === used ? { kind: 'header' } : { kind: 'skipping', left: length - used }
    return used
  }
}

function variableByteInteger(value: number): Buffer {
  const bytes: number[] = []
  let rest = value
  do {
    const digit = rest % 128
    rest = Math.floor(rest / 128)
    bytes.push(rest > 0 ? digit | 0x80 : digit)
  } while (rest > 0)
  return Buffer.from(bytes)
}
