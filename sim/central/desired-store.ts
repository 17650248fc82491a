// What central wants each kiosk to hold: rows, and per stream a numbered log of changes from which
// deltas are cut. A kiosk that is further back than the log reaches gets a snapshot.
import type Database from 'better-sqlite3'
import type { StreamName, StreamRows } from '../../src/kiosk/desired.ts'
import { STREAMS } from '../../src/kiosk/desired.ts'
import { hashRow, mixHashes, NO_ROWS } from '../../src/store/stream-hash.ts'
import type { Hashes, RowOp } from '../../src/sync/machine/messages.ts'

export type Versions = Readonly<Record<StreamName, number>>

export interface Place {
  readonly kioskId: string
  readonly stream: StreamName
}

export interface RowChange {
  readonly version: number
  readonly op: RowOp<{ readonly id: string }>
}

export interface VersionedOps {
  readonly from: number
  readonly to: number
  readonly ops: readonly unknown[]
}

export const DESIRED_SCHEMA = `
  CREATE TABLE IF NOT EXISTS head (
    kiosk TEXT NOT NULL, stream TEXT NOT NULL, version INTEGER NOT NULL,
    PRIMARY KEY (kiosk, stream)
  ) STRICT;
  CREATE TABLE IF NOT EXISTS wanted (
    kiosk TEXT NOT NULL, stream TEXT NOT NULL, key TEXT NOT NULL, row TEXT NOT NULL,
    PRIMARY KEY (kiosk, stream, key)
  ) STRICT;
  CREATE TABLE IF NOT EXISTS change (
    kiosk TEXT NOT NULL, stream TEXT NOT NULL, version INTEGER NOT NULL, op TEXT NOT NULL,
    PRIMARY KEY (kiosk, stream, version)
  ) STRICT;
`

/** Changes kept per stream, and the most that one delta carries. */
const LOG_VERSIONS_MAX = 500
/** Of one message of a snapshot. */
const PART_BYTES_MAX = 64 * 1024
const PART_ROWS_MAX = 200
/** More versions than a central that was put back from a copy can have forgotten. */
const FORGOTTEN_MAX = 1_000_000
/** What kiosks say is not signed: one who claims more than this above our own is not believed. */
const BELIEVED_MAX = 10 * FORGOTTEN_MAX

export class DesiredStore {
  private readonly db: Database.Database
  /** By kiosk, with the versions that they are of. */
  private readonly hashed = new Map<string, { readonly at: string; readonly hashes: Hashes }>()

  constructor(db: Database.Database) {
    this.db = db
  }

  versions(kioskId: string): Versions {
    const rows = this.db
      .prepare<[string], { stream: string; version: number }>(
        'SELECT stream, version FROM head WHERE kiosk = ?',
      )
      .all(kioskId)
    const known = new Map(rows.map(({ stream, version }) => [stream, version]))
    const of = (stream: StreamName): number => known.get(stream) ?? 0
    return {
      parcel: of('parcel'),
      staff: of('staff'),
      directory: of('directory'),
      pickup: of('pickup'),
      return: of('return'),
      locker: of('locker'),
      configuration: of('configuration'),
      firmware: of('firmware'),
    }
  }

  /** @returns the new version */
  put<S extends StreamName>(place: Place & { readonly stream: S }, row: StreamRows[S]): number {
    return this.change(place, { put: row })
  }

  delete(place: Place, key: string): number {
    return this.change(place, { del: key })
  }

  private change({ kioskId, stream }: Place, op: RowOp<{ readonly id: string }>): number {
    return this.db.transaction(() => {
      const version = this.versions(kioskId)[stream] + 1
      this.setVersion({ kioskId, stream }, version)
      this.db
        .prepare('INSERT INTO change (kiosk, stream, version, op) VALUES (?, ?, ?, ?)')
        .run(kioskId, stream, version, JSON.stringify(op))
      this.db
        .prepare('DELETE FROM change WHERE kiosk = ? AND stream = ? AND version <= ?')
        .run(kioskId, stream, version - LOG_VERSIONS_MAX)
      if ('put' in op) {
        this.db
          .prepare(
            `INSERT INTO wanted (kiosk, stream, key, row) VALUES (?, ?, ?, ?)
             ON CONFLICT (kiosk, stream, key) DO UPDATE SET row = excluded.row`,
          )
          .run(kioskId, stream, op.put.id, JSON.stringify(op.put))
      } else {
        this.db
          .prepare('DELETE FROM wanted WHERE kiosk = ? AND stream = ? AND key = ?')
          .run(kioskId, stream, op.del)
      }
      return version
    })()
  }

  /**
   * A kiosk has what this central has never given it: it was put back from a copy itself. Deltas of
   * the versions that it forgot may still be under way, so none of those is ever given again.
   */
  overtake({ kioskId, stream }: Place, have: number): void {
    const own = this.versions(kioskId)[stream]
    if (have <= own || have > own + BELIEVED_MAX) return
    this.setVersion({ kioskId, stream }, have + FORGOTTEN_MAX)
  }

  /** All rows, in as many messages as they take. */
  parts(place: Place): readonly (readonly unknown[])[] {
    const parts: unknown[][] = [[]]
    let bytes = 0
    for (const row of this.rows(place)) {
      const size = Buffer.byteLength(JSON.stringify(row))
      const last = parts.at(-1)
      const isFull = bytes + size > PART_BYTES_MAX || last?.length === PART_ROWS_MAX
      if (isFull) parts.push([row])
      else last?.push(row)
      bytes = isFull ? size : bytes + size
    }
    return parts
  }

  /** The kiosk has this very version, and other rows under it. */
  leap({ kioskId, stream }: Place): void {
    const own = this.versions(kioskId)[stream]
    this.setVersion({ kioskId, stream }, own + FORGOTTEN_MAX)
  }

  private setVersion({ kioskId, stream }: Place, version: number): void {
    this.db
      .prepare(
        `INSERT INTO head (kiosk, stream, version) VALUES (?, ?, ?)
         ON CONFLICT (kiosk, stream) DO UPDATE SET version = excluded.version`,
      )
      .run(kioskId, stream, version)
  }

  /** @returns null when the log does not reach back so far, or the kiosk is ahead of it */
  since({ kioskId, stream }: Place, from: number): VersionedOps | null {
    const to = this.versions(kioskId)[stream]
    if (from > to) return null
    const ops = this.db
      .prepare<[string, string, number], { op: string }>(
        'SELECT op FROM change WHERE kiosk = ? AND stream = ? AND version > ? ORDER BY version',
      )
      .all(kioskId, stream, from)
      .map(({ op }): unknown => JSON.parse(op))
    return ops.length === to - from ? { from, to, ops } : null
  }

  /** What was changed of one row, oldest first, as far as the log reaches back. */
  changesOf({ kioskId, stream }: Place, key: string): readonly RowChange[] {
    return this.db
      .prepare<[string, string], { version: number; op: string }>(
        'SELECT version, op FROM change WHERE kiosk = ? AND stream = ? ORDER BY version',
      )
      .all(kioskId, stream)
      .map(({ version, op }): RowChange => ({ version, op: JSON.parse(op) }))
      .filter(({ op }) => ('put' in op ? op.put.id : op.del) === key)
  }

  isWanted({ kioskId, stream }: Place, key: string): boolean {
    const row = this.db
      .prepare('SELECT 1 FROM wanted WHERE kiosk = ? AND stream = ? AND key = ?')
      .get(kioskId, stream, key)
    return row !== undefined
  }

  rows({ kioskId, stream }: Place): readonly unknown[] {
    return this.db
      .prepare<[string, string], { row: string }>(
        'SELECT row FROM wanted WHERE kiosk = ? AND stream = ? ORDER BY key',
      )
      .all(kioskId, stream)
      .map(({ row }): unknown => JSON.parse(row))
  }

  /** Streams in which a kiosk with these versions differs from what is wanted. */
  behind(kioskId: string, have: Partial<Versions>): readonly StreamName[] {
    const versions = this.versions(kioskId)
    return STREAMS.filter((stream) => versions[stream] !== (have[stream] ?? 0))
  }

  /** Of the rows of each stream; docs/contract says how. */
  hashes(kioskId: string): Hashes {
    const at = JSON.stringify(this.versions(kioskId))
    const known = this.hashed.get(kioskId)
    if (known?.at === at) return known.hashes
    const hashes = Object.fromEntries(
      STREAMS.map((stream) => {
        const rows = this.rows({ kioskId, stream }).map((row) => hashRow(row as object))
        return [stream, rows.reduce(mixHashes, NO_ROWS)]
      }),
    )
    this.hashed.set(kioskId, { at, hashes })
    return hashes
  }

  /** Streams whose versions are equal and whose rows are not: this central was restored. */
  differing(kioskId: string, have: Partial<Versions>, told: Hashes): readonly StreamName[] {
    const versions = this.versions(kioskId)
    const hashes = this.hashes(kioskId)
    return STREAMS.filter(
      (stream) =>
        versions[stream] === (have[stream] ?? 0) &&
        (told[stream] ?? hashes[stream]) !== hashes[stream],
    )
  }
}
