// The ledger: one SQLite file that holds every custody fact in a hash chain, and the tables that
// follow from them. All work happens between begin() and commit(); what is not committed never was.
import Sqlite from 'better-sqlite3'
import { STREAMS, type StreamName } from '../kiosk/desired.ts'
import type { Fact, Note, StoreRecord } from '../kiosk/facts.ts'
import type { Ledger as LedgerQueries, OutboxLedger, Page, ParcelState } from '../kiosk/ledger.ts'
import type { RestoreLedger } from '../kiosk/restore-ledger.ts'
import type { Now } from '../kiosk/time.ts'
import { auditLookups } from './audit-queries.ts'
import { CHAIN_START, linkFact } from './chain.ts'
import { commandLookups } from './commands.ts'
import { openDatabase } from './database.ts'
import { type Head, HeadJournal } from './head-journal.ts'
import { prepareHistory } from './history.ts'
import { type LedgerLock, lockLedger } from './lock.ts'
import { lockerWishLookups } from './locker-wishes.ts'
import { pinLookups } from './pin-queries.ts'
import { prepareProjection } from './projection.ts'
import { prepareQueries, toLocker, toOpening, toParcel, toRecipient } from './queries.ts'
import { epochLookups, noticeRestore } from './restores.ts'
import { returnLookups } from './return-queries.ts'
import { standstillLookups } from './standstills.ts'
import { NO_ROWS } from './stream-hash.ts'
import { tokenLookups } from './tokens.ts'
import { upkeepLookups } from './upkeep.ts'
import { prepareWaits } from './waits.ts'

const NOTE_KINDS: ReadonlySet<string> = new Set<Note['kind']>([
  'command-taken',
  'command-settled',
  'remote-opening-counted',
  'courier-tokens-forgotten',
  'pin-issued',
  'pin-dated',
  'guesses-counted',
  'pickup-wish-settled',
  'locker-wish-settled',
  'reissue-counted',
  'alive-noted',
  'pin-held',
  'pins-released',
  'return-code-issued',
  'return-code-dated',
  'emptiness-proven',
  'door-judged',
  'wall-arranged',
  'openings-counted',
  'evidence-counted',
  'contents-agreed',
  'facts-confirmed',
  'stream-applied',
  'ends-dated',
  'waits-dated',
])

export interface Ledger extends LedgerQueries, OutboxLedger {
  begin(): void
  /** Numbers, chains and projects records inside the open transaction. */
  apply(records: readonly StoreRecord[], now: Now): void
  /**
   * The same, or nothing at all.
   *
   * @returns false when a record contradicts a constraint of the tables
   */
  tryApply(records: readonly StoreRecord[], now: Now): boolean
  /**
   * Durable when it returns.
   *
   * @throws when the disk fails: the outcome is then unknown, and the process must end
   */
  commit(): void
  rollback(): void
  /**
   * Copies the log back into the file, now and then. To be called when what was asked for has been
   * answered: it waits for the disk twice, and nobody should wait with it.
   */
  tidy(): void
  close(): void
}

/** About as many pages of log as the disk takes in one go. */
const COMMITS_BETWEEN_TIDYING = 16

export interface LedgerOptions {
  /** The database file; it is made when it is not there. */
  readonly path: string
  /** Of the configured wall. A locker that is new to the ledger is not proven empty. */
  readonly lockerIds: readonly string[]
  /** Names the database if it is made, or found restored, now; unique among all that ever were. */
  readonly newEpoch: string
  /** Of the newest fact, outside the database; absent: beside it. */
  readonly journalPath?: string
}

/** @throws StoreError */
export function openLedger(options: LedgerOptions): Ledger {
  const { path, lockerIds, newEpoch, journalPath = `${path}-head` } = options
  const lock = lockLedger(path)
  let db: Sqlite.Database | undefined
  try {
    db = openDatabase(path)
    furnish(db, { lockerIds, newEpoch })
    return ledgerOver(db, { journalPath, newEpoch, lock })
  } catch (error) {
    db?.close()
    lock.release()
    throw error
  }
}

function furnish(
  db: Sqlite.Database,
  { lockerIds, newEpoch }: Pick<LedgerOptions, 'lockerIds' | 'newEpoch'>,
): void {
  db.transaction(() => {
    db.prepare(`INSERT INTO epochs SELECT 1, ?, NULL WHERE NOT EXISTS (SELECT 1 FROM epochs)`).run(
      newEpoch,
    )
    const add = db.prepare(
      `INSERT OR IGNORE INTO lockers (id, state, is_proven_empty) VALUES (?, 'unverified', 0)`,
    )
    for (const id of lockerIds) add.run(id)
  }).immediate()
}

interface Outside {
  readonly lock: LedgerLock
  readonly journalPath: string
  readonly newEpoch: string
}

function ledgerOver(db: Sqlite.Database, outside: Outside): Ledger {
  const queries = prepareQueries(db)
  const project = prepareProjection(db)
  const { after, ...history } = prepareHistory(db)
  const { told, ...waits } = prepareWaits(db)
  const { reread, ...epochs } = epochLookups(db)
  const addFact = db.prepare('INSERT INTO facts (seq, kind, body, hash) VALUES (?, ?, ?, ?)')
  const begin = db.prepare('BEGIN IMMEDIATE')
  let head = queries.head.get() ?? { seq: 0, hash: CHAIN_START }
  const witness = openWitness(db, outside, { ...head, epoch: epochs.epoch() })
  const { metaNumber, forget } = metaNumbers(queries)

  function applyFact(fact: Fact, now: Now): void {
    const boot = fact.kind === 'kiosk-started' ? fact.data.boot : metaNumber('boot')
    const seq = head.seq + 1
    const { body, hash } = linkFact(fact, { seq, boot, previousHash: head.hash, now })
    addFact.run(seq, fact.kind, body, hash)
    project.fact(fact, seq)
    after(fact, now)
    told(fact, now)
    if (fact.kind === 'kiosk-started') forget()
    if (fact.kind === 'ledger-restored') reread()
    head = { seq, hash }
  }

  function apply(records: readonly StoreRecord[], now: Now): void {
    for (const record of records) {
      if (isNote(record)) {
        project.note(record, metaNumber('boot'))
        forget()
      } else applyFact(record, now)
    }
  }

  const savepoint = db.transaction(apply)
  return {
    begin: () => void begin.run(),
    apply,
    tryApply(records, now) {
      // Inside the open transaction this is a savepoint.
      const isTaken = records.length === 0 || isAccepted(() => savepoint(records, now))
      if (!isTaken) forget()
      return isTaken
    },
    ...prepareCommit(db, {
      stored: () => witness.see({ ...head, epoch: epochs.epoch() }),
      tidied: () => witness.sync(),
    }),
    rollback() {
      db.exec('ROLLBACK')
      forget()
      reread()
      head = queries.head.get() ?? { seq: 0, hash: CHAIN_START }
    },
    close() {
      db.close()
      witness.close()
      outside.lock.release()
    },
    ...epochs,
    ...witness.lookups,
    ...numbersOf(() => head.seq, metaNumber),
    ...areaLookups(db),
    ...history,
    ...waits,
    ...lookups(queries),
  }
}

/** Questions that have files of their own. */
function areaLookups(db: Sqlite.Database) {
  return {
    ...commandLookups(db),
    ...pinLookups(db),
    ...tokenLookups(db),
    ...standstillLookups(db),
    ...returnLookups(db),
    ...auditLookups(db),
    ...lockerWishLookups(db),
    ...upkeepLookups(db),
  }
}

function numbersOf(headSeq: () => number, metaNumber: (name: string) => number) {
  return {
    nextSeq: () => headSeq() + 1,
    headSeq,
    boot: () => metaNumber('boot'),
    failures: () => metaNumber('failures'),
    confirmedSeq: () => metaNumber('confirmed'),
    outboxCount: () => headSeq() - metaNumber('confirmed'),
  }
}

interface AfterCommit {
  readonly stored: () => void
  readonly tidied: () => void
}

function prepareCommit(
  db: Sqlite.Database,
  { stored, tidied }: AfterCommit,
): Pick<Ledger, 'commit' | 'tidy'> {
  const statement = db.prepare('COMMIT')
  let commitCount = 0
  return {
    commit() {
      statement.run()
      commitCount += 1
      stored()
    },
    tidy() {
      if (commitCount < COMMITS_BETWEEN_TIDYING) return
      commitCount = 0
      db.pragma('wal_checkpoint(PASSIVE)')
      tidied()
    },
  }
}

type Link = Omit<Head, 'pending'>

/** What lies outside the database and knows its newest fact. */
function openWitness(db: Sqlite.Database, { journalPath, newEpoch }: Outside, head: Link) {
  const hashes = db.prepare<[number, number], string>(
    'SELECT hash FROM facts WHERE seq = ? UNION SELECT hash FROM cut WHERE seq = ?',
  )
  const epoch = db.prepare('SELECT 1 FROM epochs WHERE epoch = ?')
  const journal = new HeadJournal(journalPath)
  const own = {
    head: { ...head, pending: null },
    headSeq: head.seq,
    hashOf: (seq: number) => hashes.pluck().get(seq, seq) ?? null,
    hasEpoch: (name: string) => epoch.get(name) !== undefined,
  }
  const restored = noticeRestore(journal, own, newEpoch)
  let seen = head.seq
  return {
    lookups: {
      restored: () => (seen === head.seq ? restored : null),
      // A database that is made beside an old journal has it already.
      nextEpoch: () => (seen === 0 || epoch.get(newEpoch) === undefined ? newEpoch : null),
    },
    see(link: Link): void {
      if (link.seq === seen) return
      seen = link.seq
      journal.write({ ...link, pending: null })
    },
    sync: () => journal.sync(),
    close: () => journal.close(),
  }
}

/** Asked for with every fact: kept beside the table, and read again when it may have changed. */
function metaNumbers({ meta }: ReturnType<typeof prepareQueries>) {
  const known = new Map<string, number>()
  return {
    metaNumber(name: string): number {
      const value = known.get(name) ?? Number(meta.get(name)?.value ?? 0)
      known.set(name, value)
      return value
    },
    forget: () => known.clear(),
  }
}

/** @returns false when it contradicts a constraint of the tables */
function isAccepted(change: () => void): boolean {
  try {
    change()
    return true
  } catch (error) {
    if (isContradiction(error)) return false
    throw error
  }
}

function isContradiction(error: unknown): boolean {
  return error instanceof Sqlite.SqliteError && error.code.startsWith('SQLITE_CONSTRAINT')
}

function isNote(record: StoreRecord): record is Note {
  return NOTE_KINDS.has(record.kind)
}

type Lookups = Omit<
  LedgerQueries & OutboxLedger,
  | keyof ReturnType<typeof areaLookups>
  | keyof RestoreLedger
  | 'epochRange'
  | 'epochAt'
  | 'epoch'
  | 'nextSeq'
  | 'headSeq'
  | 'boot'
  | 'failures'
  | 'confirmedSeq'
  | 'outboxCount'
  | keyof ReturnType<typeof prepareHistory>
  | keyof ReturnType<typeof prepareWaits>
>

function lookups(queries: ReturnType<typeof prepareQueries>): Lookups {
  type ParcelColumns = Parameters<typeof toParcel>[0]
  const parcelOr = (row: ParcelColumns | undefined) => (row === undefined ? null : toParcel(row))
  return {
    locker(id) {
      const row = queries.locker.get(id)
      return row === undefined ? null : toLocker(row)
    },
    lockers: () => queries.lockers.all().map(toLocker),
    lockersLeftBy: ({ courierId, carrierId }) => queries.lockersLeftBy.all(courierId, carrierId),
    factHash: (seq) => queries.factHash.get(seq) ?? null,
    freeLockers: ({ group, isShaky, afterPlace, limit }) =>
      queries.freeLockers.all(group, isShaky ? 1 : 0, afterPlace, limit),
    freeLockerIds: () => queries.freeLockerIds.all(),
    factBody: (seq) => queries.factBody.get(seq) ?? null,
    parcel: (id) => parcelOr(queries.parcel.get(id)),
    announcedByTracking(tracking, view) {
      const carrierId = view === 'all' ? null : view.carrierId
      return parcelOr(queries.announcedByTracking.get(tracking, view === 'all' ? 1 : 0, carrierId))
    },
    announced: ({ limit, offset, carrierId }) =>
      queries.announced.all(carrierId, limit, offset).map(toParcel),
    announcedCount: ({ carrierId }) => queries.announcedCount.get(carrierId)?.n ?? 0,
    announcedTotal: () => queries.announcedTotal.get()?.n ?? 0,
    retrievable: ({ carrierId, limit }) => queries.retrievable.all(carrierId, limit).map(toParcel),
    parcelsAt: (lockerId) => queries.parcelsAt.all(lockerId).map(toParcel),
    parcelsIn: (state: ParcelState) => queries.parcelsIn.all(state).map(toParcel),
    recipient(id) {
      const row = queries.recipient.get(id)
      return row === undefined ? null : toRecipient(row)
    },
    recipients: ({ limit, offset }: Page) => queries.recipients.all(limit, offset).map(toRecipient),
    recipientCount: () => queries.recipientCount.get()?.n ?? 0,
    activeSenses: () => queries.activeSenses.all(),
    liveOpenings: () => queries.openings.all().map(toOpening),
    outboxAfter(seq, { countMax, bytesMax }) {
      const rows = queries.outboxAfter.all(seq, countMax)
      let bytes = 0
      const fitting = rows.findIndex((row) => {
        bytes += Buffer.byteLength(row.body)
        return bytes > bytesMax
      })
      return fitting < 0 ? rows : rows.slice(0, Math.max(1, fitting))
    },
    streamHashes() {
      const hashes = new Map(queries.streams.all().map((row) => [row.stream, row.hash]))
      const entries = STREAMS.map((name) => [name, hashes.get(name) ?? NO_ROWS] as const)
      return Object.fromEntries(entries) as Record<StreamName, string>
    },
    streamVersions() {
      const versions = new Map(queries.streams.all().map((row) => [row.stream, row.version]))
      const entries = STREAMS.map((name) => [name, versions.get(name) ?? 0] as const)
      return Object.fromEntries(entries) as Record<StreamName, number>
    },
  }
}
