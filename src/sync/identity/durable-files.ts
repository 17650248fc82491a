// Files that a power cut leaves whole: written beside, synced, renamed, and the folder synced.
import { chmodSync, closeSync, fsyncSync, openSync, renameSync, rmSync, writeSync } from 'node:fs'
import { dirname } from 'node:path'

export const SECRET_MODE = 0o400
export const PUBLIC_MODE = 0o444

export function writeDurably(
  path: string,
  content: string | Uint8Array,
  { mode }: { readonly mode: number },
): void {
  const beside = `${path}.new`
  rmSync(beside, { force: true })
  // Nobody else may open it while it is being written.
  const file = openSync(beside, 'wx', 0o600)
  try {
    writeSync(file, typeof content === 'string' ? Buffer.from(content) : content)
    fsyncSync(file)
  } finally {
    closeSync(file)
  }
  chmodSync(beside, mode)
  moveDurably(beside, path)
}

export function moveDurably(from: string, to: string): void {
  renameSync(from, to)
  const folder = openSync(dirname(to), 'r')
  try {
    fsyncSync(folder)
  } finally {
    closeSync(folder)
  }
}
