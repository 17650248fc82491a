// What a stream's rows are, in one hash: kiosk and central compare it, since after a restore of
// central one version can stand for two contents. Each row counts by itself and order does not, so
// that a change costs what changed.
import { createHash } from 'node:crypto'
import type { Database } from 'better-sqlite3'
import type { StreamChange } from '../kiosk/desired.ts'

const BYTES = 32

/** Of a stream without rows. */
export const NO_ROWS = '0'.repeat(2 * BYTES)

/** @returns SHA-256 of the row as canonical JSON (RFC 8785), in hexadecimal digits */
export function hashRow(row: object): string {
  return createHash('sha256').update(canonical(row)).digest('hex')
}

/** Adds a row's hash, or takes it away again: the exclusive or of both. */
export function mixHashes(one: string, other: string): string {
  const mixed = Buffer.from(one, 'hex')
  for (const [index, byte] of Buffer.from(other, 'hex').entries()) {
    mixed[index] = (mixed[index] ?? 0) ^ byte
  }
  return mixed.toString('hex')
}

/** Members by name, no spaces; for numbers and texts JSON.stringify is what the RFC asks for. */
function canonical(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonical).join(',')}]`
  if (typeof value !== 'object' || value === null) return JSON.stringify(value)
  const members = Object.entries(value)
    .filter(([, member]) => member !== undefined)
    .toSorted(([one], [other]) => (one < other ? -1 : 1))
    .map(([name, member]) => `${JSON.stringify(name)}:${canonical(member)}`)
  return `{${members.join(',')}}`
}

export function prepareStreamHashes(db: Database) {
  const known = db
    .prepare<[string, string], string>('SELECT hash FROM wanted_rows WHERE stream = ? AND id = ?')
    .pluck()
  const keep = db.prepare(`INSERT INTO wanted_rows (stream, id, hash) VALUES (?, ?, ?)
    ON CONFLICT (stream, id) DO UPDATE SET hash = excluded.hash`)
  const drop = db.prepare('DELETE FROM wanted_rows WHERE stream = ? AND id = ?')
  const clear = db.prepare('DELETE FROM wanted_rows WHERE stream = ?')
  const total = db.prepare<[string], string>('SELECT hash FROM streams WHERE stream = ?').pluck()
  const store = db.prepare(`INSERT INTO streams (stream, version, hash) VALUES (?, ?, ?)
    ON CONFLICT (stream) DO UPDATE SET version = excluded.version, hash = excluded.hash`)
  return {
    applied({ stream, version, isSnapshot, puts, deletes }: StreamChange): void {
      if (isSnapshot) clear.run(stream)
      let sum = isSnapshot ? NO_ROWS : (total.get(stream) ?? NO_ROWS)
      for (const id of deletes) {
        sum = mixHashes(sum, known.get(stream, id) ?? NO_ROWS)
        drop.run(stream, id)
      }
      for (const row of puts) {
        const hash = hashRow(row)
        sum = mixHashes(mixHashes(sum, known.get(stream, row.id) ?? NO_ROWS), hash)
        keep.run(stream, row.id, hash)
      }
      store.run(stream, version, sum)
    },
  }
}
