// The whole kiosk on a card that takes 60 ms longer for every fsync: boards, screen and uplink must
// stay awake beside a core that waits for its disk most of the time.
import { spawnSync } from 'node:child_process'
import { existsSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import process from 'node:process'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { diskEnv } from '../../sim/disk/build.ts'
import { REPLY_GRACE_MS } from '../../src/bus/master/limits.ts'
import type { BusCounters } from '../../src/bus/master/state.ts'
import type { ServerMessage } from '../../src/screen/protocol.ts'
import { type Client, connect } from '../support/client.ts'
import { PAINTED_MS, WATCH_DIGITS } from '../support/probes.ts'
import { COURIER, type Health, Rig } from '../support/rig.ts'
import { watchStalls } from '../support/stalls.ts'
import { Touchscreen } from '../support/touchscreen.ts'
import { until } from '../support/until.ts'

const FSYNC_DELAY_MS = 60
const PARCELS = 5
/** One for each parcel, and the courier's code. */
const DIGITS_MIN = (PARCELS + 1) * 8
/** As fast as a hurried person types. */
const KEY_EVERY_MS = 60
/** Announcements while people act: the core commits without a pause. */
const ANNOUNCE_EVERY_MS = 75
const ROUNDS = 8
/** The only slow disk is the shim's: central and the boards beside it must not wait for a real one. */
const MEMORY = existsSync('/dev/shm') ? '/dev/shm' : tmpdir()
/** Priorities, see goBefore. */
const STRANGERS = 0
const BROWSER = 1
const PAINT_MAX_MS = 100
const LOOP_DELAY_MAX_MS = 250

let rig: Rig
let screen: Touchscreen
let health: Health
let busBefore: Health['buses'][number] | undefined
let paintedMs: readonly number[]
let fsyncs = 0
/** How often the simulated boards, which live in this process, were too late themselves. */
let boardStalls = 0

const countFile = () => `${rig.folder}/fsyncs`
const fsyncsSoFar = () => statSync(countFile()).size

beforeAll(async () => {
  goBefore(STRANGERS)
  screen = await Touchscreen.switchOn()
  goBefore(BROWSER)
  rig = await Rig.start({
    central: 'reference',
    parentFolder: MEMORY,
    daemonEnv: (folder) =>
      diskEnv({ folder, delayMs: FSYNC_DELAY_MS, countFile: `${folder}/../fsyncs` }),
  })
  const people = Array.from({ length: PARCELS }, (_, index) => `r-${index}`)
  rig.introduce([...people, 'r-load'].map((id) => ({ id, label: `Person ${id}` })))
  for (const to of people) rig.announce({ tracking: `JD-${to}`, size: 'S', to })
  await screen.goTo(rig.screenUrl)
  await screen.page.evaluate(WATCH_DIGITS)
  const before = fsyncsSoFar()
  busBefore = (await rig.health()).buses[0]
  const stalls = watchStalls(REPLY_GRACE_MS / 2)
  await depositAll(people)
  await collectAll(people)
  health = await rig.health()
  boardStalls = stalls.stop()
  fsyncs = fsyncsSoFar() - before
  paintedMs = (await screen.page.evaluate<number[]>(PAINTED_MS)).toSorted((a, b) => a - b)
}, 90_000)

afterAll(async () => {
  await screen?.close()
  await rig?.end()
})

async function depositAll(people: readonly string[]): Promise<void> {
  await screen.touches('Courier')
  await screen.sees('Courier sign-in')
  await underLoad(() => screen.types(COURIER.code, { keyEveryMs: KEY_EVERY_MS }))
  await screen.sees(`Hello, ${COURIER.label}`)
  for (const to of people) {
    await screen.scans(`JD-${to}`)
    const lockerId = await screen.seesOpenDoor()
    rig.putIn(lockerId, to)
    await screen.reads(`Deposited in locker ${lockerId}.`)
  }
  await screen.signsOut()
}

async function collectAll(people: readonly string[]): Promise<void> {
  for (const to of people) {
    await until('the letter', () => rig.pinFor(to) !== null)
    const pin = rig.pinFor(to) ?? ''
    await underLoad(() => screen.types(pin, { keyEveryMs: KEY_EVERY_MS }))
    const lockerId = await screen.seesOpenDoor()
    expect(rig.takeOut(lockerId)).toBe(to)
    await screen.sees('Thank you!')
    await screen.touches('I am done')
    await screen.sees('Collect your parcel')
  }
}

/** Announces one parcel after the other, so that commits run while a person types. */
async function underLoad(work: () => Promise<void>): Promise<void> {
  const load = setInterval(() => {
    loads += 1
    rig.announce({ tracking: `LOAD-${loads}`, size: 'S', to: 'r-load' })
  }, ANNOUNCE_EVERY_MS)
  try {
    await work()
  } finally {
    clearInterval(load)
  }
}
let loads = 0

test('every commit really waited for the slow disk', async () => {
  const client = connect<ServerMessage>(new URL('/screen', rig.screenUrl).href)
  await client.next(({ kind }) => kind === 'view')
  const before = fsyncsSoFar()
  const answersMs: number[] = []
  for (let round = 0; round < ROUNDS; round += 1) {
    await wish(client, { kind: 'press', action: 'courier' })
    answersMs.push(await wish(client, { kind: 'digits', digits: COURIER.code }))
    answersMs.push(await wish(client, { kind: 'press', action: 'sign-out' }))
  }
  client.close()
  const commits = fsyncsSoFar() - before
  tell(
    `${fsyncs} fsyncs of ${FSYNC_DELAY_MS} ms while people acted; ` +
      `the quickest of ${answersMs.length} stored wishes took ${Math.min(...answersMs).toFixed(1)} ms`,
  )
  expect(commits).toBeGreaterThanOrEqual(answersMs.length)
  expect(Math.min(...answersMs)).toBeGreaterThanOrEqual(FSYNC_DELAY_MS)
  expect(fsyncs).toBeGreaterThan(PARCELS * 6)
})

test('no reply of a board was lost', () => {
  const grown = (name: keyof BusCounters) =>
    (health.buses[0]?.[name] ?? Number.NaN) - (busBefore?.[name] ?? Number.NaN)
  const [sent, repeated, failed] = [grown('framesSent'), grown('repetitions'), grown('failures')]
  tell(
    `${sent} requests, ${repeated} repeated, ${failed} failed; ` +
      `the boards themselves were late ${boardStalls} times`,
  )
  expect(sent).toBeGreaterThan(100)
  expect(failed).toBe(0)
  // Only a board that answers late has its request repeated; on an idle machine both are 0.
  expect(repeated).toBeLessThanOrEqual(boardStalls)
})

test('typed digits were painted within 100 ms', () => {
  const at = (share: number) => paintedMs[Math.ceil(paintedMs.length * share) - 1] ?? Number.NaN
  const [median, p95, max] = [at(0.5), at(0.95), at(1)]
  tell(
    `${paintedMs.length} digits painted after ${median.toFixed(1)} ms (median), ` +
      `${p95.toFixed(1)} ms (95 %), ${max.toFixed(1)} ms (all)`,
  )
  expect(paintedMs.length).toBeGreaterThanOrEqual(DIGITS_MIN)
  expect(max).toBeLessThanOrEqual(PAINT_MAX_MS)
})

test('the I/O loop was never blocked over 250 ms', () => {
  tell(`the I/O loop waited at most ${health.loopDelayMaxMs.toFixed(1)} ms`)
  expect(health.loopDelayMaxMs).toBeGreaterThan(0)
  expect(health.loopDelayMaxMs).toBeLessThanOrEqual(LOOP_DELAY_MAX_MS)
})

/**
 * A kiosk has its computer to itself. Where the system allows it, this process and what it starts from
 * here on go before the rest of the machine: a processor that is taken away for 200 ms is no slow disk.
 */
function goBefore(others: number): void {
  const priority = String(others + 1)
  spawnSync('chrt', ['--all-tasks', '--rr', '--pid', priority, String(process.pid)])
}

/** Measured figures belong into the run's output. */
function tell(figures: string): void {
  process.stdout.write(`slow disk: ${figures}\n`)
}

/** @returns how long the answer took */
async function wish(client: Client<ServerMessage>, body: object): Promise<number> {
  const id = crypto.randomUUID()
  const rev = client.messages.findLast((message) => message.kind === 'view')?.view.rev ?? 0
  const startMs = performance.now()
  client.send({ ...body, id, rev })
  const answer = await client.next((message) => message.kind === 'answer' && message.id === id)
  const tookMs = performance.now() - startMs
  expect(answer).toMatchObject({ result: 'ok' })
  await until('the next view', () =>
    client.messages.some((message) => message.kind === 'view' && message.view.rev > rev),
  )
  return tookMs
}
