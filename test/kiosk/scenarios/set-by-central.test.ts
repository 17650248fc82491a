// Central sets something of a kiosk's configuration, and wants a version of its program; what it
// may not set is refused by itself, and nobody at the screen is surprised.
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { REFUSED_TOLD_MAX } from '../../../src/kiosk/configuration.ts'
import type { DesiredSetting } from '../../../src/kiosk/desired.ts'
import type { KioskStatus } from '../../../src/kiosk/events.ts'
import { COMPONENTS_MAX } from '../../../src/kiosk/firmware.ts'
import { POLICY_LIMITS, SETTABLE_KEYS } from '../../../src/kiosk/setting-limits.ts'
import { Apart } from '../../support/apart.ts'
import type { Bench } from '../../support/bench.ts'

const DAY_MS = 86_400_000
const HOUR_MS = 3_600_000

let apart: Apart
let bench: Bench

beforeEach(() => {
  apart = new Apart(['S', 'S'])
  bench = apart.bench
})

afterEach(() => apart.close())

function set(id: string, value: DesiredSetting['value']): void {
  apart.want('configuration', { id, value })
}

function status(): KioskStatus {
  bench.send({ kind: 'status-asked', requestId: 'q-status' })
  const answer = bench.answers.at(-1)
  if (answer?.kind !== 'status') throw new Error('no status')
  return answer.status
}

/** How long somebody may stand there and do nothing. */
function idleMs(): number {
  bench.press('help')
  const endInMs = bench.view?.idle?.endInMs
  bench.press('back')
  return endInMs ?? 0
}

const applied = () => bench.allTold('configuration-applied')

describe('central sets a value', () => {
  test('it holds over the file, over restarts too, and central is told once', () => {
    set('idleMs', 45_000)
    set('helpPhone', '0800 123456')
    apart.meet()
    expect(idleMs()).toBe(45_000)
    expect(bench.place).toMatchObject({ siteName: 'Bench', helpPhone: '0800 123456' })
    const values = [
      { key: 'helpPhone', value: '0800 123456' },
      { key: 'idleMs', value: 45_000 },
    ]
    const told = { version: 2, values, refused: [], furtherRefused: 0 }
    expect(applied()).toEqual([told])
    expect(status().configuration).toEqual({ ...told, isDue: false })
    bench.restart()
    apart.meet()
    expect(idleMs()).toBe(45_000)
    expect(bench.place.helpPhone).toBe('0800 123456')
    expect(applied()).toHaveLength(1)
  })

  test('when it sets it no more, the file’s value counts again', () => {
    set('idleMs', 45_000)
    set('helpPhone', '0800 123456')
    apart.meet()
    apart.wantNoMore('configuration', 'idleMs')
    apart.wantNoMore('configuration', 'helpPhone')
    apart.meet()
    expect(idleMs()).toBe(30_000)
    expect(bench.place.helpPhone).toBe('000')
    expect(applied().at(-1)).toMatchObject({ version: 4, values: [] })
  })

  test('what the file says meanwhile counts for everything else', () => {
    set('idleMs', 45_000)
    apart.meet()
    const { policy } = bench.config
    bench.config = { ...bench.config, policy: { ...policy, idleMs: 99_000, courierIdleMs: 77_000 } }
    bench.restart()
    expect(idleMs()).toBe(45_000)
    bench.signIn()
    expect(bench.view?.idle?.endInMs).toBe(77_000)
  })

  test('a snapshot leaves nothing of what was set before', () => {
    set('idleMs', 45_000)
    apart.meet()
    const puts = [{ id: 'thanksMs', value: 9_000 }]
    const change = { stream: 'configuration', version: 9, puts, deletes: [] } as const
    bench.want({ ...change, isSnapshot: true })
    expect(idleMs()).toBe(30_000)
    expect(applied().at(-1)).toMatchObject({ values: [{ key: 'thanksMs', value: 9_000 }] })
  })

  test('PINs made from then on live as long as it says; those that wait keep their end', () => {
    const endOf = () => Number(bench.told('parcel-deposited')['pinExpiresAtWallMs'])
    apart.announce('p-1')
    apart.announce('p-2', 'r-2')
    bench.leaveParcel('p-1')
    const first = endOf()
    expect(first - bench.now().wallMs).toBeGreaterThan(6 * DAY_MS)
    set('pinLifeMs', HOUR_MS)
    apart.meet()
    bench.pass(2 * HOUR_MS)
    expect(bench.facts()).not.toContain('pin-expired')
    expect(endOf()).toBe(first)
    bench.leaveParcel('p-2')
    const livesMs = endOf() - bench.now().wallMs
    expect(Math.abs(livesMs - HOUR_MS)).toBeLessThan(60_000)
  })
})

describe('somebody is at the screen', () => {
  test('what was begun goes on as it was; the next one has the new value', () => {
    bench.press('help')
    set('idleMs', 60_000)
    set('helpPhone', '0800 123456')
    apart.meet()
    expect(bench.view?.idle?.endInMs).toBe(30_000)
    expect(bench.place.helpPhone).toBe('000')
    expect(status().configuration).toMatchObject({ values: [], isDue: true })
    bench.press('stay')
    expect(bench.view?.idle?.endInMs).toBe(30_000)
    bench.pass(30_000)
    expect(bench.screen.kind).toBe('welcome')
    expect(bench.place.helpPhone).toBe('0800 123456')
    expect(idleMs()).toBe(60_000)
  })

  test('a courier stands at an open door, and the plug is pulled: it holds after the start', () => {
    apart.announce('p-1')
    bench.signIn()
    bench.press('deposit', 'p-1')
    bench.obeyUnlock('acknowledged', 'springs-open')
    set('idleMs', 60_000)
    apart.meet()
    expect(applied()).toEqual([])
    bench.restart()
    expect(applied()).toHaveLength(1)
    expect(idleMs()).toBe(60_000)
  })
})

describe('central sets what it cannot', () => {
  const refused = () => applied().at(-1)?.['refused']

  test('a key that is unknown, or not for it, is refused; the others hold', () => {
    set('guessesADayMax', 1_000)
    set('remoteOpeningsADayMax', 10)
    set('constructor', 1)
    set('openMinMs', 0)
    set('idleMs', 45_000)
    apart.meet()
    expect(applied()).toEqual([
      {
        version: 5,
        values: [{ key: 'idleMs', value: 45_000 }],
        refused: ['constructor', 'guessesADayMax', 'openMinMs', 'remoteOpeningsADayMax'].map(
          (key) => ({ key, code: 'LK-CFG-06' }),
        ),
        furtherRefused: 0,
      },
    ])
    expect(idleMs()).toBe(45_000)
  })

  test('a value that the file could not have either is refused, to the edge of its range', () => {
    const { min, max } = POLICY_LIMITS.idleMs
    for (const value of [min - 1, max + 1, '45000']) {
      set('idleMs', value)
      apart.meet()
      expect(refused()).toEqual([{ key: 'idleMs', code: 'LK-CFG-08' }])
      expect(idleMs()).toBe(30_000)
    }
    set('idleMs', max)
    set('helpPhone', 'call Eve')
    apart.meet()
    expect(refused()).toEqual([{ key: 'helpPhone', code: 'LK-CFG-08' }])
    expect(idleMs()).toBe(max)
    expect(bench.place.helpPhone).toBe('000')
  })

  test('a key that the file keeps to itself is refused, as soon as the file says so', () => {
    set('helpPhone', '0800 123456')
    set('thanksMs', 9_000)
    apart.meet()
    bench.config = { ...bench.config, localKeys: ['helpPhone'] }
    bench.restart()
    expect(bench.place.helpPhone).toBe('000')
    expect(refused()).toEqual([{ key: 'helpPhone', code: 'LK-CFG-07' }])
    expect(applied().at(-1)).toMatchObject({ values: [{ key: 'thanksMs', value: 9_000 }] })
    bench.config = { ...bench.config, localKeys: [] }
    bench.restart()
    expect(bench.place.helpPhone).toBe('0800 123456')
  })

  test('values that do not go together are refused together, and the file’s count', () => {
    set('idleMs', 50_000)
    set('idleWarningMs', 60_000)
    set('courierIdleMs', 200_000)
    apart.meet()
    expect(refused()).toEqual([
      { key: 'idleMs', code: 'LK-CFG-09' },
      { key: 'idleWarningMs', code: 'LK-CFG-09' },
    ])
    expect(idleMs()).toBe(30_000)
    bench.signIn()
    expect(bench.view?.idle?.endInMs).toBe(200_000)
    bench.press('sign-out')
    set('idleMs', 90_000)
    apart.meet()
    expect(refused()).toEqual([])
    expect(idleMs()).toBe(90_000)
  })

  test('of very many refusals some are named, and the rest is counted', () => {
    const puts = Array.from({ length: REFUSED_TOLD_MAX + 7 }, (_, at) => ({
      id: `key-${String(at).padStart(3, '0')}`,
      value: at,
    }))
    const change = { stream: 'configuration', version: 1, puts, deletes: [] } as const
    bench.want({ ...change, isSnapshot: true })
    expect(refused()).toHaveLength(REFUSED_TOLD_MAX)
    expect(applied().at(-1)).toMatchObject({ values: [], furtherRefused: 7 })
  })

  test('nothing that keeps guessers or central back, or proves a locker empty, is for it', () => {
    const own = ['pinDigits', 'accessCodeDigits', 'guessesADayMax', 'guessDecayMs', 'openMinMs']
    const more = ['reopenMs', 'leftOpenMs', 'pulseMs', 'pulsesMax', 'reissuesADayMax']
    const last = ['remoteOpeningsADayMax', 'remoteOpeningsIn10MinMax', 'confirmedFactsKeptDays']
    for (const key of [...own, ...more, ...last]) expect(SETTABLE_KEYS).not.toContain(key)
  })
})

describe('central wants a version of the daemon', () => {
  const compared = () => bench.allTold('firmware-compared')

  test('until it runs, it says what does and since when; then, that it is as wanted', () => {
    apart.want('firmware', { id: 'latchkey', version: '0.2.0' })
    apart.meet()
    const sinceWallMs = bench.now().wallMs
    const wanted = { component: 'latchkey', wanted: '0.2.0' }
    expect(compared()).toEqual([{ ...wanted, running: ['test'] }])
    bench.pass(HOUR_MS)
    bench.restart()
    expect(compared()).toHaveLength(1)
    const row = { ...wanted, running: ['test'], isAsWanted: false, sinceWallMs }
    expect(status().firmware).toEqual([row])
    bench.version = '0.2.0'
    bench.restart()
    expect(compared().at(-1)).toEqual({ ...wanted, running: ['0.2.0'] })
    expect(status().firmware).toMatchObject([{ ...wanted, isAsWanted: true }])
  })

  test('when it wants none any more, that is told, and nothing is shown', () => {
    apart.want('firmware', { id: 'latchkey', version: 'test' })
    apart.meet()
    apart.wantNoMore('firmware', 'latchkey')
    apart.meet()
    expect(compared().at(-1)).toEqual({ component: 'latchkey', wanted: null, running: ['test'] })
    expect(status().firmware).toEqual([])
    bench.restart()
    expect(compared()).toHaveLength(2)
  })

  test('of what nothing here is called, nobody knows what runs', () => {
    apart.want('firmware', { id: 'door-board', version: '3' })
    apart.meet()
    expect(compared()).toEqual([{ component: 'door-board', wanted: '3', running: [] }])
    expect(status().firmware).toMatchObject([{ isAsWanted: false }])
  })

  test('of very many components the first are compared', () => {
    const puts = Array.from({ length: COMPONENTS_MAX + 3 }, (_, at) => ({
      id: `part-${String(at).padStart(3, '0')}`,
      version: '1',
    }))
    const change = { stream: 'firmware', version: 1, puts, deletes: [] } as const
    bench.want({ ...change, isSnapshot: true })
    expect(compared()).toHaveLength(COMPONENTS_MAX)
    bench.restart()
    expect(compared()).toHaveLength(COMPONENTS_MAX)
  })
})
