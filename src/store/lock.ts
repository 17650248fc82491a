// Keeps a second daemon away from a ledger. SQLite's exclusive mode would keep readers away, too,
// and a technician checks the chain while the kiosk is in service. What is locked is an empty
// database beside the ledger: the operating system lets go of it when the process ends, in any way.
import Sqlite from 'better-sqlite3'
import { StoreError } from './database.ts'

export interface LedgerLock {
  release(): void
}

/** @throws StoreError `LK-RUN-02` while another process has it */
export function lockLedger(path: string): LedgerLock {
  let db: Sqlite.Database | undefined
  try {
    const held = new Sqlite(`${path}-lock`, { timeout: 0 })
    db = held
    // Nothing is ever written, so that no journal of it is left behind.
    held.pragma('journal_mode = MEMORY')
    held.exec('BEGIN EXCLUSIVE')
    return { release: () => void held.close() }
  } catch (error) {
    db?.close()
    if (error instanceof Sqlite.SqliteError && error.code.startsWith('SQLITE_BUSY')) {
      throw new StoreError('LK-RUN-02', `another process holds ${path}`, error)
    }
    throw new StoreError('LK-STORE-01', `${path}-lock cannot be locked: ${String(error)}`, error)
  }
}
