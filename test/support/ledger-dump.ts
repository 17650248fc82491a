// Everything that a ledger holds, as plain rows. The daemon keeps its database to itself, so this
// reads a copy of its files, taken while nothing was written to them.
import { copyFileSync, existsSync, mkdtempSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import Database from 'better-sqlite3'

const TRIES_MAX = 20

export type LedgerDump = Readonly<Record<string, readonly unknown[]>>

/** @throws when the ledger is never quiet for as long as its copy takes */
export function dumpLedger(path: string): LedgerDump {
  const folder = mkdtempSync(join(tmpdir(), 'latchkey-dump-'))
  try {
    return readAll(copyQuiet(path, folder))
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

function copyQuiet(path: string, folder: string): string {
  const files = [path, `${path}-wal`]
  const times = () => files.map((file) => statSync(file, { throwIfNoEntry: false })?.mtimeMs)
  for (let tries = 0; tries < TRIES_MAX; tries += 1) {
    const before = times()
    for (const file of files) {
      const copy = join(folder, file === path ? 'copy.db' : 'copy.db-wal')
      rmSync(copy, { force: true })
      if (existsSync(file)) copyFileSync(file, copy)
    }
    if (times().every((time, index) => time === before[index])) return join(folder, 'copy.db')
  }
  throw new Error(`${path} was never quiet`)
}

function readAll(path: string): LedgerDump {
  const db = new Database(path)
  try {
    if (db.pragma('quick_check', { simple: true }) !== 'ok') throw new Error('the copy is damaged')
    const tables = db
      .prepare("SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name")
      .pluck()
      .all() as string[]
    return Object.fromEntries(
      tables.map((name) => [name, db.prepare(`SELECT * FROM ${name} ORDER BY 1`).all()]),
    )
  } finally {
    db.close()
  }
}
