// The facts central has taken over: each one once, in order, as the exact text the kiosk stored,
// and the letters that follow from them. Everything of a batch is one transaction; the ack comes
// after.
import { createHash } from 'node:crypto'
import type Database from 'better-sqlite3'
import { checkEvent } from '../../src/sync/contract/validate.ts'

export const FACT_SCHEMA = `
  CREATE TABLE IF NOT EXISTS progress (
    kiosk TEXT NOT NULL, epoch TEXT NOT NULL, cum INTEGER NOT NULL, hash TEXT NOT NULL,
    -- From here on no fact lacks the hash of the one before.
    since INTEGER NOT NULL,
    PRIMARY KEY (kiosk, epoch)
  ) STRICT;
  CREATE TABLE IF NOT EXISTS fact (
    id INTEGER PRIMARY KEY, kiosk TEXT NOT NULL, epoch TEXT NOT NULL, seq INTEGER NOT NULL,
    type TEXT, body TEXT NOT NULL, problem TEXT,
    UNIQUE (kiosk, epoch, seq)
  ) STRICT;
  -- What came under a number that was taken: nothing that a kiosk tells is ever lost.
  CREATE TABLE IF NOT EXISTS aside (
    kiosk TEXT NOT NULL, epoch TEXT NOT NULL, seq INTEGER NOT NULL, hash TEXT NOT NULL,
    body TEXT NOT NULL,
    PRIMARY KEY (kiosk, epoch, seq, hash)
  ) STRICT;
  CREATE TABLE IF NOT EXISTS letter (
    id INTEGER PRIMARY KEY, kiosk TEXT NOT NULL, epoch TEXT NOT NULL, seq INTEGER NOT NULL,
    kind TEXT NOT NULL, parcel TEXT NOT NULL, recipient TEXT NOT NULL, text TEXT NOT NULL,
    token TEXT, at INTEGER NOT NULL,
    UNIQUE (kiosk, epoch, seq, recipient)
  ) STRICT;
  CREATE TABLE IF NOT EXISTS deposited (
    kiosk TEXT NOT NULL, parcel TEXT NOT NULL, recipient TEXT NOT NULL, locker TEXT NOT NULL,
    PRIMARY KEY (kiosk, parcel)
  ) STRICT;
`

export const NO_HASH = '0'.repeat(64)
/** Of a fact that nobody has any more. */
export const UNKNOWN_HASH = ''
export const RESTORED = 'ledger-restored/1'

export interface StoredFact {
  readonly kioskId: string
  readonly epoch: string
  readonly seq: number
  /** Null when the text is no event of the contract; it is kept and acknowledged all the same. */
  readonly type: string | null
  readonly body: string
  readonly problem: string | null
}

export interface Letter {
  readonly id: number
  readonly kioskId: string
  readonly kind:
    | 'deposited'
    | 'reissued'
    | 'collected'
    | 'reminder'
    | 'extended'
    | 'moved'
    | 'expired'
    | 'missing'
    | 'return-code'
    | 'handed-in'
  readonly parcelId: string
  readonly recipientId: string
  readonly text: string
  /** For the scanner, as text of a QR code; null: there is none. */
  readonly token: string | null
  readonly atWallMs: number
}

type NewLetter = Omit<Letter, 'id' | 'kioskId' | 'token'> & Partial<Pick<Letter, 'token'>>

export interface FactCounters {
  facts: number
  duplicates: number
  gaps: number
  chainBreaks: number
  conflicts: number
  problems: number
}

export interface Batch {
  readonly kioskId: string
  readonly epoch: string
  readonly first: number
  readonly texts: readonly string[]
}

/** A fact just taken, for what follows from it. */
export interface TakenFact extends StoredFact {
  readonly event: { readonly t: number; readonly data: Readonly<Record<string, unknown>> } | null
  /** It carries the hash of the fact before it. */
  readonly isChained: boolean
}

interface Progress {
  readonly since: number
  readonly cum: number
  readonly hash: string
}

export class FactStore {
  readonly counters: FactCounters = {
    facts: 0,
    duplicates: 0,
    gaps: 0,
    chainBreaks: 0,
    conflicts: 0,
    problems: 0,
  }
  private readonly db: Database.Database

  constructor(db: Database.Database) {
    this.db = db
  }

  progress(kioskId: string, epoch: string): Progress {
    return (
      this.db
        .prepare<[string, string], Progress>(
          'SELECT since, cum, hash FROM progress WHERE kiosk = ? AND epoch = ?',
        )
        .get(kioskId, epoch) ?? { since: 1, cum: 0, hash: NO_HASH }
    )
  }

  /** Each kiosk's databases, as far as central has heard of them. */
  epochs(): readonly { readonly kioskId: string; readonly epoch: string }[] {
    return this.db
      .prepare<[], { kioskId: string; epoch: string }>(
        'SELECT kiosk AS kioskId, epoch FROM progress',
      )
      .all()
  }

  epochsOf(kioskId: string): readonly string[] {
    return this.db
      .prepare<[string], string>('SELECT epoch FROM progress WHERE kiosk = ?')
      .pluck()
      .all(kioskId)
  }

  /** The epoch of a kiosk in which central has come furthest; null: it knows none. */
  newest(kioskId: string): { readonly epoch: string; readonly cum: number } | null {
    return (
      this.db
        .prepare<[string], { epoch: string; cum: number }>(
          'SELECT epoch, cum FROM progress WHERE kiosk = ? ORDER BY cum DESC LIMIT 1',
        )
        .get(kioskId) ?? null
    )
  }

  /** Leaves a hole up to here: nobody has these facts any more. */
  skip(kioskId: string, epoch: string, upToSeq: number): void {
    this.keep({ kioskId, epoch }, { since: upToSeq, cum: upToSeq, hash: UNKNOWN_HASH })
  }

  /**
   * Takes what continues the log: below it are duplicates, beyond it is a gap. What is wrong with a
   * fact is noted and never holds up the log (U6): an ack withheld only repeats the same bytes.
   * @param follow runs in the same transaction, once per fact ever taken
   * @param read the batch's texts, where they were read before
   */
  take(
    batch: Batch,
    follow: (fact: TakenFact) => void,
    read: readonly ReadText[] = readTexts(batch),
  ): Progress {
    return this.db.transaction(() => {
      let progress = this.progress(batch.kioskId, batch.epoch)
      if (progress.cum === 0) progress = this.begin(batch, read[0]) ?? progress
      for (const [index, text] of batch.texts.entries()) {
        const seq = batch.first + index
        if (seq <= progress.cum) {
          this.repeat(batch, seq, text)
          continue
        }
        if (seq > progress.cum + 1) {
          this.counters.gaps += 1
          break
        }
        const expectedHash = progress.hash
        const fact = this.store(batch, { seq, text, expectedHash, read: read[index] })
        follow(fact)
        const since = fact.isChained ? progress.since : seq
        progress = { since, cum: seq, hash: hashOf(text) }
      }
      this.keep(batch, progress)
      return progress
    })()
  }

  private keep(of: Pick<Batch, 'kioskId' | 'epoch'>, { since, cum, hash }: Progress): void {
    this.db
      .prepare(
        `INSERT INTO progress (kiosk, epoch, since, cum, hash) VALUES (?, ?, ?, ?, ?)
         ON CONFLICT (kiosk, epoch) DO UPDATE
         SET since = excluded.since, cum = excluded.cum, hash = excluded.hash`,
      )
      .run(of.kioskId, of.epoch, since, cum, hash)
  }

  /** An epoch that begins with a restore goes on from the one before, where the copy ended. */
  private begin({ kioskId, first }: Batch, read: ReadText | undefined): Progress | null {
    const event = read?.event ?? null
    if (event?.type !== RESTORED || first === 1) return null
    const epoch = String(event.data['previousEpoch'])
    const before = this.bodyOf({ kioskId, epoch, seq: first - 1 })
    const hash = before === null ? event.ph : hashOf(before)
    return { since: first, cum: first - 1, hash }
  }

  firstType(kioskId: string, epoch: string): string | null {
    return (
      this.db
        .prepare<[string, string], { type: string | null }>(
          'SELECT type FROM fact WHERE kiosk = ? AND epoch = ? ORDER BY seq LIMIT 1',
        )
        .get(kioskId, epoch)?.type ?? null
    )
  }

  /** The text of one fact; null: central does not have it. */
  bodyOf({ kioskId, epoch, seq }: Pick<StoredFact, 'kioskId' | 'epoch' | 'seq'>): string | null {
    return (
      this.db
        .prepare<[string, string, number], { body: string }>(
          'SELECT body FROM fact WHERE kiosk = ? AND epoch = ? AND seq = ?',
        )
        .get(kioskId, epoch, seq)?.body ?? null
    )
  }

  /** Of one epoch, in order. */
  factsOf(kioskId: string, epoch: string): readonly StoredFact[] {
    return this.db
      .prepare<[string, string], StoredFact>(
        `SELECT kiosk AS kioskId, epoch, seq, type, body, problem FROM fact
         WHERE kiosk = ? AND epoch = ? ORDER BY seq`,
      )
      .all(kioskId, epoch)
  }

  private repeat({ kioskId, epoch }: Batch, seq: number, text: string): void {
    this.counters.duplicates += 1
    // Another text under a known number: the kiosk's database was restored or copied (U5).
    if (this.bodyOf({ kioskId, epoch, seq }) === text) return
    this.counters.conflicts += 1
    this.db
      .prepare('INSERT OR IGNORE INTO aside (kiosk, epoch, seq, hash, body) VALUES (?, ?, ?, ?, ?)')
      .run(kioskId, epoch, seq, hashOf(text), text)
  }

  /**
   * A batch for itself, whatever else central has under its numbers.
   *
   * @returns null when all of it is told by the progress, or it lay beyond a gap
   */
  told({ kioskId, epoch, first, texts }: Batch): Progress | null {
    const progress = this.progress(kioskId, epoch)
    const cum = first + texts.length - 1
    const hash = hashOf(texts.at(-1) ?? '')
    const isTold = cum === progress.cum && hash === progress.hash && first >= progress.since
    return texts.length === 0 || cum > progress.cum || isTold ? null : { since: first, cum, hash }
  }

  /** Whether this very text came, whatever else came under its number. */
  has(
    {
      kioskId,
      epoch,
      seq,
    }: { readonly kioskId: string; readonly epoch: string; readonly seq: number },
    text: string,
  ): boolean {
    const row = this.db
      .prepare(
        `SELECT 1 FROM (SELECT kiosk, epoch, seq, body FROM fact
                        UNION SELECT kiosk, epoch, seq, body FROM aside)
         WHERE kiosk = @kioskId AND epoch = @epoch AND seq = @seq AND body = @text`,
      )
      .get({ kioskId, epoch, seq, text })
    return row !== undefined
  }

  private store(
    { kioskId, epoch }: Batch,
    fact: {
      readonly seq: number
      readonly text: string
      readonly expectedHash: string
      readonly read: ReadText | undefined
    },
  ): TakenFact {
    const { seq, text, expectedHash, read = readEvent(text, seq) } = fact
    let { problem } = read
    const isKnown = expectedHash !== UNKNOWN_HASH
    if (isKnown && read.event !== null && read.event.ph !== expectedHash) {
      problem = 'the chain is broken before this fact'
      this.counters.chainBreaks += 1
    }
    if (problem !== null) this.counters.problems += 1
    this.counters.facts += 1
    const type = read.event?.type ?? null
    this.db
      .prepare(
        `INSERT INTO fact (kiosk, epoch, seq, type, body, problem) VALUES (?, ?, ?, ?, ?, ?)`,
      )
      .run(kioskId, epoch, seq, type, text, problem)
    const isChained = read.event?.ph === expectedHash
    return { kioskId, epoch, seq, type, body: text, problem, event: read.event, isChained }
  }

  facts(): readonly StoredFact[] {
    return this.db
      .prepare<[], StoredFact>(
        'SELECT kiosk AS kioskId, epoch, seq, type, body, problem FROM fact ORDER BY id',
      )
      .all()
  }

  letters(): readonly Letter[] {
    return this.db
      .prepare<[], Letter>(
        `SELECT id, kiosk AS kioskId, kind, parcel AS parcelId, recipient AS recipientId, text,
           token, at AS atWallMs FROM letter ORDER BY id`,
      )
      .all()
  }

  deposit(fact: StoredFact, deposit: Omit<Deposit, 'kioskId'>): void {
    this.db
      .prepare(
        `INSERT INTO deposited (kiosk, parcel, recipient, locker) VALUES (?, ?, ?, ?)
         ON CONFLICT (kiosk, parcel) DO UPDATE SET recipient = excluded.recipient,
           locker = excluded.locker`,
      )
      .run(fact.kioskId, deposit.parcelId, deposit.recipientId, deposit.lockerId)
  }

  deposited(kioskId: string, parcelId: string): { readonly recipientId: string } | null {
    return (
      this.db
        .prepare<[string, string], { recipientId: string }>(
          'SELECT recipient AS recipientId FROM deposited WHERE kiosk = ? AND parcel = ?',
        )
        .get(kioskId, parcelId) ?? null
    )
  }

  write(fact: StoredFact, letter: NewLetter): void {
    this.db
      .prepare(
        `INSERT INTO letter (kiosk, epoch, seq, kind, parcel, recipient, text, token, at)
         VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)`,
      )
      .run(
        fact.kioskId,
        fact.epoch,
        fact.seq,
        letter.kind,
        letter.parcelId,
        letter.recipientId,
        letter.text,
        letter.token ?? null,
        letter.atWallMs,
      )
  }
}

function hashOf(text: string): string {
  return createHash('sha256').update(text).digest('hex')
}

interface Deposit {
  readonly kioskId: string
  readonly parcelId: string
  readonly recipientId: string
  readonly lockerId: string
}

interface EventText {
  readonly seq: number
  readonly type: string
  readonly t: number
  readonly ph: string
  readonly data: Readonly<Record<string, unknown>>
}

/** A fact's text as far as it can be understood, and what is wrong with it. */
interface ReadText {
  readonly event: EventText | null
  readonly problem: string | null
}

export function readTexts({ first, texts }: Batch): readonly ReadText[] {
  return texts.map((text, index) => readEvent(text, first + index))
}

export function readEvent(text: string, seq: number): ReadText {
  let parsed: unknown
  try {
    parsed = JSON.parse(text)
  } catch {
    return { event: null, problem: 'not JSON' }
  }
  const checked = checkEvent(parsed)
  if (!checked.isValid) return { event: null, problem: checked.detail }
  const event = parsed as EventText
  return { event, problem: event.seq === seq ? null : `calls itself ${event.seq}` }
}
