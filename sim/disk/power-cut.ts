// What a power cut leaves of a folder that was written under the disk shim: only what was synced.
import { existsSync, readdirSync, renameSync, rmSync } from 'node:fs'
import { join } from 'node:path'

const TWIN = '.durable'

/**
 * Puts every file back to its last synced contents. Files that were never synced go, and so do
 * SQLite's -shm files, which are memory. Call it when no process has the files open.
 *
 * The folder has to belong to processes under the shim alone: a file that none of them ever opened
 * has no twin either, and is removed.
 */
export function restoreDurable(folder: string): void {
  const files = readdirSync(folder, { withFileTypes: true, recursive: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
  for (const file of files.filter((name) => !name.endsWith(TWIN))) {
    // The twin goes: from now on the file itself is what is durable, whoever opens it next.
    if (!file.endsWith('-shm') && existsSync(`${file}${TWIN}`)) renameSync(`${file}${TWIN}`, file)
    else rmSync(file)
  }
  // Left over from files that were removed, and removals are durable at once.
  for (const twin of files.filter((name) => name.endsWith(TWIN))) rmSync(twin, { force: true })
}
