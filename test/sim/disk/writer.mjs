// A child process of the disk's tests: commits numbered rows and says each one after its commit.
//   node writer.mjs FILE NORMAL|FULL COUNT CUT_AFTER
// After CUT_AFTER commits it kills itself, as a power cut would.
import { writeSync } from 'node:fs'
import process from 'node:process'
import Database from 'better-sqlite3'

const [file, synchronous, count, cutAfter] = process.argv.slice(2)
const db = new Database(file)
db.pragma('journal_mode = WAL')
if (synchronous === 'FULL') db.pragma('synchronous = FULL')
db.pragma('wal_autocheckpoint = 30')
db.exec('CREATE TABLE IF NOT EXISTS rows (n INTEGER PRIMARY KEY, filler TEXT NOT NULL) STRICT')
const insert = db.prepare('INSERT INTO rows (filler) VALUES (?)')
const filler = 'x'.repeat(700)
try {
  for (let n = 1; n <= Number(count); n += 1) {
    insert.run(filler)
    writeSync(1, `${n}\n`)
    if (n === Number(cutAfter)) process.kill(process.pid, 'SIGKILL')
  }
} catch (error) {
  writeSync(1, `${error.code}\n`)
  process.exit(7)
}
