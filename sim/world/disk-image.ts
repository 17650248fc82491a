// What is left of a data folder after a death, copied aside while the dead life still holds its
// files: closing them would write once more, and the dead write nothing.
import {
  closeSync,
  existsSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeSync,
} from 'node:fs'
import { join } from 'node:path'

const TWIN = '.durable'
/** SQLite's shared memory; it is rebuilt from the log. */
const MEMORY = '-shm'

/** After a power cut: only what was synced, as the disk shim kept it. */
export function copyDurable(from: string, to: string): void {
  copy(from, to, (name) => `${name}${TWIN}`)
}

/** After a kill: all that was written, synced or not. */
export function copyPresent(from: string, to: string): void {
  copy(from, to, (name) => name)
}

/** The journal of the newest fact is no part of the database, and of no copy of it. */
const JOURNAL = '-head'

/** An older copy of the database, over what is in a folder; the journal stays as it is. */
export function putBack(copyFolder: string, to: string): void {
  const isDatabase = (name: string): boolean => !name.endsWith(JOURNAL)
  for (const name of readdirSync(to)) if (isDatabase(name)) rmSync(join(to, name))
  copy(copyFolder, to, (name) => (isDatabase(name) ? name : null))
}

/** @param sourceOf null: it is left out */
function copy(from: string, to: string, sourceOf: (name: string) => string | null): void {
  mkdirSync(to, { recursive: true })
  for (const name of readdirSync(from)) {
    if (name.endsWith(TWIN) || name.endsWith(MEMORY)) continue
    const sourceName = sourceOf(name)
    const source = join(from, sourceName ?? '')
    if (sourceName === null || !existsSync(source)) continue
    const target = openSync(join(to, name), 'w', 0o600)
    writeSync(target, readFileSync(source))
    fsyncSync(target)
    closeSync(target)
  }
}
