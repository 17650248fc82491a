// The trace over a real control socket, of boards on a real port.
import { type IncomingMessage, request } from 'node:http'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { BusRunner } from '../../src/bus/bus-runner.ts'
import type { FrameEntry, TraceEntry } from '../../src/bus/trace.ts'
import {
  TRACE_BUFFER_BYTES_MAX,
  TRACE_SECONDS_MAX,
  TRACES_MAX,
} from '../../src/diagnostics/bus-trace.ts'
import { type ControlSocket, startControlSocket } from '../../src/diagnostics/control-socket.ts'
import { realClock } from '../../src/runtime/clock.ts'
import { askControl } from '../support/control.ts'
import { SMALL_KIOSK, SMALL_STATUS } from '../support/fake-kiosk.ts'
import { LiveBench } from '../support/live-bench.ts'
import { until } from '../support/until.ts'

let bench: LiveBench

beforeEach(async () => {
  bench = await LiveBench.start({
    baudRate: 19_200,
    boards: [{ dialect: 'kerong-cu48', address: 1, channels: 48 }],
  })
})

afterEach(() => bench.end())

function open(path: string, socketPath = bench.socketPath): Promise<IncomingMessage> {
  return new Promise((settle, reject) => {
    request({ socketPath, path }, settle).on('error', reject).end()
  })
}

async function linesOf(reply: IncomingMessage): Promise<readonly Record<string, unknown>[]> {
  let text = ''
  for await (const chunk of reply.setEncoding('utf8')) text += chunk
  return text
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line))
}

describe('a trace', () => {
  it('tells every frame in both directions, and what is read in it', async () => {
    const reply = await open('/v1/buses/trace?bus=east&seconds=2')
    const expiresAtMonoMs = Number.POSITIVE_INFINITY
    bench.runner.unlock({ openingId: 1, boardId: 'B1', channel: 3, pulseMs: 100, expiresAtMonoMs })
    const [head, ...lines] = await linesOf(reply)
    expect(head).toEqual({ format: 'latchkey-bus-trace', version: 1, buses: ['east'] })
    expect(lines.at(-1)).toEqual({ end: 'time' })
    const entries = lines.filter((line) => 'hex' in line) as unknown as readonly FrameEntry[]
    const question = entries.find(({ hex }) => hex === '02 01 00 60 03 66')
    const partners = { board: 'B1', address: 1, dialect: 'kerong-cu48' }
    expect(question).toMatchObject({
      bus: 'east',
      direction: 'sent',
      reading: { kind: 'request', request: 'state', ...partners, channel: null, attempt: 1 },
    })
    const order = entries.filter(({ reading }) => 'channel' in reading && reading.channel === 3)
    expect(order).toHaveLength(1)
    expect(order[0]?.reading).toMatchObject({ request: 'pulse', ...partners })
    const answer = entries.find(({ reading }) => reading.kind === 'reply')
    expect(answer).toMatchObject({
      direction: 'received',
      reading: { request: 'state', reply: 'state', says: 'no door open', ...partners },
    })
    const times = entries.map(({ monoMs }) => monoMs)
    expect(times).toEqual([...times].sort((one, other) => one - other))
  })

  it('begins with the state of the bus, and tells what moves its master', async () => {
    const reply = await open('/v1/buses/trace?bus=east&seconds=2')
    const expiresAtMonoMs = realClock.now().monoMs + 60_000
    bench.runner.unlock({ openingId: 1, boardId: 'B1', channel: 3, pulseMs: 100, expiresAtMonoMs })
    await until('the door', () => bench.line.coils.length > 0)
    bench.line.live.moveDoor({ board: 'B1', channel: 3, door: 'open' })
    const [, start, ...lines] = await linesOf(reply)
    expect(start).toMatchObject({ bus: 'east', start: { config: { id: 'east' }, state: {} } })
    const events = lines.flatMap(({ event }) => (event === undefined ? [] : [event]))
    const asked = { kind: 'unlock-requested', openingId: 1, boardId: 'B1', channel: 3 }
    expect(events).toContainEqual({ ...asked, pulseMs: 100, expiresAtMonoMs })
    const reports = lines.flatMap(({ report }) => (report === undefined ? [] : [report]))
    expect(reports).toContainEqual({ kind: 'unlock-ended', openingId: 1, outcome: 'unanswered' })
    expect(reports.at(-1)).toMatchObject({ kind: 'board-read', reading: { boardId: 'B1' } })
  })

  it('shows noise as what it is', async () => {
    const reply = await open('/v1/buses/trace?seconds=1')
    bench.line.live.disturb(Uint8Array.of(0xf0, 0xf1))
    const lines = await linesOf(reply)
    const noise = lines.find(({ hex }) => typeof hex === 'string' && hex.includes('F0'))
    expect(noise).toMatchObject({ direction: 'received' })
  })

  it('is refused for a bus that is none, and for what is no number', async () => {
    const code = async (query: string) =>
      (await askControl(bench.socketPath, `/v1/buses/trace?${query}`)).body.code
    expect(await code('bus=west')).toBe('LK-CTL-06')
    expect(await code('seconds=0')).toBe('LK-CTL-01')
    expect(await code(`seconds=${TRACE_SECONDS_MAX + 1}`)).toBe('LK-CTL-01')
    expect(await code('seconds=soon')).toBe('LK-CTL-01')
    expect(await code('colour=red')).toBe('LK-CTL-01')
  })

  it('is one of a few at once, and makes room when its reader leaves', async () => {
    const replies = await Promise.all(
      Array.from({ length: TRACES_MAX }, () => open('/v1/buses/trace')),
    )
    const refused = await askControl(bench.socketPath, '/v1/buses/trace?seconds=1')
    expect(refused).toMatchObject({ status: 503, body: { code: 'LK-CTL-07' } })
    for (const reply of replies) reply.on('error', () => {}).destroy()
    await until('room', async () => {
      const reply = await open('/v1/buses/trace?seconds=1')
      reply.resume()
      return reply.statusCode === 200
    })
  })

  it('ends with the daemon', async () => {
    const reply = await open('/v1/buses/trace')
    const lines = linesOf(reply)
    await bench.end()
    expect((await lines).at(-1)).toEqual({ end: 'stopping' })
  })
})

describe('a reader that is too slow', () => {
  it('misses frames, is told how many, and holds nobody up', async () => {
    let tell: (entry: { readonly bus: string; readonly hex: string }) => void = () => {}
    const path = `${bench.folder}/slow.sock`
    const silent = { info: () => {}, warn: () => {}, error: () => {} }
    const socket: ControlSocket = await startControlSocket({
      path,
      log: silent,
      config: SMALL_KIOSK,
      version: '1.2.3',
      inputs: () => [],
      buses: {
        ids: () => ['east'],
        stats: () => [],
        trace(heard) {
          tell = heard
          return () => {}
        },
      },
      askStatus: async () => SMALL_STATUS,
      askExplanation: async () => ({ kind: 'refused', code: 'LK-CTL-09' }),
      askAudit: async () => ({ kind: 'refused', code: 'LK-AUDIT-02' }),
      askUplink: async () => ({ kind: 'fact', fact: null }),
      ask: async () => ({ kind: 'inspected' }),
    })
    const reply = await open('/v1/buses/trace?seconds=1', path)
    const hex = '00 '.repeat(1_000)
    const count = Math.ceil((100 * TRACE_BUFFER_BYTES_MAX) / hex.length)
    for (let left = count; left > 0; left -= 1) tell({ bus: 'east', hex })
    const lines = await linesOf(reply)
    await socket.close()
    const told = lines.filter((line) => 'hex' in line).length
    const gaps = lines.flatMap(({ gap }) => (typeof gap === 'number' ? [gap] : []))
    expect(told).toBeLessThan(count)
    expect(told + gaps.reduce((sum, gap) => sum + gap, 0)).toBe(count)
  })
})

it('costs nothing while nobody listens: no frame is looked at', () => {
  const runner = bench.runner
  expect(runner).toBeInstanceOf(BusRunner)
  const heard: TraceEntry[] = []
  runner.listen((entry) => heard.push(entry))
  runner.listen(null)
  return until('more frames', () => runner.stats.framesSent > 5).then(() => {
    expect(heard).toEqual([])
  })
})
