// The control socket, asked over a real Unix socket.
import { spawnSync } from 'node:child_process'
import { existsSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { request } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import process from 'node:process'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import {
  type ControlSocket,
  type ControlSocketOptions,
  startControlSocket,
} from '../../src/diagnostics/control-socket.ts'
import type { Answer } from '../../src/kiosk/events.ts'
import { SMALL_KIOSK, SMALL_STATUS } from '../support/fake-kiosk.ts'

type Asked = Parameters<ControlSocketOptions['ask']>[0]

let folder = ''
let path = ''
let open: ControlSocket[] = []
let asked: Asked[] = []
let logged: object[] = []
let answer: () => Promise<Answer>

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'latchkey-control-'))
  path = join(folder, 'run', 'control.sock')
  open = []
  asked = []
  logged = []
  answer = async () => ({ kind: 'opened', openingId: 42, outcome: 'opened' })
})

afterEach(async () => {
  for (const socket of open) await socket.close()
  rmSync(folder, { recursive: true })
})

async function start(more: Partial<ControlSocketOptions> = {}): Promise<ControlSocket> {
  const note = (fields: object): void => void logged.push(fields)
  const socket = await startControlSocket({
    path,
    log: { info: note, warn: note, error: note },
    config: SMALL_KIOSK,
    version: '1.2.3',
    buses: { ids: () => [], stats: () => [], trace: () => () => {} },
    inputs: () => [],
    askStatus: async () => SMALL_STATUS,
    askExplanation: async () => ({ kind: 'refused', code: 'LK-CTL-09' }),
    askAudit: async () => ({ kind: 'refused', code: 'LK-AUDIT-02' }),
    askUplink: async () => ({ kind: 'fact', fact: null }),
    ask: (command) => {
      asked.push(command)
      return answer()
    },
    ...more,
  })
  open.push(socket)
  return socket
}

interface Reply {
  readonly status: number
  readonly type: string
  // biome-ignore lint/suspicious/noExplicitAny: a test reads what it expects.
  readonly body: any
}

function call(method: string, url: string, body?: unknown): Promise<Reply> {
  const payload = typeof body === 'string' ? body : JSON.stringify(body)
  const headers = body === undefined ? {} : { 'content-type': 'application/json' }
  return new Promise((settle, reject) => {
    const sent = request({ socketPath: path, method, path: url, headers }, (reply) => {
      let text = ''
      reply.on('data', (chunk) => {
        text += chunk
      })
      reply.on('end', () =>
        settle({
          status: reply.statusCode ?? 0,
          type: reply.headers['content-type'] ?? '',
          body: JSON.parse(text),
        }),
      )
    })
    sent.on('error', reject)
    sent.end(payload)
  })
}

describe('reading', () => {
  it('the status carries the version of the daemon and of the format', async () => {
    await start()
    const { status, body } = await call('GET', '/v1/status')
    expect(status).toBe(200)
    expect(body).toEqual({ apiVersion: 1, version: '1.2.3', ...SMALL_STATUS, inputs: [] })
  })

  it('the doors come in their columns, with geometry', async () => {
    await start()
    const { body } = await call('GET', '/v1/doors')
    expect(body.columns.map((c: { lockers: object[] }) => c.lockers.length)).toEqual([2, 1])
    expect(body.columns[1].lockers[0]).toEqual({
      id: '3',
      size: 'L',
      state: 'reserved',
      door: 'open',
      withdrawnFor: null,
      distrustedFor: null,
      lastOutcome: null,
      widthMm: 400,
      heightMm: 400,
      bottomMm: 300,
    })
  })

  it('a locker that the status leaves out is unverified with an unknown door', async () => {
    await start({ askStatus: async () => ({ ...SMALL_STATUS, lockers: [] }) })
    const { body } = await call('GET', '/v1/doors')
    expect(body.columns[0].lockers[0]).toMatchObject({ state: 'unverified', door: 'unknown' })
  })
})

describe('a command', () => {
  it('opens a locker and tells the opening', async () => {
    await start()
    const body = { reason: ' stuck parcel ', technicianId: 'eve' }
    const reply = await call('POST', '/v1/lockers/3/open', body)
    expect(reply).toMatchObject({
      status: 200,
      body: { apiVersion: 1, result: 'opened', lockerId: '3', openingId: 42 },
    })
    expect(asked).toEqual([
      { technicianId: 'eve', command: { kind: 'open', lockerId: '3', reason: 'stuck parcel' } },
    ])
    expect(logged).toContainEqual(
      expect.objectContaining({ event: 'command-asked', technicianId: 'eve', lockerId: '3' }),
    )
  })

  it.each([
    ['disable', 'disabled'],
    ['enable', 'enabled'],
    ['trust', 'trusted'],
    ['reissue-pin', 'reissued'],
  ] as const)('takes a locker out of service and back: %s', async (kind, result) => {
    await start()
    answer = async () => ({ kind: result })
    const reply = await call('POST', `/v1/lockers/1/${kind}`, { reason: 'hinge is loose' })
    expect(reply.body).toEqual({ apiVersion: 1, result, lockerId: '1' })
    expect(asked[0]?.command).toEqual({ kind, lockerId: '1', reason: 'hinge is loose' })
  })

  it('lets a PIN live longer, by whole hours', async () => {
    await start()
    answer = async () => ({ kind: 'extended' })
    const reply = await call('POST', '/v1/lockers/1/extend-pin', { reason: 'holiday', hours: 48 })
    expect(reply.body).toEqual({ apiVersion: 1, result: 'extended', lockerId: '1' })
    const command = { kind: 'extend-pin', lockerId: '1', hours: 48, reason: 'holiday' }
    expect(asked[0]?.command).toEqual(command)
    const wrong = await call('POST', '/v1/lockers/1/extend-pin', { reason: 'holiday', hours: 0.5 })
    expect(wrong).toMatchObject({ status: 400, body: { code: 'LK-CTL-01' } })
  })

  it('notes what was found', async () => {
    await start()
    answer = async () => ({ kind: 'inspected' })
    const reply = await call('POST', '/v1/lockers/1/inspect', { reason: 'looked', found: 'empty' })
    expect(reply.body.result).toBe('inspected')
    expect(asked[0]?.command).toEqual({
      kind: 'inspect',
      lockerId: '1',
      found: 'empty',
      reason: 'looked',
    })
  })

  it.each([
    ['LK-CTL-03', 409],
    ['LK-DOOR-04', 409],
    ['LK-LOCKER-01', 409],
    ['LK-BUS-01', 503],
    ['LK-BUS-02', 503],
    ['LK-DOOR-01', 504],
  ] as const)('refused with %s is a %i with this code', async (code, status) => {
    await start()
    answer = async () => ({ kind: 'refused', code })
    const reply = await call('POST', '/v1/lockers/1/open', { reason: 'why not' })
    expect(reply.status).toBe(status)
    expect(reply.type).toContain('application/problem+json')
    expect(reply.body).toMatchObject({ code, status, type: 'about:blank' })
    expect(reply.body.title).not.toBe('')
  })

  it('that gets no answer in time, or a broken one, ends with LK-CTL-04', async () => {
    await start({ answerMaxMs: 20 })
    answer = () => new Promise(() => {})
    expect((await call('POST', '/v1/lockers/1/open', { reason: 'why not' })).body.code).toBe(
      'LK-CTL-04',
    )
    answer = () => Promise.reject(new Error('secret detail'))
    const reply = await call('POST', '/v1/lockers/1/open', { reason: 'why not' })
    expect(reply).toMatchObject({ status: 503, body: { code: 'LK-CTL-04' } })
    expect(JSON.stringify(reply.body)).not.toContain('secret detail')
  })
})

describe('a bad request asks nothing of the kiosk', () => {
  it.each<[string, string, string, unknown, number, string]>([
    ['no reason', 'POST', '/v1/lockers/1/open', {}, 400, 'LK-CTL-01'],
    ['a short reason', 'POST', '/v1/lockers/1/open', { reason: 'ab' }, 400, 'LK-CTL-01'],
    ['a blank reason', 'POST', '/v1/lockers/1/open', { reason: '     ' }, 400, 'LK-CTL-01'],
    ['a long reason', 'POST', '/v1/lockers/1/open', { reason: 'x'.repeat(201) }, 400, 'LK-CTL-01'],
    ['two lines', 'POST', '/v1/lockers/1/open', { reason: 'abc\ndef' }, 400, 'LK-CTL-01'],
    ['a number', 'POST', '/v1/lockers/1/open', { reason: 1234 }, 400, 'LK-CTL-01'],
    [
      'an unknown key',
      'POST',
      '/v1/lockers/1/open',
      { reason: 'abc', force: true },
      400,
      'LK-CTL-01',
    ],
    [
      'a bad name',
      'POST',
      '/v1/lockers/1/open',
      { reason: 'abc', technicianId: 'a b' },
      400,
      'LK-CTL-01',
    ],
    ['nothing found', 'POST', '/v1/lockers/1/inspect', { reason: 'abc' }, 400, 'LK-CTL-01'],
    [
      'something found',
      'POST',
      '/v1/lockers/1/inspect',
      { reason: 'abc', found: 'cat' },
      400,
      'LK-CTL-01',
    ],
    ['no JSON', 'POST', '/v1/lockers/1/open', '{', 400, 'LK-CTL-01'],
    ['no body', 'POST', '/v1/lockers/1/open', undefined, 400, 'LK-CTL-01'],
    ['a huge body', 'POST', '/v1/lockers/1/open', { reason: 'x'.repeat(5000) }, 413, 'LK-CTL-01'],
    ['a query', 'GET', '/v1/status?x=1', undefined, 400, 'LK-CTL-01'],
    ['a locker that is none', 'POST', '/v1/lockers/9/open', { reason: 'abc' }, 404, 'LK-CTL-02'],
    ['a path that is none', 'GET', '/v1/nothing', undefined, 404, 'LK-CTL-05'],
    ['a method that is none', 'GET', '/v1/lockers/1/open', undefined, 404, 'LK-CTL-05'],
    [
      'a huge label',
      'POST',
      `/v1/lockers/${'9'.repeat(99)}/open`,
      { reason: 'abc' },
      414,
      'LK-CTL-01',
    ],
    ['a broken label', 'POST', '/v1/lockers/%E0/open', { reason: 'abc' }, 400, 'LK-CTL-01'],
  ])('%s', async (_what, method, url, body, status, code) => {
    await start()
    const reply = await call(method, url, body)
    expect(reply.type).toContain('application/problem+json')
    expect(reply).toMatchObject({ status, body: { status, code } })
    expect(asked).toEqual([])
  })
})

describe('the socket', () => {
  it('is for owner and group, and goes with the daemon', async () => {
    const socket = await start()
    expect(statSync(path).mode & 0o777).toBe(0o660)
    await socket.close()
    expect(existsSync(path)).toBe(false)
  })

  it('of a dead daemon is replaced', async () => {
    await start().then((socket) => socket.close())
    // A process that is killed leaves its socket behind.
    const die = "() => process.kill(process.pid, 'SIGKILL')"
    const script = `require('node:net').createServer().listen(${JSON.stringify(path)}, ${die})`
    spawnSync(process.execPath, ['-e', script])
    expect(statSync(path).isSocket()).toBe(true)
    await start()
    expect((await call('GET', '/v1/status')).status).toBe(200)
  })

  it('of a living daemon is not stolen', async () => {
    await start()
    await expect(start()).rejects.toThrow('LK-RUN-02')
    expect((await call('GET', '/v1/status')).status).toBe(200)
  })

  it('does not take the place of a file', async () => {
    path = join(folder, 'precious')
    writeFileSync(path, 'text')
    await expect(start()).rejects.toThrow('is not a socket')
    expect(statSync(path).isFile()).toBe(true)
  })
})
