// A central that was put back to an older copy asks for the facts that it had acknowledged, and
// gets them; whoever plays its wish back later gets nothing.
import { describe, expect, test } from 'vitest'
import type { CtlBody } from '../../../src/sync/machine/messages.ts'
import { MemoryOutbox } from '../../support/memory-outbox.ts'
import { UplinkBench } from '../../support/uplink-bench.ts'

/** Everything acknowledged, in batches of two. */
function acknowledged(count: number, prepare: (ledger: MemoryOutbox) => void = () => {}) {
  const ledger = new MemoryOutbox()
  for (let n = 1; n <= count; n += 1) ledger.append('kiosk-started/1', { n })
  prepare(ledger)
  const bench = new UplinkBench({ batchEventsMax: 2, windowBatches: 2 }, ledger)
  bench.up()
  if (ledger.restoredAfter !== null) bench.ack(ledger.restoredAfter)
  bench.ack(count, {}, ledger.epoch())
  bench.actions = []
  return bench
}

function control(bench: UplinkBench, wish: Partial<CtlBody>): void {
  bench.receive({ leaf: 'ctl', body: { v: 1, k: 'k1', t: 1, ...wish } })
}

function resend(bench: UplinkBench, from: number, epoch = 'e1', session = sessionOf(bench)): void {
  control(bench, { session, resend: { epoch, from } })
}

function sessionOf({ state }: UplinkBench): string {
  return state.link.kind === 'up' ? state.link.session : 'none'
}

function sent(bench: UplinkBench): readonly unknown[] {
  const batches = bench.actions.flatMap((action) =>
    action.kind === 'publish' && action.leaf === 'ev'
      ? [JSON.parse(action.body) as { epoch: string; first: number; ev: readonly string[] }]
      : [],
  )
  return batches.map(({ epoch, first, ev }) => [epoch, first, ev.length])
}

const births = (bench: UplinkBench) =>
  bench.actions.filter((action) => action.kind === 'publish' && action.leaf === 'state')

describe('facts once more', () => {
  test('go out from where central stands, at the pace of its acks, and then new ones', () => {
    const bench = acknowledged(6)
    resend(bench, 2)
    expect(sent(bench)).toEqual([
      ['e1', 2, 2],
      ['e1', 4, 2],
    ])
    bench.ack(3)
    expect(sent(bench).at(-1)).toEqual(['e1', 6, 1])
    bench.ledger.append('kiosk-started/1', { n: 7 })
    bench.ack(6)
    bench.step({ kind: 'facts-stored' })
    expect(sent(bench).at(-1)).toEqual(['e1', 7, 1])
    expect(bench.ledger.confirmedSeq()).toBe(6)
    bench.ack(7)
    expect(bench.ledger.confirmedSeq()).toBe(7)
  })

  test('go out again when no ack comes, and from the same place', () => {
    const bench = acknowledged(4)
    resend(bench, 3)
    bench.pass(bench.config.ackTimeoutMs)
    expect(sent(bench)).toEqual([
      ['e1', 3, 2],
      ['e1', 3, 2],
    ])
    bench.pass(bench.config.resendMinMs)
    bench.ack(2)
    expect(sent(bench)).toHaveLength(3)
  })

  test('run on from an epoch into the next', () => {
    const bench = acknowledged(5, (ledger) => {
      ledger.restoredAfter = 3
    })
    resend(bench, 2)
    expect(sent(bench)).toEqual([['e1', 2, 2]])
    // What it says of an epoch is not about another one: it still lacks the older facts.
    bench.ack(5, {}, 'e1-next')
    bench.pass(bench.config.ackTimeoutMs)
    expect(sent(bench).at(-1)).toEqual(['e1', 2, 2])
    bench.ack(3, {}, 'e1')
    expect(sent(bench).at(-1)).toEqual(['e1-next', 4, 2])
    bench.ack(5, {}, 'e1-next')
    expect(bench.state.pump.relapse).toBeNull()
    expect(bench.state.pump.unconfirmed).toEqual([])
  })

  test('begin with the oldest that is kept', () => {
    const bench = acknowledged(6)
    bench.ledger.cutUpToSeq = 4
    resend(bench, 1)
    expect(sent(bench)).toEqual([['e1', 5, 2]])
  })

  test.each<[string, (bench: UplinkBench) => void]>([
    ['of another connection', (bench) => resend(bench, 1, 'e1', 'an-older-session')],
    ['of another epoch', (bench) => resend(bench, 1, 'foreign')],
    ['for what was never acknowledged', (bench) => resend(bench, 5)],
  ])('a wish %s sends nothing', (_, wish) => {
    const bench = acknowledged(4)
    wish(bench)
    expect(sent(bench)).toEqual([])
  })

  test('are forgotten with the connection: central asks again', () => {
    const bench = acknowledged(4)
    resend(bench, 1)
    bench.down('closed')
    bench.up()
    bench.actions = []
    bench.step({ kind: 'time-passed' })
    expect(bench.state.pump.relapse).toBeNull()
    expect(sent(bench)).toEqual([])
  })
})

describe('a new birth', () => {
  test('tells the present numbers, at most once in ten seconds', () => {
    const bench = acknowledged(4)
    control(bench, { rebirth: true })
    bench.ledger.cutUpToSeq = 2
    bench.pass(9_999)
    expect(births(bench)).toHaveLength(0)
    bench.pass(1)
    expect(births(bench)).toHaveLength(1)
    control(bench, { rebirth: true })
    control(bench, { rebirth: true })
    bench.pass(9_999)
    const [birth, ...more] = births(bench)
    expect(more).toEqual([])
    expect(JSON.parse(birth?.kind === 'publish' ? birth.body : '')).toMatchObject({
      online: true,
      session: sessionOf(bench),
      epoch: 'e1',
      seq: 4,
      acked: 4,
      first: 3,
    })
  })
})
