import { describe, expect, test } from 'vitest'
import { checkUp, isUpLeaf } from '../../../src/sync/contract/validate.ts'
import { DEFAULT_UPLINK } from '../../../src/sync/machine/config.ts'
import { sipHash24 } from '../../../src/sync/machine/random.ts'
import { published, UplinkBench } from '../../support/uplink-bench.ts'

function withFacts(count: number, changes = {}): UplinkBench {
  const bench = new UplinkBench(changes)
  for (let seq = 1; seq <= count; seq += 1) bench.ledger.append('locker-released/1', { seq })
  return bench
}

const firsts = (bench: UplinkBench) =>
  published(bench.actions, 'ev').map(({ body }) => body['first'])

describe('connecting', () => {
  test('after the subscription come the birth, the request and the outbox, in this order', () => {
    const bench = withFacts(1)
    const [birth, sync, ev, ...rest] = bench.up()
    expect([birth?.leaf, sync?.leaf, ev?.leaf, rest]).toEqual(['state', 'sync', 'ev', []])
    expect(birth?.body).toMatchObject({ online: true, session: bench.session(), seq: 1, acked: 0 })
  })

  test('everything published fits the contract', () => {
    const bench = withFacts(3)
    bench.up()
    bench.snap(1, 'unasked')
    bench.step({ kind: 'stopping', reason: 'service stopped' })
    const messages = published(bench.actions)
    expect(new Set(messages.map(({ leaf }) => leaf))).toEqual(
      new Set(['state', 'sync', 'ev', 'rej']),
    )
    for (const { leaf, body } of messages) {
      expect(isUpLeaf(leaf) && checkUp(leaf, body)).toEqual({ isValid: true })
    }
  })

  test('the will names the session of the birth, and each connection has its own', () => {
    const bench = new UplinkBench()
    bench.up()
    bench.down('closed')
    bench.up()
    const wills = bench.actions
      .filter((action) => action.kind === 'connect')
      .map(({ will }) => will)
    const births = published(bench.actions, 'state')
    expect(wills.map((will) => JSON.parse(will).session)).toEqual(
      births.map(({ body }) => body['session']),
    )
    expect(new Set(wills.map((will) => JSON.parse(will).session)).size).toBe(2)
  })

  test('a late end of an earlier attempt does not end the present one', () => {
    const bench = new UplinkBench()
    bench.up()
    bench.step({ kind: 'link-down', session: 'earlier', cause: 'closed', detail: '' })
    expect(bench.state.link.kind).toBe('up')
  })

  test('an attempt that the link never ends is given up', () => {
    const bench = new UplinkBench()
    bench.sleep()
    expect(bench.sleep()).toBe(bench.config.connectMaxMs)
    expect(bench.state.link.kind).toBe('waiting')
    expect(bench.actions.at(-1)).toEqual({ kind: 'disconnect' })
  })

  test('the first delay lies within the spread, later ones double up to the cap', () => {
    const bench = new UplinkBench({ ...DEFAULT_UPLINK, protocol: '5' })
    const delays: number[] = [bench.sleep()]
    for (let attempt = 0; attempt < 200; attempt += 1) {
      bench.down('unreachable')
      delays.push(bench.sleep())
    }
    expect(delays[0]).toBeLessThan(60_000)
    expect(delays[1]).toBeLessThan(120_000)
    expect(Math.max(...delays)).toBeLessThan(900_000)
    expect(Math.max(...delays)).toBeGreaterThan(600_000)
  })

  test('the back-off ends only after a steady connection on which central was heard', () => {
    const bench = new UplinkBench()
    const failures = () => bench.state.failures
    bench.up()
    bench.pass(bench.config.steadyMs)
    bench.down('closed')
    expect(failures()).toBe(1)
    bench.up()
    bench.ack(0)
    bench.down('closed')
    expect(failures()).toBe(2)
    bench.up()
    bench.ack(0)
    bench.pass(bench.config.steadyMs)
    bench.down('closed')
    expect(failures()).toBe(0)
  })

  test('a refusal is retried in the slow lane', () => {
    const bench = new UplinkBench()
    bench.sleep()
    bench.down('refused')
    expect(bench.sleep()).toBeGreaterThanOrEqual(bench.config.slowRetryMinMs)
  })

  test('a broker without MQTT 5 is tried with 3.1.1 at once', () => {
    const bench = new UplinkBench()
    bench.sleep()
    expect(bench.down('protocol-refused')).toMatchObject([{ kind: 'connect', protocol: '3.1.1' }])
  })

  test('two early closes are taken for a refused protocol, and taken back after two more', () => {
    const bench = new UplinkBench()
    const tried: string[] = []
    for (let attempt = 0; attempt < 6; attempt += 1) {
      bench.sleep()
      tried.push(bench.protocol())
      bench.down('closed-early')
    }
    expect(tried).toEqual(['5', '5', '3.1.1', '3.1.1', '5', '5'])
  })

  test('a fixed protocol is never left', () => {
    const bench = new UplinkBench({ protocol: '5' })
    bench.sleep()
    bench.down('protocol-refused')
    bench.sleep()
    expect(bench.protocol()).toBe('5')
  })

  test('a graceful stop says goodbye and never connects again', () => {
    const bench = new UplinkBench()
    bench.up()
    const actions = bench.step({ kind: 'stopping', reason: 'update' })
    expect(published(actions)[0]?.body).toMatchObject({ online: false, reason: 'update' })
    expect(actions.at(-1)).toEqual({ kind: 'disconnect' })
    expect(bench.wake()).toBe(null)
    expect(bench.pass(10_000_000)).toEqual([])
  })
})

describe('being online', () => {
  const online = (isOnline: boolean) => ({
    kind: 'report',
    event: { kind: 'uplink-changed', isOnline },
  })

  test('an open connection alone is not online; an answer from central is', () => {
    const bench = new UplinkBench()
    bench.up()
    expect(bench.state.isOnline).toBe(false)
    expect(bench.head({})).toContainEqual(online(true))
  })

  test('ends with silence and with the connection', () => {
    const bench = new UplinkBench()
    bench.up()
    bench.ack(0)
    expect(bench.pass(bench.config.onlineMs)).toContainEqual(online(false))
    bench.ack(0)
    expect(bench.down('closed')).toContainEqual(online(false))
  })

  test('a refused message is no sign of central', () => {
    const bench = new UplinkBench()
    bench.up()
    const refusal = { leaf: 'ack', code: 'LK-SYNC-03', detail: '' } as const
    bench.step({ kind: 'message-refused', refusal, receipt: 'x' })
    expect(bench.state.isOnline).toBe(false)
  })
})

describe('the outbox', () => {
  test('goes out in batches, no more of them than the window', () => {
    const bench = withFacts(100, { batchEventsMax: 10, windowBatches: 3 })
    bench.up()
    expect(firsts(bench)).toEqual([1, 11, 21])
    bench.ack(20)
    expect(firsts(bench)).toEqual([1, 11, 21, 31, 41])
    expect(bench.ledger.confirmedSeq()).toBe(20)
  })

  test('carries each fact as the stored text', () => {
    const bench = withFacts(2)
    const [ev] = bench.up().filter(({ leaf }) => leaf === 'ev')
    expect(ev?.body).toMatchObject({ epoch: 'e1', first: 1, ev: bench.ledger.texts })
  })

  test('a batch keeps its limit in bytes', () => {
    const bench = withFacts(0, { batchBytesMax: 1_100, windowBatches: 1 })
    for (let fact = 0; fact < 5; fact += 1) {
      bench.ledger.append('locker-released/1', { filler: 'x'.repeat(300) })
    }
    const [ev] = bench.up().filter(({ leaf }) => leaf === 'ev')
    expect(ev?.body['ev']).toHaveLength(2)
  })

  test('a new fact leaves at once', () => {
    const bench = new UplinkBench()
    bench.up()
    bench.ledger.append('locker-released/1', {})
    expect(published(bench.step({ kind: 'facts-stored' }), 'ev')).toHaveLength(1)
    expect(bench.step({ kind: 'facts-stored' })).toEqual([])
  })

  test('nothing leaves without a connection', () => {
    expect(withFacts(1).step({ kind: 'facts-stored' })).toEqual([])
  })

  test('without a confirmation it is sent again, one batch at a time and ever more slowly', () => {
    const bench = withFacts(30, { batchEventsMax: 10, syncPeriodMs: 1_000_000_000, onlineMs: 1e9 })
    bench.up()
    bench.settle()
    const { ackTimeoutMs } = bench.config
    expect([bench.sleep(), bench.sleep(), bench.sleep()]).toEqual([
      ackTimeoutMs,
      ackTimeoutMs * 2,
      ackTimeoutMs * 4,
    ])
    expect(firsts(bench)).toEqual([1, 11, 21, 1, 1, 1])
    bench.ack(10)
    expect(firsts(bench).slice(6)).toEqual([11, 21])
  })

  test('a new connection goes on after the last confirmed fact', () => {
    const bench = withFacts(5)
    bench.up()
    bench.ack(3)
    bench.down('closed')
    bench.up()
    expect(firsts(bench)).toEqual([1, 4])
  })

  test('an ack without progress, after a quiet time, sends the rest again', () => {
    const bench = withFacts(2)
    bench.up()
    bench.ack(0)
    expect(firsts(bench)).toEqual([1])
    bench.pass(bench.config.resendMinMs)
    bench.ack(0)
    expect(firsts(bench)).toEqual([1, 1])
  })

  test('an ack without progress right after a batch has the rest sent again in a while', () => {
    const bench = withFacts(2)
    bench.up()
    bench.ack(0)
    bench.pass(bench.config.resendMinMs - 1)
    expect(firsts(bench)).toEqual([1])
    bench.pass(1)
    expect(firsts(bench)).toEqual([1, 1])
  })

  test('such an ack has nothing sent again when progress follows in time', () => {
    const bench = withFacts(2)
    bench.up()
    bench.ack(0)
    bench.ack(2)
    bench.pass(bench.config.resendMinMs)
    expect(firsts(bench)).toEqual([1])
  })

  test('another epoch’s ack and an old one confirm nothing', () => {
    const bench = withFacts(5)
    bench.up()
    bench.ack(4)
    bench.ack(5, {}, 'another')
    bench.ack(3)
    expect(bench.ledger.confirmedSeq()).toBe(4)
  })

  test('an ack for facts that do not exist is refused, and the rules hear of it', () => {
    const bench = withFacts(2)
    bench.up()
    const actions = bench.ack(3)
    const [rej] = published(actions, 'rej')
    expect(rej?.body).toMatchObject({ leaf: 'ack', code: 'LK-SYNC-09', suppressed: 0 })
    expect(bench.ledger.confirmedSeq()).toBe(0)
    const event = { kind: 'ledger-overtaken', cause: 'central-ahead', knownSeq: 3 }
    expect(actions).toContainEqual({ kind: 'report', event })
  })

  test('an ack with the hash of another fact confirms nothing either', () => {
    const bench = withFacts(2)
    bench.up()
    const ack = { v: 1, k: 'k1', t: 1, epoch: 'e1', since: 1, cum: 2, head: {} } as const
    const other = bench.receive({ leaf: 'ack', body: { ...ack, hash: 'a'.repeat(64) } })
    const event = { kind: 'ledger-overtaken', cause: 'central-differs', knownSeq: 2 }
    expect(other).toContainEqual({ kind: 'report', event })
    expect(bench.ledger.confirmedSeq()).toBe(0)
    const hash = bench.ledger.factHash(2) ?? ''
    bench.receive({ leaf: 'ack', body: { ...ack, hash } })
    expect(bench.ledger.confirmedSeq()).toBe(2)
  })

  test('an ack that leaves facts out confirms nothing: they are sent again', () => {
    const bench = withFacts(9)
    bench.up()
    bench.ack(6, {}, 'e1', 4)
    expect(bench.ledger.confirmedSeq()).toBe(0)
    bench.ack(3, {}, 'e1', 1)
    bench.ack(9, {}, 'e1', 4)
    expect(bench.ledger.confirmedSeq()).toBe(9)
  })

  test('where parcels lie after a restore is told to the rules, for this epoch alone', () => {
    const bench = withFacts(2)
    bench.up()
    const after = { epoch: 'e0', cum: 9 }
    const parcels = [{ id: 'p1', lockerId: '07' }]
    const confirm = (epoch: string) =>
      bench.receive({ leaf: 'confirm', body: { v: 1, k: 'k1', t: 1, epoch, after, parcels } })
    const vouched = [{ parcelId: 'p1', lockerId: '07' }]
    const event = { kind: 'parcels-vouched', ...after, parcels: vouched }
    expect(confirm('e1')).toContainEqual({ kind: 'report', event })
    expect(confirm('e2')).not.toContainEqual({ kind: 'report', event })
  })

  test('what a restored copy had not sent goes first, under the name it had', () => {
    const bench = withFacts(5)
    bench.ledger.restoredAfter = 3
    bench.up()
    const batches = () =>
      published(bench.actions, 'ev').map(({ body }) => [body['epoch'], body['first']])
    expect(batches()).toEqual([['e1', 1]])
    bench.ack(5, {}, 'e1-next')
    expect(bench.ledger.confirmedSeq()).toBe(0)
    // What central has beyond the end of an epoch proves nothing of what the copy has there.
    bench.ack(9, {}, 'e1')
    expect(bench.ledger.confirmedSeq()).toBe(0)
    bench.ack(3, {}, 'e1')
    expect(bench.ledger.confirmedSeq()).toBe(3)
    expect(batches().at(-1)).toEqual(['e1-next', 4])
    bench.ack(2, {}, 'e1-next')
    expect(bench.ledger.confirmedSeq()).toBe(3)
    bench.ack(5, {}, 'e1-next')
    expect(bench.ledger.confirmedSeq()).toBe(5)
  })
})

describe('the desired state', () => {
  function ready(version = 1): UplinkBench {
    const bench = new UplinkBench()
    bench.ledger.versions.directory = version
    bench.up()
    bench.settle()
    bench.pass(bench.config.syncMinMs)
    bench.actions = []
    return bench
  }
  const syncs = (bench: UplinkBench) =>
    published(bench.actions, 'sync').map(({ body }) => body['id'])

  test('a delta on top of what is there is applied, acknowledged and reported', () => {
    const bench = ready()
    expect(bench.delta(1, 2)).toEqual([
      { kind: 'acknowledge', receipt: 'r2' },
      { kind: 'report', event: { kind: 'desired-changed' } },
    ])
    expect([...bench.ledger.rows.directory.keys()]).toEqual(['r2'])
  })

  test('a ledger that has nothing yet begins with a snapshot, never with an old delta', () => {
    const bench = ready(0)
    bench.delta(0, 1)
    expect(bench.ledger.versions.directory).toBe(0)
    const [id] = syncs(bench)
    bench.snap(7, String(id))
    expect(bench.ledger.versions.directory).toBe(7)
  })

  test('equal versions with another hash are asked about, and its own hashes go along', () => {
    const bench = ready()
    bench.delta(1, 2)
    const { directory } = bench.ledger.streamHashes()
    const head = (hash: string) =>
      bench.receive({
        leaf: 'head',
        body: { v: 1, k: 'k1', t: 1, head: { directory: 2 }, hash: { directory: hash } },
      })
    head(directory)
    expect(syncs(bench)).toHaveLength(0)
    head('0'.repeat(64))
    const [sync] = published(bench.actions, 'sync')
    expect(sync?.body['hash']).toMatchObject({ directory })
  })

  test('an old delta is passed over in silence', () => {
    const bench = ready()
    bench.delta(1, 2)
    expect(bench.delta(1, 2)).toEqual([{ kind: 'acknowledge', receipt: 'r3' }])
  })

  test('a gap is asked about, at most once in the least time', () => {
    const bench = ready()
    bench.delta(5, 6)
    bench.delta(6, 7)
    expect(syncs(bench)).toHaveLength(1)
    expect(bench.ledger.versions.directory).toBe(1)
    expect(bench.sleep()).toBe(bench.config.syncMinMs)
    expect(syncs(bench)).toHaveLength(2)
  })

  test('a beacon with a newer version shows a lost delta', () => {
    const bench = ready()
    bench.head({ directory: 1, parcel: 0 })
    expect(syncs(bench)).toHaveLength(0)
    bench.head({ directory: 2 })
    expect(syncs(bench)).toHaveLength(1)
  })

  test('later operations on a row win over earlier ones', () => {
    const bench = ready()
    const row = (label: string) => ({ id: 'r', label })
    const ops = [{ del: 'r' }, { put: row('one') }, { put: row('two') }, { put: row('x') }]
    const more = [{ put: { id: 'q', label: 'gone' } }, { del: 'q' }]
    const header = { v: 1, k: 'k1', t: 1, stream: 'directory', from: 1, to: 6 } as const
    bench.receive({ leaf: 'delta', body: { ...header, ops: [...ops, ...more] } })
    expect([...bench.ledger.rows.directory.values()]).toEqual([row('x')])
  })

  test('a snapshot must answer a request, and answers it once', () => {
    const bench = ready()
    bench.head({ directory: 9 })
    const [id] = syncs(bench)
    expect(published(bench.snap(9, 'made-up'), 'rej')[0]?.body['code']).toBe('LK-SYNC-07')
    expect(published(bench.snap(9, String(id)), 'rej')).toEqual([])
    expect(bench.ledger.versions.directory).toBe(9)
    expect(published(bench.snap(9, String(id)), 'rej')[0]?.body['code']).toBe('LK-SYNC-07')
  })

  test('a snapshot of an earlier connection is refused', () => {
    const bench = ready()
    bench.head({ directory: 9 })
    const [id] = syncs(bench)
    bench.down('closed')
    bench.up()
    expect(published(bench.snap(9, String(id)), 'rej')[0]?.body['code']).toBe('LK-SYNC-07')
  })

  test('a snapshot held back while deltas passed it does not turn the kiosk back', () => {
    const bench = ready()
    bench.delta(1, 5)
    bench.head({ directory: 8 })
    const [id] = syncs(bench)
    bench.delta(5, 8)
    expect(published(bench.snap(5, String(id)), 'rej')[0]?.body['code']).toBe('LK-SYNC-07')
    expect(bench.ledger.versions.directory).toBe(8)
  })

  test('a central that was restored goes on above what the kiosk has, never below', () => {
    const bench = ready()
    bench.delta(1, 5)
    bench.head({ directory: 3 })
    const [id] = syncs(bench)
    expect(published(bench.snap(3, String(id)), 'rej')[0]?.body['code']).toBe('LK-SYNC-07')
    bench.snap(1_000_005, String(id))
    expect(bench.ledger.versions.directory).toBe(1_000_005)
    expect([...bench.ledger.rows.directory.keys()]).toEqual(['s'])
  })

  test('without any cause it asks about once per period', () => {
    const bench = ready()
    bench.pass(bench.config.syncPeriodMs * 1.5)
    expect(syncs(bench)).toHaveLength(1)
  })
})

describe('refusals', () => {
  const refusal = { leaf: 'delta', code: 'LK-SYNC-02', detail: 'not JSON' } as const

  test('are acknowledged and reported, up to a limit; the rest is counted', () => {
    const bench = new UplinkBench({ refusalsMax: 3, syncPeriodMs: 1e9, onlineMs: 1e9 })
    bench.up()
    bench.settle()
    for (let count = 0; count < 10; count += 1) {
      const actions = bench.step({ kind: 'message-refused', refusal, receipt: `x${count}` })
      expect(actions[0]).toEqual({ kind: 'acknowledge', receipt: `x${count}` })
    }
    expect(published(bench.actions, 'rej')).toHaveLength(3)
    bench.pass(bench.config.refusalWindowMs)
    const reports = published(bench.actions, 'rej').map(({ body }) => body['suppressed'])
    expect(reports).toEqual([0, 0, 0, 7])
  })
})

test('the generator is SipHash-2-4, by its authors’ own vector', () => {
  // Key 00…0f, message 00…07, from the reference implementation’s vectors_sip64.
  const key = { low: 0x0706050403020100n, high: 0x0f0e0d0c0b0a0908n }
  expect(sipHash24(key, 0x0706050403020100n).toString(16)).toBe('93f5f5799a932462')
})

test('a step does not change the state it was given', () => {
  const bench = withFacts(5)
  const before = structuredClone(bench.state)
  const { state } = bench
  bench.up()
  expect(state).toEqual(before)
})
