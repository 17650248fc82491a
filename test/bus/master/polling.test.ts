// Goal: every board is asked in its turn, no dead one starves the others, and what is told to the
// kiosk is news.
import { describe, expect, test } from 'vitest'
import { encodeReply, encodeRequest } from '../../../firmware-protocol/messages.ts'
import { BOARDS_PER_BUS_MAX, type BusConfig } from '../../../src/bus/config.ts'
import {
  ALARM_LATE_MS,
  ATTEMPTS_MAX,
  LINK_SILENCE_MS,
  LOOK_AGAIN_MS,
  MISSES_MAX,
  OPEN_TIMEOUT_MS,
  POLL_ATTENDED_MS,
  POLL_IDLE_MS,
  PROBE_MAX_MS,
  REOPEN_MAX_MS,
  REOPEN_MIN_MS,
  REPLY_GRACE_MS,
  SETTLE_MS,
  TALKATIVE_GAP_MS,
  TALKATIVE_MS,
} from '../../../src/bus/master/limits.ts'
import { createBus } from '../../../src/bus/master/state.ts'
import { nextBusWake } from '../../../src/bus/master/step.ts'
import { lineMs } from '../../../src/bus/master/timing.ts'
import { Bench, busConfig, goodReply, openBench, type Sent, stateReply } from './bench.ts'

function gaps(sent: readonly { readonly atMs: number }[]): readonly number[] {
  return sent.slice(1).map(({ atMs }, index) => atMs - (sent[index]?.atMs ?? 0))
}

const alive = ({ request }: Sent) => goodReply(request)

describe('the configuration of a bus', () => {
  const good = busConfig({ boards: 2 })
  const [first, second] = good.boards
  if (first === undefined || second === undefined) throw new Error('two boards')
  test.each<[string, Partial<BusConfig>]>([
    ['no board', { boards: [] }],
    ['too many boards', { boards: busConfig({ boards: BOARDS_PER_BUS_MAX + 1 }).boards }],
    ['two boards with one address', { boards: [first, { ...second, address: 1 }] }],
    ['two boards with one id', { boards: [first, { ...second, id: 'A' }] }],
    ['address 0', { boards: [{ ...first, address: 0 }] }],
    ['address 255', { boards: [{ ...first, address: 255 }] }],
    ['17 channels', { boards: [{ ...first, channels: 17 }] }],
    ['no path', { link: { kind: 'serial', path: '', baudRate: 9_600 } }],
    ['no baud rate', { link: { kind: 'serial', path: '/dev/null', baudRate: 0 } }],
  ])('with %s cannot be run', (_, change) => {
    expect(() => createBus({ ...good, ...change })).toThrow(RangeError)
  })
})

describe('the link', () => {
  test('opens at the start, settles, and the first frame is hello under sequence 00', () => {
    const bench = new Bench(busConfig({ boards: 1 }))
    bench.tell({ kind: 'time-passed' })
    expect(bench.linkActions).toEqual([{ atMs: 1_000, kind: 'open-link' }])
    bench.tell({ kind: 'link-opened' })
    bench.pass(SETTLE_MS - 1)
    expect(bench.sent).toEqual([])
    bench.pass(1)
    expect(bench.sent).toMatchObject([{ sequence: 0, request: { kind: 'hello' } }])
  })

  test('that does not open is tried for ever, ever more slowly', () => {
    const bench = new Bench(busConfig({ boards: 2 }))
    bench.tell({ kind: 'time-passed' })
    for (let round = 0; round < 12; round += 1) {
      bench.tell({ kind: 'link-closed', cause: 'no such file' })
      bench.tell({ kind: 'link-closed', cause: 'told twice' })
      bench.pass((nextBusWake(bench.state) ?? 0) - bench.nowMs)
    }
    const waits = gaps(bench.linkActions)
    expect(waits.slice(0, 3)).toEqual([REOPEN_MIN_MS, REOPEN_MIN_MS * 2, REOPEN_MIN_MS * 4])
    expect(waits.at(-1)).toBe(REOPEN_MAX_MS)
    expect(bench.boardReports()).toEqual(['A lost', 'B lost'])
  })

  test('that says nothing about its opening is closed and opened again', () => {
    const bench = new Bench(busConfig({ boards: 1 }))
    bench.tell({ kind: 'time-passed' })
    bench.pass(OPEN_TIMEOUT_MS + REOPEN_MIN_MS)
    const kinds = bench.linkActions.map(({ kind }) => kind)
    expect(kinds).toEqual(['open-link', 'close-link', 'open-link'])
  })

  test('is opened anew when nobody answers for long', () => {
    const bench = openBench(2)
    bench.linkActions.length = 0
    bench.answer = () => null
    bench.pass(LINK_SILENCE_MS + REOPEN_MIN_MS + 1_000)
    expect(bench.linkActions.map(({ kind }) => kind)).toEqual(['close-link', 'open-link'])
    expect(bench.boardReports()).toEqual(['A lost', 'B lost'])
  })

  test('that closes loses all boards once, and the boards are read anew afterwards', () => {
    const bench = openBench(2)
    bench.tell({ kind: 'link-closed', cause: 'unplugged' })
    bench.pass(100)
    expect(bench.boardReports()).toEqual(['A lost', 'B lost'])
    bench.pass(REOPEN_MIN_MS)
    bench.open()
    bench.pass(100)
    expect(bench.boardReports()).toEqual(['A lost', 'B lost', 'A read', 'B read'])
    for (const address of [1, 2]) {
      const first = bench.sent.find((sent) => sent.address === address)
      expect(first?.request.kind).toBe('hello')
    }
  })
})

describe('polling', () => {
  test.each([
    ['attended', true, POLL_ATTENDED_MS],
    ['idle', false, POLL_IDLE_MS],
  ])('asks every board in its turn when %s', (_, isAttended, everyMs) => {
    const bench = openBench(3)
    bench.tell({ kind: 'attended', isAttended })
    bench.pass(1_000)
    bench.sent.length = 0
    bench.pass(everyMs * 20)
    for (const address of [1, 2, 3]) {
      const own = bench.sent.filter((sent) => sent.address === address)
      expect(own.length).toBeGreaterThanOrEqual(19)
      for (const gap of gaps(own)) expect(gap).toBeCloseTo(everyMs, 5)
    }
  })

  test('hurries as soon as somebody comes', () => {
    const bench = openBench()
    bench.pass(POLL_ATTENDED_MS)
    bench.sent.length = 0
    bench.tell({ kind: 'attended', isAttended: true })
    expect(bench.sent).toHaveLength(1)
  })

  test('tells only news', () => {
    const bench = openBench()
    bench.pass(5_000)
    expect(bench.reports).toEqual([])
    bench.answer = () => stateReply({ opens: [0, 1, 0, 0] })
    bench.pass(5_000)
    expect(bench.reports).toEqual([
      {
        kind: 'board-read',
        reading: {
          boardId: 'A',
          boot: 7,
          doors: [
            { state: 'closed', opens: 0 },
            { state: 'open', opens: 1 },
            { state: 'closed', opens: 0 },
            { state: 'closed', opens: 0 },
          ],
        },
      },
    ])
  })

  test('tells the restart of a board even if no door has changed', () => {
    const bench = openBench()
    bench.answer = () => stateReply({ boot: 8 })
    bench.pass(1_000)
    expect(bench.reports).toMatchObject([{ kind: 'board-read', reading: { boot: 8 } }])
  })

  test('waits for a reply as long as both lines and the grace take', () => {
    const bench = openBench()
    bench.answer = () => null
    bench.pass(POLL_IDLE_MS)
    const { flight } = bench.state
    const waitMs = (flight?.deadlineMonoMs ?? 0) - (flight?.sentAtMonoMs ?? 0)
    const longest = encodeReply({ address: 1, sequence: 1 }, stateReply()).length
    const asked = encodeRequest({ address: 1, sequence: 1 }, { kind: 'state' }).length
    const slow = { kind: 'serial', path: 'x', baudRate: 9_600 } as const
    expect(lineMs(slow, 96)).toBe(100)
    expect(waitMs).toBeCloseTo(REPLY_GRACE_MS + lineMs(bench.state.config.link, longest + asked), 5)
  })

  test('takes a reply that lay at the port while this process was busy', () => {
    const bench = openBench()
    bench.answer = () => null
    bench.pass((nextBusWake(bench.state) ?? 0) - bench.nowMs)
    const { flight } = bench.state
    const asked = bench.sent.at(-1)
    if (flight === null || asked === undefined) throw new Error('nothing is asked')
    // The alarm rings late, and before the port is looked at.
    bench.nowMs = flight.deadlineMonoMs + ALARM_LATE_MS
    bench.tell({ kind: 'time-passed' })
    expect(bench.state.flight).toMatchObject({ attempt: flight.attempt, text: flight.text })
    bench.reply(asked, stateReply())
    expect(bench.state.counters.failures).toBe(0)
    expect(bench.state.counters.repetitions).toBe(0)
    expect(bench.boardReports()).toEqual([])
  })

  test('waits no second time for its own lateness', () => {
    const bench = openBench()
    bench.answer = () => null
    bench.pass((nextBusWake(bench.state) ?? 0) - bench.nowMs)
    const asked = bench.sent.length
    bench.nowMs = (bench.state.flight?.deadlineMonoMs ?? 0) + ALARM_LATE_MS
    bench.tell({ kind: 'time-passed' })
    bench.nowMs += LOOK_AGAIN_MS + ALARM_LATE_MS
    bench.tell({ kind: 'time-passed' })
    expect(bench.sent).toHaveLength(asked + 1)
  })

  test('repeats a question under its number, and loses the board after three failed ones', () => {
    const bench = openBench()
    bench.answer = () => null
    bench.pass(3_000)
    const questions = bench.sent.filter(({ request }) => request.kind === 'state')
    expect(questions).toHaveLength(MISSES_MAX * ATTEMPTS_MAX)
    expect(new Set(questions.map(({ sequence }) => sequence)).size).toBe(MISSES_MAX)
    expect(bench.boardReports()).toEqual(['A lost'])
  })

  test('looks for a lost board ever more slowly, and starves nobody', () => {
    const bench = openBench(2)
    bench.tell({ kind: 'attended', isAttended: true })
    bench.answer = (sent) => (sent.address === 1 ? null : alive(sent))
    bench.pass(40_000)
    const probes = bench.sent.filter(({ request }) => request.kind === 'hello')
    expect(probes.every(({ address, sequence }) => address === 1 && sequence === 0)).toBe(true)
    expect(Math.max(...gaps(probes))).toBeGreaterThanOrEqual(PROBE_MAX_MS)
    const others = bench.sent.filter(({ address }) => address === 2)
    expect(others.length).toBeGreaterThan(40_000 / POLL_ATTENDED_MS - 40)
    expect(bench.boardReports()).toEqual(['A lost'])
  })

  test('reads a board again when it comes back, though nothing has changed', () => {
    const bench = openBench()
    bench.answer = () => null
    bench.pass(5_000)
    bench.answer = alive
    bench.pass(PROBE_MAX_MS)
    expect(bench.boardReports()).toEqual(['A lost', 'A read'])
    bench.sent.length = 0
    bench.pass(1_000)
    expect(bench.sent.length).toBeGreaterThanOrEqual(4)
  })

  test('counts its sequence numbers from 01 to FF and never uses 00 for a question', () => {
    const bench = openBench()
    bench.pass(POLL_IDLE_MS * 600)
    const sequences = bench.sent.map(({ sequence }) => sequence)
    expect(sequences).not.toContain(0)
    expect(Math.max(...sequences)).toBe(255)
    expect(new Set(sequences).size).toBe(255)
  })
})

describe('a frame', () => {
  function asking(): { readonly bench: Bench; readonly open: Sent } {
    const bench = openBench(2)
    bench.answer = () => null
    bench.pass(POLL_IDLE_MS)
    const open = bench.sent.at(-1)
    if (open === undefined) throw new Error('nothing was asked')
    return { bench, open }
  }

  test.each<[string, (open: Sent) => string]>([
    ['noise', () => '\u00ff\u0000\u00fe'],
    ['an empty line', () => ''],
    ['a late reply', (open) => line({ ...open, sequence: open.sequence - 1 })],
    ['another board’s reply', (open) => line({ ...open, address: open.address + 1 })],
    ['its own echo', (open) => encodeRequest(open, open.request).trimEnd()],
    ['a damaged reply', (open) => line(open).replace('STATE', 'STAVE')],
    [
      'a reply of another verb',
      (open) => encodeReply(open, { kind: 'pulse', channel: 1, ms: 1 }).trimEnd(),
    ],
    [
      'a reply with too few doors',
      (open) => encodeReply(open, stateReply({ opens: [0] })).trimEnd(),
    ],
  ])('that is %s is dropped', (_, text) => {
    const { bench, open } = asking()
    const before = bench.state
    bench.tell({ kind: 'frame-received', text: text(open) })
    expect(bench.state.flight).toEqual(before.flight)
    // Nothing is known of a board that was not known before; it is only counted.
    const known = ({ boards }: typeof before) => boards.map(({ counters: _, ...board }) => board)
    expect(known(bench.state)).toEqual(known(before))
    expect(bench.state.counters.framesDropped).toBe(before.counters.framesDropped + 1)
    expect(bench.reports).toEqual([])
  })

  test('that fits ends the exchange, and its double is dropped', () => {
    const { bench, open } = asking()
    bench.tell({ kind: 'frame-received', text: line(open) })
    expect(bench.state.flight).toBe(null)
    bench.tell({ kind: 'frame-received', text: line(open) })
    expect(bench.state.counters.framesDropped).toBe(1)
  })

  test('that nobody asked for gives the line a longer silence for a while', () => {
    const { bench, open } = asking()
    bench.tell({ kind: 'frame-received', text: line(open) })
    const silenceMs = () => bench.state.quietUntilMonoMs - bench.nowMs
    const plainMs = silenceMs()
    bench.tell({ kind: 'frame-received', text: line(open) })
    expect(plainMs).toBeLessThan(TALKATIVE_GAP_MS)
    expect(silenceMs()).toBe(TALKATIVE_GAP_MS)
    const silenceAfterReplyMs = () => {
      bench.answer = () => null
      while (bench.state.flight === null) bench.pass(1)
      const asked = bench.sent.at(-1)
      bench.tell({ kind: 'frame-received', text: asked === undefined ? '' : line(asked) })
      const ms = silenceMs()
      bench.answer = alive
      return ms
    }
    expect(silenceAfterReplyMs()).toBe(TALKATIVE_GAP_MS)
    bench.pass(TALKATIVE_MS - POLL_IDLE_MS)
    expect(silenceAfterReplyMs()).toBe(TALKATIVE_GAP_MS)
    bench.pass(POLL_IDLE_MS)
    expect(silenceAfterReplyMs()).toBeCloseTo(plainMs)
  })

  function line(open: Sent): string {
    return encodeReply(open, stateReply()).trimEnd()
  }
})
