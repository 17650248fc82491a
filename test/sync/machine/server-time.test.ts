// What the kiosk believes of the time: each state, and what leads from one to the next.
import { exportJWK, generateKeyPair } from 'jose'
import { describe, expect, test } from 'vitest'
import { signDown } from '../../../sim/central/sign-down.ts'
import { WALL_FLOOR_MS } from '../../../src/kiosk/time.ts'
import type { ClockReport } from '../../../src/kiosk/uplink-report.ts'
import { createDownOpener } from '../../../src/sync/contract/open-down.ts'
import {
  believedNow,
  CLOCK_APART_MAX_MS,
  CLOCK_ERROR_MAX_MS,
  DRIFT_PPM,
  ROUND_TRIP_MAX_MS,
  TIME_EVERY_MS,
  TIME_QUESTIONS_MAX,
} from '../../../src/sync/machine/server-time.ts'
import { CENTRAL_WALL_MS, TimeBench } from '../../support/time-bench.ts'
import { published } from '../../support/uplink-bench.ts'

const DAY_MS = 86_400_000
const YEAR_1970_MS = 60_000

/** Asks, and is told after so long. */
function told(bench: TimeBench, tookMs = 40): TimeBench {
  const { id } = bench.ask()
  const t1 = bench.centralMs + tookMs / 2
  bench.wait(tookMs)
  bench.tell({ re: id, t1, t2: t1 })
  return bench
}

/** Where the error of central's time has grown beyond what counts. */
const TOO_OLD_MS = (CLOCK_ERROR_MAX_MS / DRIFT_PPM) * 1_000_000

describe('before central tells the time', () => {
  test('a clock that was never set is not believed', () => {
    const bench = new TimeBench({ machineWallMs: YEAR_1970_MS })
    expect(bench.now().isWallBelieved).toBe(false)
    expect(bench.clock()).toEqual({
      by: 'nobody',
      aheadMs: null,
      errorMs: null,
      roundTripMs: null,
      toldAgoMs: null,
    })
    bench.moveMachine(WALL_FLOOR_MS - 1)
    expect(bench.now().isWallBelieved).toBe(false)
  })

  test('one that was set is, for want of a better one', () => {
    const bench = new TimeBench({ machineWallMs: WALL_FLOOR_MS })
    expect(bench.now()).toMatchObject({ wallMs: WALL_FLOOR_MS, isWallBelieved: true })
    expect(bench.clock().by).toBe('machine')
  })
})

describe('once central has told it', () => {
  test('a clock that was never set gives way to central’s time', () => {
    const bench = told(new TimeBench({ machineWallMs: YEAR_1970_MS }))
    expect(bench.now().isWallBelieved).toBe(true)
    expect(Math.abs(bench.now().wallMs - bench.centralMs)).toBeLessThanOrEqual(25)
    const { by, aheadMs, errorMs, roundTripMs, toldAgoMs } = bench.clock()
    expect([by, roundTripMs, toldAgoMs]).toEqual(['central', 40, 0])
    expect(aheadMs).toBe(bench.machineWallMs - bench.now().wallMs)
    expect(errorMs).toBeGreaterThanOrEqual(20)
    expect(errorMs).toBeLessThanOrEqual(25)
  })

  test('what central took to answer is no doubt about the time', () => {
    const bench = new TimeBench({ machineWallMs: YEAR_1970_MS })
    const { id } = bench.ask()
    const t1 = bench.centralMs + 10
    bench.wait(9_020)
    bench.tell({ re: id, t1, t2: t1 + 9_000 })
    expect(bench.clock()).toMatchObject({ by: 'central', roundTripMs: 20 })
    expect(bench.clock().errorMs).toBeLessThan(20)
  })

  test('a machine’s clock that agrees stays in use, to the millisecond', () => {
    const bench = told(new TimeBench({ machineWallMs: CENTRAL_WALL_MS + CLOCK_APART_MAX_MS - 100 }))
    expect(bench.clock().by).toBe('both')
    expect(bench.now()).toMatchObject({ wallMs: bench.machineWallMs, isWallBelieved: true })
  })

  test.each([
    ['ahead', DAY_MS],
    ['behind', -DAY_MS],
  ])('a machine’s clock that jumps a day %s is not followed', (_where, byMs) => {
    const bench = told(new TimeBench({ machineWallMs: CENTRAL_WALL_MS }))
    bench.moveMachine(bench.machineWallMs + byMs)
    expect(bench.clock().by).toBe('central')
    expect(Math.abs(bench.now().wallMs - bench.centralMs)).toBeLessThanOrEqual(25)
    bench.moveMachine(bench.centralMs)
    expect(bench.clock().by).toBe('both')
  })

  test('a jump between question and answer changes nothing: only uptime is counted', () => {
    const bench = new TimeBench({ machineWallMs: CENTRAL_WALL_MS })
    const { id } = bench.ask()
    bench.wait(20)
    bench.moveMachine(bench.machineWallMs - 9 * DAY_MS)
    bench.tell({ re: id, t1: bench.centralMs - 10, t2: bench.centralMs - 10 })
    expect(bench.clock()).toMatchObject({ by: 'central', roundTripMs: 20 })
  })

  test('central’s time that was put right counts at once', () => {
    const bench = told(new TimeBench({ machineWallMs: YEAR_1970_MS }))
    bench.moveCentral(3 * DAY_MS)
    told(bench, 400)
    expect(Math.abs(bench.now().wallMs - bench.centralMs)).toBeLessThanOrEqual(210)
  })

  test('an answer that says less than what is known is not taken', () => {
    const bench = told(new TimeBench({ machineWallMs: YEAR_1970_MS }))
    told(bench, 4_000)
    expect(bench.clock()).toMatchObject({ roundTripMs: 40, toldAgoMs: 4_000 })
    bench.wait(TOO_OLD_MS / 100)
    told(bench, 4_000)
    expect(bench.clock()).toMatchObject({ roundTripMs: 4_000, toldAgoMs: 0 })
  })
})

describe('weeks without central', () => {
  test('the error grows with the age of what central told', () => {
    const bench = told(new TimeBench({ machineWallMs: YEAR_1970_MS }))
    const before = bench.clock().errorMs ?? 0
    bench.wait(DAY_MS)
    expect(bench.clock().errorMs).toBe(before + (DAY_MS * DRIFT_PPM) / 1_000_000)
  })

  test('it counts alone for a month, and then no clock is believed', () => {
    const bench = told(new TimeBench({ machineWallMs: YEAR_1970_MS }))
    bench.wait(30 * DAY_MS)
    expect(bench.clock().by).toBe('central')
    bench.wait(TOO_OLD_MS - 30 * DAY_MS - DAY_MS)
    expect(bench.now().isWallBelieved).toBe(true)
    bench.wait(DAY_MS)
    expect(bench.clock().by).toBe('nobody')
    expect(bench.now()).toMatchObject({ wallMs: bench.machineWallMs, isWallBelieved: false })
    told(bench)
    expect(bench.now().isWallBelieved).toBe(true)
  })

  test('a machine’s clock that agrees is believed however long it lasts', () => {
    const bench = told(new TimeBench({ machineWallMs: CENTRAL_WALL_MS }))
    bench.wait(2 * TOO_OLD_MS)
    expect(bench.clock().by).toBe('both')
    bench.moveMachine(bench.machineWallMs + DAY_MS)
    expect(bench.clock().by).toBe('nobody')
  })

  test('a restart forgets it: the uptime begins anew', () => {
    const bench = told(new TimeBench({ machineWallMs: YEAR_1970_MS }))
    bench.restart()
    expect(bench.now().isWallBelieved).toBe(false)
  })
})

describe('what tells no time', () => {
  const unset = (): TimeBench => new TimeBench({ machineWallMs: YEAR_1970_MS })
  const isDoubted = (bench: TimeBench): void => {
    expect(bench.clock().by).toBe('nobody')
    expect(bench.now().isWallBelieved).toBe(false)
  }

  test('central’s word that answers no question, whatever its stamps', () => {
    const bench = unset()
    bench.ask()
    bench.tell({ re: 'another', t1: bench.centralMs, t2: bench.centralMs })
    bench.tell(undefined)
    isDoubted(bench)
    expect(bench.refusals()).toEqual([])
  })

  test('an answer, played back', () => {
    const bench = unset()
    const { id } = bench.ask()
    const answer = { re: id, t1: bench.centralMs, t2: bench.centralMs }
    bench.tell(answer)
    const { wallMs } = bench.now()
    bench.wait(DAY_MS)
    bench.tell(answer)
    expect(bench.now().wallMs).toBe(wallMs + DAY_MS)
    bench.restart()
    bench.ask()
    bench.tell(answer)
    isDoubted(bench)
  })

  test('an answer to an older question than one that was answered', () => {
    const bench = unset()
    const first = bench.ask()
    const t1 = bench.centralMs
    bench.wait(1_000)
    told(bench)
    const before = bench.clock()
    bench.tell({ re: first.id, t1, t2: t1 })
    expect(bench.clock()).toEqual(before)
  })

  test('an answer that was too long under way', () => {
    const bench = unset()
    const { id } = bench.ask()
    const t1 = bench.centralMs
    bench.wait(ROUND_TRIP_MAX_MS + 1)
    bench.tell({ re: id, t1, t2: t1 })
    isDoubted(bench)
    expect(bench.refusals()).toEqual([])
  })

  test('an answer to a question that newer ones have pushed out', () => {
    const bench = unset()
    const { id } = bench.ask()
    for (let count = 0; count < TIME_QUESTIONS_MAX; count += 1) bench.ask()
    bench.tell({ re: id, t1: bench.centralMs, t2: bench.centralMs })
    isDoubted(bench)
  })

  test.each([
    ['of before the program was made', () => ({ t1: WALL_FLOOR_MS - 1, t2: WALL_FLOOR_MS })],
    ['that ran backwards', (ms: number) => ({ t1: ms, t2: ms - 1 })],
    ['that says it was held longer than all of it took', (ms: number) => ({ t1: ms, t2: ms + 60 })],
  ])('a time %s: it is refused with a code', (_what, stamps) => {
    const bench = unset()
    const { id } = bench.ask()
    bench.wait(40)
    bench.tell({ re: id, ...stamps(bench.centralMs) })
    isDoubted(bench)
    expect(bench.refusals()).toEqual(['LK-SYNC-10'])
    // The rest of the message counts: central was heard.
    expect(bench.bench.state.isOnline).toBe(true)
  })
})

describe('asking', () => {
  const idsOf = (bench: TimeBench, leaf: string): readonly unknown[] =>
    bench.published(leaf).map(({ body }) => body['id'])

  test('is done by all facts until central has told the time, then once a minute', () => {
    const bench = new TimeBench({ machineWallMs: CENTRAL_WALL_MS })
    bench.store()
    bench.acknowledge()
    bench.store()
    const ids = idsOf(bench, 'ev')
    expect(new Set(ids).size).toBe(2)
    const re = String(ids.at(-1))
    expect(re).toMatch(/^[0-9a-f]{32}$/)
    bench.wait(30)
    bench.acknowledge({ re, t1: bench.centralMs - 15, t2: bench.centralMs - 15 })
    expect(bench.clock()).toMatchObject({ by: 'both', roundTripMs: 30 })
    bench.wait(TIME_EVERY_MS - 1)
    bench.store()
    expect(idsOf(bench, 'ev').at(-1)).toBeUndefined()
    bench.acknowledge()
    bench.wait(1)
    bench.store()
    expect(idsOf(bench, 'ev').at(-1)).toMatch(/^[0-9a-f]{32}$/)
  })

  test.each([
    ['no clock is believed: soon again', YEAR_1970_MS, 1],
    ['the machine’s clock was set: with the period', CENTRAL_WALL_MS, 0],
  ])('central says where it stands, and no time; %s', (_what, machineWallMs, count) => {
    const bench = new TimeBench({ machineWallMs })
    bench.bench.settle()
    bench.wait(bench.bench.config.ackTimeoutMs)
    const asked = published(bench.bench.step({ kind: 'time-passed' }), 'sync')
    expect(asked).toHaveLength(count)
  })
})

test('the birth says by what the kiosk knows the time', () => {
  const bench = new TimeBench({ machineWallMs: YEAR_1970_MS })
  const clk = (): unknown => bench.published('state').at(-1)?.body['clk']
  expect(clk()).toEqual({ by: 'nobody' })
  told(bench)
  bench.reconnect()
  const { aheadMs, errorMs } = bench.clock() as Required<ClockReport>
  expect(clk()).toEqual({ by: 'central', aheadMs, errorMs })
})

test('a connection is made with the time that counts, for the dates of certificates', () => {
  const bench = told(new TimeBench({ machineWallMs: YEAR_1970_MS }))
  const connect = bench.reconnect()
  expect(connect).toMatchObject({ isWallBelieved: true })
  expect(Math.abs((connect?.wallMs ?? 0) - bench.centralMs)).toBeLessThanOrEqual(25)
})

test('no clock of the machine is set: what is judged is only looked at', () => {
  const machine = { monoMs: 7, wallMs: 9, isWallBelieved: false }
  const before = structuredClone(machine)
  const sample = { atMonoMs: 0, wallMs: CENTRAL_WALL_MS, errorMs: 1, roundTripMs: 2 }
  const now = believedNow({ asked: [], sample }, machine)
  expect(machine).toEqual(before)
  expect(now).toEqual({ monoMs: 7, wallMs: CENTRAL_WALL_MS + 7, isWallBelieved: true })
})

describe('over the wire, with an attacker at the broker', () => {
  const pair = () => generateKeyPair('EdDSA', { crv: 'Ed25519', extractable: true })

  test('a time that central has not signed for this kiosk and leaf is not taken', async () => {
    const [own, other] = [await pair(), await pair()]
    const keys = [{ ...(await exportJWK(own.publicKey)), kid: 'central' }]
    const openDown = await createDownOpener('k1', { keys })
    const bench = new TimeBench({ machineWallMs: YEAR_1970_MS })
    const { id } = bench.ask()
    const time = { re: id, t1: bench.centralMs, t2: bench.centralMs }
    const body = { v: 1, k: 'k1', t: 1, head: {}, time }
    const central = { kid: 'central', key: own.privateKey }
    const sound = await signDown(central, { leaf: 'head', body })
    const later = { ...body, time: { ...time, t1: time.t1 + DAY_MS, t2: time.t2 + DAY_MS } }
    const payload = Buffer.from(JSON.stringify(later)).toString('base64url')
    const take = async (text: string, leaf = 'head'): Promise<string | null> => {
      const opened = await openDown(`lk/v1/test/k1/dn/${leaf}`, Buffer.from(text))
      if (opened.kind === 'refused') return opened.refusal.code
      bench.bench.receive(opened.message)
      return null
    }
    const thief = { kid: 'central', key: other.privateKey }
    expect(await take(await signDown(thief, { leaf: 'head', body }))).toBe('LK-SYNC-03')
    expect(await take(JSON.stringify({ ...JSON.parse(sound), payload }))).toBe('LK-SYNC-03')
    expect(await take(sound, 'ack')).toBe('LK-SYNC-06')
    const foreign = await signDown(central, { leaf: 'head', body: { ...body, k: 'k2' } })
    expect(await take(foreign)).toBe('LK-SYNC-05')
    expect(bench.clock().by).toBe('nobody')
    expect(await take(sound)).toBe(null)
    expect(bench.clock().by).toBe('central')
  })
})
