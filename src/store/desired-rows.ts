// What central has been told to have, row by row, as digests: central compares them with its own,
// since two sides may have one version and not the same rows.
import { createHash } from 'node:crypto'
import type { Database } from 'better-sqlite3'
import { rowText, type StreamChange, type StreamName } from '../kiosk/desired.ts'

export function digestOfRow(row: object): string {
  return createHash('sha256').update(rowText(row)).digest('hex')
}

/** @param digests of all its rows, in order */
export function hashOfStream(digests: readonly string[]): string {
  return createHash('sha256')
    .update(digests.map((digest) => `${digest}\n`).join(''))
    .digest('hex')
}

export function prepareDesiredRows(db: Database) {
  const put = db.prepare('INSERT OR REPLACE INTO desired_rows VALUES (?, ?, ?)')
  const drop = db.prepare('DELETE FROM desired_rows WHERE stream = ? AND id = ?')
  const clear = db.prepare('DELETE FROM desired_rows WHERE stream = ?')
  return ({ stream, isSnapshot, puts, deletes }: StreamChange): void => {
    if (isSnapshot) clear.run(stream)
    for (const id of deletes) drop.run(stream, id)
    for (const row of puts) put.run(stream, row.id, digestOfRow(row))
  }
}

export function desiredLookups(db: Database) {
  const digests = db
    .prepare<[string], string>('SELECT digest FROM desired_rows WHERE stream = ? ORDER BY digest')
    .pluck()
  return { streamHash: (stream: StreamName): string => hashOfStream(digests.all(stream)) }
}
