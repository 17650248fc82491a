// Checks a ledger file or an export: that the chain is whole, and that the tables say what the
// facts say. Facts are read one at a time, so that a million of them need no more memory than ten.
import { closeSync, openSync, readSync } from 'node:fs'
import Sqlite from 'better-sqlite3'
import type { Fact, HistoryCut } from '../kiosk/facts.ts'
import { type FactText, hashText } from './chain.ts'
import { type ChainHead, type ChainRow, ChainWalk, type Fault } from './chain-walk.ts'
import { migrationsKnown, StoreError } from './database.ts'
import { readExport } from './export.ts'
import { readCut, type StoredCut } from './history.ts'
import { type BaseRows, Rebuild } from './rebuild.ts'

export type Verdict =
  | { readonly kind: 'sound'; readonly head: ChainHead; readonly count: number }
  /** The chain, or a fact in it, is not what was stored. */
  | { readonly kind: 'broken'; readonly fault: Fault }
  /** The chain is whole, but a table is not what the facts give. */
  | { readonly kind: 'differs'; readonly words: string; readonly head: ChainHead }

export interface VerifyOptions {
  /** What somebody else holds: the number and the hash of a fact that must be in the chain. */
  readonly witness?: { readonly seq: number; readonly hash: string }
  /** Of every fact that is sound, in order. */
  readonly take?: (fact: Fact, text: FactText, hash: string) => void
  /** Called now and then with the number of facts read. */
  readonly progress?: (count: number) => void
}

const PROGRESS_EVERY = 50_000
/** How a file of SQLite begins. */
const SQLITE_MAGIC = 'SQLite format 3\0'

/** Facts and their tables on the way through a file. */
class Pass {
  readonly rebuild: Rebuild
  readonly #walk: ChainWalk
  readonly #options: VerifyOptions
  readonly #cut: StoredCut | null
  /** What the newest fact about a cut tells of it. */
  #told: HistoryCut | null = null
  count = 0

  constructor(
    start: { readonly lockerIds: readonly string[]; readonly cut: StoredCut | null },
    options: VerifyOptions,
  ) {
    const { lockerIds, cut } = start
    const base = cut === null ? null : (JSON.parse(cut.rows) as BaseRows)
    this.rebuild = new Rebuild({ lockerIds, base })
    this.#walk = new ChainWalk(cut ?? undefined)
    this.#options = options
    this.#cut = cut
  }

  get head(): ChainHead {
    return this.#walk.head
  }

  /** @returns the fault, if the row is the first wrong one */
  take(row: ChainRow): Fault | null {
    const walked = this.#walk.take(row)
    if (!walked.isSound) return walked.fault
    const { seq } = walked.text
    const { witness, progress } = this.#options
    if (witness?.seq === seq && witness.hash !== walked.hash) {
      return { seq, words: 'it is not the one that the witness has: the chain was written anew' }
    }
    try {
      this.rebuild.take(walked.fact, seq)
    } catch (error) {
      return { seq, words: `it contradicts the facts before it (${String(error)})` }
    }
    if (walked.fact.kind === 'history-cut') this.#told = walked.fact.data
    this.#options.take?.(walked.fact, walked.text, walked.hash)
    this.count += 1
    if (this.count % PROGRESS_EVERY === 0) progress?.(this.count)
    return null
  }

  /** @param confirmed what is known to have been there: the number, and who says so */
  endFault(confirmed: { readonly seq: number; readonly by: string }): Fault | null {
    const witness = { seq: this.#options.witness?.seq ?? 0, by: 'the witness' }
    return this.#cutFault() ?? shortOf(this.head, confirmed) ?? shortOf(this.head, witness)
  }

  /** What stands for the facts that were cut off is vouched for by a fact behind them. */
  #cutFault(): Fault | null {
    const cut = this.#cut
    const told = this.#told
    if (cut === null) return null
    const isTold =
      told?.upToSeq === cut.seq && told.hash === cut.hash && told.rowsHash === hashText(cut.rows)
    if (isTold) return null
    const words = 'what is kept in its place is not what the chain tells of the cut'
    return { seq: cut.seq, words }
  }
}

/** What a chain that was cut short at its end shows, when somebody knows that there was more. */
function shortOf(
  { seq }: ChainHead,
  known: { readonly seq: number; readonly by: string },
): Fault | null {
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
 * Opens it for reading alone; nothing is repaired, and nothing is written. A daemon at work does
 * not wait, and what it stores meanwhile is not seen.
 *
 * @throws StoreError `LK-STORE-01` when it is no ledger, `LK-STORE-02` when it is of another
 * version, `LK-RUN-02` when another program keeps it to itself
 */
export function verifyLedger(path: string, options: VerifyOptions = {}): Verdict {
  const db = openReading(path)
  let pass: Pass | null = null
  try {
    const lockerIds = db.prepare<[], string>('SELECT id FROM lockers').pluck().all()
    pass = new Pass({ lockerIds, cut: readCut(db) }, options)
    const rows = db.prepare<[], Required<ChainRow>>(
      'SELECT seq, kind, body, hash FROM facts ORDER BY seq',
    )
    for (const row of rows.iterate()) {
      const fault = pass.take(row)
      if (fault !== null) return { kind: 'broken', fault }
    }
    const fault = pass.endFault({ seq: metaNumber(db, 'confirmed'), by: 'central' })
    if (fault !== null) return { kind: 'broken', fault }
    const { head, count } = pass
    const boot = metaNumber(db, 'boot')
    const words =
      boot === head.boot
        ? pass.rebuild.difference(db)
        : `meta: ${boot} starts where the facts give ${head.boot}`
    return words === null ? { kind: 'sound', head, count } : { kind: 'differs', words, head }
  } finally {
    pass?.rebuild.close()
    db.close()
  }
}

/** An export holds no tables, so only the chain and the facts' own sense are checked. */
async function verifyExport(path: string, options: VerifyOptions): Promise<Verdict> {
  const { header, facts } = await readExport(path)
  const pass = new Pass(header, options)
  try {
    let end: ChainHead | null = null
    for await (const line of facts) {
      const fault = line.kind === 'fact' ? pass.take({ body: line.body }) : null
      if (fault !== null) return { kind: 'broken', fault }
      if (line.kind === 'end') end = line.head
    }
    const { head, count } = pass
    const fault =
      pass.endFault({ seq: end?.seq ?? 0, by: 'the export’s last line' }) ?? endFault(head, end)
    return fault === null ? { kind: 'sound', head, count } : { kind: 'broken', fault }
  } finally {
    pass.rebuild.close()
  }
}

function endFault(head: ChainHead, end: ChainHead | null): Fault | null {
  const { seq } = head
  if (end === null) {
    return { seq, words: 'the export ends without its last line: something is missing behind it' }
  }
  const isLast = end.seq === seq && end.hash === head.hash
  const words = 'its text is not the one that the export’s last line tells of'
  return isLast ? null : { seq, words }
}

/** Everything is read as it stands now, until it is closed. @throws StoreError */
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
    // A transaction that only reads: it begins with its first row, and blocks no writer.
    db.exec('BEGIN')
    db.prepare('SELECT count(*) FROM meta').get()
    return db
  } catch (error) {
    db?.close()
    if (error instanceof StoreError) throw error
    if (error instanceof Sqlite.SqliteError && error.code.startsWith('SQLITE_BUSY')) {
      throw new StoreError('LK-RUN-02', `another program keeps ${path} to itself`, error)
    }
    throw new StoreError('LK-STORE-01', `${path} cannot be read: ${String(error)}`, error)
  }
}

function metaNumber(db: Sqlite.Database, name: string): number {
  const row = db.prepare<[string], { value: string }>('SELECT value FROM meta WHERE name = ?')
  return Number(row.get(name)?.value ?? 0)
}
