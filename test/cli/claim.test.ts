// A kiosk is taken in: the operator has a code, the technician types it, and what the command wrote
// is what the daemon starts with.
import { execFile, execFileSync } from 'node:child_process'
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { createServer, type IncomingMessage } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import process from 'node:process'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import type { FastifyInstance } from 'fastify'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { createCentralApi } from '../../sim/central/api.ts'
import { openAuthority } from '../../sim/central/authority.ts'
import { type Central, openCentral } from '../../sim/central/central.ts'
import { DaemonProcess } from '../../sim/live/daemon-process.ts'
import { loadSecrets } from '../../src/runtime/secrets.ts'
import { readSettings } from '../../src/runtime/settings.ts'
import { ClaimError, type ClaimOptions, claimKiosk } from '../../src/sync/identity/claim.ts'
import { drawClaimCode, readClaimCode } from '../../src/sync/identity/claim-code.ts'
import { openClaim, signClaim } from '../../src/sync/identity/claim-messages.ts'
import { readIdentity } from '../../src/sync/identity/identity-files.ts'
import { drawKey, requestFor } from '../../src/sync/identity/signing-request.ts'
import { CertificateAuthority } from '../support/certificates.ts'
import { type Ended, latchkey } from '../support/latchkey.ts'
import { LiveUplink } from '../support/live-uplink.ts'
import { contractAcl, type Mosquitto, startMosquitto } from '../support/mosquitto.ts'
import { until } from '../support/until.ts'

const STAFF_KEY = Buffer.alloc(32, 7).toString('base64url')
const ROOT = fileURLToPath(new URL('../..', import.meta.url))
const EXAMPLE = new URL('../../config/waveshare-8.yaml', import.meta.url)

let folder: string
let broker: Mosquitto
let central: Central
let api: FastifyInstance
let url: string
let site: string

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'latchkey-claim-'))
  const authority = new CertificateAuthority(join(folder, 'authority'))
  const centralFolder = join(folder, 'central')
  mkdirSync(centralFolder)
  await openAuthority(centralFolder)
  const otherCaFile = join(centralFolder, 'authority.crt')
  const mutualTls = { authority, broker: authority.broker(), otherCaFile }
  broker = await startMosquitto(contractAcl('test'), mutualTls)
  central = await openCentral({
    folder: centralFolder,
    mqttUrls: [broker.url],
    identity: authority.identity('central'),
    namespace: 'test',
    kiosks: [{ kioskId: 'k1', staffKey: STAFF_KEY }],
    headIntervalMs: 300,
    claims: { brokers: [broker.url], brokerCaFile: authority.caFile },
  })
  api = createCentralApi(central)
  url = await api.listen({ host: '127.0.0.1', port: 0 })
})

beforeEach(() => {
  site = mkdtempSync(join(folder, 'site-'))
  // The wall and the boards are the installer's; who the kiosk is comes with the claim.
  const example = readFileSync(EXAMPLE, 'utf8')
  const plain = example.replace(/^ {2}id: .*\n/mu, '').replace(/^ {2}url: .*\n/mu, '')
  writeFileSync(join(site, 'kiosk.yaml'), `${plain}\ndata: { folder: data }\n`)
})

afterAll(async () => {
  await api.close()
  await central.close()
  await broker.stop()
  rmSync(folder, { recursive: true, force: true })
})

function at(...names: readonly string[]): string {
  return join(site, ...names)
}

/** As a person types it. */
async function typed(code: string, address = url): Promise<Ended> {
  const places = ['--config', at('kiosk.yaml'), '--data', at('data')]
  return await latchkey(['claim', code, ...places, '--url', address], {})
}

/** @returns the code and the words of what went wrong, or `claimed` */
async function claim(code: string, changes: Partial<ClaimOptions> = {}): Promise<string> {
  const places = { dataFolder: at('data'), dropInFolder: at('conf.d') }
  try {
    await claimKiosk({ code, url, ...places, isAgain: false, ...changes })
    return 'claimed'
  } catch (error) {
    if (error instanceof ClaimError) return `${error.code} ${error.message}`
    throw error
  }
}

describe('a claim', () => {
  test('leaves all that the daemon needs, and the kiosk connects', async () => {
    const code = central.offerClaim({ kioskId: 'k1' })
    const ended = await typed(code)
    expect([ended.exit, ended.err]).toEqual([0, 'Start the daemon, or restart it, to connect.\n'])
    expect(ended.out).toContain('kiosk        k1')
    const settings = readSettings({ file: at('kiosk.yaml'), env: {} })
    expect([settings.kiosk.kioskId, settings.namespace]).toEqual(['k1', 'test'])
    const secrets = loadSecrets(settings.secrets)
    expect(secrets.staffKey.toString('base64url')).toBe(STAFF_KEY)
    const { host, port } = broker
    const { identity } = settings.uplink
    const keys = secrets.centralKeys as never
    const kiosk = await LiveUplink.start({ host, port, identity, keys })
    await until('central is heard', () => kiosk.isOnline())
    expect(kiosk.causes()).toEqual([])
    kiosk.kill()
  })

  test('is enough for the daemon, which connects and is heard by central', async () => {
    await promisify(execFile)(process.execPath, ['.tools/setup.mjs', 'page'], { cwd: ROOT })
    expect(await claim(central.offerClaim({ kioskId: 'k1' }))).toBe('claimed')
    const env = {
      LATCHKEY_SCREEN_PORT: '0',
      LATCHKEY_CONTROL_PATH: 'control.sock',
      LATCHKEY_UPLINK_RECONNECT_SPREAD_MS: '100',
    }
    const started = central.facts().length
    const daemon = new DaemonProcess({ configFile: at('kiosk.yaml'), env })
    try {
      await daemon.screenUrl
      await until('its first fact is there', () => central.facts().length > started)
      const isTold = () => daemon.lines.some((line) => line.includes('"uplink-returned"'))
      await until('the log tells it', isTold)
    } finally {
      await daemon.stop('SIGTERM')
    }
  })

  test('shows nobody the key: it is made here, and readable for its owner alone', async () => {
    const code = central.offerClaim({ kioskId: 'k1' })
    expect(await claim(code)).toBe('claimed')
    for (const name of ['uplink.key', 'staff-key', 'help-key', 'pepper']) {
      expect([name, statSync(at('data', name)).mode & 0o777]).toEqual([name, 0o400])
    }
    expect(readdirSync(at('data')).filter((name) => /\.(?:new|claim)$/.test(name))).toEqual([])
    const key = readFileSync(at('data', 'uplink.key'), 'utf8')
    const files = readdirSync(join(folder, 'central'), { withFileTypes: true })
    const held = files.filter((entry) => entry.isFile()).map(({ name }) => name)
    expect(held.length).toBeGreaterThan(3)
    for (const name of held) {
      expect(readFileSync(join(folder, 'central', name), 'latin1')).not.toContain(
        key.slice(60, 120),
      )
    }
  })

  test('is a request that other people’s software can read', async () => {
    const der = await requestFor(drawKey(), 'claim-name')
    writeFileSync(at('own.csr'), der)
    const args = ['req', '-inform', 'DER', '-in', at('own.csr'), '-verify', '-noout', '-text']
    const text = execFileSync('openssl', args, { encoding: 'utf8', stdio: 'pipe' })
    expect(text).toContain('CN = claim-name')
    expect(text).toContain('ASN1 OID: prime256v1')
  })

  test('is certified under the name that central gives, whatever was asked for', async () => {
    const request = await requestFor(drawKey(), 'k2')
    const authority = await openAuthority(join(folder, 'central'))
    const pem = await authority.certify(request, { kioskId: 'k1', lifeMs: 86_400_000 })
    writeFileSync(at('own.crt'), pem ?? '')
    const args = ['x509', '-in', at('own.crt'), '-noout', '-subject', '-ext', 'extendedKeyUsage']
    const text = execFileSync('openssl', args, { encoding: 'utf8', stdio: 'pipe' })
    expect(text).toContain('subject=CN = k1')
    expect(text).toContain('TLS Web Client Authentication')
  })
})

describe('a code', () => {
  test('is good for one key: the same machine may ask again, another one may not', async () => {
    const code = central.offerClaim({ kioskId: 'k1' })
    const keys = readClaimCode(code)
    if (keys === null) throw new Error('misspelt')
    const [own, other] = [drawKey(), drawKey()]
    const ask = async (key: string) =>
      central.answerClaim(keys.claimId, await signClaim(keys, await requestFor(key, 'x')))
    expect(await ask(own)).not.toBeNull()
    expect(await ask(own)).not.toBeNull()
    expect(await ask(other)).toBeNull()
    const ended = await typed(code)
    expect([ended.exit, ended.err]).toMatchObject([5, expect.stringContaining('LK-CLAIM-03')])
  })

  test('that broke off goes on with the key that waits', async () => {
    const code = central.offerClaim({ kioskId: 'k1' })
    const lost = await typed(code, 'http://127.0.0.1:1')
    expect([lost.exit, lost.err]).toMatchObject([4, expect.stringContaining('LK-CLAIM-02')])
    const waiting = readFileSync(at('data', 'uplink.key.claim'), 'utf8')
    expect(await claim(code)).toBe('claimed')
    expect(readFileSync(at('data', 'uplink.key'), 'utf8')).toBe(waiting)
  })

  test('goes on as well when power was cut while its files were written', async () => {
    const [first, second] = [1, 2].map(() => central.offerClaim({ kioskId: 'k1' }))
    expect(await claim(first ?? '')).toBe('claimed')
    // The new key is in its place, and the old certificate still is.
    expect(await claim(second ?? '', { isAgain: true, url: 'http://127.0.0.1:1' })).toContain('02')
    rmSync(at('data', 'uplink.key'))
    copyFileSync(at('data', 'uplink.key.claim'), at('data', 'uplink.key'))
    writeFileSync(at('data', 'uplink.crt.next'), 'of the identity before')
    expect(await claim(second ?? '')).toBe('claimed')
    const pair = { certificateFile: at('data', 'uplink.crt'), keyFile: at('data', 'uplink.key') }
    expect(readIdentity({ caFile: null, ...pair }).certificate).toContain('BEGIN CERTIFICATE')
    expect(readdirSync(at('data')).filter((name) => /\.(?:next|claim)$/.test(name))).toEqual([])
  })

  test('is not spent on a folder that cannot be written', async () => {
    const code = central.offerClaim({ kioskId: 'k1' })
    writeFileSync(at('file'), '')
    const told = await claim(code, { dataFolder: at('file', 'data') })
    expect(told).toContain('LK-CLAIM-06')
    expect(await claim(code)).toBe('claimed')
  })

  test('too old, unknown or misspelt takes nobody in', async () => {
    const old = central.offerClaim({ kioskId: 'k1', lifeMs: -1 })
    for (const code of [old, drawClaimCode()]) {
      expect(await claim(code)).toContain('LK-CLAIM-03')
    }
    const misspelt = old.replace(/^./u, (first) => (first === '7' ? '8' : '7'))
    expect(await claim(misspelt)).toContain('LK-CLAIM-01')
    expect(existsSync(at('data', 'uplink.crt'))).toBe(false)
    expect(existsSync(at('conf.d'))).toBe(false)
  })

  test('is needed twice to take a kiosk in twice', async () => {
    const [first, second] = [1, 2].map(() => central.offerClaim({ kioskId: 'k1' }))
    expect(await claim(first ?? '')).toBe('claimed')
    const before = readFileSync(at('data', 'uplink.crt'), 'utf8')
    expect(await claim(second ?? '')).toContain('LK-CLAIM-05')
    expect(readFileSync(at('data', 'uplink.crt'), 'utf8')).toBe(before)
    expect(await claim(second ?? '', { isAgain: true })).toBe('claimed')
    expect(readFileSync(at('data', 'uplink.crt'), 'utf8')).not.toBe(before)
  })
})

describe('whoever sits between', () => {
  const servers: ReturnType<typeof createServer>[] = []

  afterEach(() => {
    for (const server of servers.splice(0)) server.close()
  })

  /** Gives every request the same answer. */
  async function impostor(answer: (body: string) => Promise<string> | string): Promise<string> {
    const server = createServer((request: IncomingMessage, response) => {
      let body = ''
      request.on('data', (chunk) => {
        body += chunk
      })
      request.on('end', async () => response.end(await answer(body)))
    })
    servers.push(server)
    await new Promise<void>((settle) => server.listen(0, '127.0.0.1', settle))
    const address = server.address()
    return `http://127.0.0.1:${typeof address === 'object' ? address?.port : 0}`
  }

  test('cannot answer in central’s place', async () => {
    const code = central.offerClaim({ kioskId: 'k1' })
    const other = readClaimCode(central.offerClaim({ kioskId: 'k1' }))
    if (other === null) throw new Error('misspelt')
    const request = await signClaim(other, await requestFor(drawKey(), 'x'))
    const foreign = (await central.answerClaim(other.claimId, request)) ?? ''
    for (const text of [foreign, '', '{}', 'x'.repeat(100_000)]) {
      const told = await claim(code, { url: await impostor(() => text) })
      expect(told).toContain('LK-CLAIM-04')
    }
    expect(existsSync(at('data', 'uplink.crt'))).toBe(false)
  })

  test('cannot have another key certified', async () => {
    const code = central.offerClaim({ kioskId: 'k1' })
    const keys = readClaimCode(code)
    if (keys === null) throw new Error('misspelt')
    const guess = { ...keys, requestKey: Buffer.alloc(32) }
    const own = await signClaim(guess, await requestFor(drawKey(), 'x'))
    expect(await central.answerClaim(keys.claimId, own)).toBeNull()
    expect(await openClaim(keys, own)).toBeNull()
    expect(await claim(code)).toBe('claimed')
  })

  test('cannot hand out an answer that was made for another key', async () => {
    const code = central.offerClaim({ kioskId: 'k1' })
    const keys = readClaimCode(code)
    if (keys === null) throw new Error('misspelt')
    const request = await signClaim(keys, await requestFor(drawKey(), 'x'))
    const answer = (await central.answerClaim(keys.claimId, request)) ?? ''
    expect(await claim(code, { url: await impostor(() => answer) })).toContain('for another key')
  })
})
