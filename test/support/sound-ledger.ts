// What must be so at the end of every story: the chain is whole, the tables say what the facts say,
// and the facts are those of the contract.
import type { Fact } from '../../src/kiosk/facts.ts'
import { verifyLedger } from '../../src/store/verify.ts'
import { misfitOfOwnFact } from '../../src/sync/contract/check-fact.ts'

/** @throws with all that is wrong in the file */
export function checkSound(ledgerPath: string): void {
  const misfits: (string | null)[] = []
  const take = ({ kind, data }: Fact) => misfits.push(misfitOfOwnFact(kind, data))
  const verdict = verifyLedger(ledgerPath, { take })
  if (verdict.kind !== 'sound') throw new Error(`the ledger: ${JSON.stringify(verdict)}`)
  const wrong = misfits.filter((misfit) => misfit !== null)
  if (wrong.length > 0) throw new Error(`not as the contract says: ${wrong.join('\n')}`)
}
