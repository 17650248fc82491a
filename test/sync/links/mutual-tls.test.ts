// The uplink against Mosquitto as an operator runs it: nobody connects without a certificate, and
// each certificate opens the topics of one kiosk.
import { execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { chmodSync, copyFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { createServer } from 'node:tls'
import { promisify } from 'node:util'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { type Central, openCentral } from '../../../sim/central/central.ts'
import { loadCentralKeys, SIGNING_KEYS_FILE } from '../../../sim/central/keys.ts'
import type { KeySet } from '../../../src/sync/contract/open-down.ts'
import type { IdentityFiles } from '../../../src/sync/identity/identity-files.ts'
import { CODE_BY_CAUSE } from '../../../src/sync/machine/cause-codes.ts'
import { CertificateAuthority, type IssueOptions } from '../../support/certificates.ts'
import { LiveUplink, type LiveUplinkOptions } from '../../support/live-uplink.ts'
import { contractAcl, type Mosquitto, startMosquitto } from '../../support/mosquitto.ts'
import { until } from '../../support/until.ts'

const STAFF_KEY = Buffer.alloc(32, 7).toString('base64url')

let folder: string
let authority: CertificateAuthority
let broker: Mosquitto
let keys: KeySet
let central: Central
const kiosks: LiveUplink[] = []
const brokers: Mosquitto[] = []

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'latchkey-tls-'))
  authority = new CertificateAuthority(join(folder, 'authority'))
  broker = await startMosquitto(contractAcl(), { authority, broker: authority.broker() })
  await loadCentralKeys(folder)
  keys = JSON.parse(readFileSync(join(folder, SIGNING_KEYS_FILE), 'utf8'))
  central = await openCentral({
    folder,
    mqttUrls: [broker.url],
    identity: authority.identity('central'),
    namespace: 'test',
    kiosks: [{ kioskId: 'k1', staffKey: STAFF_KEY }],
    headIntervalMs: 300,
  })
})

afterEach(async () => {
  for (const kiosk of kiosks.splice(0)) kiosk.kill()
  for (const other of brokers.splice(0)) await other.stop()
})

afterAll(async () => {
  await central.close()
  await broker.stop()
  rmSync(folder, { recursive: true, force: true })
})

type Start = Partial<LiveUplinkOptions> & { readonly identity: IdentityFiles }

async function startKiosk(options: Start): Promise<LiveUplink> {
  const { host, port } = broker
  const kiosk = await LiveUplink.start({ host, port, keys, ...options })
  kiosks.push(kiosk)
  return kiosk
}

/** A broker of its own, with that certificate. */
async function startBroker(options: IssueOptions & { readonly name?: string }): Promise<Mosquitto> {
  const mutualTls = { authority, broker: authority.broker(options) }
  const other = await startMosquitto(contractAcl(), mutualTls)
  brokers.push(other)
  return other
}

async function firstCauseOf(options: Start): Promise<string> {
  const kiosk = await startKiosk(options)
  await until('the first attempt ends', () => kiosk.causes().length > 0)
  return kiosk.causes()[0] ?? ''
}

describe('a kiosk with its certificate', () => {
  test.each(['5', '3.1.1'] as const)('sends and receives over MQTT %s', async (protocol) => {
    const kiosk = await startKiosk({ identity: authority.identity('k1'), config: { protocol } })
    const id = `r-${protocol === '5' ? 'five' : 'three'}`
    kiosk.append('locker-released/1', { lockerId: 'A1' })
    central.setRecipient({ kioskId: 'k1', id, label: 'Ada' })
    await until('the row is there', () => kiosk.ledger.rows.directory.has(id))
    expect(kiosk.causes()).toEqual([])
  })

  test('cannot write the topics of another kiosk', async () => {
    const k1 = authority.client('k1')
    const heard: string[] = []
    const args = ['-V', '5', '-q', '1', '-t', 'lk/v1/test/#', '-F', '%t']
    const listener = spawn('mosquitto_sub', [...broker.clientArgs(), ...args])
    createInterface({ input: listener.stdout }).on('line', (line) => heard.push(line))
    await broker.publish('lk/v1/test/k1/up/probe', 'x', ['-r'])
    await until('central listens', () => heard.includes('lk/v1/test/k1/up/probe'))
    const say = (topic: string) => {
      const message = ['-V', '5', '-q', '1', '-m', 'x', '-t', topic]
      return promisify(execFile)('mosquitto_pub', [...broker.clientArgs(k1), ...message])
    }
    const refused = await say('lk/v1/test/k2/up/ev')
    await say('lk/v1/test/k1/dn/ack')
    await say('lk/v1/test/k1/up/last')
    await until('the last one', () => heard.includes('lk/v1/test/k1/up/last'))
    expect(heard.filter((topic) => topic.includes('/k2/') || topic.endsWith('ack'))).toEqual([])
    expect(refused.stderr).toContain('Not authorized')
    const exited = once(listener, 'exit')
    listener.kill('SIGTERM')
    await exited
  })

  test('cannot read the topics of another kiosk', async () => {
    const args = [...broker.clientArgs(authority.client('k1')), '-q', '1', '-F', '%t']
    const topics = ['-t', 'lk/v1/test/#', '-t', 'lk/v1/test/k2/dn/#']
    const listener = spawn('mosquitto_sub', [...args, ...topics])
    const heard: string[] = []
    createInterface({ input: listener.stdout }).on('line', (line) => heard.push(line))
    await broker.publish('lk/v1/test/k1/dn/probe', 'x', ['-r'])
    await until('the kiosk listens', () => heard.includes('lk/v1/test/k1/dn/probe'))
    await broker.publish('lk/v1/test/k2/dn/delta', 'x')
    await broker.publish('lk/v1/test/k2/up/ev', 'x')
    await broker.publish('lk/v1/test/k1/dn/last', 'x')
    await until('the last one', () => heard.includes('lk/v1/test/k1/dn/last'))
    expect(heard.filter((topic) => !topic.startsWith('lk/v1/test/k1/dn/'))).toEqual([])
    const exited = once(listener, 'exit')
    listener.kill('SIGTERM')
    await exited
  })

  test('of another kiosk gets nothing through', async () => {
    const identity = authority.identity('k2')
    expect(await firstCauseOf({ identity, config: { protocol: '5' } })).toBe('publication-refused')
  })
})

describe('a broker is refused', () => {
  test('whose certificate is of an unknown authority', async () => {
    const stranger = new CertificateAuthority(join(folder, 'stranger'))
    const identity = { ...authority.identity('k1'), caFile: stranger.caFile }
    expect(await firstCauseOf({ identity })).toBe('broker-unknown')
    const doubtful = await firstCauseOf({ identity, isWallBelieved: false })
    expect(doubtful).toBe('broker-unknown')
  })

  test('whose certificate is for another name', async () => {
    const { port } = await startBroker({ name: 'elsewhere.example' })
    const identity = authority.identity('k1')
    expect(await firstCauseOf({ identity, port })).toBe('broker-misnamed')
    const doubtful = await firstCauseOf({ identity, port, isWallBelieved: false })
    expect(doubtful).toBe('broker-misnamed')
  })

  test('whose certificate has expired', async () => {
    const { port } = await startBroker({ fromDays: -20, toDays: -10 })
    const identity = authority.identity('k1')
    expect(await firstCauseOf({ identity, port })).toBe('broker-expired')
  })

  test('whose certificate had expired before the kiosk’s own began, at any hour', async () => {
    const { port } = await startBroker({ fromDays: -20, toDays: -10 })
    const identity = authority.identity('k1')
    const cause = await firstCauseOf({ identity, port, isWallBelieved: false })
    expect(cause).toBe('broker-expired')
  })

  test('whose certificate is not valid yet, and the log names both days', async () => {
    const { port } = await startBroker({ fromDays: 10 })
    const kiosk = await startKiosk({ identity: authority.identity('k1'), port })
    await until('the first attempt ends', () => kiosk.causes().length > 0)
    expect(kiosk.causes()[0]).toBe('broker-too-new')
    const today = new Date().toISOString().slice(0, 10)
    expect(kiosk.details()[0]).toContain(`the kiosk’s clock says ${today}`)
  })
})

test('whoever is not the broker hears nothing of the kiosk', async () => {
  const stranger = new CertificateAuthority(join(folder, 'listener'))
  const { certificateFile, keyFile } = stranger.broker()
  let heardBytes = 0
  const pair = { cert: readFileSync(certificateFile), key: readFileSync(keyFile) }
  const listener = createServer({ ...pair, requestCert: true, rejectUnauthorized: false })
  listener.on('secureConnection', (socket) => {
    socket.on('data', ({ length }: Buffer) => {
      heardBytes += length
    })
    socket.on('error', () => socket.destroy())
  })
  await once(listener.listen(0, '127.0.0.1'), 'listening')
  const address = listener.address()
  const port = typeof address === 'object' ? (address?.port ?? 0) : 0
  const kiosk = await startKiosk({ identity: authority.identity('k1'), port })
  await until('three attempts', () => kiosk.causes().length >= 3)
  kiosk.kill()
  listener.close()
  expect(new Set(kiosk.causes())).toEqual(new Set(['broker-unknown']))
  expect(heardBytes).toBe(0)
})

test('a name that is configured counts, and not the host that is called', async () => {
  const { port } = await startBroker({ name: 'broker.example' })
  const identity = authority.identity('k1')
  expect(await firstCauseOf({ identity, port, serverName: '127.0.0.1' })).toBe('broker-misnamed')
  const kiosk = await startKiosk({ identity, port, serverName: 'broker.example' })
  await until('up', () => kiosk.isUp())
})

test('a kiosk that believes no clock connects, whatever the dates say', async () => {
  const { port } = await startBroker({ fromDays: 10 })
  const identity = authority.identity('k1')
  const kiosk = await startKiosk({ identity, port, isWallBelieved: false })
  await until('up', () => kiosk.isUp())
  expect(kiosk.causes()).toEqual([])
})

describe('a kiosk is refused, and says why', () => {
  test('without a certificate', async () => {
    const identity = { caFile: authority.caFile, certificateFile: null, keyFile: null }
    expect(await firstCauseOf({ identity })).toBe('identity-refused')
  })

  test('with the certificate of an unknown authority', async () => {
    const stranger = new CertificateAuthority(join(folder, 'other'))
    const identity = { ...stranger.identity('k1'), caFile: authority.caFile }
    expect(await firstCauseOf({ identity })).toBe('identity-refused')
  })

  test('with an expired certificate, until the file is renewed, without a restart', async () => {
    const identity = authority.identity('k1', { fromDays: -20, toDays: -10 })
    const { certificateFile, keyFile } = identity
    const kiosk = await startKiosk({ identity })
    await until('refused', () => kiosk.causes().length > 0)
    expect(kiosk.causes()[0]).toBe('identity-expired')
    const renewed = authority.client('k1')
    copyFileSync(renewed.keyFile, keyFile ?? '')
    copyFileSync(renewed.certificateFile, certificateFile ?? '')
    await until('up', () => kiosk.isUp())
  })

  test('with a revoked one; a new one of the same kiosk is taken', async () => {
    const [stolen, fresh] = [authority.identity('k1'), authority.identity('k1')]
    const { certificateFile, keyFile } = stolen
    const files = { certificateFile: certificateFile ?? '', keyFile: keyFile ?? '' }
    const mutualTls = { authority, broker: authority.broker() }
    const lines = [`crlfile ${authority.revoke(files)}`]
    const other = await startMosquitto(contractAcl(), mutualTls, lines)
    brokers.push(other)
    const { port } = other
    const thief = await startKiosk({ identity: stolen, port })
    await until('refused', () => thief.causes().length > 0)
    expect(thief.causes()[0]).toBe('identity-refused')
    expect(thief.details()[0]).toContain('REVOKED')
    expect(CODE_BY_CAUSE['identity-refused']).toBe('LK-LINK-14')
    const kiosk = await startKiosk({ identity: fresh, port })
    await until('up', () => kiosk.isUp())
    expect(kiosk.causes()).toEqual([])
  })

  const damages: readonly [name: string, detail: string, damage: (files: IdentityFiles) => void][] =
    [
      ['a missing file', 'ENOENT', ({ certificateFile }) => rmSync(certificateFile ?? '')],
      [
        'an empty file',
        'not the PEM',
        ({ certificateFile }) => writeFileSync(certificateFile ?? '', ''),
      ],
      [
        'a key of another certificate',
        'is not the key of',
        ({ keyFile }) => copyFileSync(authority.client('k1').keyFile, keyFile ?? ''),
      ],
      [
        'a key that everybody may read',
        'chmod 0400',
        ({ keyFile }) => chmodSync(keyFile ?? '', 0o444),
      ],
      [
        'an endless file',
        'more than 65536 bytes',
        ({ caFile }) => writeFileSync(caFile ?? '', 'x'.repeat(65_537)),
      ],
    ]

  test.each(damages)('with %s', async (_name, detail, damage) => {
    const own = authority.identity('k1')
    const caFile = join(folder, 'ca-copy.crt')
    copyFileSync(authority.caFile, caFile)
    const identity = { ...own, caFile }
    damage(identity)
    const kiosk = await startKiosk({ identity })
    await until('refused', () => kiosk.causes().length > 0)
    expect(kiosk.causes()[0]).toBe('identity-unusable')
    expect(kiosk.details()[0]).toContain(detail)
  })
})
