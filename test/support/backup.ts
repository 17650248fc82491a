// A copy of a bench's database alone, as a careful person makes it: with nobody at it.
import { copyFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Bench } from './bench.ts'

export function copyOf(bench: Bench): string {
  return join(bench.folder, 'copy.db')
}

export function backUp(bench: Bench): void {
  bench.ledger.close()
  copyFileSync(bench.ledgerPath, copyOf(bench))
  bench.restart()
}

/** The copy takes the place of the database; what lies beside it stays. */
export function restore(bench: Bench): void {
  bench.ledger.close()
  copyFileSync(copyOf(bench), bench.ledgerPath)
  bench.restart()
}
