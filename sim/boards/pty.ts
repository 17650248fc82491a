// A serial cable without hardware. util-linux `script` (Debian package bsdutils, always installed)
// opens a pseudoterminal and copies its bytes to and from two pipes.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { lstatSync, mkdirSync, renameSync, rmSync, symlinkSync } from 'node:fs'
import { dirname } from 'node:path'
import process from 'node:process'
import { PassThrough, type Readable, type Writable } from 'node:stream'

/** One end of a serial cable: a program opens `path`, we play the devices on the two streams. */
export interface Cable {
  readonly path: string
  /** What the program has written. Always consume it, or the cable stops in both directions. */
  readonly fromPort: Readable
  /** What the program shall read. */
  readonly toPort: Writable
  /** Pulls the cable out: the terminal hangs up and its path is gone. */
  unplug(): Promise<void>
}

// The shell inside keeps the terminal open until descriptor 3 is closed. That happens also when
// this process dies in whatever way, so that nothing is left behind.
const INSIDE = 'stty raw -echo && tty && read -r _ <&3'

/** @param link a fixed name for the terminal, like those under /dev/serial/by-id */
export async function plugIn(link: string): Promise<Cable> {
  const child = spawn('script', ['-qfc', INSIDE, '/dev/null'], {
    stdio: ['pipe', 'pipe', 'inherit', 'pipe'],
    // `script` hands its command to $SHELL, whatever that is.
    env: { ...process.env, SHELL: '/bin/sh' },
    // Ctrl-C at our terminal is for the program, not for the cable.
    detached: true,
  })
  const { stdin, stdout } = child
  if (stdin === null || stdout === null) throw new Error('script has no pipes')
  const gone = once(child, 'exit')
  // What is written to a cable that is out is lost.
  stdin.on('error', () => {})
  const terminal = await firstLine(stdout, gone)
  try {
    placeLink({ terminal, link })
  } catch (error) {
    child.kill('SIGKILL')
    await gone
    throw error
  }
  return {
    path: link,
    fromPort: stdout.pipe(new PassThrough()),
    toPort: stdin,
    async unplug() {
      rmSync(link, { force: true })
      child.kill('SIGKILL')
      await gone
    },
  }
}

function placeLink({ terminal, link }: { readonly terminal: string; readonly link: string }): void {
  mkdirSync(dirname(link), { recursive: true })
  // A stale link is replaced; what is no link is somebody's file.
  const found = lstatSync(link, { throwIfNoEntry: false })
  if (found !== undefined && !found.isSymbolicLink()) throw new Error(`${link} is no link`)
  const fresh = `${link}.${process.pid}`
  rmSync(fresh, { force: true })
  symlinkSync(terminal, fresh)
  renameSync(fresh, link)
}

function firstLine(from: Readable, gone: Promise<unknown>): Promise<string> {
  return new Promise((resolve, reject) => {
    let text = Buffer.alloc(0)
    const take = (chunk: Buffer) => {
      text = Buffer.concat([text, chunk])
      const end = text.indexOf('\n')
      if (end < 0) return
      from.off('data', take)
      from.pause()
      if (end + 1 < text.length) from.unshift(text.subarray(end + 1))
      resolve(text.subarray(0, end).toString('latin1').trim())
    }
    from.on('data', take)
    gone.then(() => reject(new Error(`no pseudoterminal: ${text.toString('latin1')}`)), reject)
  })
}
