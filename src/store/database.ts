// Opens the SQLite file so that a commit survives a power cut, and proves that it does:
// better-sqlite3 is built with NORMAL as WAL's default and shows FULL until the first statement, so
// every setting is read back after a write.
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import Database from 'better-sqlite3'

type StoreCode = 'LK-STORE-01' | 'LK-STORE-02' | 'LK-STORE-03' | 'LK-RUN-02'

export class StoreError extends Error {
  readonly code: StoreCode

  constructor(code: StoreCode, message: string, cause?: unknown) {
    super(`${code}: ${message}`, { cause })
    this.code = code
  }
}

const MIGRATIONS = join(import.meta.dirname, 'migrations')
const SYNCHRONOUS_FULL = 2
/**
 * Pages in the WAL before a commit has to copy them back itself. `tidy` of the ledger does it long
 * before, between two turns.
 */
const WAL_PAGES_MAX = 1_000
const WAL_BYTES_MAX = 4 * 1024 * 1024
const BUSY_MS = 2_000

/** @throws StoreError when the file is not a ledger, is damaged, or is newer than this program */
export function openDatabase(path: string): Database.Database {
  let db: Database.Database | undefined
  try {
    db = new Database(path)
    configure(db)
    migrate(db)
    assertDurable(db)
    return db
  } catch (error) {
    db?.close()
    if (error instanceof StoreError) throw error
    if (error instanceof Database.SqliteError && error.code.startsWith('SQLITE_BUSY')) {
      throw new StoreError('LK-RUN-02', `another process holds ${path}`, error)
    }
    throw new StoreError('LK-STORE-01', `${path} cannot be opened: ${String(error)}`, error)
  }
}

function configure(db: Database.Database): void {
  db.pragma('journal_mode = WAL')
  db.pragma('synchronous = FULL')
  db.pragma('foreign_keys = ON')
  db.pragma('trusted_schema = OFF')
  db.pragma('cell_size_check = ON')
  db.pragma('mmap_size = 0')
  db.pragma('temp_store = MEMORY')
  // What is deleted is overwritten: a spent PIN's index does not lie about in free pages.
  db.pragma('secure_delete = ON')
  db.pragma(`busy_timeout = ${BUSY_MS}`)
  db.pragma(`wal_autocheckpoint = ${WAL_PAGES_MAX}`)
  db.pragma(`journal_size_limit = ${WAL_BYTES_MAX}`)
  const check = db.pragma('quick_check', { simple: true })
  if (check !== 'ok') throw new StoreError('LK-STORE-01', `quick_check says: ${String(check)}`)
}

/**
 * Files are `NNN-name.sql`; each runs once, in its own transaction, and sets user_version to NNN.
 */
export function migrate(db: Database.Database): void {
  const files = migrationFiles()
  const known = files.length
  const version = Number(db.pragma('user_version', { simple: true }))
  if (version > known) {
    throw new StoreError(
      'LK-STORE-02',
      `the ledger has version ${version}, this program knows ${known}`,
    )
  }
  for (const [index, file] of files.entries()) {
    if (index < version) continue
    db.transaction(() => {
      db.exec(readFileSync(join(MIGRATIONS, file), 'utf8'))
      db.pragma(`user_version = ${index + 1}`)
    }).immediate()
  }
}

function migrationFiles(): readonly string[] {
  return readdirSync(MIGRATIONS)
    .filter((name) => name.endsWith('.sql'))
    .sort()
}

/** The version of a ledger that this program writes. */
export function migrationsKnown(): number {
  return migrationFiles().length
}

function assertDurable(db: Database.Database): void {
  const opens = db.prepare(
    `INSERT INTO meta (name, value) VALUES ('opens', '1')
     ON CONFLICT (name) DO UPDATE SET value = CAST(value AS INTEGER) + 1`,
  )
  opens.run()
  const journal = db.pragma('journal_mode', { simple: true })
  const synchronous = db.pragma('synchronous', { simple: true })
  if (journal !== 'wal' || synchronous !== SYNCHRONOUS_FULL) {
    throw new StoreError(
      'LK-STORE-01',
      `commits would not survive a power cut (journal ${journal}, synchronous ${synchronous})`,
    )
  }
}
