// Central's database file. A statement is prepared once and kept: to prepare it anew for every fact
// took longer than to store the fact.
import Database from 'better-sqlite3'

/** Durable when a transaction returns. */
export function openDatabase(path: string): Database.Database {
  const db = new Database(path)
  db.pragma('journal_mode = WAL')
  db.pragma('synchronous = FULL')
  const prepare = db.prepare.bind(db)
  const known = new Map<string, Database.Statement>()
  db.prepare = ((sql: string) => {
    const statement = known.get(sql) ?? prepare(sql)
    known.set(sql, statement)
    return statement
  }) as typeof db.prepare
  return db
}
