// Goal: the simulated board keeps every clause of PROTOCOL.md that a host may rely on.
import { describe, expect, test } from 'vitest'
import { decodeLine } from '../../../firmware-protocol/line.ts'
import {
  decodeReply,
  encodeRequest,
  type Request,
  START_MS_MAX,
} from '../../../firmware-protocol/messages.ts'
import type { BoardEvent, BoardOutput } from '../../../sim/boards/board.ts'
import { BOARD_START_MS, lineBoard } from '../../../sim/boards/line-board.ts'

const CONFIG = {
  address: 1,
  channels: 4,
  firmware: '1.0.0',
  serial: 'LK-0001',
  boot: 7,
  doors: [],
} as const

function board() {
  const model = lineBoard(CONFIG)
  let state = model.create(0)
  const step = (event: BoardEvent, nowMs: number): readonly BoardOutput[] => {
    const next = model.step(state, event, nowMs)
    state = next.state
    return next.outputs
  }
  const hear = (text: string, nowMs: number) =>
    step({ kind: 'bytes-received', bytes: Buffer.from(text, 'latin1') }, nowMs)
  const ask = (request: Request, { sequence, nowMs }: { sequence: number; nowMs: number }) =>
    hear(encodeRequest({ address: 1, sequence }, request), nowMs)
  return {
    step,
    hear,
    ask,
    wake: () => model.nextWake(state),
    reply: (request: Request, when: { sequence: number; nowMs: number }) =>
      replyOf(ask(request, when)),
  }
}

function replyOf(outputs: readonly BoardOutput[]) {
  const replies = outputs.flatMap((output) =>
    output.kind === 'bytes' ? Buffer.from(output.bytes).toString('latin1') : [],
  )
  expect(replies.length).toBeLessThanOrEqual(1)
  const line = decodeLine(replies[0]?.trimEnd() ?? '')
  return line === null ? null : decodeReply(line)
}

const PULSE = { kind: 'pulse', boot: 7, channel: 3, ms: 500 } as const

describe('the line board', () => {
  test('starts within the time that the protocol allows', () => {
    expect(BOARD_START_MS).toBeLessThanOrEqual(START_MS_MAX)
  })

  test('answers hello with what it is', () => {
    expect(board().reply({ kind: 'hello' }, { sequence: 0, nowMs: 0 })).toEqual({
      kind: 'hello',
      version: 1,
      boot: 7,
      channels: 4,
      firmware: '1.0.0',
      serial: 'LK-0001',
    })
  })

  test('switches an output on, answers, and switches it off by itself', () => {
    const it = board()
    expect(it.ask(PULSE, { sequence: 1, nowMs: 10 })).toMatchObject([
      { kind: 'output-on', channel: 3, ms: 500 },
      { kind: 'bytes' },
    ])
    expect(it.wake()).toBe(510)
    expect(it.step({ kind: 'time-passed' }, 510)).toEqual([{ kind: 'output-off', channel: 3 }])
  })

  test.each([
    [1, 50],
    [0xffff, 1_500],
  ])('brings a pulse of %i ms to %i ms', (ms, applied) => {
    const reply = board().reply({ ...PULSE, ms }, { sequence: 1, nowMs: 0 })
    expect(reply).toEqual({ kind: 'pulse', channel: 3, ms: applied })
  })

  test('answers a repeated order from memory, bit for bit, without a second pulse', () => {
    const it = board()
    const first = it.ask(PULSE, { sequence: 1, nowMs: 0 })
    it.step({ kind: 'time-passed' }, 2_000)
    expect(it.ask(PULSE, { sequence: 1, nowMs: 2_000 })).toEqual([first[1]])
  })

  test('acts on the same text under the next sequence number', () => {
    const it = board()
    it.ask(PULSE, { sequence: 1, nowMs: 0 })
    const again = it.ask(PULSE, { sequence: 2, nowMs: 2_000 })
    expect(again.map((output) => output.kind)).toEqual(['output-off', 'bytes'])
    expect(it.ask(PULSE, { sequence: 3, nowMs: 3_000 })[0]).toMatchObject({ kind: 'output-on' })
  })

  test('forgets its stored reply at a hello under sequence 00', () => {
    const it = board()
    it.ask(PULSE, { sequence: 1, nowMs: 0 })
    it.step({ kind: 'time-passed' }, 500)
    it.ask({ kind: 'hello' }, { sequence: 0, nowMs: 600 })
    expect(it.ask(PULSE, { sequence: 1, nowMs: 1_600 })[0]).toMatchObject({ kind: 'output-on' })
  })

  test.each([
    ['SEQ', PULSE, 0],
    ['RANGE', { ...PULSE, channel: 5 }, 1],
    ['RANGE', { ...PULSE, channel: 0 }, 1],
    ['BOOT', { ...PULSE, boot: 6 }, 1],
  ] as const)('refuses with %s and does not act', (reason, request, sequence) => {
    const outputs = board().ask(request, { sequence, nowMs: 0 })
    expect(outputs).toHaveLength(1)
    expect(replyOf(outputs)).toEqual({ kind: 'nak', reason })
  })

  test('refuses with BUSY while an output is on and with LOCKOUT while the channel rests', () => {
    const it = board()
    it.ask(PULSE, { sequence: 1, nowMs: 0 })
    const busy = it.reply({ ...PULSE, channel: 1 }, { sequence: 2, nowMs: 400 })
    expect(busy).toEqual({ kind: 'nak', reason: 'BUSY' })
    it.step({ kind: 'time-passed' }, 500)
    const rest = it.reply(PULSE, { sequence: 3, nowMs: 999 })
    expect(rest).toEqual({ kind: 'nak', reason: 'LOCKOUT' })
    expect(it.reply(PULSE, { sequence: 4, nowMs: 1_000 })).toMatchObject({ kind: 'pulse' })
  })

  test('switches off when the host falls silent, whichever board it spoke to', () => {
    const it = board()
    it.ask({ ...PULSE, ms: 1_500 }, { sequence: 1, nowMs: 0 })
    it.hear(encodeRequest({ address: 2, sequence: 1 }, { kind: 'state' }), 300)
    expect(it.wake()).toBe(1_300)
    expect(it.step({ kind: 'time-passed' }, 1_300)).toEqual([{ kind: 'output-off', channel: 3 }])
  })

  test('a restarted board has a new boot counter and never fires an old order', () => {
    const it = board()
    it.ask(PULSE, { sequence: 1, nowMs: 0 })
    const off = it.step({ kind: 'power-cycled' }, 100)
    expect(off).toEqual([{ kind: 'output-off', channel: 3 }])
    expect(it.ask(PULSE, { sequence: 1, nowMs: 101 })).toEqual([])
    const nowMs = 100 + BOARD_START_MS
    expect(it.reply(PULSE, { sequence: 1, nowMs })).toEqual({ kind: 'nak', reason: 'BOOT' })
    expect(it.reply({ kind: 'state' }, { sequence: 2, nowMs })).toMatchObject({ boot: 8 })
  })

  test('sees a door only when its contact is steady, and counts the openings', () => {
    const it = board()
    const doors = (sequence: number, nowMs: number) =>
      it.reply({ kind: 'state' }, { sequence, nowMs })
    it.step({ kind: 'door-moved', channel: 2, door: 'open' }, 0)
    it.step({ kind: 'door-moved', channel: 2, door: 'closed' }, 10)
    it.step({ kind: 'door-moved', channel: 2, door: 'open' }, 20)
    expect(doors(1, 49)).toMatchObject({ opens: [0, 0, 0, 0] })
    expect(doors(2, 50)).toMatchObject({
      doors: ['closed', 'open', 'closed', 'closed'],
      opens: [0, 1, 0, 0],
    })
    it.step({ kind: 'door-moved', channel: 2, door: 'closed' }, 60)
    expect(doors(3, 200)).toMatchObject({ doors: Array(4).fill('closed'), opens: [0, 1, 0, 0] })
  })

  test('is silent for damaged lines, other addresses and its own kind of line', () => {
    const it = board()
    const good = encodeRequest({ address: 1, sequence: 1 }, { kind: 'state' })
    expect(it.hear(good.replace('STATE', 'STATF'), 0)).toEqual([])
    expect(it.hear(good.replace('>', '<'), 0)).toEqual([])
    expect(it.hear(encodeRequest({ address: 2, sequence: 1 }, { kind: 'state' }), 0)).toEqual([])
    expect(it.hear(good, 0)).toHaveLength(1)
  })
})
