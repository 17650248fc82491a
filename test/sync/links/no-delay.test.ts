// Small packets leave at once: Nagle's algorithm is switched off at the operating system, with and
// without TLS. What libuv was asked for is counted, and nothing is timed.
import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { connect, createServer, type Server, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createServer as createTlsServer } from 'node:tls'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { readIdentity } from '../../../src/sync/identity/identity-files.ts'
import { GuardedSocket, type SocketOptions } from '../../../src/sync/links/guarded-socket.ts'
import { CertificateAuthority } from '../../support/certificates.ts'

interface Handle {
  setNoDelay(this: Handle, isOn: boolean): number
}

const GUARD = { packetBytesMax: 1_024, hasProperties: false, marker: Buffer.from('marker') }

let folder: string
let server: Server
let handles: Handle
let original: Handle['setNoDelay']
/** What was asked of the operating system, and whether it did it (0). */
let asked: { readonly isOn: boolean; readonly result: number }[]

async function listen(on: Server): Promise<number> {
  server = on.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  return typeof address === 'object' ? (address?.port ?? 0) : 0
}

/** Node's own handle of a TCP connection, which lies below TLS as well. */
async function handlesOf(port: number): Promise<Handle> {
  const socket = connect(port, '127.0.0.1')
  await once(socket, 'connect')
  const { _handle } = socket as Socket & { readonly _handle: Handle }
  socket.destroy()
  return Object.getPrototypeOf(_handle)
}

async function opened(options: SocketOptions): Promise<GuardedSocket> {
  const arrived = once(server, options.tls === null ? 'connection' : 'secureConnection')
  const socket = new GuardedSocket(options, GUARD)
  socket.on('error', () => socket.destroy())
  await arrived
  return socket
}

async function watch(port: number): Promise<void> {
  handles = await handlesOf(port)
  original = handles.setNoDelay
  handles.setNoDelay = function (this: Handle, isOn) {
    const result = original.call(this, isOn)
    asked.push({ isOn, result })
    return result
  }
}

/** The server leaves it on: whoever asks is the kiosk, once or, through TLS, once more. */
function expectSwitchedOff(): void {
  expect(asked.length).toBeGreaterThan(0)
  expect(asked.filter(({ isOn, result }) => !isOn || result !== 0)).toEqual([])
}

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'latchkey-delay-'))
  asked = []
})

afterEach(() => {
  handles.setNoDelay = original
  server.close()
  rmSync(folder, { recursive: true, force: true })
})

test('without TLS', async () => {
  const port = await listen(createServer((peer) => peer.on('error', () => peer.destroy())))
  await watch(port)
  const socket = await opened({ host: '127.0.0.1', port, tls: null })
  expectSwitchedOff()
  socket.destroy()
})

test('with TLS', async () => {
  const authority = new CertificateAuthority(join(folder, 'authority'))
  const { certificateFile, keyFile } = authority.broker()
  const pair = { cert: readFileSync(certificateFile), key: readFileSync(keyFile) }
  const port = await listen(createTlsServer(pair, (peer) => peer.on('error', () => {})))
  await watch(port)
  const identity = readIdentity(authority.identity('k1'))
  const clock = { wallMs: Date.now(), isWallBelieved: true }
  const tls = { identity, name: '127.0.0.1', ...clock }
  const socket = await opened({ host: '127.0.0.1', port, tls })
  expectSwitchedOff()
  socket.destroy()
})
