// A kiosk without a battery clock comes back from a power cut in 1970, and its broker is gone. It
// hands out and takes in all the same, decides no date, and knows the time again once central has
// signed it; its machine's clock stays as wrong as it was.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { MovedClock } from '../../sim/clock/clock.ts'
import { WALL_FLOOR_MS } from '../../src/kiosk/time.ts'
import type { ClockReport, UplinkReport } from '../../src/kiosk/uplink-report.ts'
import { ScreenClient } from '../campaigns/kill/screen-client.ts'
import { COURIER, Rig } from '../support/rig.ts'
import { until } from '../support/until.ts'

const DAY_MS = 86_400_000
const APART_MAX_MS = 5_000
const QUESTION_MAX_MS = 30_000
/** Facts that decide or name a date. */
const DATED = ['pin-expired/1', 'reminder-due/1', 'deadlines-moved/1', 'standstill-ended/1']

let folder: string
let clock: MovedClock
let rig: Rig
let screen: ScreenClient
const problems: string[] = []

interface Text {
  readonly seq: number
  readonly type: string
  readonly t: number
  readonly clk: string
  readonly data: Readonly<Record<string, unknown>>
}

const facts = (): readonly Text[] =>
  (rig.dump()['facts'] ?? []).map((row) => JSON.parse(String((row as { body: string }).body)))
const newest = (): number => facts().at(-1)?.seq ?? 0
const since = (seq: number): readonly Text[] => facts().filter((fact) => fact.seq > seq)
const kind = () => screen.view?.screen.kind
const lockerId = () => {
  const shown = screen.view?.screen
  return shown !== undefined && 'lockerId' in shown ? shown.lockerId : ''
}

async function clockNow(): Promise<ClockReport> {
  return ((await rig.control('/v1/sync')).body as UplinkReport).clock
}

async function connect(): Promise<void> {
  screen?.close()
  screen = new ScreenClient(rig.screenUrl, {
    viewed: () => {},
    asked: () => {},
    problem: (text) => void problems.push(text),
  })
  await until('the first page', () => kind() === 'welcome')
  await until('the boards', async () => (await rig.status()).boards.every((each) => each.isOnline))
}

async function deposit(to: string): Promise<void> {
  screen.press('courier')
  await until('the pad', () => kind() === 'courier-code')
  screen.type(COURIER.code)
  await until('the menu', () => kind() === 'courier-menu')
  screen.scan(`JD-${to}`)
  await until('the open door', () => kind() === 'deposit-open')
  rig.putIn(lockerId(), to)
  await until('the deposit', () => kind() === 'courier-menu')
  screen.press('sign-out')
  await until('the first page', () => kind() === 'welcome')
}

async function collect(to: string): Promise<void> {
  await until('the letter', () => rig.pinFor(to) !== null)
  screen.type(rig.pinFor(to) ?? '')
  await until('the open door', () => kind() === 'pickup-open')
  expect(rig.takeOut(lockerId())).toEqual([to])
  await until('the end', () => kind() === 'pickup-done' || kind() === 'welcome')
  await until('the first page', () => kind() === 'welcome')
}

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'latchkey-clock-'))
  clock = new MovedClock(join(folder, 'clock'))
  rig = await Rig.start({ central: 'reference', daemonEnv: () => clock.env })
  await rig.introduce(['r-before', 'r-within'].map((id) => ({ id, label: id })))
  for (const to of ['r-before', 'r-within']) {
    await rig.announce({ tracking: `JD-${to}`, size: 'S', to })
  }
  await connect()
}, 60_000)

afterAll(async () => {
  screen?.close()
  await rig?.end()
  rmSync(folder, { recursive: true, force: true })
  expect(problems).toEqual([])
})

test('with a clock that is right, central’s time confirms it', async () => {
  await until('central’s time', async () => (await clockNow()).by === 'both')
  const { aheadMs, errorMs } = await clockNow()
  expect(Math.abs(aheadMs ?? APART_MAX_MS)).toBeLessThanOrEqual(errorMs ?? 0)
  await deposit('r-before')
  await until('the letter', () => rig.pinFor('r-before') !== null)
}, 30_000)

test('in 1970 and alone it hands out and takes in, and decides no date', async () => {
  await rig.stopDaemon()
  await rig.broker.kill()
  const before = newest()
  clock.move(DAY_MS - Date.now())
  await rig.startDaemon()
  await connect()
  expect((await clockNow()).by).toBe('nobody')
  await collect('r-before')
  await deposit('r-within')
  const done = since(before)
  expect(done.map(({ type }) => type)).toContain('parcel-collected/1')
  expect(done.filter(({ t, clk }) => t >= WALL_FLOOR_MS || clk !== 'doubted')).toEqual([])
  expect(done.filter(({ type }) => DATED.includes(type))).toEqual([])
  const [{ data } = { data: {} }] = done.filter(({ type }) => type === 'parcel-deposited/1')
  expect(data).toMatchObject({ parcelId: 'parcel-JD-r-within', pinExpiresAtWallMs: null })
}, 30_000)

test('once central has signed the time, it is believed, the machine’s clock is not', async () => {
  await rig.broker.start()
  // A question that came before central was back is repeated after a while.
  await until('central’s time', async () => (await clockNow()).by === 'central', QUESTION_MAX_MS)
  const { aheadMs, errorMs } = await clockNow()
  expect(aheadMs).toBeLessThan(-50 * 365 * DAY_MS)
  expect(errorMs).toBeLessThan(APART_MAX_MS)
  const before = newest()
  await collect('r-within')
  const collected = since(before).filter(({ type }) => type === 'parcel-collected/1')
  expect(collected).toMatchObject([{ clk: 'believed' }])
  expect(Math.abs((collected[0]?.t ?? 0) - Date.now())).toBeLessThan(APART_MAX_MS)
}, 60_000)
