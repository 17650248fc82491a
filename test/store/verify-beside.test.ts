// The chain is checked while another process stores facts: neither waits for the other, and what is
// checked is the ledger as it stood at one moment.
import { type ChildProcess, spawn } from 'node:child_process'
import { mkdtempSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { writeExport } from '../../src/store/export.ts'
import { openReading, verifyFile, verifyLedger } from '../../src/store/verify.ts'

const WAIT_MS = 20_000
/** Commits between two copies of the log into the file, twice over. */
const ENOUGH = 40

/** Stores one fact after another, as the daemon does, and counts them in a file. */
const WRITER = `
  import { appendFileSync } from 'node:fs'
  import { openLedger } from '${new URL('../../src/store/ledger.ts', import.meta.url)}'
  const [path, progress] = process.argv.slice(1)
  const ledger = openLedger({ path, lockerIds: ['1', '2'], newEpoch: 'e' })
  for (let boot = 1; ; boot += 1) {
    ledger.begin()
    const now = { monoMs: boot, wallMs: boot, isWallBelieved: true }
    ledger.apply([{ kind: 'kiosk-started', data: { boot, version: 'test' } }], now)
    ledger.commit()
    ledger.tidy()
    appendFileSync(progress, '.')
  }`

let folder: string
let path: string
let progress: string
let writer: ChildProcess

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'latchkey-beside-'))
  path = join(folder, 'ledger.db')
  progress = join(folder, 'progress')
  const args = ['--input-type=module', '-e', WRITER, path, progress]
  writer = spawn(process.execPath, args, { stdio: ['ignore', 'ignore', 'inherit'] })
  waitForCommits(ENOUGH)
})

afterEach(async () => {
  const ended = new Promise((settle) => writer.once('close', settle))
  writer.kill('SIGKILL')
  await ended
  rmSync(folder, { recursive: true })
})

function commits(): number {
  return statSync(progress, { throwIfNoEntry: false })?.size ?? 0
}

/** Reading is synchronous, so waiting is, too. */
function waitForCommits(count: number): void {
  const until = commits() + count
  const deadlineMs = Date.now() + WAIT_MS
  while (commits() < until) {
    if (Date.now() > deadlineMs) throw new Error(`the writer has stopped after ${commits()}`)
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 2)
  }
}

test('a chain is checked as it stood at the beginning, and the writer goes on meanwhile', () => {
  const before = commits()
  let atFirst = 0
  const verdict = verifyLedger(path, {
    take: (_, { seq }) => {
      if (seq !== 1) return
      atFirst = commits()
      waitForCommits(ENOUGH)
    },
  })
  if (verdict.kind !== 'sound') throw new Error(JSON.stringify(verdict))
  expect(verdict.head.seq).toBeGreaterThanOrEqual(before)
  // One may be stored and not yet counted.
  expect(verdict.head.seq).toBeLessThanOrEqual(atFirst + 1)
  expect(verifyLedger(path)).toMatchObject({ kind: 'sound' })
  expect(commits()).toBeGreaterThanOrEqual(atFirst + ENOUGH)
})

test('an export beside the writer is whole, too', async () => {
  const file = join(folder, 'chain.jsonl')
  const db = openReading(path)
  waitForCommits(ENOUGH)
  const count = writeExport(db, file)
  db.close()
  expect(commits()).toBeGreaterThanOrEqual(count + ENOUGH - 1)
  expect(await verifyFile(file)).toMatchObject({ kind: 'sound', count })
})

test('what grows while somebody reads stops growing when nobody does', () => {
  const logBytes = () => statSync(`${path}-wal`).size
  const db = openReading(path)
  waitForCommits(ENOUGH)
  db.close()
  waitForCommits(ENOUGH)
  const bytes = logBytes()
  waitForCommits(2 * ENOUGH)
  expect(logBytes()).toBe(bytes)
})
