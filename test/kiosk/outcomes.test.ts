// The eight ways in which an opening ends, as a technician is told and as the chain keeps them.
import { afterEach, expect, test } from 'vitest'
import type { UnlockOutcome } from '../../src/kiosk/events.ts'
import type { Outcome } from '../../src/kiosk/outcomes.ts'
import { Bench, wallOf } from '../support/bench.ts'

let bench: Bench

afterEach(() => bench.close())

function start(): void {
  bench = new Bench(wallOf(['S', 'S']))
  bench.prepare()
}

function open(): void {
  bench.command({ kind: 'open', lockerId: '1', reason: 'look at the latch' })
}

/** The pulses end so, and the door stays where it is. */
function pulse(outcome: UnlockOutcome): void {
  bench.obeyUnlock(outcome, 'stays-closed')
  bench.pass(1_600)
}

const STORIES: readonly (readonly [Outcome, string, string, () => void])[] = [
  [
    'opened',
    'opened',
    'door-opened',
    () => {
      open()
      bench.obeyUnlock('acknowledged', 'springs-open')
    },
  ],
  [
    'already-open',
    'opened',
    'door-opened',
    () => {
      bench.moveDoor('1', 'open')
      open()
    },
  ],
  [
    'open-not-detected',
    'refused',
    'opening-failed',
    () => {
      open()
      pulse('acknowledged')
      pulse('acknowledged')
    },
  ],
  [
    'no-ack',
    'refused',
    'opening-failed',
    () => {
      open()
      pulse('unanswered')
      pulse('unanswered')
    },
  ],
  [
    'no-ack',
    'refused',
    'opening-failed',
    () => {
      open()
      pulse('refused')
    },
  ],
  [
    'bus-down',
    'refused',
    'opening-failed',
    () => {
      open()
      pulse('board-offline')
    },
  ],
  [
    'wrong-door',
    'refused',
    'opening-failed',
    () => {
      open()
      bench.moveDoor('2', 'open')
    },
  ],
]

test.each(STORIES)('%s is told (%s), and kept in the chain (%s)', (outcome, told, fact, live) => {
  start()
  live()
  expect(bench.answers.at(-1)).toMatchObject({ kind: told, outcome })
  expect(bench.newest(fact)).toMatchObject({ outcome })
  expect(bench.ledger.locker('1')?.lastOutcome).toBe(outcome)
})

test('a door that stays open and one that nobody opened have their outcomes, too', () => {
  start()
  open()
  bench.obeyUnlock('acknowledged', 'springs-open')
  bench.moveDoor('2', 'open')
  bench.pass(121_000)
  expect(bench.newest('door-left-open')).toMatchObject({ lockerId: '1', outcome: 'left-open' })
  expect(bench.newest('door-forced')).toMatchObject({ lockerId: '2', outcome: 'forced' })
  bench.send({ kind: 'status-asked', requestId: 's' })
  expect(bench.answers.at(-1)).toMatchObject({
    status: { lockers: [{ lastOutcome: 'left-open' }, { lastOutcome: 'forced' }] },
  })
})

test('a board that is silent from the start is told as the bus being down', () => {
  start()
  bench.send({ kind: 'board-lost', boardId: 'a' })
  open()
  expect(bench.answers.at(-1)).toEqual({
    kind: 'refused',
    code: 'LK-BUS-01',
    outcome: 'bus-down',
  })
})

test('a door that falls shut between two readings was opened, as the board counted', () => {
  start()
  open()
  const [door] = bench.doors
  if (door !== undefined) door.opens += 1
  bench.readBoard()
  expect(bench.newest('door-opened')).toMatchObject({ witness: 'counter', outcome: 'opened' })
  expect(bench.newest('door-closed')).toMatchObject({ witness: 'counter', openMs: null })
})

test('without a count nobody can tell, and the outcome says so', () => {
  start()
  bench.countsOpenings = false
  bench.readBoard()
  open()
  pulse('acknowledged')
  pulse('acknowledged')
  expect(bench.newest('opening-failed')).toMatchObject({ outcome: 'open-not-detected' })
})
