// Which commands of central the uplink takes, and what it tells of them; the rules behind it have
// scenarios of their own.
import { describe, expect, test } from 'vitest'
import type { CommandBody } from '../../../src/sync/machine/messages.ts'
import { published, UplinkBench } from '../../support/uplink-bench.ts'

const OPEN = { lockerId: '07', reason: 'a caller' }

function body(fields: object): CommandBody {
  return { v: 1, k: 'k1', t: 1, cid: 'c1', iat: 0, exp: 60_000, ...fields } as CommandBody
}

function up(changes = {}): UplinkBench {
  const bench = new UplinkBench(changes)
  bench.up()
  return bench
}

const results = (bench: UplinkBench) => published(bench.actions, 'res').map((each) => each.body)
const reports = (bench: UplinkBench) =>
  bench.actions.flatMap((action) =>
    action.kind === 'report' && action.event.kind === 'command-sent' ? [action.event] : [],
  )

function send(bench: UplinkBench, fields: object) {
  return bench.receive({ leaf: 'cmd', body: body(fields) })
}

/** @returns the nonce that the answer brings */
function askStatus(bench: UplinkBench, cid = 's1'): string {
  send(bench, { cid, type: 'status', args: {} })
  const report = { boot: 1, screen: 'welcome', boardsOffline: [], lockers: {}, doorsOpen: [] }
  const left = { in10Min: 3, today: 10 }
  bench.step({
    ...{ kind: 'command-ended', commandId: cid },
    end: { status: 'done', code: null, report: { ...report, outbox: 0, left } },
  })
  return String(results(bench).at(-1)?.['nonce'])
}

describe('the nonce', () => {
  test('comes with the answer to status, each another one, and never with a birth', () => {
    const bench = up()
    const nonces = [askStatus(bench, 's1'), askStatus(bench, 's2')]
    expect(new Set(nonces).size).toBe(2)
    for (const nonce of nonces) expect(nonce).toMatch(/^[0-9a-f]{32}$/)
    const others = published(bench.actions).filter(({ leaf }) => leaf !== 'res')
    expect(others.filter((message) => 'nonce' in message.body)).toEqual([])
  })

  test('so many are known at once, the oldest goes first', () => {
    const bench = up({ noncesMax: 3 })
    const nonces = ['s1', 's2', 's3', 's4'].map((cid) => askStatus(bench, cid))
    send(bench, { type: 'open', args: OPEN, nonce: nonces[0], counter: 1 })
    expect(results(bench).at(-1)).toMatchObject({ status: 'expired', code: 'LK-CMD-01' })
    send(bench, { type: 'open', args: OPEN, nonce: nonces[1], counter: 1 })
    expect(results(bench).at(-1)).toMatchObject({ status: 'accepted' })
  })

  test('lives as long as it may by uptime, and not a millisecond longer', () => {
    const { nonceLifeMs } = up().config
    const statusAfter = (ms: number) => {
      const bench = up({ syncPeriodMs: 1e9 })
      const nonce = askStatus(bench)
      bench.monoMs += ms
      send(bench, { type: 'open', args: OPEN, nonce, counter: 1 })
      return results(bench).at(-1)?.['status']
    }
    expect(statusAfter(nonceLifeMs - 1)).toBe('accepted')
    expect(statusAfter(nonceLifeMs)).toBe('expired')
  })

  test('survives a lost connection, and not the process', () => {
    const bench = up()
    const nonce = askStatus(bench)
    bench.down('closed')
    bench.up()
    send(bench, { type: 'open', args: OPEN, nonce, counter: 1 })
    expect(results(bench).at(-1)).toMatchObject({ status: 'accepted' })
    const next = askStatus(bench, 's2')
    const other = new UplinkBench({}, bench.ledger)
    other.up()
    send(other, { cid: 'c2', type: 'open', args: OPEN, nonce: next, counter: 2 })
    expect(results(other).at(-1)).toMatchObject({ status: 'expired' })
  })
})

test('what is taken is stored, told as accepted, and handed to the rules', () => {
  const bench = up()
  const args = { ...OPEN, parcelId: 'p1', operator: 'Mara' }
  send(bench, { type: 'open', args, nonce: askStatus(bench), counter: 5 })
  expect(bench.ledger.command('c1')).toEqual({
    ...{ commandId: 'c1', type: 'open', target: '07', end: null },
  })
  expect(bench.ledger.commandCounter()).toBe(5)
  expect(reports(bench).at(-1)).toEqual({
    ...{ kind: 'command-sent', commandId: 'c1' },
    command: { kind: 'open', ...args },
  })
})

test('a counter that does not grow is refused, whatever else is right', () => {
  const bench = up()
  send(bench, { type: 'open', args: OPEN, nonce: askStatus(bench), counter: 5 })
  for (const counter of [5, 4, 1]) {
    const nonce = askStatus(bench, `s${counter}`)
    send(bench, { cid: `n${counter}`, type: 'open', args: OPEN, nonce, counter })
    expect(results(bench).at(-1)).toMatchObject({ status: 'refused', code: 'LK-CMD-02' })
  }
  expect(bench.ledger.commands.size).toBe(1)
})

test('an answer that could not be sent is sent when the command comes again', () => {
  const bench = up()
  const order = { type: 'open', args: OPEN, nonce: askStatus(bench), counter: 1 }
  send(bench, order)
  bench.down('closed')
  const left = { in10Min: 2, today: 9 }
  const opening = { openingId: 3, outcome: 'opened' } as const
  const end = { status: 'done', code: null, opening, left } as const
  const before = results(bench).length
  bench.step({ kind: 'command-ended', commandId: 'c1', end })
  expect(results(bench)).toHaveLength(before)
  bench.up()
  send(bench, order)
  expect(results(bench).at(-1)).toMatchObject({
    ...{ cid: 'c1', type: 'open', status: 'done', again: true, result: opening, left },
  })
  expect(reports(bench).filter(({ command }) => command.kind === 'open')).toHaveLength(1)
})

test('so many commands a minute are looked at; more are refused with a code', () => {
  const bench = up({ commandsMax: 3, commandWindowMs: 60_000 })
  for (let count = 0; count < 5; count += 1) askStatus(bench, `s${count}`)
  expect(reports(bench)).toHaveLength(3)
  const told = published(bench.actions, 'rej').map((each) => each.body)
  expect(told[0]).toMatchObject({ leaf: 'cmd', code: 'LK-CMD-05' })
  bench.pass(60_000)
  send(bench, { cid: 'later', type: 'status', args: {} })
  expect(reports(bench)).toHaveLength(4)
})
