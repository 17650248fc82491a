// Opening the ledger: who holds it, and what is told when it cannot be opened.
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import Database from 'better-sqlite3'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { openDatabase } from '../../src/store/database.ts'

let folder = ''

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'latchkey-store-'))
})

afterEach(() => {
  rmSync(folder, { recursive: true, force: true })
})

test('a second daemon on the same data folder is told so', () => {
  const path = join(folder, 'ledger.db')
  const first = openDatabase(path)
  expect(() => openDatabase(path)).toThrow(/^LK-RUN-02: another daemon holds/)
  first.close()
  openDatabase(path).close()
})

test('a file that is no ledger is refused and left as it is', () => {
  const path = join(folder, 'ledger.db')
  const letter = 'this is a letter, and longer than the header of any database'.repeat(20)
  writeFileSync(path, letter)
  expect(() => openDatabase(path)).toThrow(/^LK-STORE-01: /)
  expect(readFileSync(path, 'utf8')).toBe(letter)
})

test('a ledger of a newer program is refused', () => {
  const path = join(folder, 'ledger.db')
  openDatabase(path).close()
  const db = new Database(path)
  db.pragma('user_version = 99')
  db.close()
  expect(() => openDatabase(path)).toThrow(/^LK-STORE-02: /)
})
