// What an operator sees of the reference central: kiosks and how they stand, what somebody has to
// see, letters by real mail, and what was not understood. Facts come over a real broker.
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { FastifyInstance } from 'fastify'
import mqtt, { type MqttClient } from 'mqtt'
import { SMTPServer } from 'smtp-server'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { createCentralApi } from '../../../sim/central/api.ts'
import { type Central, openCentral } from '../../../sim/central/central.ts'
import { SEALING_KEYS_FILE } from '../../../sim/central/keys.ts'
import type { MailOptions } from '../../../sim/central/mailer.ts'
import { tokenGif, tokenSvg } from '../../../sim/central/token-picture.ts'
import { createPinSealer } from '../../../src/sync/seal.ts'
import { MemoryOutbox } from '../../support/memory-outbox.ts'
import { freePort, type Mosquitto, startMosquitto } from '../../support/mosquitto.ts'
import { until } from '../../support/until.ts'

const END_MS = 1_790_600_000_000

let folder: string
let broker: Mosquitto
let central: Central
let api: FastifyInstance
let kiosk: MqttClient
let outbox: MemoryOutbox
let sent: number

async function open(mail?: MailOptions): Promise<void> {
  central = await openCentral({
    folder,
    mqttUrls: [broker.url],
    namespace: 'test',
    kiosks: ['k1', 'k2'].map((kioskId) => ({ kioskId, staffKey: 'A'.repeat(43) })),
    headIntervalMs: 200,
    ...(mail === undefined ? {} : { mail }),
  })
  api = createCentralApi(central)
}

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'latchkey-operator-'))
  broker = await startMosquitto()
  kiosk = await mqtt.connectAsync(broker.url)
  outbox = new MemoryOutbox('e1')
  sent = 0
})

afterEach(async () => {
  await api.close()
  await central.close()
  await kiosk.endAsync(true)
  await broker.stop()
  rmSync(folder, { recursive: true, force: true })
})

/** Sends what was appended, and waits until central has it. */
async function send(): Promise<void> {
  const ev = outbox.texts.slice(sent)
  const body = { v: 1, k: 'k1', t: 1, epoch: 'e1', first: sent + 1, ev }
  sent += ev.length
  await until('central takes the facts', async () => {
    await publish('ev', body)
    return central.facts().length === sent
  })
}

async function publish(leaf: string, body: object): Promise<void> {
  const text = JSON.stringify({ v: 1, k: 'k1', t: 1, ...body })
  await kiosk.publishAsync(`lk/v1/test/k1/up/${leaf}`, text, { qos: 1 })
}

const page = async (): Promise<string> => (await api.inject('/')).body

describe('letters about a parcel that waits', () => {
  test('remind, tell of more time, of the end and of a parcel that is missing', async () => {
    await open()
    const about = { recipientId: 'r1', parcelIds: ['p1'] }
    const by = { role: 'kiosk' }
    const end = { expiresAtWallMs: END_MS }
    const place = { parcelId: 'p1', recipientId: 'r1', lockerId: 'A3' }
    outbox.append('reminder-due/1', { ...place, pinExpiresAtWallMs: END_MS })
    outbox.append('pin-extended/1', { ...about, ...end, by, reason: null })
    const other = { recipientId: 'r2', parcelIds: ['p2'] }
    const moved = [about, other].map((each) => ({
      ...{ ...each, ...end, byMs: 3_600_000, causes: ['power-out'] },
      countedUntilWallMs: END_MS,
    }))
    outbox.append('deadlines-moved/1', { moved })
    outbox.append('pin-expired/1', { ...about, ...end })
    outbox.append('parcel-missed/1', { ...place, by, reason: null })
    await send()
    const letters = central.letters().map(({ kind, recipientId }) => [kind, recipientId])
    expect(letters).toEqual([
      ['reminder', 'r1'],
      ['extended', 'r1'],
      ['moved', 'r1'],
      ['moved', 'r2'],
      ['expired', 'r1'],
      ['missing', 'r1'],
    ])
    const [reminder, extended] = central.letters()
    expect(reminder?.text).toBe('Your parcel still waits in locker A3 until 2026-09-28 12:53 UTC.')
    expect(extended?.text).toBe('Your PIN is good until 2026-09-28 12:53 UTC.')
    expect(central.counters()).toMatchObject({ problems: 0 })
  })
})

describe('kiosks', () => {
  test('are shown with presence, what they lack, and troubles until these end', async () => {
    await open()
    const standstill = { cause: 'door-stuck', boardId: null, lockerId: 'A3' }
    outbox.append('standstill-began/1', { ...standstill, sinceWallMs: 1 })
    await send()
    central.setRecipient({ kioskId: 'k1', id: 'r1', label: 'Ada' })
    const birth = { online: true, session: 's1', epoch: 'e1', boot: 1, seq: 1, acked: 1 }
    await publish('state', { ...birth, have: { directory: 0 } })
    const first = () => central.kiosks()[0]
    await until('the birth is heard', () => first()?.isOnline === true)
    expect(first()).toMatchObject({ facts: 1, epoch: 'e1', behind: ['directory'] })
    expect(first()?.troubles).toEqual(['outage: door-stuck A3'])
    expect(await page()).toContain('outage: door-stuck A3')
    outbox.append('standstill-ended/1', { ...standstill, fromWallMs: 1, toWallMs: 2 })
    await send()
    expect(first()?.troubles).toEqual([])
    const [, second] = central.kiosks()
    expect(second).toMatchObject({ kioskId: 'k2', isOnline: false, heardAtMs: null, facts: 0 })
  })

  test('are set up from here, and shown with what they made of it', async () => {
    await open()
    const post = (url: string, payload: object) =>
      api.inject({ method: 'POST', url, payload: { kioskId: 'k1', ...payload } })
    expect(await page()).toContain('Nothing is set from here.')
    const phone = { id: 'helpPhone', value: '0800 1' }
    expect((await post('/configuration', phone)).statusCode).toBe(204)
    expect((await post('/configuration', { id: 'idleMs', value: 45_000 })).statusCode).toBe(204)
    expect((await post('/configuration', { id: 'a b', value: 1 })).statusCode).toBe(400)
    expect((await post('/firmware', { id: 'latchkey', version: '0.2.0' })).statusCode).toBe(204)
    const unset = { stream: 'configuration', id: 'idleMs' }
    expect((await post('/unset', unset)).statusCode).toBe(204)
    expect((await post('/unset', { ...unset, stream: 'staff' })).statusCode).toBe(400)
    const birth = { online: true, session: 's1', epoch: 'e1', boot: 1, seq: 1, acked: 1 }
    await publish('state', { ...birth, have: { configuration: 3, firmware: 0 } })
    await until('the birth is heard', () => central.kiosks()[0]?.isOnline === true)
    expect(central.kiosks()[0]?.behind).toEqual(['firmware'])
    const refused = [{ key: 'pulseMs', code: 'LK-CFG-06' }]
    const values = [{ key: 'helpPhone', value: '0800 <1>' }]
    const applied = { version: 3, values, refused, furtherRefused: 0 }
    outbox.append('configuration-applied/1', { ...applied, version: 1, values: [] })
    outbox.append('configuration-applied/1', applied)
    const compared = { component: 'latchkey', wanted: '0.2.0', running: ['0.1.0'] }
    outbox.append('firmware-compared/1', compared)
    outbox.append('firmware-compared/1', { component: 'board', wanted: '2', running: [] })
    outbox.append('firmware-compared/1', { component: 'board', wanted: null, running: [] })
    await send()
    const [first, second] = central.upkeep()
    expect(first).toMatchObject({ configuration: applied, firmware: [compared] })
    expect(first?.firmware).toHaveLength(1)
    expect(second).toMatchObject({ kioskId: 'k2', configuration: null, firmware: [] })
    const shown = await page()
    expect(shown).toContain('helpPhone 0800 &lt;1&gt;')
    expect(shown).toContain('pulseMs: LK-CFG-06')
    expect(shown).toContain('latchkey 0.1.0, not 0.2.0')
    expect(central.counters()).toMatchObject({ problems: 0 })
  })

  test('what somebody has to see is listed, the newest first', async () => {
    await open()
    const forced = { lockerId: 'A7', outcome: 'forced' }
    outbox.append('door-forced/1', forced)
    outbox.append('cabinet-opened/1', { boardId: 'left', channel: 1 })
    await send()
    expect(central.alarms().map(({ kind, about }) => [kind, about])).toEqual([
      ['cabinet-opened', ''],
      ['door-forced', 'A7'],
    ])
    expect(await page()).toContain('door forced')
  })

  test('what was not understood is shown, and no text becomes part of the page', async () => {
    await open()
    outbox.append('Not A Type', { '<b>': '<script>' })
    await send()
    expect(central.deadLetters()).toMatchObject([{ kioskId: 'k1', epoch: 'e1', seq: 1 }])
    const detail = '<script>alert("1")</script>'
    await publish('rej', { leaf: 'delta', code: 'LK-SYNC-04', detail, suppressed: 0 })
    await until('the refusal is heard', () => central.rejections().length === 1)
    const html = await page()
    expect(html).toContain('fact 1')
    expect(html).toContain('&lt;script&gt;alert(&quot;1&quot;)&lt;/script&gt;')
    expect(html).not.toContain('<script')
  })
})

describe('mail', () => {
  interface Got {
    readonly to: readonly string[]
    readonly text: string
  }

  async function mailServer(port: number, got: Got[], refuses = ''): Promise<SMTPServer> {
    const server = new SMTPServer({
      disabledCommands: ['AUTH', 'STARTTLS'],
      onRcptTo: ({ address }, _session, done) =>
        done(address === refuses ? new Error('no such mailbox') : null),
      onData: (stream, { envelope }, done) => {
        let text = ''
        stream.setEncoding('utf8')
        stream.on('data', (part: string) => {
          text += part
        })
        stream.on('end', () => {
          got.push({ to: envelope.rcptTo.map(({ address }) => address), text })
          done()
        })
      },
    })
    await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', () => resolve()))
    return server
  }

  const stop = (server: SMTPServer) => new Promise<void>((resolve) => server.close(() => resolve()))

  function expire(recipientId: string): void {
    outbox.append('pin-expired/1', { recipientId, parcelIds: ['p1'], expiresAtWallMs: END_MS })
  }

  test('goes to those whose address is known, once, and not to the others', async () => {
    const port = await freePort()
    const got: Got[] = []
    const server = await mailServer(port, got)
    await open({ url: `smtp://127.0.0.1:${port}`, from: 'Lockers <lockers@latchkey.invalid>' })
    central.setAddress({ kioskId: 'k1', id: 'r1', mail: 'ada@example.org' })
    expire('r1')
    expire('r2')
    await send()
    await until('a mail', () => got.length === 1)
    await until('it is noted', () => central.mails()[0]?.isSent === true)
    expect(got[0]?.to).toEqual(['ada@example.org'])
    expect(got[0]?.text).toContain('Subject: Your PIN has ended')
    expect(got[0]?.text).toContain('Message-ID: <k1.1@latchkey.invalid>')
    await new Promise((resolve) => setTimeout(resolve, 1_500))
    expect(got).toHaveLength(1)
    expect(central.mails()).toHaveLength(1)
    await stop(server)
  })

  test('a token comes as a picture for the scanner, and as letters', async () => {
    const port = await freePort()
    const got: Got[] = []
    const server = await mailServer(port, got)
    await open({ url: `smtp://127.0.0.1:${port}`, from: 'Lockers <lockers@latchkey.invalid>' })
    central.setAddress({ kioskId: 'k1', id: 'r1', mail: 'ada@example.org' })
    const keys = JSON.parse(readFileSync(join(folder, SEALING_KEYS_FILE), 'utf8'))
    const seal = await createPinSealer(keys)
    const pin = { pin: '12345678', reference: '0815', parcelId: 'p1', kioskId: 'k1' }
    const parcel = { parcelId: 'p1', lockerId: 'A3', courierId: 'c1', recipientId: 'r1' }
    outbox.append('parcel-deposited/1', { ...parcel, sealedPin: await seal(pin) })
    await send()
    await until('a mail', () => got.length === 1)
    const { id, token } = central.letters()[0] ?? {}
    const picture = tokenGif(token ?? '').toString('base64')
    expect(got[0]?.text.replaceAll(/[\r\n]/g, '')).toContain(picture)
    expect(got[0]?.text.replaceAll(/=?\r\n/g, '')).toContain(token)
    expect(await page()).toContain(`/letters/${id}/token.svg`)
    const answer = await api.inject(`/letters/${id}/token.svg`)
    expect(answer.headers['content-type']).toBe('image/svg+xml')
    expect(answer.body).toBe(tokenSvg(token ?? ''))
    expect((await api.inject('/letters/77/token.svg')).statusCode).toBe(404)
    await stop(server)
  })

  test('that one mailbox refuses holds no other up; a server may be away', async () => {
    const port = await freePort()
    const got: Got[] = []
    await open({ url: `smtp://127.0.0.1:${port}`, from: 'Lockers <lockers@latchkey.invalid>' })
    central.setAddress({ kioskId: 'k1', id: 'r1', mail: 'nobody@example.org' })
    central.setAddress({ kioskId: 'k1', id: 'r2', mail: 'bo@example.org' })
    expire('r1')
    expire('r2')
    await send()
    await until('a try in vain', () => central.mails()[0]?.tries === 1)
    expect(central.mails()[0]).toMatchObject({ isSent: false, problem: 'ESOCKET' })
    const server = await mailServer(port, got, 'nobody@example.org')
    await until('the other one has it', () => central.mails()[1]?.isSent === true, 15_000)
    expect(got.map(({ to }) => to)).toEqual([['bo@example.org']])
    await until('the first was refused', () => central.mails()[0]?.tries !== 1, 15_000)
    expect(central.mails()[0]?.problem).toBe('EENVELOPE 550')
    expect(await page()).toContain('nobody@example.org')
    await stop(server)
  }, 40_000)

  test('is not promised to what is no address', async () => {
    await open()
    const payload = { kioskId: 'k1', id: 'r1', mail: 'ada@example.org\r\nBcc: eve@example.org' }
    const answer = await api.inject({ method: 'POST', url: '/addresses', payload })
    expect(answer.statusCode).toBe(400)
    expect(central.mails()).toEqual([])
  })
})
