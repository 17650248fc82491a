// Goal: a busy line loses little to us, an order waits for one poll at most, and docs/bus-timing.md
// tells what the code does. Method: simulated boards in virtual time, bytes at their pace; the
// whole table is `npm run bench:bus`.
import { describe, expect, test } from 'vitest'
import { rowsOfPaper } from '../support/paper.ts'
import { coilLimitMs, FAMILIES, seenLimitMs } from './timing/line-limits.ts'
import { cellsOf, keptOf, measureVirtual, ORDERS, PAPER, worstOf } from './timing/table.ts'

const KEPT_MIN = 0.9
const BOARDS = 10
/** The pause after the poll in front of an order: at 9600 baud, 1.25 characters. */
const GAP_MS = 1.31

describe.each(FAMILIES)('ten $dialect boards at 9600 baud', (family) => {
  const setup = { family, baudRate: 9_600, boards: BOARDS }
  const measured = measureVirtual(setup)

  test('are asked at least 90 % as often as the line allows', async () => {
    const kept = keptOf(setup, await measured)
    expect(kept).toBeGreaterThanOrEqual(KEPT_MIN)
    expect(kept).toBeLessThanOrEqual(1.001)
  })

  test('get an order as soon as the one poll before it is over', async () => {
    const { framesBefore, coilsMs } = await measured
    expect(coilsMs).toHaveLength(ORDERS)
    expect(framesBefore).toBe(0)
    expect(worstOf(coilsMs)).toBeLessThanOrEqual(coilLimitMs(setup) + GAP_MS)
  })

  test('show an open door within a round of questions, and a second look', async () => {
    expect(worstOf((await measured).seensMs)).toBeLessThanOrEqual(seenLimitMs(setup) * 1.1)
  })

  test('are in the papers as they are', async () => {
    expect(rowsOfPaper(PAPER)).toContainEqual(cellsOf(setup, await measured))
  })
})
