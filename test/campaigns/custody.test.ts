// Goal: the bench of custody measures what it says: a choice that is stored, an entry that is
// refused as wrong, PINs that are there or not. Method: a few rounds of its smallest cells; each
// round checks itself and throws.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { emptyCell, measureCell } from './custody/measure.ts'
import { writePast } from './custody/past.ts'
import { tableOf } from './custody/table.ts'

test('the bench of custody measures every column, pass after pass', () => {
  const folder = mkdtempSync(join(tmpdir(), 'latchkey-custody-'))
  const ledgerPath = join(folder, 'ledger.db')
  const cells = [15, 60].map((lockerCount) => emptyCell({ lockerCount, pastCount: 50 }))
  writePast(ledgerPath, 50)
  for (const rounds of [3, 4]) {
    for (const cell of cells) measureCell(cell, { ledgerPath, barePath: join(folder, 'b'), rounds })
  }
  rmSync(folder, { recursive: true })
  for (const { timesMs } of cells) {
    expect(Object.values(timesMs).map((times) => times.length)).toEqual(Array(7).fill(7))
  }
  expect(tableOf(cells).split('\n')).toHaveLength(4)
})
