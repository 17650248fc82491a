// A certificate gets old: the next one comes over the connection that is there, and the old one
// stays until central was heard through the new one.
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { createCentralApi } from '../../../sim/central/api.ts'
import { openAuthority } from '../../../sim/central/authority.ts'
import { type Central, openCentral } from '../../../sim/central/central.ts'
import { claimKiosk } from '../../../src/sync/identity/claim.ts'
import type { IdentityFiles } from '../../../src/sync/identity/identity-files.ts'
import { IdentityKeeper, REFUSALS_MAX } from '../../../src/sync/identity/identity-keeper.ts'
import { signRenewal } from '../../../src/sync/identity/renewal-messages.ts'
import { drawKey, requestFor } from '../../../src/sync/identity/signing-request.ts'
import type { LinkCause, LinkEvent } from '../../../src/sync/machine/state.ts'
import { CertificateAuthority } from '../../support/certificates.ts'
import { LiveUplink } from '../../support/live-uplink.ts'
import { contractAcl, type Mosquitto, startMosquitto } from '../../support/mosquitto.ts'
import { until } from '../../support/until.ts'

const STAFF_KEY = Buffer.alloc(32, 7).toString('base64url')
const DAY_MS = 86_400_000

let folder: string
let data: string
let stranger: CertificateAuthority
/** Who certifies brokers, as central tells it; a test may change it. */
let brokerCaFile: string
let ownCa: string
let broker: Mosquitto
let central: Central
let url: string
let close: () => Promise<void>
let files: IdentityFiles
const kiosks: LiveUplink[] = []

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'latchkey-renewal-'))
  const authority = new CertificateAuthority(join(folder, 'authority'))
  stranger = new CertificateAuthority(join(folder, 'stranger'))
  const centralFolder = join(folder, 'central')
  mkdirSync(centralFolder)
  await openAuthority(centralFolder)
  brokerCaFile = join(folder, 'brokers.crt')
  ownCa = readFileSync(authority.caFile, 'utf8')
  const otherCaFile = join(centralFolder, 'authority.crt')
  broker = await startMosquitto(contractAcl(), {
    ...{ authority, broker: authority.broker(), otherCaFile },
  })
  central = await openCentral({
    folder: centralFolder,
    mqttUrls: [broker.url],
    identity: authority.identity('central'),
    namespace: 'test',
    kiosks: [{ kioskId: 'k1', staffKey: STAFF_KEY }],
    headIntervalMs: 300,
    claims: { brokers: [broker.url], brokerCaFile },
  })
  const api = createCentralApi(central)
  url = await api.listen({ host: '127.0.0.1', port: 0 })
  close = async () => {
    await api.close()
    await central.close()
    await broker.stop()
  }
})

beforeEach(async () => {
  writeFileSync(brokerCaFile, ownCa)
  data = mkdtempSync(join(folder, 'kiosk-'))
  const code = central.offerClaim({ kioskId: 'k1' })
  await claimKiosk({ code, url, dataFolder: data, dropInFolder: join(data, 'x'), isAgain: false })
  files = {
    caFile: join(data, 'uplink-ca.crt'),
    certificateFile: join(data, 'uplink.crt'),
    keyFile: join(data, 'uplink.key'),
  }
})

afterEach(() => {
  for (const kiosk of kiosks.splice(0)) kiosk.kill()
})

afterAll(async () => {
  await close()
  rmSync(folder, { recursive: true, force: true })
})

function held(name: string): string {
  return readFileSync(join(data, name), 'utf8')
}

function isThere(name: string): boolean {
  return existsSync(join(data, name))
}

async function startKiosk(ageDays: number, isWallBelieved = true): Promise<LiveUplink> {
  const { host, port } = broker
  const keys = JSON.parse(held('central-keys.json'))
  const now = () => ({ wallMs: Date.now() + ageDays * DAY_MS, isWallBelieved })
  const kiosk = await LiveUplink.start({ host, port, keys, identity: files, isWallBelieved, now })
  kiosks.push(kiosk)
  return kiosk
}

/** What a stranger certified, in the place of the next pair. */
function layNext(): void {
  const pair = stranger.client('k1')
  copyFileSync(pair.keyFile, join(data, 'uplink.key.next'))
  copyFileSync(pair.certificateFile, join(data, 'uplink.crt.next'))
}

describe('two thirds of a certificate’s life are over', () => {
  test('the kiosk connects with a new key and a new certificate, and drops the old', async () => {
    const [key, certificate] = [held('uplink.key'), held('uplink.crt')]
    const kiosk = await startKiosk(250)
    await until('the new pair has taken its place', () => held('uplink.crt') !== certificate)
    await until('central is heard', () => kiosk.isOnline())
    expect(held('uplink.key')).not.toBe(key)
    expect([isThere('uplink.key.next'), isThere('uplink.crt.next')]).toEqual([false, false])
    expect(kiosk.causes()).toEqual([])
  })

  test('a new authority of the brokers comes along with the rest', async () => {
    const both = `${readFileSync(stranger.caFile, 'utf8')}${ownCa}`
    writeFileSync(brokerCaFile, both)
    const certificate = held('uplink.crt')
    const kiosk = await startKiosk(250)
    await until('the new pair has taken its place', () => held('uplink.crt') !== certificate)
    expect(held('uplink-ca.crt')).toBe(both)
    expect(isThere('uplink-ca.crt.next')).toBe(false)
    await until('central is heard', () => kiosk.isOnline())
  })

  test('an authority that does not know the broker is put aside with the rest', async () => {
    writeFileSync(brokerCaFile, readFileSync(stranger.caFile))
    const kiosk = await startKiosk(250)
    await until('the new one was tried', () => kiosk.causes().length > 0)
    await until('central is heard', () => kiosk.isOnline())
    expect(kiosk.causes()).toEqual(['renewal-refused'])
    expect(held('uplink-ca.crt')).toBe(ownCa)
  })

  test('nothing happens before, nor while the clock is not believed', async () => {
    const certificate = held('uplink.crt')
    const young = await startKiosk(240)
    await until('central is heard', () => young.isOnline())
    young.kill()
    const doubtful = await startKiosk(250, false)
    await until('central is heard', () => doubtful.isOnline())
    expect(isThere('uplink.key.next')).toBe(false)
    expect(held('uplink.crt')).toBe(certificate)
  })
})

test('a broker that refuses the new certificate is shown the old one', async () => {
  const certificate = held('uplink.crt')
  layNext()
  const kiosk = await startKiosk(0)
  await until('central is heard', () => kiosk.isOnline())
  expect(kiosk.causes()).toEqual(['renewal-refused'])
  expect(held('uplink.crt')).toBe(certificate)
})

describe('the keeper of the pairs', () => {
  function keeper(): { readonly keeper: IdentityKeeper; readonly told: LinkEvent[] } {
    const told: LinkEvent[] = []
    const now = () => ({ wallMs: Date.now(), isWallBelieved: true })
    const options = { kioskId: 'k1', files, now }
    return { keeper: new IdentityKeeper(options, (event) => told.push(event)), told }
  }

  function down(cause: LinkCause): LinkEvent {
    return { kind: 'link-down', session: 's', cause, detail: 'x' }
  }

  test('gives a new pair up when brokers refuse it again and again, and tells', () => {
    const certificate = held('uplink.crt')
    layNext()
    const { keeper: own, told } = keeper()
    const heard = { kind: 'message', message: {}, receipt: 'r' } as never
    for (let refusal = 0; refusal <= REFUSALS_MAX; refusal += 1) {
      expect(own.read().certificate).not.toBe(certificate)
      expect(own.hear(down('identity-refused'))).toMatchObject({ cause: 'renewal-refused' })
      own.read()
      own.hear(heard)
    }
    expect(told).toMatchObject([{ kind: 'renewal-failed' }])
    expect([isThere('uplink.key.next'), isThere('uplink.crt.next')]).toEqual([false, false])
    expect(own.read().certificate).toBe(certificate)
  })

  test('blames no certificate for a broker that is not there', () => {
    layNext()
    const { keeper: own } = keeper()
    for (let attempt = 0; attempt < 20; attempt += 1) {
      own.read()
      expect(own.hear(down('unreachable'))).toEqual(down('unreachable'))
    }
    expect(isThere('uplink.crt.next')).toBe(true)
  })

  test('ends what a power cut broke off between the two files', () => {
    layNext()
    const next = held('uplink.crt.next')
    rmSync(join(data, 'uplink.key'))
    copyFileSync(join(data, 'uplink.key.next'), join(data, 'uplink.key'))
    rmSync(join(data, 'uplink.key.next'))
    expect(keeper().keeper.read().certificate).toBe(next)
    expect(isThere('uplink.crt.next')).toBe(false)
  })

  test('takes no certificate that nobody asked for, or for another key or name', async () => {
    const { keeper: own, told } = keeper()
    const authority = await openAuthority(join(folder, 'central'))
    const certify = async (key: string, kioskId: string, lifeMs = 400 * DAY_MS) =>
      (await authority.certify(await requestFor(key, 'x'), { kioskId, lifeMs })) ?? ''
    own.install({ re: 'x', certificate: await certify(drawKey(), 'k1'), ca: null })
    expect([told, isThere('uplink.crt.next')]).toEqual([[], false])
    const asked = await askedOf(own, told)
    const key = held('uplink.key.next')
    own.install({ re: 'x', certificate: await certify(key, 'k1'), ca: null })
    expect(told).toEqual([])
    const wrong = [
      await certify(drawKey(), 'k1'),
      await certify(key, 'k2'),
      await certify(key, 'k1', DAY_MS),
      'no PEM',
    ]
    for (const certificate of wrong) own.install({ re: asked, certificate, ca: null })
    expect(told.map(({ kind }) => kind)).toEqual(wrong.map(() => 'renewal-failed'))
    expect(isThere('uplink.crt.next')).toBe(false)
    own.install({ re: asked, certificate: await certify(key, 'k1'), ca: null })
    expect(told.at(-1)).toEqual({ kind: 'identity-renewed' })
    own.stop()
  })

  /** Has it ask for the next certificate, as if the present one were old. */
  async function askedOf(own: IdentityKeeper, told: LinkEvent[]): Promise<string> {
    const late = Date.now() + 300 * DAY_MS
    const now = () => ({ wallMs: late, isWallBelieved: true })
    const asking: LinkEvent[] = []
    const old = new IdentityKeeper({ kioskId: 'k1', files, now }, (event) => asking.push(event))
    old.hear({ kind: 'link-up', session: 's', protocol: '5' })
    await until('it asks', () => asking.length > 0)
    old.stop()
    own.stop()
    told.length = 0
    const [wanted] = asking
    return wanted?.kind === 'renewal-wanted' ? wanted.id : ''
  }
})

test('central certifies nothing for whoever cannot show the present key', async () => {
  const pair = { kioskId: 'k1', csr: await requestFor(drawKey(), 'k1') }
  const before = await central.renewCertificate('k1', await signRenewal(drawKey(), pair))
  const other = { ...pair, kioskId: 'k2' }
  const misled = await central.renewCertificate('k1', await signRenewal(held('uplink.key'), other))
  const good = await central.renewCertificate('k1', await signRenewal(held('uplink.key'), pair))
  expect([before, misled]).toEqual([null, null])
  expect(good).toContain('BEGIN CERTIFICATE')
})
