// The uplink over MQTT.js, which serves as a packet engine only: one client per attempt, no
// reconnecting, no queue, no store. What it does on its own besides is listed with its evidence in
// the decision record docs/decisions/uplink-beside-the-rules.md.
import { randomBytes } from 'node:crypto'
import mqtt, { type IClientOptions, type MqttClient } from 'mqtt'
import { type DownOpener, MESSAGE_BYTES_MAX, type Opened } from '../contract/open-down.ts'
import { type Address, downFilter, parseTopic, upTopic } from '../contract/topics.ts'
import { IdentityError, type IdentityFiles } from '../identity/identity-files.ts'
import { IdentityKeeper } from '../identity/identity-keeper.ts'
import type { LinkCause, Receipt } from '../machine/state.ts'
import type { Broker } from './broker.ts'
import { GuardedSocket, type SocketOptions } from './guarded-socket.ts'
import type { ConnectRequest, LinkHost, Publication, UplinkLink } from './link.ts'
import { causeOfClose, causeOfDisconnect, type NamedCause } from './link-cause.ts'

export interface MqttLinkOptions extends Address {
  /** At least one; the machine says which. */
  readonly brokers: readonly Broker[]
  /** Read at every attempt, so that renewed files need no restart. */
  readonly identity: IdentityFiles
  readonly now: () => { readonly wallMs: number; readonly isWallBelieved: boolean }
  /** Whom a broker's certificate must name; null: the host it is reached by. */
  readonly serverName: string | null
  readonly username?: string
  readonly password?: string
  readonly keepaliveS: number
  readonly connectTimeoutMs: number
  /** A message not acknowledged by the core in this time ends the connection. */
  readonly commitWaitMs: number
  /** So long without any PUBACK, while one is owed, ends the connection: the broker is stuck. */
  readonly pubackWaitMs: number
  /**
   * False: what a cluster keeps for a client it must find before it lets the client in again, so
   * that it is to keep nothing. QoS 0 comes down then, and `state` is not retained.
   */
  readonly brokerKeeps: boolean
  readonly openDown: DownOpener
}

/** Topic, packet id and properties on top of the largest message. */
const PACKET_BYTES_MAX = MESSAGE_BYTES_MAX + 2048
/** What exceeds this the broker need not even send; what lies between is refused with a reason. */
const ANNOUNCED_BYTES_MAX = 4 * 1024 * 1024
const MARKER_BYTES = 16
const GOODBYE_MS = 1_000
const RECEIVE_MAXIMUM = 16
/** Of a broker that names none: MQTT 5 §3.2.2.3.3; it is a bound for 3.1.1 too. */
const RECEIVE_MAXIMUM_DEFAULT = 65_535
/** What waits for the broker's window; the machine's own is far below. */
const WAITING_MAX = 256
/** Of a PUBLISH around its payload: headers, topic, packet id, properties. */
const ENVELOPE_BYTES_MAX = 256
const QOS_AT_MOST_ONCE = 0
const QOS_AT_LEAST_ONCE = 1
const SUBSCRIPTION_FAILED = 0x80

interface Pending {
  readonly receipt: Receipt
  readonly done: (error?: Error) => void
  readonly timer: NodeJS.Timeout
}

/** One attempt and the connection that may come of it. */
class Attempt {
  private readonly options: MqttLinkOptions
  private readonly request: ConnectRequest
  private readonly host: LinkHost
  private readonly marker = randomBytes(MARKER_BYTES)
  private readonly socket: SocketOptions
  private readonly client: MqttClient
  private pending: Pending | null = null
  private received = 0
  private isSubscribed = false
  /** Without a PUBACK; the library keeps no count of them. */
  private inFlight = 0
  private limits = { receiveMaximum: RECEIVE_MAXIMUM_DEFAULT, packetBytesMax: Infinity }
  private readonly waiting: Publication[] = []
  private pubackTimer: NodeJS.Timeout | null = null
  private hasEnded = false
  private hasAnswered = false

  constructor(
    options: MqttLinkOptions,
    request: ConnectRequest,
    { keeper, host }: { readonly keeper: IdentityKeeper; readonly host: LinkHost },
  ) {
    this.options = options
    this.request = request
    this.host = host
    this.socket = socketOptions(options, request, keeper)
    this.client = new mqtt.MqttClient(() => this.openStream(), this.clientOptions())
    // The library answers a message once this calls back: that is how a PUBACK follows the commit.
    this.client.handleMessage = (packet, done) => {
      const payload =
        typeof packet.payload === 'string' ? Buffer.from(packet.payload) : packet.payload
      void this.take({ topic: packet.topic, payload, isAcknowledged: packet.qos > 0 }, done)
    }
    this.client.on('connect', ({ properties }) => {
      const { receiveMaximum, maximumPacketSize } = properties ?? {}
      this.limits = {
        receiveMaximum: receiveMaximum ?? RECEIVE_MAXIMUM_DEFAULT,
        packetBytesMax: maximumPacketSize ?? Infinity,
      }
      this.subscribe()
    })
    this.client.on('packetreceive', () => {
      this.hasAnswered = true
    })
    // MQTT 5: the broker says why it is about to close.
    this.client.on('disconnect', (packet) => this.end(causeOfDisconnect(packet.reasonCode)))
    this.client.on('error', (error) => this.end(causeOfClose(error, this.hasAnswered)))
    this.client.on('close', () => {
      this.end(
        this.hasAnswered ? ['closed', 'closed'] : ['closed-early', 'closed without an answer'],
      )
    })
  }

  private openStream(): GuardedSocket {
    const stream = new GuardedSocket(this.socket, {
      packetBytesMax: PACKET_BYTES_MAX,
      hasProperties: this.request.protocol === '5',
      marker: this.marker,
    })
    // The library tells a handful of errors and swallows the others, all of TLS among them.
    stream.on('error', (error) => this.end(causeOfClose(error, this.hasAnswered)))
    return stream
  }

  private clientOptions(): IClientOptions {
    const { kioskId, keepaliveS, connectTimeoutMs, username, password } = this.options
    const common: IClientOptions = {
      clientId: kioskId,
      clean: true,
      reconnectPeriod: 0,
      connectTimeout: connectTimeoutMs,
      keepalive: keepaliveS,
      queueQoSZero: false,
      resubscribe: false,
      will: {
        topic: upTopic(this.options, 'state'),
        payload: Buffer.from(this.request.will),
        qos: QOS_AT_LEAST_ONCE,
        retain: this.options.brokerKeeps,
      },
      ...(username === undefined ? {} : { username }),
      ...(password === undefined ? {} : { password }),
    }
    if (this.request.protocol === '3.1.1') return { ...common, protocolVersion: 4 }
    return {
      ...common,
      protocolVersion: 5,
      properties: {
        sessionExpiryInterval: 0,
        receiveMaximum: RECEIVE_MAXIMUM,
        maximumPacketSize: ANNOUNCED_BYTES_MAX,
      },
    }
  }

  private subscribe(): void {
    const topic = downFilter(this.options)
    const qos = this.options.brokerKeeps ? QOS_AT_LEAST_ONCE : QOS_AT_MOST_ONCE
    this.client.subscribe(topic, { qos }, (error, granted) => {
      if (this.hasEnded) return
      const isGranted =
        granted?.length === 1 && granted.every((one) => one.qos < SUBSCRIPTION_FAILED)
      if (error !== null || !isGranted) {
        this.end(['subscription-refused', error?.message ?? `not granted: ${topic}`])
        return
      }
      this.isSubscribed = true
      const { session, protocol } = this.request
      this.host({ kind: 'link-up', session, protocol })
    })
  }

  private async take(
    packet: {
      readonly topic: string
      readonly payload: Buffer
      readonly isAcknowledged: boolean
    },
    done: (error?: Error) => void,
  ): Promise<void> {
    const opened = await this.open(packet.topic, packet.payload)
    if (this.hasEnded) return
    this.received += 1
    const receipt = `${this.request.session}:${this.received}`
    const timer = setTimeout(() => {
      this.end(['core-stalled', `no commit in ${this.options.commitWaitMs} ms`])
    }, this.options.commitWaitMs)
    this.pending = { receipt, done, timer }
    this.host(
      opened.kind === 'message'
        ? { kind: 'message', message: opened.message, receipt }
        : { kind: 'message-refused', refusal: opened.refusal, receipt },
    )
  }

  private async open(topic: string, payload: Buffer): Promise<Opened> {
    if (payload.subarray(0, MARKER_BYTES).equals(this.marker)) {
      const leaf = parseTopic(topic)?.leaf ?? topic
      const detail = `${payload.subarray(MARKER_BYTES).toString()} bytes in one packet`
      return { kind: 'refused', refusal: { leaf, code: 'LK-SYNC-01', detail } }
    }
    return await this.options.openDown(topic, payload)
  }

  acknowledge(receipt: Receipt): void {
    const { pending } = this
    if (pending === null || pending.receipt !== receipt) return
    this.pending = null
    clearTimeout(pending.timer)
    pending.done()
  }

  publish(publication: Publication): void {
    // The library would keep it in memory for later, and lose it there.
    if (this.hasEnded || !this.isSubscribed || !this.client.connected) return
    const { receiveMaximum, packetBytesMax } = this.limits
    const bytes = Buffer.byteLength(publication.body) + ENVELOPE_BYTES_MAX
    if (bytes > packetBytesMax) {
      const limit = `the broker takes ${packetBytesMax} bytes, this is ${bytes}`
      this.end(['publication-refused', `${publication.leaf}: ${limit}`])
    } else if (this.inFlight < receiveMaximum) this.send(publication)
    else if (this.waiting.length < WAITING_MAX) this.waiting.push(publication)
    else this.end(['timeout', `${WAITING_MAX} messages wait for the broker`])
  }

  private send({ leaf, body, isRetained }: Publication): void {
    this.inFlight += 1
    this.watch()
    const retain = isRetained && this.options.brokerKeeps
    const options = { qos: QOS_AT_LEAST_ONCE, retain } as const
    this.client.publish(upTopic(this.options, leaf), body, options, (error) => {
      // An error without a number tells of a connection that ends anyway, and by its own name.
      if (error && 'code' in error && typeof error.code === 'number') {
        this.end(['publication-refused', `${leaf}: ${error.message}`])
      }
      this.inFlight -= 1
      if (this.hasEnded) return
      if (this.pubackTimer !== null) clearTimeout(this.pubackTimer)
      this.pubackTimer = null
      this.watch()
      const next = this.waiting.shift()
      if (next !== undefined) this.send(next)
    })
  }

  /** A broker that answers pings may yet be stuck. */
  private watch(): void {
    if (this.inFlight === 0 || this.pubackTimer !== null) return
    const { pubackWaitMs } = this.options
    this.pubackTimer = setTimeout(() => {
      this.end(['timeout', `no PUBACK in ${pubackWaitMs} ms`])
    }, pubackWaitMs)
  }

  /** With a DISCONNECT, so that the broker drops the will, and without an event. */
  close(): void {
    if (this.hasEnded) return
    this.hasEnded = true
    this.release()
    const { client } = this
    const force = setTimeout(() => client.end(true), GOODBYE_MS)
    client.end(false, () => clearTimeout(force))
  }

  /** Idempotent: an error, a DISCONNECT and a close may tell the same end three times. */
  private end([cause, detail]: readonly [LinkCause, string]): void {
    if (this.hasEnded) return
    this.hasEnded = true
    this.release()
    // Later, because the library may be walking its lists, and ending it empties them under its
    // feet.
    setImmediate(() => this.client.end(true))
    this.host({ kind: 'link-down', session: this.request.session, cause, detail })
  }

  private release(): void {
    if (this.pending !== null) clearTimeout(this.pending.timer)
    if (this.pubackTimer !== null) clearTimeout(this.pubackTimer)
    this.pending = null
  }
}

function socketOptions(
  options: MqttLinkOptions,
  request: ConnectRequest,
  keeper: IdentityKeeper,
): SocketOptions {
  const broker = options.brokers[request.broker]
  if (broker === undefined) throw new Error(`there is no broker ${request.broker}`)
  const { host, port, isEncrypted } = broker
  if (!isEncrypted) return { host, port, tls: null }
  const name = options.serverName ?? host
  const { wallMs, isWallBelieved } = request
  const tls = { identity: keeper.read(), name, wallMs, isWallBelieved }
  return { host, port, tls }
}

function causeOfFailedStart(error: unknown): NamedCause {
  const detail = error instanceof Error ? error.message : String(error)
  return [error instanceof IdentityError ? 'identity-unusable' : 'unreachable', detail]
}

export function createMqttLink(options: MqttLinkOptions, outer: LinkHost): UplinkLink {
  let attempt: Attempt | null = null
  const { kioskId, identity: files, now } = options
  const keeper = new IdentityKeeper({ kioskId, files, now }, outer)
  const host: LinkHost = (event) => outer(keeper.hear(event))
  return {
    connect: (request) => {
      attempt?.close()
      attempt = null
      try {
        attempt = new Attempt(options, request, { keeper, host })
      } catch (error) {
        const [cause, detail] = causeOfFailedStart(error)
        host({ kind: 'link-down', session: request.session, cause, detail })
      }
    },
    publish: (publication) => attempt?.publish(publication),
    acknowledge: (receipt) => attempt?.acknowledge(receipt),
    renew: (answer) => keeper.install(answer),
    disconnect: () => {
      keeper.stop()
      attempt?.close()
      attempt = null
    },
  }
}
