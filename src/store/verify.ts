// Checks a ledger file or an export: that the chain is whole, and that the tables say what the
// facts say. Facts are read one at a time, so that a million of them need no more memory than ten.
import { closeSync, openSync, readSync } from 'node:fs'
import Sqlite from 'better-sqlite3'
import { type ChainHead, type ChainRow, ChainWalk, type Fault } from './chain-walk.ts'
import { migrationsKnown, StoreError } from './database.ts'
import { readExport } from './export.ts'
import { Rebuild } from './rebuild.ts'

export type Verdict =
  | { readonly kind: 'sound'; readonly head: ChainHead; readonly count: number }
  /** The chain, or a fact in it, is not what was stored. */
  | { readonly kind: 'broken'; readonly fault: Fault }
  /** The chain is whole, but a table is not what the facts give. */
  | { readonly kind: 'differs'; readonly words: string; readonly head: ChainHead }

export interface VerifyOptions {
  /** What somebody else holds: the number and the hash of a fact that must be in the chain. */
  readonly witness?: { readonly seq: number; readonly hash: string }
  /** Called now and then with the number of facts read. */
  readonly progress?: (count: number) => void
}

const PROGRESS_EVERY = 50_000
/** How a file of SQLite begins. */
const SQLITE_MAGIC = 'SQLite format 3\0'

interface Pass {
  readonly walk: ChainWalk
  readonly rebuild: Rebuild
  readonly options: VerifyOptions
  count: number
}

/** @returns the fault, if the row is the first wrong one */
function takeRow(pass: Pass, row: ChainRow): Fault | null {
  const walked = pass.walk.take(row)
  if (!walked.isSound) return walked.fault
  const { seq } = walked.text
  const { witness, progress } = pass.options
  if (witness?.seq === seq && witness.hash !== walked.hash) {
    return { seq, words: 'it is not the one that the witness has: the chain was written anew' }
  }
  try {
    pass.rebuild.take(walked.fact, seq)
  } catch (error) {
    return { seq, words: `it contradicts the facts before it (${String(error)})` }
  }
  pass.count += 1
  if (pass.count % PROGRESS_EVERY === 0) progress?.(pass.count)
  return null
}

/** What a chain that was cut short at its end shows, when somebody knows that there was more. */
function shortOf(pass: Pass, known: { readonly seq: number; readonly by: string }): Fault | null {
  const { seq } = pass.walk.head
  if (known.seq <= seq) return null
  const words = `it is missing: the file ends at ${seq}, but ${known.by} has ${known.seq}`
  return { seq: seq + 1, words }
}

/** Whichever of the two it is. @throws StoreError */
export async function verifyFile(path: string, options: VerifyOptions = {}): Promise<Verdict> {
  return isLedger(path) ? verifyLedger(path, options) : verifyExport(path, options)
}

function isLedger(path: string): boolean {
  const start = Buffer.alloc(SQLITE_MAGIC.length)
  try {
    const file = openSync(path, 'r')
    readSync(file, start)
    closeSync(file)
  } catch (error) {
    throw new StoreError('LK-STORE-01', `${path} cannot be read: ${String(error)}`, error)
  }
  return start.toString('latin1') === SQLITE_MAGIC
}

/**
 * Opens it for reading alone; nothing is repaired, and nothing is written.
 *
 * @throws StoreError `LK-RUN-02` while the daemon has it, `LK-STORE-01` when it is no ledger,
 * `LK-STORE-02` when it is of another version
 */
export function verifyLedger(path: string, options: VerifyOptions = {}): Verdict {
  const db = openReading(path)
  let rebuild: Rebuild | null = null
  try {
    const lockerIds = db.prepare<[], string>('SELECT id FROM lockers').pluck().all()
    rebuild = new Rebuild({ lockerIds, base: null })
    const pass: Pass = { walk: new ChainWalk(), rebuild, options, count: 0 }
    const rows = db.prepare<[], Required<ChainRow>>(
      'SELECT seq, kind, body, hash FROM facts ORDER BY seq',
    )
    for (const row of rows.iterate()) {
      const fault = takeRow(pass, row)
      if (fault !== null) return { kind: 'broken', fault }
    }
    const { head } = pass.walk
    const fault =
      shortOf(pass, { seq: metaNumber(db, 'confirmed'), by: 'central' }) ??
      shortOf(pass, { seq: options.witness?.seq ?? 0, by: 'the witness' })
    if (fault !== null) return { kind: 'broken', fault }
    const boot = metaNumber(db, 'boot')
    if (boot !== head.boot) {
      const words = `meta: ${boot} starts where the facts give ${head.boot}`
      return { kind: 'differs', words, head }
    }
    const words = rebuild.difference(db)
    if (words !== null) return { kind: 'differs', words, head }
    return { kind: 'sound', head, count: pass.count }
  } finally {
    rebuild?.close()
    db.close()
  }
}

/** An export holds no tables, so only the chain and the facts' own sense are checked. */
async function verifyExport(path: string, options: VerifyOptions = {}): Promise<Verdict> {
  const lines = await readExport(path)
  const rebuild = new Rebuild({ lockerIds: lines.header.lockerIds, base: null })
  try {
    const pass: Pass = { walk: new ChainWalk(), rebuild, options, count: 0 }
    let end: ChainHead | null = null
    for await (const line of lines.facts) {
      if (line.kind === 'end') end = line.head
      else {
        const fault = takeRow(pass, { body: line.body })
        if (fault !== null) return { kind: 'broken', fault }
      }
    }
    const { head } = pass.walk
    if (end === null) {
      const words = 'the export ends without its last line: something is missing behind it'
      return { kind: 'broken', fault: { seq: head.seq, words } }
    }
    const fault =
      shortOf(pass, { seq: end.seq, by: 'the export’s last line' }) ??
      shortOf(pass, { seq: options.witness?.seq ?? 0, by: 'the witness' })
    if (fault !== null) return { kind: 'broken', fault }
    if (end.seq !== head.seq || end.hash !== head.hash) {
      const words = 'its text is not the one that the export’s last line tells of'
      return { kind: 'broken', fault: { seq: head.seq, words } }
    }
    return { kind: 'sound', head, count: pass.count }
  } finally {
    rebuild.close()
  }
}

/** @throws StoreError */
export function openReading(path: string): Sqlite.Database {
  let db: Sqlite.Database | undefined
  try {
    db = new Sqlite(path, { readonly: true, fileMustExist: true })
    db.pragma('trusted_schema = OFF')
    const version = Number(db.pragma('user_version', { simple: true }))
    if (version !== migrationsKnown()) {
      const words = `the ledger has version ${version}, this program knows ${migrationsKnown()}`
      throw new StoreError('LK-STORE-02', words)
    }
    db.prepare('SELECT count(*) FROM meta').get()
    return db
  } catch (error) {
    db?.close()
    if (error instanceof StoreError) throw error
    if (error instanceof Sqlite.SqliteError && error.code.startsWith('SQLITE_BUSY')) {
      throw new StoreError('LK-RUN-02', `the daemon holds ${path}`, error)
    }
    throw new StoreError('LK-STORE-01', `${path} cannot be read: ${String(error)}`, error)
  }
}

function metaNumber(db: Sqlite.Database, name: string): number {
  const row = db.prepare<[string], { value: string }>('SELECT value FROM meta WHERE name = ?')
  return Number(row.get(name)?.value ?? 0)
}
