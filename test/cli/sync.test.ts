// `latchkey sync` and `latchkey outbox`: the uplink machine over a ledger in memory, behind a real
// control socket, asked by the real program.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { syncPage, syncWarningsOf } from '../../src/cli/sync-page.ts'
import { type ControlSocket, startControlSocket } from '../../src/diagnostics/control-socket.ts'
import type { ClockReport, UplinkQuestion } from '../../src/kiosk/uplink-report.ts'
import { askControl } from '../support/control.ts'
import { SMALL_KIOSK, SMALL_STATUS } from '../support/fake-kiosk.ts'
import { type Ended, latchkey } from '../support/latchkey.ts'
import { MemoryOutbox } from '../support/memory-outbox.ts'
import { published, UplinkBench } from '../support/uplink-bench.ts'

let folder: string
let path: string
let socket: ControlSocket
let bench: UplinkBench

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'latchkey-sync-'))
  path = join(folder, 'control.sock')
  const ledger = new MemoryOutbox()
  for (let n = 1; n <= 4; n += 1) ledger.append('kiosk-started/1', { n, note: 'Grüße' })
  bench = new UplinkBench({ batchEventsMax: 2, windowBatches: 1 }, ledger)
  const refused = async () => ({ kind: 'refused', code: 'LK-AUDIT-02' }) as const
  socket = await startControlSocket({
    path,
    log: { info: () => {}, warn: () => {}, error: () => {} },
    config: SMALL_KIOSK,
    version: '1.2.3',
    buses: { ids: () => [], stats: () => [], trace: () => () => {} },
    inputs: () => [],
    askStatus: async () => SMALL_STATUS,
    askExplanation: refused,
    askAudit: refused,
    ask: refused,
    askUplink: async (question) => answerTo(question),
  })
})

afterEach(async () => {
  await socket.close()
  rmSync(folder, { recursive: true })
})

function answerTo(question: UplinkQuestion) {
  const actions = bench.step({ kind: 'asked', requestId: 'q-1', question })
  const told = actions.find((action) => action.kind === 'tell')
  if (told === undefined) throw new Error('nothing was told')
  expect(told.requestId).toBe('q-1')
  return told.answer
}

function run(...args: readonly string[]): Promise<Ended> {
  return latchkey(args, { LATCHKEY_SOCKET: path })
}

const batches = (): readonly unknown[] =>
  published(bench.actions, 'ev').map(({ body }) => body['first'])

describe('latchkey sync status', () => {
  it('says when it is not connected, since when, why, and when it tries again', async () => {
    bench.up()
    bench.down('unreachable')
    const { exit, out, err } = await run('sync', 'status')
    expect(exit).toBe(3)
    expect(out).toMatch(
      /^broker {3}not connected, next try in \d+ s; last loss 0 s ago: unreachable \(LK-LINK-01\)/,
    )
    expect(out).toContain('facts    4 made, 0 confirmed, 4 wait, the oldest for ')
    expect(err).toContain('not connected to its broker; it works on its own')
    expect(err).toContain('LK-LINK-01: The broker cannot be reached.')
  })

  it('ends with 0 when central was heard, and shows what it wants', async () => {
    const asked = bench.up().find(({ leaf }) => leaf === 'sync')
    bench.snap(1, String(asked?.body['id']))
    bench.ack(4)
    const { exit, out, err } = await run('sync', 'status')
    expect({ exit, err }).toEqual({ exit: 0, err: '' })
    expect(out).toMatch(/^broker {3}connected for 0 s, MQTT 5\ncentral {2}heard 0 s ago\n/)
    expect(out).toContain('facts    4 made, 4 confirmed, 0 wait\n')
    const { directory } = bench.ledger.streamHashes()
    expect(out).toMatch(new RegExp(`directory +1 +${directory.slice(0, 12)}`))
  })

  it('writes JSON, and warns of a broker behind which central is silent', async () => {
    bench.up()
    const { exit, out } = await run('sync', 'status', '--json')
    expect(exit).toBe(3)
    const report = JSON.parse(out)
    expect(report).toMatchObject({ apiVersion: 1, link: 'up', heardAgoMs: null, waiting: 4 })
    expect(report.warnings).toEqual(['The broker is connected, and central is silent.'])
  })
})

describe('by what the kiosk knows the time', () => {
  const told = { errorMs: 38, roundTripMs: 60, toldAgoMs: 90_000 }
  const central = 'central’s, told 1 min 30 s ago, right within 0.038 s'
  const untold = { aheadMs: null, errorMs: null, roundTripMs: null, toldAgoMs: null }
  const cases: readonly (readonly [ClockReport, string])[] = [
    [
      { by: 'nobody', ...untold },
      'none is believed: the machine’s was never set, and central has told no time yet',
    ],
    [{ by: 'machine', ...untold }, 'the machine’s; central has told no time yet'],
    [{ by: 'both', aheadMs: -120, ...told }, `the machine’s, 0.120 s behind ${central}`],
    [
      { by: 'central', aheadMs: 86_400_000, ...told },
      `${central}; the machine’s is 86400.000 s ahead of it`,
    ],
    [
      { by: 'nobody', aheadMs: 9_000, ...told },
      `none is believed: the machine’s is 9.000 s ahead of ${central}`,
    ],
  ]

  it.each(cases)('%j', (clock, line) => {
    const answer = answerTo({ kind: 'report' })
    if (answer.kind !== 'uplink') throw new Error(`it answered with ${answer.kind}`)
    const report = { ...answer.report, clock }
    expect(syncPage(report, 0)).toContain(`clock    ${line}`)
    const warning = 'No clock is believed: nothing ends or begins by its date.'
    expect(syncWarningsOf(report).includes(warning)).toBe(clock.by === 'nobody')
  })
})

it('tells a monitoring system on the same socket', async () => {
  bench.up()
  const { status, body } = await askControl(path, '/metrics')
  expect({ status, body }).toMatchObject({ status: 200, body: expect.any(String) })
  expect(body).toContain('\nlatchkey_outbox_facts 4\n')
  expect(body).toContain('\n# TYPE latchkey_input_up gauge\n')
})

describe('latchkey sync now', () => {
  it('does not wait for the next try', async () => {
    bench.up()
    bench.down('unreachable')
    bench.actions = []
    const { out } = await run('sync', 'now')
    expect(bench.actions.map(({ kind }) => kind)).toContain('connect')
    expect(out).toContain('connecting for 0 s')
  })

  it('asks central when it is connected', async () => {
    bench.up()
    bench.actions = []
    await run('sync', 'now')
    expect(published(bench.actions, 'sync')).toHaveLength(1)
  })
})

describe('latchkey outbox', () => {
  it('lists what waits, oldest first, and what is on its way', async () => {
    bench.up()
    const { exit, out } = await run('outbox', 'ls', '--limit', '3')
    expect(exit).toBe(0)
    const [head, ...rows] = out.trimEnd().split('\n')
    expect(head).toMatch(/^fact {2}made +type +bytes {2}sent$/)
    expect(rows.map((row) => row.trim().split(/\s+/).at(0))).toEqual(['1', '2', '3', '…'])
    expect(rows.map((row) => row.endsWith('yes'))).toEqual([true, true, false, false])
    const bytes = Buffer.byteLength(bench.ledger.texts[0] ?? '')
    expect(rows[0]).toContain(` ${bytes}  yes`)
    expect(rows[3]).toBe('… and 1 more')
  })

  it('is empty when central has everything', async () => {
    bench.up()
    bench.ack(4)
    expect((await run('outbox', 'ls')).out).toBe(
      'Nothing waits: central has confirmed everything.\n',
    )
  })

  it('shows the text of a fact, confirmed or not, or says that there is none', async () => {
    bench.up()
    bench.ack(2)
    const { exit, out, err } = await run('outbox', 'show', '2')
    expect({ exit, err }).toEqual({ exit: 0, err: 'Central has confirmed it.\n' })
    expect(JSON.parse(out)).toEqual(JSON.parse(bench.ledger.texts[1] ?? ''))
    expect((await run('outbox', 'show', '3')).err).toBe('It waits for central.\n')
    expect((await run('outbox', 'show', '5')).err).toContain('LK-CTL-10')
    expect((await run('outbox', 'show', '0')).exit).toBe(2)
    expect((await run('outbox', 'ls', '--limit', '0')).exit).toBe(2)
  })

  it('sends what waits once more', async () => {
    bench.up()
    bench.ack(2)
    expect(batches()).toEqual([1, 3])
    const { exit } = await run('outbox', 'retry')
    expect(exit).toBe(0)
    expect(batches()).toEqual([1, 3, 3])
  })
})
