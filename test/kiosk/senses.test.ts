// What boards sense beside doors: the cabinet and the mains, as facts that are told once.
import { afterEach, expect, test } from 'vitest'
import type { SenseConfig } from '../../src/kiosk/config.ts'
import { SENSE_REST_MS } from '../../src/kiosk/senses.ts'
import { checkEvent } from '../../src/sync/contract/validate.ts'
import { Bench, wallOf } from '../support/bench.ts'

const CABINET = '2'
const MAINS = '3'
const SENSES: readonly SenseConfig[] = [
  { boardId: 'a', channel: 2, what: 'cabinet-door' },
  { boardId: 'a', channel: 3, what: 'mains', activeWhen: 'closed' },
]

let bench: Bench

/** One locker, and behind it two spare channels: the mains' relay is open while it has power. */
function start(senses = SENSES): Bench {
  bench = new Bench({ ...wallOf(['S']), senses })
  const spare = { opens: 0, lie: null, contents: null }
  bench.doors.push({ ...spare, state: 'closed' }, { ...spare, state: 'open' })
  bench.prepare([{ id: 'p-1', size: 'S' }])
  return bench
}

function told(): readonly string[] {
  return bench.facts().filter((kind) => /^(cabinet|mains)-/.test(kind))
}

function states() {
  bench.send({ kind: 'status-asked', requestId: 's' })
  const answer = bench.answers.at(-1)
  if (answer?.kind !== 'status') throw new Error('no status')
  return answer.status.senses.map(({ what, state }) => `${what} ${state}`)
}

function loseBoard(): void {
  bench.send({ kind: 'board-lost', boardId: 'a' })
}

afterEach(() => bench.close())

test('a cabinet that is opened at night is one alarm, however often it is read', () => {
  start()
  expect(told()).toEqual([])
  bench.moveDoor(CABINET, 'open')
  for (let reading = 0; reading < 10; reading += 1) {
    bench.pass(60_000)
    bench.readBoard()
  }
  expect(told()).toEqual(['cabinet-opened'])
  expect(bench.newest('cabinet-opened')).toEqual({ boardId: 'a', channel: 2 })
  expect(states()).toEqual(['cabinet-door open', 'mains present'])
  bench.moveDoor(CABINET, 'closed')
  expect(told()).toEqual(['cabinet-opened', 'cabinet-closed'])
  expect(bench.facts()).not.toContain('door-forced')
})

test('mains that is lost and stays lost over a restart is told once, and its return once', () => {
  start()
  bench.moveDoor(MAINS, 'closed')
  expect(told()).toEqual(['mains-lost'])
  bench.restart()
  bench.restart()
  expect(told()).toEqual(['mains-lost'])
  expect(states()).toEqual(['cabinet-door closed', 'mains lost'])
  bench.moveDoor(MAINS, 'open')
  expect(told()).toEqual(['mains-lost', 'mains-returned'])
  bench.restart()
  expect(told()).toHaveLength(2)
})

test('what changed while the kiosk was down is told at the first reading', () => {
  start()
  for (const door of [bench.doors[1], bench.doors[2]]) {
    if (door !== undefined) door.state = door.state === 'open' ? 'closed' : 'open'
  }
  bench.restart()
  expect(told()).toEqual(['cabinet-opened', 'mains-lost'])
})

test('a silent board, or a contact that nobody can read, makes it unknown and no fact', () => {
  start()
  bench.moveDoor(CABINET, 'open')
  loseBoard()
  expect(states()).toEqual(['cabinet-door unknown', 'mains unknown'])
  bench.pass(3_600_000)
  bench.readBoard()
  expect(states()).toEqual(['cabinet-door open', 'mains present'])
  bench.lie(CABINET, 'unknown')
  expect(states()).toEqual(['cabinet-door unknown', 'mains present'])
  expect(told()).toEqual(['cabinet-opened'])
})

test('a bad contact tells no more than one change in ten seconds, and ends with the truth', () => {
  start()
  bench.moveDoor(MAINS, 'closed')
  for (let turn = 0; turn < 100; turn += 1) {
    bench.pass(500)
    bench.moveDoor(MAINS, turn % 2 === 0 ? 'open' : 'closed')
  }
  expect(told().length).toBeLessThanOrEqual(1 + (100 * 500) / SENSE_REST_MS)
  bench.moveDoor(MAINS, 'open')
  bench.pass(SENSE_REST_MS)
  expect(told().at(-1)).toBe('mains-returned')
  expect(states()).toContain('mains present')
})

test('its facts fit the contract, and name who did it as far as that is known', () => {
  start()
  for (const channel of [CABINET, MAINS]) {
    const before = bench.doors[Number(channel) - 1]?.state ?? 'closed'
    bench.moveDoor(channel, before === 'open' ? 'closed' : 'open')
    bench.pass(SENSE_REST_MS)
    bench.moveDoor(channel, before)
    bench.pass(SENSE_REST_MS)
  }
  const events = bench.ledger
    .outboxAfter(0, { countMax: 1_000, bytesMax: 1e9 })
    .map(({ body }) => JSON.parse(body))
    .filter(({ type }) => /^(cabinet|mains)-/.test(type))
  expect(events.map(({ type, by }) => `${type} ${by.role}`)).toEqual([
    'cabinet-opened/1 unknown',
    'cabinet-closed/1 kiosk',
    'mains-lost/1 kiosk',
    'mains-returned/1 kiosk',
  ])
  for (const event of events) expect(checkEvent(event)).toEqual({ isValid: true })
})

test('nobody senses what is not configured', () => {
  start([])
  bench.moveDoor(CABINET, 'open')
  expect(told()).toEqual([])
  expect(states()).toEqual([])
})
