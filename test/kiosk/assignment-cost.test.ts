// What an assignment asks of the ledger: as much on a wall of two thousand lockers as on one of
// sixty. Counted, not timed; docs/custody-bench.md has the times.
import { afterEach, expect, test } from 'vitest'
import { wallOf } from '../campaigns/custody/past.ts'
import { Bench } from '../support/bench.ts'

let bench: Bench

afterEach(() => bench.close())

interface Cost {
  readonly questions: number
  readonly rows: number
}

/** Counts what the real ledger is asked for, and how many rows it gives. */
function costOf(work: () => void): Cost {
  let questions = 0
  let rows = 0
  const ledger = bench.ledger as unknown as Record<string, (...args: unknown[]) => unknown>
  const names = Object.keys(ledger).filter((name) => !['begin', 'commit', 'apply'].includes(name))
  const before = names.map((name) => [name, ledger[name]] as const)
  for (const [name, ask] of before) {
    ledger[name] = (...args) => {
      const answer = ask?.(...args)
      questions += 1
      rows += Array.isArray(answer) ? answer.length : 1
      return answer
    }
  }
  work()
  for (const [name, ask] of before) if (ask !== undefined) ledger[name] = ask
  return { questions, rows }
}

/** All lockers on the board that answers. */
function benchOf(lockerCount: number): Bench {
  const config = wallOf(lockerCount)
  const lockers = config.columns.flatMap((column) => column.lockers)
  return new Bench({
    ...config,
    columns: [{ lockers: lockers.map((each, at) => ({ ...each, boardId: 'a', channel: at + 1 })) }],
  })
}

function assigning(lockerCount: number, isFull = false): Cost {
  bench = benchOf(lockerCount)
  bench.prepare([{ id: 'p-1', size: 'S' }])
  if (isFull) {
    for (const { id } of bench.ledger.lockers()) {
      bench.command({ kind: 'disable', lockerId: id, reason: 'full' })
    }
  }
  bench.signIn()
  return costOf(() => bench.press('deposit', 'p-1'))
}

test('an assignment asks for a few rows, however long the wall is', () => {
  const small = assigning(60)
  bench.close()
  const large = assigning(2_000)
  expect(large).toEqual(small)
  expect(large.questions).toBeLessThan(30)
  expect(large.rows).toBeLessThan(40)
}, 60_000)

test('and so does the answer that none is free', () => {
  const small = assigning(15, true)
  bench.close()
  const large = assigning(60, true)
  expect(large.questions).toBeLessThanOrEqual(small.questions + 12)
  expect(large.rows).toBeLessThanOrEqual(small.rows + 12)
}, 60_000)

/** SQLite's binding makes a function for the rows of a statement whenever it was compiled. */
function compiledIn(work: () => void): number {
  const original = globalThis.Function
  let count = 0
  globalThis.Function = new Proxy(original, {
    apply(target, self, args: string[]) {
      count += 1
      return Reflect.apply(target, self, args)
    },
  })
  try {
    work()
  } finally {
    globalThis.Function = original
  }
  return count
}

test('no question is compiled again when a deposit comes that is like the one before', () => {
  bench = benchOf(60)
  bench.prepare(['p-1', 'p-2', 'p-3', 'p-4'].map((id) => ({ id, size: 'S' })))
  const deposit = (id: string) => bench.leaveParcel(id)
  expect(compiledIn(() => deposit('p-1'))).toBeGreaterThan(0)
  deposit('p-2')
  deposit('p-3')
  expect(compiledIn(() => deposit('p-4'))).toBe(0)
})
