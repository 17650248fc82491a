// Reads MQTT 5 packets out of a stream of bytes, by the specification and with nothing of MQTT.js.

export const TYPE = {
  CONNECT: 1,
  CONNACK: 2,
  PUBLISH: 3,
  PUBACK: 4,
  SUBSCRIBE: 8,
  SUBACK: 9,
  PINGREQ: 12,
  DISCONNECT: 14,
} as const

export interface Packet {
  readonly type: number
  /** The lower half of the first byte. */
  readonly flags: number
  /** What follows the length. */
  readonly body: Buffer
}

/** @returns a reader that is fed chunks, however they are cut, and gives whole packets */
export function packetReader(): (bytes: Buffer) => readonly Packet[] {
  let held: Buffer = Buffer.alloc(0)
  return (bytes) => {
    held = Buffer.concat([held, bytes])
    const packets: Packet[] = []
    for (;;) {
      const length = variableInteger(held, 1)
      if (length === null || held.length < length.end + length.value) return packets
      const [first = 0] = held
      const end = length.end + length.value
      const body = held.subarray(length.end, end)
      packets.push({ type: first >> 4, flags: first & 0x0f, body })
      held = held.subarray(end)
    }
  }
}

function variableInteger(bytes: Buffer, from: number): { value: number; end: number } | null {
  let value = 0
  for (let place = 0; place < 4; place += 1) {
    const digit = bytes[from + place]
    if (digit === undefined) return null
    value += (digit & 0x7f) * 128 ** place
    if ((digit & 0x80) === 0) return { value, end: from + place + 1 }
  }
  throw new Error('a length has more than four bytes')
}

/** Walks through a packet's body. */
export class Fields {
  readonly #body: Buffer
  #at = 0

  constructor(body: Buffer) {
    this.#body = body
  }

  byte(): number {
    this.#at += 1
    return this.#body.readUInt8(this.#at - 1)
  }

  word(): number {
    this.#at += 2
    return this.#body.readUInt16BE(this.#at - 2)
  }

  long(): number {
    this.#at += 4
    return this.#body.readUInt32BE(this.#at - 4)
  }

  text(): string {
    const length = this.word()
    this.#at += length
    return this.#body.toString('utf8', this.#at - length, this.#at)
  }

  /** Numbers only, by identifier; MQTT 5 §2.2.2.2. */
  properties(): ReadonlyMap<number, number> {
    const length = variableInteger(this.#body, this.#at)
    if (length === null) return new Map()
    this.#at = length.end
    const end = length.end + length.value
    const found = new Map<number, number>()
    while (this.#at < end) {
      const id = this.byte()
      if (FOUR_BYTES.has(id)) found.set(id, this.long())
      else if (TWO_BYTES.has(id)) found.set(id, this.word())
      else if (ONE_BYTE.has(id)) found.set(id, this.byte())
      else throw new Error(`property ${id} is not expected here`)
    }
    return found
  }

  hasMore(): boolean {
    return this.#at < this.#body.length
  }
}

export const PROPERTY = {
  SESSION_EXPIRY: 0x11,
  RECEIVE_MAXIMUM: 0x21,
  PACKET_MAXIMUM: 0x27,
} as const
/** Session expiry, will delay, message expiry, maximum packet size. */
const FOUR_BYTES = new Set<number>([0x02, 0x11, 0x18, 0x27])
/** Server keep alive, receive maximum, topic alias maximum, topic alias. */
const TWO_BYTES = new Set<number>([0x13, 0x21, 0x22, 0x23])
/** Payload format, problem and response information, maximum QoS, retain and the like. */
const ONE_BYTE = new Set<number>([0x01, 0x17, 0x19, 0x24, 0x25, 0x28, 0x29, 0x2a])
