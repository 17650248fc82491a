// Epochs of the database, and what an older copy of it leaves in doubt: the reads, and what facts
// change.
import type { Database } from 'better-sqlite3'
import type { Fact } from '../kiosk/facts.ts'
import type { EpochRange } from '../kiosk/ledger.ts'
import type { Restored } from '../kiosk/restore-ledger.ts'
import type { Head, HeadJournal } from './head-journal.ts'

/** What somebody at an audit says who knows what lies there. */
const SEEN: ReadonlySet<string> = new Set(['matches', 'empty'])

export function prepareRestores(db: Database) {
  const begin = db.prepare('INSERT OR REPLACE INTO epochs VALUES (?, ?, ?)')
  // Only a snapshot that central makes now leads on from here.
  const unversion = db.prepare('UPDATE streams SET version = 0')
  // Couriers left some of them in a past that went on without this ledger.
  const doubt = db.prepare(`UPDATE lockers
    SET is_in_doubt = 1, courier_id = NULL,
        state = CASE WHEN state IN ('free', 'clearing') THEN 'unverified' ELSE state END
    WHERE id IN (SELECT value FROM json_each(?))`)
  const doubtPins = db.prepare(`UPDATE pins SET is_of_copy = 1
    WHERE state = 'live' AND return_id IS NULL`)
  const trustPin = db.prepare(`UPDATE pins SET is_of_copy = 0
    WHERE state = 'live' AND return_id IS NULL
      AND recipient_id = (SELECT recipient_id FROM parcels WHERE id = ?)`)
  const settle = db.prepare('UPDATE lockers SET is_in_doubt = 0 WHERE id = ? AND is_in_doubt = 1')
  return (fact: Fact, seq: number): void => {
    switch (fact.kind) {
      case 'ledger-restored':
        begin.run(seq, fact.data.epoch, fact.data.knownSeq)
        doubt.run(JSON.stringify(fact.data.lockerIds))
        doubtPins.run()
        unversion.run()
        return
      case 'parcels-confirmed':
        for (const { parcelId, lockerId } of fact.data.parcels) {
          settle.run(lockerId)
          trustPin.run(parcelId)
        }
        return
      // Somebody looked, or a sensor did, or somebody put something in.
      case 'locker-inspected':
      case 'locker-released':
      case 'parcel-deposited':
        settle.run(fact.data.lockerId)
        return
      case 'locker-audited':
        if (SEEN.has(fact.data.answer)) settle.run(fact.data.lockerId)
        return
      default:
        return
    }
  }
}

interface EpochRow {
  readonly firstSeq: number
  readonly epoch: string
  readonly knownSeq: number | null
}

const EPOCH = 'SELECT first_seq AS firstSeq, epoch, known_seq AS knownSeq FROM epochs'

export function epochLookups(db: Database) {
  const rows = db.prepare<[], EpochRow>(`${EPOCH} ORDER BY first_seq DESC`)
  const doubts = db.prepare('SELECT 1 FROM lockers WHERE is_in_doubt = 1 LIMIT 1')
  // Asked for with every batch; there is one, or one for each restore.
  let known: readonly EpochRow[] = rows.all()
  const rangeOf = (index: number): EpochRange => {
    const { epoch = '', firstSeq = 1 } = known[index] ?? {}
    const next = known[index - 1]
    return { epoch, firstSeq, lastSeq: next === undefined ? null : next.firstSeq - 1 }
  }
  return {
    /** To be called when a fact or a rollback may have changed them. */
    reread(): void {
      known = rows.all()
    },
    epoch: (): string => known[0]?.epoch ?? '',
    epochRange(epoch: string): EpochRange | null {
      const index = known.findIndex((row) => row.epoch === epoch)
      return index < 0 ? null : rangeOf(index)
    },
    epochAt: (seq: number): EpochRange =>
      rangeOf(known.findIndex(({ firstSeq }) => firstSeq <= seq)),
    restoredFrom() {
      const [present, previous] = known
      if (present === undefined || previous === undefined) return null
      return { previousEpoch: previous.epoch, knownSeq: present.knownSeq }
    },
    hasDoubts: (): boolean => doubts.get() !== undefined,
  }
}

/** What the ledger knows of itself, to be held against the journal. */
interface Own {
  readonly headSeq: number
  /** Of that fact; null when it is not there. */
  readonly hashOf: (seq: number) => string | null
  readonly hasEpoch: (epoch: string) => boolean
}

/** @returns null when the ledger holds what the journal says */
function compareHeads(found: Head | null, own: Own): Restored | null {
  if (found === null) {
    return own.headSeq === 0 ? null : { cause: 'journal-missing', knownSeq: null }
  }
  const { pending, seq, hash } = found
  // It was noticed before, and told or not.
  if (pending !== null) {
    if (own.hasEpoch(pending.epoch)) return null
    return { cause: pending.cause, knownSeq: pending.cause === 'journal-missing' ? null : seq }
  }
  if (seq > own.headSeq) return { cause: 'journal-ahead', knownSeq: seq }
  if (seq > 0 && own.hashOf(seq) !== hash) return { cause: 'journal-differs', knownSeq: seq }
  return null
}

/** @returns what `compareHeads` says, made to outlive a cut before it is told */
export function noticeRestore(
  journal: HeadJournal,
  own: Own & { readonly head: Head },
  nextEpoch: string,
): Restored | null {
  const restored = compareHeads(journal.found, own)
  if (restored === null) journal.write(own.head)
  else {
    const seq = restored.knownSeq ?? own.headSeq
    const hash = journal.found?.hash ?? own.head.hash
    const pending = { epoch: nextEpoch, cause: restored.cause }
    journal.write({ epoch: journal.found?.epoch ?? own.head.epoch, seq, hash, pending })
  }
  journal.sync()
  return restored
}
