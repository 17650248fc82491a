// Rubbish at every edge of one running daemon, each alone and all at once: each edge answers with
// its code, and afterwards the status, every table of the ledger and every lock are as they were.
import { once } from 'node:events'
import { readdirSync, writeFileSync } from 'node:fs'
import { connect as connectSocket } from 'node:net'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { DaemonProcess } from '../../sim/live/daemon-process.ts'
import type { ServerMessage } from '../../src/screen/protocol.ts'
import { connect } from '../support/client.ts'
import { Rig } from '../support/rig.ts'
import { until } from '../support/until.ts'

const SOON = { timeout: 15_000, interval: 50 }
/** Well below what a board takes for its answer: no reply comes through whole. */
const NOISE_EVERY_MS = 1
const NOISE = '\u00ff<01 00 STATE\u0000*0000>01'

let rig: Rig

beforeAll(async () => {
  rig = await Rig.start({ central: 'reference' })
  await rig.introduce([{ id: 'r1', label: 'Ada L.' }])
  for (const tracking of ['JD1', 'JD2']) await rig.announce({ tracking, size: 'S', to: 'r1' })
  await rig.central.settled()
  await until('the kiosk has settled', async () => {
    const { announcedCount, outboxCount } = await rig.status()
    return announcedCount === 2 && outboxCount === 0
  })
}, 60_000)

afterAll(() => rig?.end())

/** Everything that rubbish must not change. */
async function standing(): Promise<object> {
  const pulses = [...rig.wall.cabinet.compartments].map(([id, each]) => [id, each.pulses])
  const files = readdirSync(rig.site.settings.data.folder).sort()
  return { status: await rig.status(), ledger: rig.dump(), pulses, files }
}

async function changesNothing(rubbish: () => Promise<void>): Promise<void> {
  const before = await standing()
  const boot = rig.daemonPid
  await rubbish()
  // A board that was shouted down comes back by itself.
  await expect.poll(standing, SOON).toEqual(before)
  expect(rig.daemonPid).toBe(boot)
  expect(before).toMatchObject({ status: { announcedCount: 2, boot: 1 } })
}

/** Sends bytes that are no request. @returns all that comes back until the other end closes */
async function sendRaw(
  to: { readonly path: string } | { readonly host: string; readonly port: number },
  bytes: string,
): Promise<string> {
  const socket = connectSocket(to)
  let received = ''
  socket.setEncoding('utf8').on('data', (text: string) => {
    received += text
  })
  socket.write(bytes, 'latin1')
  await once(socket, 'close')
  return received
}

async function rubbishOverHttp(): Promise<void> {
  const { hostname: host, port } = new URL(rig.screenUrl)
  expect(await sendRaw({ host, port: Number(port) }, '\u00ff\u0000 open all\r\n\r\n')).toContain(
    'LK-SCR-01',
  )
  const codes: unknown[] = []
  for (const [path, method] of [
    ['/', 'POST'],
    ['/%zz', 'GET'],
    ['/doors', 'GET'],
  ] as const) {
    const reply = await fetch(new URL(path, rig.screenUrl), { method })
    codes.push(((await reply.json()) as { readonly code: string }).code)
  }
  expect(codes).toEqual(['LK-SCR-01', 'LK-SCR-01', 'LK-SCR-03'])
  const foreign = await fetch(rig.screenUrl, { headers: { origin: 'http://evil.example' } })
  expect(await foreign.json()).toMatchObject({ code: 'LK-SCR-02' })
}

const BAD_MESSAGES: readonly unknown[] = [
  'open sesame',
  [],
  { kind: 'unlock', locker: '01' },
  { kind: 'digits', rev: 1, id: 'a1b2c3d4', digits: '2020202x' },
  { kind: 'digits', rev: -1, id: 'a1b2c3d4', digits: '20202020' },
  { kind: 'press', rev: 1, id: 'short', action: 'courier' },
  { kind: 'press', rev: 1, id: 'a1b2c3d4', action: 'open-all' },
  { kind: 'scan', rev: 1, id: 'a1b2c3d4', code: 'x'.repeat(5_000) },
]

async function rubbishOverWebSocket(): Promise<void> {
  const client = connect<ServerMessage>(new URL('/screen', rig.screenUrl).href)
  await client.next(({ kind }) => kind === 'view')
  for (const message of BAD_MESSAGES) client.send(message)
  client.sendText('{"kind":')
  const errors = () => client.messages.filter(({ kind }) => kind === 'error')
  await until('every message is answered', () => errors().length === BAD_MESSAGES.length + 1)
  expect(new Set(errors().map((message) => JSON.stringify(message))).size).toBe(1)
  expect(errors()[0]).toMatchObject({ code: 'LK-SCR-01' })
  // Well formed, but from a screen that nobody sees any more, or not possible on this one.
  client.send({ kind: 'press', rev: 9_999, id: 'a1b2c3d4-1', action: 'courier' })
  await client.next((message) => message.kind === 'answer' && message.result === 'stale')
  const rev = client.messages.findLast((message) => message.kind === 'view')?.view.rev
  client.send({ kind: 'press', rev, id: 'a1b2c3d4-2', action: 'deposit', value: 'parcel-JD1' })
  await client.next((message) => message.kind === 'answer' && message.result === 'refused')
  client.close()
}

async function rubbishOverMqtt(): Promise<void> {
  const topic = `lk/v1/${rig.site.settings.namespace}/${rig.kioskId}/dn`
  const before = rig.central.rejections().length
  await rig.broker.publish(`${topic}/delta`, Buffer.from([0, 255, 1, 254]))
  await rig.broker.publish(`${topic}/delta`, '{"payload":"e30","protected":"e30","signature":""}')
  await rig.broker.publish(`${topic}/open-all`, '{}')
  await until('each is refused', () => rig.central.rejections().length === before + 3)
  const codes = rig.central.rejections().map(({ code }) => code)
  expect(codes.slice(-3)).toEqual(['LK-SYNC-02', 'LK-SYNC-03', 'LK-SYNC-06'])
}

async function rubbishOnControlSocket(): Promise<void> {
  const { path } = rig.site.settings.control
  expect(await sendRaw({ path }, 'open 01 please\r\n\r\n')).toContain('LK-CTL-01')
  const asked: readonly (readonly [string, (object | string)?])[] = [
    ['/v1/lockers/01/open', '{'],
    ['/v1/lockers/01/open', {}],
    ['/v1/lockers/01/inspect', { reason: 'a look', found: 'cat' }],
    ['/v1/audit/start', { reason: 'a look', choice: 'some' }],
    ['/v1/audit/start', { reason: 'a look', choice: 'column', column: 0 }],
    ['/v1/audit?id=first'],
    ['/v1/lockers/99/open', { reason: 'a look' }],
    ['/v1/audit?id=7'],
    ['/v1/everything'],
    ['/v1/lockers/01/inspect', { reason: 'a look', found: 'empty' }],
  ]
  const codes: unknown[] = []
  for (const [where, body] of asked) codes.push((await rig.control(where, body)).body.code)
  expect(new Set(codes.slice(0, 6))).toEqual(new Set(['LK-CTL-01']))
  // The last one is a good question about a locker that nobody doubts.
  expect(codes.slice(6)).toEqual(['LK-CTL-02', 'LK-AUDIT-03', 'LK-CTL-05', 'LK-LOCKER-01'])
}

async function rubbishOnTheBus(): Promise<void> {
  const { framesDropped } = (await rig.health()).buses[0] ?? { framesDropped: 0 }
  rig.wall.disturb(`<01 00 STATE 1*FFFF\n>02 01 PULSE 1 500*0000\n${'x'.repeat(5_000)}\n`)
  const noise = setInterval(() => rig.wall.disturb(NOISE), NOISE_EVERY_MS)
  try {
    const isAnyOnline = async () => (await rig.status()).boards.some(({ isOnline }) => isOnline)
    await expect.poll(isAnyOnline, SOON).toBe(false)
    expect(rig.log.some((line) => /"board-lost".*"LK-BUS-01"/.test(line))).toBe(true)
    const refused = await rig.control('/v1/lockers/01/open', { reason: 'in the noise' })
    expect(refused).toMatchObject({ status: 503, body: { code: 'LK-BUS-01' } })
  } finally {
    clearInterval(noise)
  }
  rig.wall.disturb('\n')
  expect((await rig.health()).buses[0]?.framesDropped).toBeGreaterThan(framesDropped)
}

/** A second daemon beside the first. @returns how it ended, and its words */
async function startSecond(configFile: string): Promise<[number | null, string]> {
  const second = new DaemonProcess({ configFile, env: rig.site.env })
  const code = await second.exited
  return [code, second.lines.join('\n')]
}

async function rubbishAsConfiguration(): Promise<void> {
  const broken = join(rig.folder, 'broken.yaml')
  writeFileSync(broken, 'kiosk: { id: ]\n')
  const [notYaml, saidYaml] = await startSecond(broken)
  expect([notYaml, saidYaml]).toEqual([2, expect.stringMatching(/^LK-CFG-01 .*broken\.yaml:1/)])
  writeFileSync(broken, 'kiosk: { id: "a b", doors: 7 }\n')
  const [badValues, saidValues] = await startSecond(broken)
  expect(badValues).toBe(2)
  expect(saidValues).toMatch(/LK-CFG-02 .*kiosk\.id/)
  expect(saidValues).toMatch(/LK-CFG-02 .*kiosk\.doors/)
  // A sound configuration, but the data folder belongs to the daemon that runs.
  const [second, saidSecond] = await startSecond(rig.site.configFile)
  expect(second).toBe(70)
  expect(saidSecond).toContain('LK-RUN-02')
}

const EDGES: readonly (readonly [string, () => Promise<void>])[] = [
  ['HTTP', rubbishOverHttp],
  ['the WebSocket', rubbishOverWebSocket],
  ['MQTT', rubbishOverMqtt],
  ['the control socket', rubbishOnControlSocket],
  ['the serial line', rubbishOnTheBus],
  ['the configuration file', rubbishAsConfiguration],
]

test.each(EDGES)(
  'rubbish over %s is answered by its code and changes nothing',
  async (_, send) => {
    await changesNothing(send)
  },
  40_000,
)

test('rubbish at every edge at once changes nothing either', async () => {
  await changesNothing(async () => {
    await Promise.all(EDGES.map(([, send]) => send()))
  })
}, 60_000)
