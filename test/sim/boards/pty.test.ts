// Goal: the simulated cable leaves no process behind, whatever happens to its owner.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import {
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import process from 'node:process'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { plugIn } from '../../../sim/boards/pty.ts'

const PTY = new URL('../../../sim/boards/pty.ts', import.meta.url).href
let folder: string

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'latchkey-pty-'))
})

afterEach(() => {
  rmSync(folder, { recursive: true })
})

/** Processes that still write to the terminal. */
function holders(terminal: string): readonly string[] {
  return readdirSync('/proc').filter((pid) => /^[0-9]+$/.test(pid) && holds({ pid, terminal }))
}

function holds({ pid, terminal }: { readonly pid: string; readonly terminal: string }): boolean {
  try {
    return realpathSync(`/proc/${pid}/fd/1`) === terminal
  } catch {
    // It has just ended, or is not ours to look into.
    return false
  }
}

describe('a cable', () => {
  test('takes the place of a stale link and is gone when it is unplugged', async () => {
    const link = join(folder, 'deep', 'bus')
    const first = await plugIn(link)
    const second = await plugIn(link)
    expect(second.path).toBe(link)
    expect(realpathSync(link)).toMatch(/^\/dev\/pts\//)
    const terminal = realpathSync(link)
    await first.unplug()
    await second.unplug()
    expect(existsSync(link)).toBe(false)
    await vi.waitFor(() => expect(holders(terminal)).toEqual([]))
  })

  test('never takes the place of a file', async () => {
    const link = join(folder, 'precious')
    writeFileSync(link, 'kept')
    await expect(plugIn(link)).rejects.toThrow('precious is no link')
    expect(readFileSync(link, 'utf8')).toBe('kept')
  })

  test('leaves no process behind when the process that plugged it in is killed', async () => {
    const link = join(folder, 'bus')
    const program = `const { plugIn } = await import(${JSON.stringify(PTY)})
      await plugIn(${JSON.stringify(link)}); console.log('ready'); setInterval(() => {}, 1e6)`
    const child = spawn(process.execPath, ['--input-type=module', '-e', program], {
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    await once(child.stdout, 'data')
    const pids = holders(realpathSync(link))
    child.kill('SIGKILL')
    await once(child, 'exit')
    expect(pids.length).toBeGreaterThan(0)
    const isAlive = (pid: string) => {
      try {
        return readFileSync(`/proc/${pid}/stat`, 'utf8').includes(') Z ') === false
      } catch {
        return false
      }
    }
    await vi.waitFor(() => expect(pids.filter(isAlive)).toEqual([]), { timeout: 5_000 })
  })
})
