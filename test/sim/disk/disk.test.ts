// The disk shim, in front of a real SQLite in a real process.
import { spawnSync } from 'node:child_process'
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import process from 'node:process'
import { fileURLToPath } from 'node:url'
import Database from 'better-sqlite3'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { buildDisk, type DiskHabits, diskEnv } from '../../../sim/disk/build.ts'
import { restoreDurable } from '../../../sim/disk/power-cut.ts'

const WRITER = fileURLToPath(new URL('writer.mjs', import.meta.url))
let root = ''
let folder = ''

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'latchkey-disk-'))
  folder = join(root, 'data')
  mkdirSync(folder)
})

afterEach(() => rmSync(root, { recursive: true }))

function run(args: readonly string[], habits: Omit<DiskHabits, 'folder'>) {
  return spawnSync(process.execPath, args, {
    env: { ...process.env, ...diskEnv({ folder, ...habits }) },
    encoding: 'utf8',
  })
}

function write({
  synchronous,
  count,
  cutAfter = 0,
  ...habits
}: {
  synchronous: 'NORMAL' | 'FULL'
  count: number
  cutAfter?: number
} & Omit<DiskHabits, 'folder'>) {
  const file = join(folder, 'ledger.db')
  return run([WRITER, file, synchronous, String(count), String(cutAfter)], habits)
}

/** Runs a script with node:fs in scope under the shim. */
function script(text: string, habits: Omit<DiskHabits, 'folder'> = { shadow: 'twins' }) {
  const result = run(
    ['-e', `const fs = require('node:fs'); process.chdir(${JSON.stringify(folder)}); ${text}`],
    habits,
  )
  expect(result.stderr).toBe('')
  return result
}

function survivors(): number {
  restoreDurable(folder)
  const db = new Database(join(folder, 'ledger.db'))
  try {
    expect(db.pragma('quick_check', { simple: true })).toBe('ok')
    const hasTable = db.prepare("SELECT 1 FROM sqlite_master WHERE name = 'rows'").get()
    if (hasTable === undefined) return 0
    return db.prepare('SELECT count(*) FROM rows').pluck().get() as number
  } finally {
    db.close()
  }
}

describe('after a power cut', () => {
  for (const cutAfter of [1, 37, 111, 200]) {
    it(`FULL has every one of ${cutAfter} acknowledged commits`, () => {
      const { stdout, signal } = write({
        synchronous: 'FULL',
        count: 200,
        cutAfter,
        shadow: 'twins',
      })
      expect(signal).toBe('SIGKILL')
      expect(stdout.trim().split('\n')).toHaveLength(cutAfter)
      expect(survivors()).toBe(cutAfter)
    })
  }

  for (const cutAfter of [1, 37, 111, 200]) {
    it(`the default of WAL has forgotten some of ${cutAfter} acknowledged commits`, () => {
      write({ synchronous: 'NORMAL', count: 200, cutAfter, shadow: 'twins' })
      expect(survivors()).toBeLessThan(cutAfter)
    })
  }

  it('a second run goes on from what survived, and is cut again', () => {
    write({ synchronous: 'FULL', count: 60, cutAfter: 50, shadow: 'twins' })
    expect(survivors()).toBe(50)
    write({ synchronous: 'FULL', count: 60, cutAfter: 20, shadow: 'twins' })
    expect(survivors()).toBe(70)
  })
})

describe('the twin of a file', () => {
  const read = (name: string): string => readFileSync(join(folder, name), 'utf8')

  it('holds what was synced, and not what was written since', () => {
    script(`
      const fd = fs.openSync('a', 'w')
      fs.writeSync(fd, 'synced'); fs.fsyncSync(fd)
      fs.writeSync(fd, ' lost', 0); fs.writeSync(fd, 'and this')
    `)
    restoreDurable(folder)
    expect(read('a')).toBe('synced')
  })

  it('does not keep what a truncation took before the file grew again', () => {
    script(`
      const fd = fs.openSync('a', 'w+')
      fs.writeSync(fd, 'abcdef'); fs.fsyncSync(fd)
      fs.ftruncateSync(fd, 2); fs.writeSync(fd, 'z', 5); fs.fdatasyncSync(fd)
    `)
    restoreDurable(folder)
    expect(read('a')).toBe('ab\0\0\0z')
  })

  it('keeps what an unsynced truncation at open would take', () => {
    script(`fs.writeFileSync('a', 'old', { flush: true }); fs.writeFileSync('a', 'n')`)
    restoreDurable(folder)
    expect(read('a')).toBe('old')
  })

  it('counts what an earlier life left behind as durable', () => {
    script(`fs.writeFileSync('a', 'old')`, {})
    script(`fs.appendFileSync('a', ' and new')`)
    restoreDurable(folder)
    expect(read('a')).toBe('old')
  })

  it('follows appends, duplicates and a rename after a sync', () => {
    script(`
      const fd = fs.openSync('a.new', 'a')
      fs.writeSync(fd, 'one '); fs.writeSync(fd, 'two')
      const again = fs.openSync('/proc/self/fd/' + fd, 'r+')
      fs.fsyncSync(again)
      fs.renameSync('a.new', 'a')
    `)
    restoreDurable(folder)
    expect(readdirSync(folder)).toEqual(['a'])
    expect(read('a')).toBe('one two')
  })

  it('is empty for a file renamed without a sync, and gone with a removed file', () => {
    script(`
      fs.writeFileSync('a.new', 'text'); fs.renameSync('a.new', 'a')
      fs.writeFileSync('b', 'text', { flush: true }); fs.unlinkSync('b')
      fs.writeFileSync('never-synced', 'text')
    `)
    restoreDurable(folder)
    expect(readdirSync(folder)).toEqual(['a'])
    expect(read('a')).toBe('')
  })

  it('is not made for files outside the folder', () => {
    script(`fs.writeFileSync('../outside', 'text', { flush: true })`)
    expect(existsSync(join(root, 'outside'))).toBe(true)
    expect(existsSync(join(root, 'outside.durable'))).toBe(false)
  })
})

describe('a slow or failing disk', () => {
  it('adds the delay to every sync', () => {
    const { stdout } = script(
      `
      const fd = fs.openSync('a', 'w')
      const from = performance.now()
      for (let n = 0; n < 5; n += 1) { fs.writeSync(fd, 'x'); fs.fsyncSync(fd) }
      console.log(performance.now() - from)
    `,
      { delayMs: 40 },
    )
    expect(Number(stdout)).toBeGreaterThanOrEqual(200)
  })

  it('counts one sync and a little more for every FULL commit', () => {
    const countFile = join(root, 'syncs')
    const { status } = write({ synchronous: 'FULL', count: 100, countFile })
    expect(status).toBe(0)
    const syncs = statSync(countFile).size
    expect(syncs).toBeGreaterThanOrEqual(100)
    expect(syncs).toBeLessThan(140)
  })

  it('fails exactly the chosen sync, which SQLite reports as an I/O error', () => {
    const { stdout, status } = write({ synchronous: 'FULL', count: 50, failAt: 20 })
    expect(status).toBe(7)
    expect(stdout.trim().split('\n').at(-1)).toMatch(/^SQLITE_IOERR/)
  })

  it('fails only once', () => {
    const { stdout } = script(
      `
      const fd = fs.openSync('a', 'w')
      for (let n = 1; n <= 4; n += 1) {
        try { fs.fsyncSync(fd); console.log(n) } catch (error) { console.log(error.code) }
      }
    `,
      { failAt: 3 },
    )
    expect(stdout).toBe('1\n2\nEIO\n4\n')
  })

  it('forgets what was dirty when a sync failed, as Linux does', () => {
    script(
      `
      const fd = fs.openSync('a', 'w')
      fs.writeSync(fd, 'lost')
      try { fs.fsyncSync(fd) } catch {}
      fs.writeSync(fd, ' kept'); fs.fsyncSync(fd)
    `,
      { failAt: 1, shadow: 'twins' },
    )
    restoreDurable(folder)
    expect(readFileSync(join(folder, 'a'), 'utf8')).toBe('\0\0\0\0 kept')
  })
})

it('names the package to install when there is no compiler', () => {
  const built = buildDisk()
  rmSync(built)
  expect(() => buildDisk({ compiler: 'no-such-compiler' })).toThrow('apt-get install gcc')
  expect(buildDisk()).toBe(built)
})
