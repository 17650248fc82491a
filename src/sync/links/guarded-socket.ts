// A TCP or TLS connection whose incoming bytes pass the packet guard. Nothing is written before the
// other end is known to be the broker.
import { connect as connectTcp, isIP, type Socket } from 'node:net'
import { Duplex } from 'node:stream'
import { checkServerIdentity, connect as connectTls, type TLSSocket } from 'node:tls'
import type { Identity } from '../identity/identity-files.ts'
import { distrustOf } from './broker-trust.ts'
import { LinkError } from './link-cause.ts'
import { PacketGuard, type PacketGuardOptions } from './packet-guard.ts'

export interface SocketOptions {
  readonly host: string
  readonly port: number
  /** Null: without TLS. */
  readonly tls: TlsOptions | null
}

export interface TlsOptions {
  readonly identity: Identity
  /** Whom the broker's certificate must name. */
  readonly name: string
  readonly wallMs: number
  readonly isWallBelieved: boolean
}

/** A verdict takes one round trip, of which a handshake has two. */
const VERDICT_MIN_MS = 200
const VERDICT_MAX_MS = 2_000

type Written = readonly [
  chunk: Buffer,
  encoding: BufferEncoding,
  done: (error?: Error | null) => void,
]

function openTls({ host, port }: SocketOptions, { identity, name }: TlsOptions): TLSSocket {
  const { ca, certificate, key } = identity
  return connectTls({
    host,
    port,
    // Server Name Indication takes no address (RFC 6066 §3).
    servername: isIP(name) === 0 ? name : '',
    checkServerIdentity: (_host, certificate) => checkServerIdentity(name, certificate),
    minVersion: 'TLSv1.2',
    // Judged before the first byte, by distrustOf(): OpenSSL would judge by a clock of 1970 too.
    rejectUnauthorized: false,
    ...(ca === null ? {} : { ca }),
    ...(certificate === null ? {} : { cert: certificate }),
    ...(key === null ? {} : { key }),
  })
}

export class GuardedSocket extends Duplex {
  private readonly tcp: Socket
  private readonly openedAtMs = performance.now()
  private isReleased: boolean
  private held: Written | null = null

  constructor(options: SocketOptions, guardOptions: PacketGuardOptions) {
    super()
    const guard = new PacketGuard(guardOptions)
    const { host, port, tls } = options
    this.isReleased = tls === null
    if (tls === null) this.tcp = connectTcp({ host, port })
    else {
      const secure = openTls(options, tls)
      secure.on('secureConnect', () => this.judge(secure, tls))
      this.tcp = secure
    }
    // Measured: request and answer take 88 ms with Nagle's algorithm on both sides, 0.24 ms
    // without.
    this.tcp.setNoDelay(true)
    this.tcp.on('data', (chunk: Buffer) => this.receive(guard, chunk))
    this.tcp.on('end', () => this.push(null))
    this.tcp.on('error', (error) => this.destroy(error))
    this.tcp.on('close', () => this.destroy())
  }

  private judge(socket: TLSSocket, { identity, ...options }: TlsOptions): void {
    const distrust = distrustOf(socket, { ...identity, ...options })
    if (distrust !== null) {
      this.destroy(new LinkError(distrust))
      return
    }
    if (socket.getProtocol() === 'TLSv1.3') this.awaitVerdict(socket)
    else this.release()
  }

  /**
   * In TLS 1.3 the broker judges the kiosk's certificate when the kiosk is through already. What
   * reaches it before makes it reset the connection, and the reset overtakes the reason (measured
   * with Mosquitto). A session ticket proves that it is content; not every broker sends one.
   */
  private awaitVerdict(socket: TLSSocket): void {
    const handshakeMs = performance.now() - this.openedAtMs
    const waitMs = Math.min(VERDICT_MAX_MS, Math.max(VERDICT_MIN_MS, handshakeMs))
    const timer = setTimeout(() => this.release(), waitMs)
    // Later: what is written from inside OpenSSL's own call comes out garbled.
    socket.once('session', () => setImmediate(() => this.release()))
    socket.once('close', () => clearTimeout(timer))
  }

  private release(): void {
    if (this.isReleased || this.destroyed) return
    this.isReleased = true
    const { held } = this
    this.held = null
    if (held !== null) this.tcp.write(...held)
  }

  private receive(guard: PacketGuard, chunk: Buffer): void {
    try {
      const passed = guard.push(chunk)
      if (passed.length > 0 && !this.push(passed)) this.tcp.pause()
    } catch (error) {
      this.destroy(error instanceof Error ? error : new Error('the stream cannot be followed'))
    }
  }

  override _read(): void {
    this.tcp.resume()
  }

  /** The stream hands over one chunk at a time, so one is all there is to hold. */
  override _write(...written: Written): void {
    if (this.isReleased) this.tcp.write(...written)
    else this.held = written
  }

  override _final(done: () => void): void {
    this.tcp.end(done)
  }

  override _destroy(error: Error | null, done: (error: Error | null) => void): void {
    this.tcp.destroy()
    done(error)
  }
}
