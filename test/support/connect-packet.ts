// Reads a client's CONNECT (MQTT 5, §3.1) as far as the contract's document speaks of it.

export interface ConnectPacket {
  readonly version: number
  readonly clientId: string
  readonly isClean: boolean
  readonly will: {
    readonly topic: string
    readonly payload: string
    readonly qos: number
    readonly isRetained: boolean
  }
  readonly sessionExpiryS: number
  readonly receiveMax: number
  readonly packetBytesMax: number
}

const SESSION_EXPIRY = 0x11
const RECEIVE_MAXIMUM = 0x21
const MAXIMUM_PACKET_SIZE = 0x27
const CLEAN = 0b10
const WILL = 0b100
const WILL_RETAIN = 0b10_0000

class Reader {
  readonly #bytes: Buffer
  #at = 0

  constructor(bytes: Buffer) {
    this.#bytes = bytes
  }

  number(byteCount: number): number {
    this.#at += byteCount
    return this.#bytes.readUIntBE(this.#at - byteCount, byteCount)
  }

  /** Seven bits a byte, the lowest first. */
  varying(): number {
    const byte = this.number(1)
    return byte < 128 ? byte : byte - 128 + 128 * this.varying()
  }

  text(): string {
    const length = this.number(2)
    this.#at += length
    return this.#bytes.toString('utf8', this.#at - length, this.#at)
  }

  properties(): ReadonlyMap<number, number> {
    const end = this.varying() + this.#at
    const found = new Map<number, number>()
    while (this.#at < end) {
      const id = this.number(1)
      if (id === RECEIVE_MAXIMUM) found.set(id, this.number(2))
      else if (id === SESSION_EXPIRY || id === MAXIMUM_PACKET_SIZE) found.set(id, this.number(4))
      else throw new Error(`property ${id} is not in the contract`)
    }
    return found
  }
}

export function readConnect(bytes: Buffer): ConnectPacket {
  const reader = new Reader(bytes)
  if (reader.number(1) !== 0x10) throw new Error('not a CONNECT')
  reader.varying()
  if (reader.text() !== 'MQTT') throw new Error('not MQTT')
  const version = reader.number(1)
  const flags = reader.number(1)
  if ((flags & WILL) === 0) throw new Error('no will')
  reader.number(2)
  const properties = reader.properties()
  const clientId = reader.text()
  if (reader.properties().size > 0) throw new Error('the will has properties')
  const isRetained = (flags & WILL_RETAIN) !== 0
  return {
    version,
    clientId,
    isClean: (flags & CLEAN) !== 0,
    will: { topic: reader.text(), payload: reader.text(), qos: (flags >> 3) & 3, isRetained },
    sessionExpiryS: properties.get(SESSION_EXPIRY) ?? 0,
    receiveMax: properties.get(RECEIVE_MAXIMUM) ?? 65_535,
    packetBytesMax: properties.get(MAXIMUM_PACKET_SIZE) ?? Number.POSITIVE_INFINITY,
  }
}
