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

function copy(from: string, to: string, sourceOf: (name: string) => string): void {
  mkdirSync(to, { recursive: true })
  for (const name of readdirSync(from)) {
    if (name.endsWith(TWIN) || name.endsWith(MEMORY)) continue
    const source = join(from, sourceOf(name))
    if (!existsSync(source)) continue
    const target = openSync(join(to, name), 'w', 0o600)
    writeSync(target, readFileSync(source))
    fsyncSync(target)
    closeSync(target)
  }
}
